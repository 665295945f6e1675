"""``tabgan fit``: its options are the parameters of the estimator."""

import inspect
import types
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource

from tabgan.cli.options import ENCODING, OUTPUT, SEPARATOR, STANDARD, Grouped, Place, in_a_folder
from tabgan.io.remote import is_elsewhere, standard
from tabgan.io.tables import read_table

FLAGS = {"fraction": "--validation-fraction"}  # where the name within a group would say too little
WITHOUT = {"warm_start"}  # of the parameters: a command has no earlier fit
# What the parameters of the estimator are, in a few words, by their names within their groups.
HELP = {
    "columns": "What a column is, such as zip=categorical; repeat it. Kinds are continuous, integer, "
    "discrete, categorical, datetime, timedelta, constant, missing, identifier and text.",
    "constraints": "What is true of every row, such as 'start <= end'; repeat it. none looks for nothing; by "
    "default, constraints that cost nothing to keep are found.",
    "remember": "What the model keeps of the training rows, to leave out copies of them.",
    "protect": "How many rows must hold a value for it to be learned; auto goes by the number of rows, none "
    "protects nothing.",
    "objective": "The game of the two networks.",
    "learning_rate": "Of the generator, at the start.",
    "critic_learning_rate": "Of the critic, at the start.",
    "average": "Weight of the past in the running average of the generator.",
    "precision": "Number format of the steps; auto takes bfloat16 where it is fast.",
    "fraction": "Share of the rows in the validation set.",
    "patience": "Stop after so many checks without a better one.",
    "batch_size": "Rows a step.",
    "max_steps": "Steps of training; by default 1,500 or fewer, by the number of rows; with --no-refine, "
    "5,500 or fewer.",
    "max_time": "Seconds after which training ends and keeps what it has learned.",
    "refine": "Whether trees help the networks.",
    "device": "auto, cpu, cuda, mps, or another device of torch.",
    "octaves": "Frequencies by which the networks see a number.",
    "dropout": "Share of the critic's units that are left out at a step.",
    "two_stage": "Whether numbers are drawn after the categories, given these.",
    "activation": "Of the generator's hidden layers.",
    "batch_norm": "Whether the generator normalises batches.",
    "latent_dim": "Dimension of the latent space.",
    "random_state": "Makes the outcome repeatable.",
    "verbose": "0 shows no progress bar.",
}
USUAL = {
    "output", "sep", "encoding", "columns", "constraints", "privacy__protect", "max_steps", "max_time",
    "random_state", "verbose",
}  # fmt: skip


class _Fit(Grouped):
    """A command whose options are the parameters of TabGAN, read off its signature."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *_options_of_the_estimator()]


@click.command(cls=_Fit, usual=USUAL)
@click.argument("data", type=Place())
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
    data: str | Path,
    output: str | Path,
    checkpoint: Path | None,
    in_parts: bool,
    sep: str | None = None,
    encoding: str | None = None,
    columns: Sequence[str] = (),
    constraints: Sequence[str] = (),
    **parameters: Any,
) -> None:
    """Fit a model to the table in DATA: a file, or in parts a folder or "data/*.parquet".

    Files are .csv, .tsv, .jsonl, .parquet, .feather or, with the extra, .xlsx. DATA may also be - for
    standard input, or a URL such as s3://bucket/rows.csv, and so may the output.

    Under torchrun, several processes train together.
    """
    from tabgan.adversarial.training.distributed import launched
    from tabgan.estimators.gan import TabGAN
    from tabgan.table.columns.protection import FEWEST_ROWS

    source, target = standard(data, is_input=True), standard(output, is_input=False)
    is_whole = not in_parts and (is_elsewhere(source) or Path(source).is_file())
    _check(data, is_whole, bool(sep or encoding))
    with launched() as rank:
        frame = read_table(source, sep=sep, encoding=encoding) if is_whole else None
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
            model.save(target)
        except KeyboardInterrupt:  # what was learned is not to be lost at the last moment
            model.save(target)
    is_default = context.get_parameter_source("privacy__protect") is ParameterSource.DEFAULT
    if is_default and model.fitted_model_.n_rows < FEWEST_ROWS:
        click.echo(
            f"Nothing is protected, since there are fewer than {FEWEST_ROWS} rows: keys, names and other "
            "values of single rows will be drawn.",
            err=True,
        )
    _say(model, output, "" if frame is None else f", learned from {len(frame):,} rows")


def _say(model: Any, output: str | Path, n_rows: str) -> None:
    """Say what was learned, on standard error if the model went to standard output."""
    is_taken = output == STANDARD
    for constraint in model.constraints_:
        evidence = f" ({constraint.evidence})" if constraint.evidence else ""
        click.echo(f"Every sample will satisfy a constraint: {constraint}{evidence}.", err=is_taken)
    click.echo(f"Training ended: {model.stop_reason_}.", err=is_taken)
    click.echo(f"Wrote {output}: a model of {model.n_features_in_} columns{n_rows}.", err=is_taken)


def _check(data: str | Path, is_whole: bool, has_layout: bool) -> None:
    """Refuse data that are not there, or not as they are asked for, before torch is set up."""
    if isinstance(data, str):
        if not is_whole:
            raise ValueError(f"--in-parts is for local files; {data} is read into memory")
    elif not any(sign in str(data) for sign in "*?[") and not data.exists():
        raise ValueError(f"File {str(data)!r} does not exist.")
    elif has_layout and not is_whole:
        raise ValueError("--sep and --encoding are for one CSV file in memory; convert the parts first")


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
        if name in WITHOUT:
            continue
        flag = FLAGS.get(name, "--" + name.replace("_", "-"))
        names = [prefix + name, flag]
        help_ = HELP.get(name)
        kinds = _members(hints[name])
        if any(isinstance(kind, type) and issubclass(kind, Mapping) for kind in kinds):
            options.append(click.Option(names, multiple=True, metavar="NAME=KIND", help=help_))
        elif Sequence in kinds and not prefix:
            options.append(click.Option(names, multiple=True, metavar="EXPRESSION", help=help_))
        elif bool in kinds:
            names[1] = f"{flag}/--no-{flag[2:]}"
            options.append(click.Option(names, default=parameter.default, help=help_))
        elif (choices := _choices(hints[name])) and int not in kinds:
            options.append(
                click.Option(names, type=click.Choice(choices), default=parameter.default, help=help_)
            )
        elif {str, int} <= kinds:
            default = parameter.default
            options.append(
                click.Option(names, type=_number_or_word, metavar="NUMBER", default=default, help=help_)
            )
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


def _choices(hint: Any) -> list[str]:
    """Give the strings that a type hint names."""
    if get_origin(hint) is Literal:
        return [word for word in get_args(hint) if isinstance(word, str)]
    return [word for part in get_args(hint) for word in _choices(part)]
