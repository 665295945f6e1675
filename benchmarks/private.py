"""What differential privacy costs: DPTabGAN at several budgets, and TabGAN without one, on real tables.

    python -m benchmarks.private FOLDER [FOLDER ...] [--epsilons 0.3 1 3 10] [--seeds 3] [--no-target]
        [--plain] [--samples FOLDER]

A folder holds ``train.parquet``, ``test.parquet`` and ``meta.json``. Bounds are the extremes of the training
table and categories those that occur in it: in a benchmark they stand for what a user knows. Figures are
those of :mod:`benchmarks.judge`: MLE on held-out rows, the two-way error in bins of the real deciles, and the
AUC of trees that tell synthetic from training rows; means over seeds. Seconds are of CPU time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.folders import meta_of
from benchmarks.judge import Roles, marginals, two_sample, utility
from benchmarks.judge.tables import encode
from tabgan import DPTabGAN, TabGAN

FIGURES = {"mle": "MLE", "pair_error": "two-way error, %", "trees": "trees' AUC", "seconds": "CPU s"}


def main() -> None:
    """Print a table of Markdown, a row a budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.private", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--epsilons", nargs="*", type=float, default=[0.3, 1.0, 3.0, 10.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-target", action="store_true", help="measure nothing by the target")
    parser.add_argument("--plain", action="store_true", help="TabGAN without a budget, too")
    parser.add_argument("--samples", type=Path, help="a folder to keep the samples in")
    given = parser.parse_args()
    print("| table | epsilon |", " | ".join(FIGURES.values()), "|\n" + "| --- " * (2 + len(FIGURES)) + "|")
    for folder in given.folders:
        for epsilon in [*given.epsilons, *([None] if given.plain else [])]:
            rows = pd.DataFrame(list(runs(folder, epsilon, given)))
            means = " | ".join(f"{mean:.3f}" for mean in rows.mean())
            print(f"| {folder.resolve().name} | {epsilon or 'none'} | {means} |", flush=True)


def runs(folder: Path, epsilon: float | None, given: argparse.Namespace) -> Iterator[dict[str, float]]:
    """Fit, sample and judge, a seed at a time."""
    meta = meta_of(folder)
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    for seed in range(given.seeds):
        began = time.process_time()
        model: Any = TabGAN(random_state=seed, verbose=0)
        if epsilon is not None:
            target = None if given.no_target else meta["target"]
            model = DPTabGAN(
                epsilon=epsilon, target=target, random_state=seed, verbose=0, **known(train, meta)
            )
        synthetic = model.fit(train).sample(len(train))
        seconds = time.process_time() - began
        if given.samples is not None:
            given.samples.mkdir(parents=True, exist_ok=True)
            synthetic.to_parquet(given.samples / f"{meta['name']}-{epsilon}-{seed}.parquet")
        yield {**figures(train, test, synthetic, meta), "seconds": seconds}


def known(table: pd.DataFrame, meta: dict[str, Any]) -> dict[str, Any]:
    """Give bounds and categories as a user would who knows them."""
    roles = Roles.from_meta(meta)
    bounds = {name: (table[name].min().item(), table[name].max().item()) for name in roles.numerical}
    categories = {name: sorted(table[name].unique().tolist()) for name in roles.categorical}
    return {"bounds": bounds, "categories": categories, "dtypes": table.dtypes}


def figures(
    train: pd.DataFrame, test: pd.DataFrame, synthetic: pd.DataFrame, meta: dict[str, Any]
) -> dict[str, float]:
    """Give the figures that stand in the table."""
    tables = encode(train, test, synthetic, Roles.from_meta(meta))
    return {
        "mle": utility.taught_by(tables.synthetic, tables, np.random.default_rng(0)),
        "pair_error": marginals.pair_error(tables.train, tables.synthetic),
        "trees": two_sample.trees_auc(tables.train, tables.synthetic, np.random.default_rng(0)),
    }


if __name__ == "__main__":
    main()
