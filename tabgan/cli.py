"""The command line: tabgan demo, fit, sample and evaluate; wrong input gets one line and exit code 2."""

import builtins
import inspect
import os
import re
import sys
import types
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from tabgan import __version__
from tabgan.files import format_of, read_table, write_table

__all__ = ["main"]

# What each command needs beyond this is imported when it runs: `tabgan --help` should not wait for torch.

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 if all went well, 1 if a score is too low, 2 if the input is wrong."""
    # Threads that wait for each other should not keep the processor busy: beside other programs they would
    # train several times slower. torch and scikit-learn read this when they are first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        status = tabgan.main(args=arguments, prog_name="tabgan", standalone_mode=False)
    except click.Abort:
        sys.exit(130)  # what a shell reports after Ctrl-C
    except click.ClickException as error:
        _fail(error.format_message())
    except (ValueError, TypeError, OSError) as error:
        _fail(str(error))
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> None:
    click.echo(f"tabgan: {' '.join(message.split())}", err=True)
    sys.exit(2)


def _in_a_folder(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written, before anything long is begun."""
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"the folder {path.parent} does not exist; make it first", context, option)
    return path


def _as_a_table(context: click.Context, option: click.Parameter, path: Path) -> Path:
    format_of(path)
    return _in_a_folder(context, option, path) or path


OUTPUT = click.Path(dir_okay=False, path_type=Path)
SEED = click.option(
    "--random-state", type=int, default=None, metavar="SEED", help="Makes the outcome repeatable."
)


@click.group(invoke_without_command=True)
@click.version_option(__version__, prog_name="tabgan", message="%(prog)s %(version)s")
@click.pass_context
def tabgan(context: click.Context) -> None:
    """Make synthetic tables that behave like a real one, and tell how well they do."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(2)


@tabgan.command()
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default="tabgan-demo", show_default=True
)
@click.option("--random-state", type=int, default=0, show_default=True, metavar="SEED")
def demo(folder: Path, random_state: int) -> None:
    """Fit a bundled census table; write a synthetic one and a report on it."""
    from sklearn.model_selection import train_test_split

    from tabgan.datasets import load_adult
    from tabgan.evaluation import evaluate
    from tabgan.gan import TabGAN
    from tabgan.table import suggest_constraints

    folder.mkdir(parents=True, exist_ok=True)
    # A fifth of the people is kept from the model: the report shows how well real people do at its questions.
    real, holdout = train_test_split(load_adult(), test_size=0.2, random_state=random_state)
    click.echo(f"Fitting {len(real):,} people of the UCI Adult census table ({real.shape[1]} columns) ...")
    rules = suggest_constraints(real)
    for rule in rules:
        click.echo(f"Every row obeys a rule: {rule} ({rule.evidence}).")
    model = TabGAN(random_state=random_state, constraints=rules, **DEMO).fit(real)
    click.echo(f"Training ended: {model.stop_reason_}. Drawing as many synthetic people and comparing ...")
    synthetic = model.sample(len(real))
    write_table(synthetic, folder / "synthetic.csv")
    report = evaluate(real, synthetic, holdout=holdout, target="income", random_state=random_state)
    report.to_html(folder / "report.html")
    model.save(folder / "adult.tabgan")
    click.echo(f"\nThree of them:\n\n{synthetic.head(3).T.to_string(header=False)}\n\n{report}\n")
    for name, content in DEMO_FILES.items():
        click.echo(f"{folder / name}: {content}")


# Fewer steps than the default, so that the whole takes less than three minutes on two cores; where it would
# take longer, training ends early.
DEMO: dict[str, Any] = {"max_steps": 1500, "max_time": 110}
DEMO_FILES = {
    "synthetic.csv": "the synthetic people",
    "report.html": "how they compare with the real ones: open it in a browser",
    "adult.tabgan": "the fitted model: tabgan sample adult.tabgan -n 1000 -o more.csv",
}


class _Fit(click.Command):
    """A command whose options are the parameters of TabGAN, read off its signature."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *_options_of_the_estimator()]


