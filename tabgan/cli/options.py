"""What the commands share: files that are read and written, and the seed."""

import shlex
from pathlib import Path

import click

from tabgan.io.atomic import check_folder, check_writable
from tabgan.io.formats import format_of

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


def in_a_folder(
    context: click.Context | None, option: click.Parameter | None, path: Path | None
) -> Path | None:
    """Refuse a file that could not be written, before anything long is begun."""
    if path is not None:
        try:
            check_writable(path)
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from error
    return path


def as_a_table(path: Path) -> None:
    """Refuse a table that could not be written, or whose name does not tell its format."""
    format_of(path)
    check_writable(path)


def as_a_folder(path: Path) -> None:
    """Refuse a folder that could not be made or written to."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file, and a folder is needed for parts; choose another name")
    if not path.parent.is_dir():
        raise ValueError(f"the folder {path.parent} does not exist; make it first")
    check_folder(path if path.is_dir() else path.parent)


OUTPUT = click.Path(dir_okay=False, path_type=Path)
VERBOSE = click.option("--verbose", type=int, default=1, help="0 shows no progress bar.")
SEPARATOR = click.option("--sep", help="What separates the fields of a CSV file, by default a comma.")
ENCODING = click.option("--encoding", help="Of a CSV file, by default UTF-8.")
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
