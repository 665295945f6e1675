"""``tabgan fit``: its options are the parameters of the estimator."""

import inspect
import re
import types
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource

from tabgan.cli.options import ENCODING, OUTPUT, SEPARATOR, in_a_folder
from tabgan.io.tables import read_table

FLAGS = {"fraction": "--validation-fraction"}  # where the name within a group would say too little


class _Fit(click.Command):
    """A command whose options are the parameters of TabGAN, read off its signature."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *_options_of_the_estimator()]


@click.command(cls=_Fit)
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=OUTPUT, callback=in_a_folder, required=True, help="Where the model goes."
)
@click.option(
    "--checkpoint",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the state of training, from which the same command goes on after a kill.",
)
@SEPARATOR
@ENCODING
@click.option("--in-parts", is_flag=True, help="Read the table from disk in parts, not into memory.")
@click.pass_context
def fit(
    context: click.Context,
    data: Path,
    output: Path,
    checkpoint: Path | None,
    in_parts: bool,
    sep: str | None = None,
    encoding: str | None = None,
    columns: Sequence[str] = (),
    constraints: Sequence[str] = (),
    **parameters: Any,
) -> None:
    """Fit a model to the table in DATA: a file, or in parts a folder or "data/*.parquet".

    Files are .csv, .tsv, .jsonl, .parquet, .feather or, with the extra, .xlsx.

    Under torchrun, several processes train together.
    """
    from tabgan.adversarial.training.distributed import launched
    from tabgan.estimators.gan import TabGAN

    if not any(sign in str(data) for sign in "*?[") and not data.exists():
        raise ValueError(f"File {str(data)!r} does not exist.")
    if (sep or encoding) and (in_parts or not data.is_file()):
        raise ValueError("--sep and --encoding are for one CSV file in memory; convert the parts first")
    with launched() as rank:
        frame = read_table(data, sep=sep, encoding=encoding) if data.is_file() and not in_parts else None
        parsed = None if constraints == ("none",) else list(constraints) or "auto"
        model = TabGAN(columns=_pairs(columns), constraints=parsed)
        # Defaults are left to the estimator, which makes a group such as `optimizer` only if it is set.
        model.set_params(
            **{
                name: value
                for name, value in parameters.items()
                if context.get_parameter_source(name) is not ParameterSource.DEFAULT
            }
        )
        model.fit(data if frame is None else frame, checkpoint=checkpoint)
        if rank:
            return
        try:
            model.save(output)
        except KeyboardInterrupt:  # what was learned is not to be lost at the last moment
            model.save(output)
    for constraint in model.constraints_:
        evidence = f" ({constraint.evidence})" if constraint.evidence else ""
        click.echo(f"Every sample will satisfy a constraint: {constraint}{evidence}.")
    n_rows = "" if frame is None else f", learned from {len(frame):,} rows"
    click.echo(f"Training ended: {model.stop_reason_}.")
    click.echo(f"Wrote {output}: a model of {model.n_features_in_} columns{n_rows}.")


def _pairs(pairs: Sequence[str]) -> dict[Hashable, str] | None:
    """Turn ``("zip=categorical",)`` into ``{"zip": "categorical"}``."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"--columns needs NAME=KIND, for example zip=categorical, got {pair!r}")
    return {name: kind for name, _, kind in (pair.rpartition("=") for pair in pairs)} or None


def _options_of_the_estimator() -> list[click.Parameter]:
    """Make one option of each parameter of TabGAN, also in its groups, that a command line can hold."""
    from tabgan.estimators.gan import TabGAN

    options = _options_of(TabGAN, get_type_hints(TabGAN), prefix="")
    for group, form in TabGAN._DEFAULTS.items():
        options += _options_of(form, get_type_hints(form), prefix=f"{group}__")
    return options


def _options_of(form: Any, hints: Mapping[str, Any], prefix: str) -> list[click.Parameter]:
    """Make the options of a class; in a group, the prefix is part of the name of the parameter alone."""
    options: list[click.Parameter] = []
    for name, parameter in inspect.signature(form).parameters.items():
        flag = FLAGS.get(name, "--" + name.replace("_", "-"))
        names = [prefix + name, flag]
        help_ = _help_of(name, form.__doc__ or "")
        kinds = _members(hints[name])
        if any(isinstance(kind, type) and issubclass(kind, Mapping) for kind in kinds):
            options.append(click.Option(names, multiple=True, metavar="NAME=KIND", help=help_))
        elif Sequence in kinds and not prefix:
            options.append(click.Option(names, multiple=True, metavar="EXPRESSION", help=help_))
        elif bool in kinds:
            names[1] = f"{flag}/--no-{flag[2:]}"
            options.append(click.Option(names, default=parameter.default, help=help_))
        elif {str, int} <= kinds:
            options.append(click.Option(names, type=_number_or_word, default=parameter.default, help=help_))
        elif kind := next((kind for kind in (str, float, int) if kind in kinds), None):
            default = parameter.default
            options.append(click.Option(names, type=kind, default=default, help=help_))
    return options


def _number_or_word(text: str) -> int | str | None:
    """Read an option that is a number, a word, or "none"."""
    return int(text) if text.isdecimal() else None if text.lower() == "none" else text


def _members(hint: Any) -> set[Any]:
    """Give the classes that a type hint stands for: ``int | None`` is ``{int, NoneType}``."""
    if get_origin(hint) in (Union, types.UnionType):
        return set().union(*map(_members, get_args(hint)))
    if get_origin(hint) is Literal:
        return {str}
    return {get_origin(hint) or hint}


def _help_of(name: str, docstring: str) -> str:
    """Take the first sentence on a parameter out of a numpydoc docstring."""
    entry = re.search(rf"^{name} : .*\n((?:    .*\n)+)", inspect.cleandoc(docstring) + "\n", re.MULTILINE)
    return re.split(r"(?<=[.;:])\s", " ".join(entry[1].split()))[0].replace("``", "") if entry else ""
