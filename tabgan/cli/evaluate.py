"""``tabgan evaluate``: a report on two tables."""

from pathlib import Path
from typing import Any

import click

from tabgan.cli.options import OUTPUT, SEED, VERBOSE, command_line, in_a_folder
from tabgan.io.atomic import replacing


@click.command()
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
@VERBOSE
@SEED
@click.pass_context
def evaluate(
    context: click.Context,
    real: str,
    synthetic: str,
    html: Path | None,
    json: Path | None,
    fail_under: float | None,
    **options: Any,
) -> None:
    """Compare the table in SYNTHETIC with the one in REAL.

    Each is a .csv or .parquet file, a folder of such files, or a pattern in quotes ("data/*.parquet").
    """
    from tabgan.evaluation import evaluate

    report = evaluate(real, synthetic, about={"command": command_line(context)}, **options)
    click.echo(str(report))
    if html is not None:
        report.to_html(html)
    if json is not None:
        with replacing(json) as temporary:
            temporary.write_text(report.to_json())
    if fail_under is not None and report.score < fail_under:
        click.echo(f"tabgan: the score {report.score:.3f} is below {fail_under}", err=True)
        context.exit(1)
