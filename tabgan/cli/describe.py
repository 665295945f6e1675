"""``tabgan info`` and ``tabgan schema``: what a model is, and what the columns of a table are taken for."""

from pathlib import Path

import click

from tabgan.cli.options import ENCODING, INPUT, SEPARATOR
from tabgan.io.remote import standard
from tabgan.io.tables import read_table


@click.command()
@click.argument("model", type=INPUT)
def info(model: str | Path) -> None:
    """Say what a fitted MODEL is: parameters, columns, constraints, how training went, what it holds."""
    from tabgan.estimators.loading import load

    fitted = load(standard(model, is_input=True))
    if hasattr(fitted, "card"):
        click.echo(fitted.card())
        return
    click.echo(f"{fitted!r}\n\n{fitted.schema_!r}\n\nTraining ended: {fitted.stop_reason_}.")


@click.command()
@click.argument("data", type=INPUT)
@SEPARATOR
@ENCODING
def schema(data: str | Path, sep: str | None, encoding: str | None) -> None:
    """Say what the columns of the table in DATA are taken for, and why, without a fit."""
    from tabgan.table import Schema

    table = read_table(standard(data, is_input=True), sep=sep, encoding=encoding)
    click.echo(repr(Schema.infer(table)))