@tabgan.command(cls=_Fit)
@click.argument("data")
@click.option(
    "-o", "--output", type=OUTPUT, callback=_in_a_folder, required=True, help="Where the model goes."
)
@click.option(
    "--checkpoint",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the state of training, from which the same command goes on after a kill.",
)
@click.option("--in-parts", is_flag=True, help="Read the table from disk in parts, not into memory.")
def fit(
    data: str,
    output: Path,
    checkpoint: Path | None,
    in_parts: bool,
    columns: Sequence[str] = (),
    constraints: Sequence[str] = (),
    **parameters: Any,
) -> None:
    """Fit a model to the table in DATA: a .csv or .parquet file, or in parts a folder or "data/*.parquet".

    Under torchrun, several processes train together.
    """
    from tabgan.adversarial.workers import launched
    from tabgan.gan import TabGAN

    in_parts = in_parts or any(sign in data for sign in "*?[") or Path(data).is_dir()
    if not in_parts and not Path(data).exists():
        raise ValueError(f"File {data!r} does not exist.")
    with launched() as worker:
        table = data if in_parts else read_table(data)
        rules = list(constraints) or None
        model = TabGAN(columns=_pairs(columns), constraints=rules, **parameters)
        model.fit(table, checkpoint=checkpoint)
        if worker:
            return
        model.save(output)
    click.echo(f"Training ended: {model.stop_reason_}.")
    n_rows = "" if isinstance(table, str) else f", learned from {len(table):,} rows"
    click.echo(f"Wrote {output}: a model of {model.n_features_in_} columns{n_rows}.")


def _pairs(pairs: Sequence[str]) -> dict[Hashable, str] | None:
    """Turn ``("zip=categorical",)`` into ``{"zip": "categorical"}``."""
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"--columns wants NAME=KIND, for example zip=categorical, got {pair!r}")
    return {name: kind for name, _, kind in (pair.rpartition("=") for pair in pairs)} or None


def _conditions(pairs: Sequence[str]) -> dict[Hashable, Any]:
    """Turn ``("age=30..40", "sex=Male")`` into conditions."""
    conditions: dict[Hashable, Any] = {}
    for pair in pairs:
        name, sign, cells = pair.partition("=")
        if not sign:
            raise ValueError(f"--given wants NAME=CELL, for example species=setosa, got {pair!r}")
        if not cells:
            conditions[name] = None
        elif ".." in cells:
            conditions[name] = slice(*(end or None for end in cells.split("..", 1)))
        else:
            conditions[name] = cells.split(",")
    return conditions


@tabgan.command()
@click.argument("model", type=INPUT)
@click.option("-n", "--rows", type=click.IntRange(min=0), required=True, help="How many rows to draw.")
@click.option(
    "-o", "--output", type=OUTPUT, callback=_as_a_table, required=True, help="A .csv or .parquet file."
)
@click.option(
    "--given",
    multiple=True,
    metavar="NAME=CELL",
    help="What a column must hold: NAME=CELL, NAME=ONE,OTHER, NAME=LOW..HIGH (either may be left out), or "
    "NAME= for a missing cell. Repeat it for more columns.",
)
@click.option("--balance", metavar="NAME", help="A column of which each level gets as many rows.")
@click.option("--exclude-copies", is_flag=True, help="Leave out rows of the training table.")
@SEED
def sample(
    model: Path,
    rows: int,
    output: Path,
    given: Sequence[str],
    balance: str | None,
    exclude_copies: bool,
    random_state: int | None,
) -> None:
    """Draw rows from a fitted MODEL."""
    from tabgan.gan import TabGAN

    fitted = TabGAN.load(model)
    frame = fitted.sample(
        rows,
        given=_conditions(given),
        balance=balance,
        exclude_copies=exclude_copies,
        random_state=random_state,
    )
    write_table(frame, output)
    click.echo(f"Wrote {output}: {len(frame):,} rows of {frame.shape[1]} columns.")


