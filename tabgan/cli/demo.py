"""``tabgan demo``: fit, sample and evaluate on a bundled table."""

from pathlib import Path
from typing import Any

import click

from tabgan.io.tables import write_table


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="tabgan-demo",
    help="Where model, rows and report go.",
)
@click.option("--random-state", type=int, default=0, metavar="SEED", help="Makes the outcome repeatable.")
def demo(folder: Path, random_state: int) -> None:
    """Fit a bundled census table; write a synthetic one and a report on it."""
    from sklearn.model_selection import train_test_split

    from tabgan.datasets import load_adult
    from tabgan.estimators.gan import TabGAN
    from tabgan.evaluation import evaluate

    folder.mkdir(parents=True, exist_ok=True)
    # A fifth of the people is the holdout: the report shows how well real people do at its questions.
    real, holdout = train_test_split(load_adult(), test_size=0.2, random_state=random_state)
    click.echo(f"Fitting {len(real):,} people of the UCI Adult census table ({real.shape[1]} columns) ...")
    model = TabGAN(random_state=random_state, **DEMO).fit(real)
    for constraint in model.constraints_:
        click.echo(f"Every sample will satisfy a constraint: {constraint} ({constraint.evidence}).")
    click.echo(f"Training ended: {model.stop_reason_}. Drawing as many synthetic people and comparing ...")
    synthetic = model.sample(len(real))
    write_table(synthetic, folder / "synthetic.csv")
    about = {"name": "Synthetic people of a census", "model": repr(model), "command": "tabgan demo"}
    report = evaluate(
        real, synthetic, holdout=holdout, target="income", random_state=random_state, about=about
    )
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
