"""``tabgan sample``: rows from a model, into one file or into a folder of parts."""

import os
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import click

from tabgan.cli.options import INPUT, SEED, VERBOSE, as_a_folder, as_a_table
from tabgan.io.tables import write_table

MOST_CELLS = 500_000_000  # in memory at a time: 4 GB of numbers, and more of strings


@click.command()
@click.argument("model", type=INPUT)
@click.option("-n", "--rows", type=click.IntRange(min=0), required=True, help="How many rows to draw.")
@click.option(
    "-o",
    "--output",
    required=True,
    help="A .csv or .parquet file; or a folder, such as out/, which gets the rows as Parquet files in "
    "constant memory, and where the same command goes on after a kill.",
)
@click.option(
    "--given",
    multiple=True,
    metavar="NAME=VALUE",
    help="What a column must hold: NAME=VALUE, NAME=ONE,OTHER, NAME=LOW..HIGH (either may be left out), or "
    "NAME= for a missing value. Repeat it for more columns.",
)
@click.option("--balance", metavar="NAME", help="A column of which each category gets as many rows.")
@click.option("--exclude-copies", is_flag=True, help="Leave out exact copies of training rows.")
@click.option(
    "--rows-per-part",
    type=click.IntRange(min=1),
    help="Rows of each file of a folder; by default 250,000.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    help="Processes that fill a folder.",
)
@VERBOSE
@SEED
def sample(
    model: Path,
    rows: int,
    output: str,
    given: Sequence[str],
    rows_per_part: int | None,
    workers: int,
    verbose: int,
    **request: Any,
) -> None:
    """Draw rows from a fitted MODEL."""
    from tabgan.estimators.loading import load
    from tabgan.io.containers import as_pandas
    from tabgan.sampling.partitions import ROWS

    in_parts = rows_per_part is not None or output.endswith(("/", os.sep)) or os.path.isdir(output)
    path = Path(output)
    (as_a_folder if in_parts else as_a_table)(path)
    if workers > 1 and not in_parts:
        raise click.UsageError(f"--workers is for a folder: {output}/")
    fitted = load(model)
    size = rows_per_part or ROWS
    at_once = min(rows, size) if in_parts else rows
    if at_once * len(fitted.schema_) > MOST_CELLS:
        remedy = "ask for fewer --rows-per-part" if in_parts else "-o out/ draws them in constant memory"
        raise click.UsageError(f"{at_once:,} rows are too many to be in memory together: {remedy}")
    request["given"] = _conditions(given) or None
    if in_parts:
        fitted.sample_to(path, rows, **request, rows_per_part=size, workers=workers, verbose=verbose)
        click.echo(f"{path} holds {rows:,} rows of {len(fitted.schema_)} columns.")
        return
    frame = as_pandas(fitted.sample(rows, **request))
    write_table(frame, path)
    click.echo(f"Wrote {output}: {len(frame):,} rows of {frame.shape[1]} columns.")


def _conditions(pairs: Sequence[str]) -> dict[Hashable, Any]:
    """Turn ``("age=30..40", "sex=Male")`` into conditions."""
    conditions: dict[Hashable, Any] = {}
    for pair in pairs:
        name, sign, values = pair.partition("=")
        if not sign:
            raise ValueError(f"--given needs NAME=VALUE, for example species=setosa, got {pair!r}")
        if not values:
            conditions[name] = None
        elif ".." in values:
            conditions[name] = slice(*(end or None for end in values.split("..", 1)))
        else:
            conditions[name] = values.split(",")
    return conditions
