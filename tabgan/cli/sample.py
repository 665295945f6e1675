"""``tabgan sample``: rows from a model, into one file or into a folder of parts."""

import os
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tabgan.cli.options import (
    ENCODING,
    INPUT,
    SEED,
    SEPARATOR,
    STANDARD,
    VERBOSE,
    Grouped,
    as_a_folder,
    as_a_table,
)
from tabgan.io.remote import is_elsewhere, standard
from tabgan.io.tables import write_table
from tabgan.sampling.column_conditions import Not

MOST_CELLS = 500_000_000  # in memory at a time: 4 GB of numbers, and more of strings


@click.command(
    cls=Grouped, usual={"rows", "output", "given", "balance", "exclude_copies", "verbose", "random_state"}
)
@click.argument("model", type=INPUT)
@click.option("-n", "--rows", type=click.IntRange(min=0), required=True, help="How many rows to draw.")
@click.option(
    "-o",
    "--output",
    required=True,
    help="A .csv, .tsv, .jsonl, .parquet or .feather file; - for CSV on standard output; a URL; or a folder, "
    "such as out/, which gets Parquet files in constant memory, and where the same command goes on "
    "after a kill.",
)
@click.option(
    "--given",
    multiple=True,
    metavar="CONDITION",
    help="What rows must be like: NAME=VALUE, NAME=ONE,OTHER, NAME=LOW..HIGH (either may be left out), NAME= "
    "for a missing value, the same with != for what they must not be; or an expression of column names, such "
    "as \"age > 30 and sex == 'Female'\". Repeat it for more conditions.",
)
@click.option(
    "--balance",
    multiple=True,
    metavar="SHARE",
    help="NAME of a column of which each category gets as many rows; or NAME:VALUE=SHARE, repeated for more "
    "values and columns, such as income:>50K=0.4 or age:18..30=0.5.",
)
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
@SEPARATOR
@ENCODING
@VERBOSE
@SEED
def sample(
    model: str | Path,
    rows: int,
    output: str,
    given: Sequence[str],
    balance: Sequence[str],
    rows_per_part: int | None,
    workers: int,
    sep: str | None,
    encoding: str | None,
    verbose: int,
    **request: Any,
) -> None:
    """Draw rows from a fitted MODEL: a file, a URL, or - for standard input."""
    from tabgan.estimators.loading import load
    from tabgan.io.containers import as_pandas
    from tabgan.sampling.partitions import ROWS

    in_parts = rows_per_part is not None or output.endswith(("/", os.sep)) or os.path.isdir(output)
    if in_parts and (is_elsewhere(output) or sep or encoding):
        raise click.UsageError(
            "a folder of parts is a local one, of Parquet files: without --sep and --encoding"
        )
    folder, place = Path(output), output if is_elsewhere(output) or output == STANDARD else Path(output)
    as_a_folder(folder) if in_parts else as_a_table(place)
    if workers > 1 and not in_parts:
        raise click.UsageError(f"--workers is for a folder: {output}/")
    fitted = load(standard(model, is_input=True))
    size = rows_per_part or ROWS
    at_once = min(rows, size) if in_parts else rows
    if at_once * len(fitted.schema_) > MOST_CELLS:
        remedy = "ask for fewer --rows-per-part" if in_parts else "-o out/ draws them in constant memory"
        raise click.UsageError(f"{at_once:,} rows are too many to be in memory together: {remedy}")
    columns = {str(name): name for name in fitted.schema_}
    request["given"] = _given(given, columns)
    request["balance"] = _balance(balance, columns)
    if in_parts:
        fitted.sample_to(folder, rows, **request, rows_per_part=size, workers=workers, verbose=verbose)
        click.echo(f"{folder} holds {rows:,} rows of {len(fitted.schema_)} columns.")
        return
    frame = as_pandas(fitted.sample(rows, **request))
    write_table(frame, standard(place, is_input=False), sep=sep, encoding=encoding)
    wrote = f"Wrote {output}: {len(frame):,} rows of {frame.shape[1]} columns."
    click.echo(wrote, err=output == STANDARD)


def _given(texts: Sequence[str], columns: Mapping[str, Hashable]) -> dict[Hashable, Any] | str | None:
    """Turn ``("age=30..40", "sex!=Male")`` into conditions by column, or expressions into one."""
    conditions: dict[Hashable, Any] = {}
    expressions = []
    for text in texts:
        name, sign, value = text.partition("=")
        is_not = name.endswith("!") and name not in columns
        name = name[:-1] if is_not else name
        if name not in columns and any(mark in text for mark in ("<", ">", "==", "!=", " in ", " ")):
            expressions.append(text)
            continue
        if not sign:
            raise ValueError(f"--given needs NAME=VALUE, for example species=setosa, got {text!r}")
        if name in columns and value.startswith("="):
            expressions.append(text)
            continue
        asked = _asked(value)
        conditions[columns.get(name, name)] = Not(asked) if is_not else asked
    if expressions and conditions:
        raise ValueError(
            f"--given takes expressions or NAME=VALUE, not both: write {sorted(map(str, conditions))} into "
            f"{expressions[0]!r}"
        )
    return " and ".join(f"({text})" for text in expressions) or conditions or None


def _balance(texts: Sequence[str], columns: Mapping[str, Hashable]) -> Any:
    """Turn ``("income:>50K=0.4",)`` into shares by column; a column's name alone stays as it is."""
    if len(texts) == 1 and (texts[0] in columns or ":" not in texts[0]):
        return columns.get(texts[0], texts[0])
    shares: dict[Hashable, list[tuple[Any, float]]] = {}
    for text in texts:
        kind, sign, share = text.rpartition("=")
        name, colon, value = kind.partition(":")
        try:
            if not (sign and colon):
                raise ValueError
            shares.setdefault(columns.get(name, name), []).append((_asked(value), float(share)))
        except ValueError as error:
            raise ValueError(
                f"--balance needs NAME, or NAME:VALUE=SHARE, for example income:>50K=0.4, got {text!r}"
            ) from error
    return shares or None


def _asked(text: str) -> Any:
    """Read VALUE, ONE,OTHER, LOW..HIGH, or nothing for a missing value."""
    if not text:
        return None
    if ".." in text:
        return slice(*(end or None for end in text.split("..", 1)))
    return text.split(",") if "," in text else text