@tabgan.command()
@click.argument("real", type=INPUT)
@click.argument("synthetic", type=INPUT)
@click.option("--holdout", type=INPUT, help="Real rows that the model has not seen.")
@click.option("--target", help="The column that others are to predict.")
@click.option("--html", type=OUTPUT, callback=_in_a_folder, help="Write the report as a page.")
@click.option("--json", type=OUTPUT, callback=_in_a_folder, help="Write the report's figures.")
@click.option("--fail-under", type=click.FloatRange(0, 1), help="Exit with 1 if the score is below this.")
@click.option("--verbose", type=int, default=1, show_default=True, help="0 shows no progress bar.")
@SEED
@click.pass_context
def evaluate(
    context: click.Context,
    real: Path,
    synthetic: Path,
    holdout: Path | None,
    target: str | None,
    html: Path | None,
    json: Path | None,
    fail_under: float | None,
    verbose: int,
    random_state: int | None,
) -> None:
    """Compare the table in SYNTHETIC with the one in REAL."""
    from tabgan.evaluation import evaluate

    table = read_table(real)
    unseen = None if holdout is None else read_table(holdout, like=table)
    report = evaluate(
        table,
        read_table(synthetic, like=table),
        holdout=unseen,
        target=target,
        random_state=random_state,
        verbose=verbose,
    )
    click.echo(str(report))
    if html is not None:
        report.to_html(html)
    if json is not None:
        json.write_text(report.to_json())
    if fail_under is not None and report.score < fail_under:
        click.echo(f"tabgan: the score {report.score:.3f} is below {fail_under}", err=True)
        context.exit(1)


def _options_of_the_estimator() -> list[click.Parameter]:
    """Make one option of each parameter of TabGAN that can be written on a command line."""
    from tabgan.gan import TabGAN

    hints = get_type_hints(TabGAN.__init__, localns=_Names(vars(sys.modules[TabGAN.__module__])))
    options: list[click.Parameter] = []
    for name, parameter in inspect.signature(TabGAN).parameters.items():
        flag = "--" + name.replace("_", "-")
        help_ = _help_of(name, TabGAN.__doc__ or "")
        kinds = _members(hints.get(name, type(parameter.default)))
        if any(isinstance(kind, type) and issubclass(kind, Mapping) for kind in kinds):
            options.append(click.Option([flag], multiple=True, metavar="NAME=KIND", help=help_))
        elif Sequence in kinds:
            options.append(click.Option([flag], multiple=True, metavar="EXPRESSION", help=help_))
        elif bool in kinds:
            options.append(click.Option([f"{flag}/--no-{flag[2:]}"], default=parameter.default, help=help_))
        elif kind := next((kind for kind in (str, float, int) if kind in kinds), None):
            options.append(
                click.Option([flag], type=kind, default=parameter.default, show_default=True, help=help_)
            )
    return options


class _Names(dict[str, Any]):
    """The names of a module; one that it imports for type checkers alone stands for any object."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, object)


def _members(hint: Any) -> set[Any]:
    """Give the classes that a type hint stands for: ``int | None`` is ``{int, NoneType}``."""
    if get_origin(hint) in (Union, types.UnionType):
        return set().union(*map(_members, get_args(hint)))
    if get_origin(hint) is Literal:
        return {str}
    return {get_origin(hint) or hint}


def _help_of(name: str, docstring: str) -> str:
    """Take the first sentence on a parameter out of a numpydoc docstring."""
    found = re.search(rf"^{name} : .*\n((?:    .*\n)+)", inspect.cleandoc(docstring) + "\n", re.MULTILINE)
    return re.split(r"(?<=[.;:])\s", " ".join(found[1].split()))[0].replace("``", "") if found else ""


if __name__ == "__main__":
    main()
