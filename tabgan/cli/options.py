"""What the commands share: places that are read and written, the seed, and help in two groups."""

import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from tabgan.io.atomic import check_folder, check_writable
from tabgan.io.formats import format_of
from tabgan.io.remote import is_elsewhere

STANDARD = "-"  # standard input or output


class Grouped(click.Command):
    """A command whose help shows the options that one usually needs, and then those for experts."""

    def __init__(self, *arguments: Any, usual: Collection[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.usual = usual

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both groups."""
        groups: dict[str, list[tuple[str, str]]] = {"Options": [], "Options for experts": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record:
                is_usual = parameter.name in self.usual or "--help" in parameter.opts
                groups["Options" if is_usual else "Options for experts"].append(record)
        for title, records in groups.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Place(click.ParamType):
    """A local path, or as a string a URL of fsspec, or ``-`` for standard input or output."""

    name = "path"

    def __init__(self, **local: Any) -> None:
        self.local = click.Path(path_type=Path, **local)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | Path | None:
        """Check a local path, and leave all else as it is."""
        if value == STANDARD or is_elsewhere(value):
            return str(value)
        local: Path = self.local.convert(value, param, ctx)  # type: ignore[assignment]
        return local


INPUT = Place(exists=True, dir_okay=False)
OUTPUT = Place(dir_okay=False)


def in_a_folder(
    context: click.Context | None, option: click.Parameter | None, path: str | Path | None
) -> str | Path | None:
    """Refuse a file that could not be written, before anything long is begun."""
    if isinstance(path, Path):
        try:
            check_writable(path)
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from error
    return path


def as_a_table(place: str | Path) -> None:
    """Refuse a table that could not be written, or whose name does not tell its format."""
    if place == STANDARD:
        return
    format_of(Path(place))
    if isinstance(place, Path):
        check_writable(place)


def as_a_folder(path: Path) -> None:
    """Refuse a folder that could not be made or written to."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file, and a folder is needed for parts; choose another name")
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} does not exist; make it first")
    check_folder(path if path.is_dir() else path.parent)


VERBOSE = click.option("--verbose", type=int, default=1, help="0 shows no progress bar.")
SEPARATOR = click.option("--sep", metavar="CHARACTER", help="Between the fields of CSV; by default a comma.")
ENCODING = click.option("--encoding", help="Of CSV; by default UTF-8.")
SEED = click.option(
    "--random-state",
    type=click.IntRange(0, 2**32 - 1),
    default=None,
    metavar="SEED",
    help="Makes the outcome repeatable.",
)


def command_line(context: click.Context) -> str:
    """The command as one would write it again: arguments, and options that are not the default."""
    words = context.command_path.split()
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if context.get_parameter_source(parameter.name or "") != click.core.ParameterSource.COMMANDLINE:
            continue
        words += [] if isinstance(parameter, click.Argument) else [parameter.opts[0]]
        words.append(str(value))
    return shlex.join(words)
