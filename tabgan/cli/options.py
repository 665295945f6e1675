"""What the commands share: files that are read and written, and the seed."""

from pathlib import Path

import click

from tabgan.io.tables import is_csv

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


def in_a_folder(
    context: click.Context | None, option: click.Parameter | None, path: Path | None
) -> Path | None:
    """Refuse a file that could not be written, before anything long is begun."""
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"the folder {path.parent} does not exist; make it first", context, option)
    return path


def as_a_table(context: click.Context | None, option: click.Parameter | None, path: Path) -> Path:
    """Refuse a table whose name does not tell its format, too."""
    is_csv(path)
    return in_a_folder(context, option, path) or path


OUTPUT = click.Path(dir_okay=False, path_type=Path)
VERBOSE = click.option("--verbose", type=int, default=1, help="0 shows no progress bar.")
SEED = click.option(
    "--random-state", type=int, default=None, metavar="SEED", help="Makes the outcome repeatable."
)
