"""``tabgan evaluate``: a report on two tables."""

from pathlib import Path
from typing import Any

import click

from tabgan.cli.options import (
    ENCODING,
    OUTPUT,
    SEED,
    SEPARATOR,
    STANDARD,
    VERBOSE,
    Grouped,
    command_line,
    in_a_folder,
)
from tabgan.io.remote import standard
from tabgan.io.tables import read_table


@click.command(
    cls=Grouped, usual={"holdout", "target", "html", "json", "fail_under", "verbose", "random_state"}
)
@click.argument("real")
@click.argument("synthetic")
@click.option("--holdout", help="Real rows that the model has not seen.")
@click.option("--target", help="The column that others are to predict.")
@click.option("--html", type=OUTPUT, callback=in_a_folder, help="Write the report as a page.")
@click.option("--json", type=OUTPUT, callback=in_a_folder, help="Write the report's figures.")
@click.option("--fail-under", type=click.FloatRange(0, 1), help="Exit with 1 if the score is below this.")
@click.option(
    "--max-rows", type=click.IntRange(min=2), default=500_000,
    help="Of a larger table, a random sample of this many rows is compared.",
)  # fmt: skip
@SEPARATOR
@ENCODING
@VERBOSE
@SEED
@click.pass_context
def evaluate(
    context: click.Context,
    real: str,
    synthetic: str,
    holdout: str | None,
    html: str | Path | None,
    json: str | Path | None,
    fail_under: float | None,
    sep: str | None,
    encoding: str | None,
    **options: Any,
) -> None:
    """Compare the table in SYNTHETIC with the one in REAL.

    Each is a .csv or .parquet file, a folder of such files, a pattern in quotes ("data/*.parquet"), a URL,
    or - for standard input. So may be the files that are written: - is standard output.
    """
    from tabgan.evaluation import evaluate

    given = {"real": real, "synthetic": synthetic, "holdout": holdout}
    if list(given.values()).count(STANDARD) > 1 or html == json == STANDARD:
        raise ValueError("- can stand for one table, and for one output; name a file for the other")
    tables = {name: _table(place, sep, encoding) for name, place in given.items()}
    # A frame has no place that the report could name.
    places = {name: place for name, place in given.items() if place and (sep or encoding)}
    report = evaluate(**tables, about={**places, "command": command_line(context)}, **options)
    click.echo(str(report), err=STANDARD in (html, json))
    if html is not None:
        report.to_html(standard(html, is_input=False))
    if json is not None:
        report.to_json(standard(json, is_input=False))
    if fail_under is not None and report.score < fail_under:
        click.echo(f"tabgan: the score {report.score:.3f} is below {fail_under}", err=True)
        context.exit(1)


def _table(place: str | None, sep: str | None, encoding: str | None) -> Any:
    """Open standard input, and read a table whose layout is given."""
    source = standard(place, is_input=True)
    return (
        source if place is None or not (sep or encoding) else read_table(source, sep=sep, encoding=encoding)
    )
