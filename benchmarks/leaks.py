"""Count the leaks that the report sees, and its red marks where there are none.

    python -m benchmarks.leaks attacks FOLDER
    python -m benchmarks.leaks fresh [--rows 1000] [--seeds 20]

`attacks` takes a folder with ``train.parquet``, ``test.parquet`` and ``meta.json``. Half of the training
rows are the members, and the synthetic rows are the other half, with some rows copied or all cells mixed
with those of members. The worst membership attack of the report stands beside that of `benchmarks.judge`,
whose four attacks are the first ones of the report.

`fresh` evaluates rows of adult and of a generated table that are as fresh as the holdout, with and without
one, and counts the reports that have a red mark.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.folders import meta_of
from benchmarks.judge import Roles, privacy
from benchmarks.judge.tables import encode
from benchmarks.planted import generated
from tabgan import evaluate, load_adult
from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics.attacks import membership_attacks
from tabgan.table import Schema


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaks", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    attacks_ = commands.add_parser("attacks")
    attacks_.add_argument("folder", type=Path)
    attacks_.set_defaults(run=lambda given: attacks(given.folder))
    fresh_ = commands.add_parser("fresh")
    fresh_.add_argument("--rows", type=int, default=1000)
    fresh_.add_argument("--seeds", type=int, default=20)
    fresh_.set_defaults(run=lambda given: fresh(given.rows, given.seeds))
    given = parser.parse_args()
    given.run(given)


def attacks(folder: Path) -> None:
    """Print the worst attack of both, for planted leaks of several sizes."""
    roles = Roles.from_meta(meta_of(folder))
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    order = np.random.default_rng(0).permutation(len(train))
    half = len(train) // 2
    members, others = (train.iloc[rows].reset_index(drop=True) for rows in (order[:half], order[half:]))
    schema = Schema.infer(members, dict.fromkeys(roles.categorical, "categorical"))
    print(
        "| synthetic rows | judge, AUC | report, AUC | interval | p-value | TPR at 1 % FPR |\n"
        + "| --- " * 6
        + "|"
    )
    for name, rows in planted(members, others).items():
        theirs = privacy.attacks(encode(members, test, rows, roles), np.random.default_rng(0))
        ours = membership_attacks(
            Comparison({"real": members, "synthetic": rows, "holdout": test}, schema, seed=0)
        )
        low, high = ours["interval"]
        print(
            f"| {name} | {theirs['attack_auc']:.3f} ± {theirs['attack_se']:.3f} | {ours['auc']:.3f} "
            f"| {low:.3f} to {high:.3f} | {ours['p_value']:.0e} | {ours['tpr']:.1%} |",
            flush=True,
        )


def planted(members: pd.DataFrame, others: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Fresh rows; some copied; and members each of whose cells may be that of another row."""
    n, rng = min(len(members), len(others)), np.random.default_rng(1)
    tables = {"fresh": others[:n]}
    for share in (0.05, 0.1):
        k = int(share * n)
        tables[f"{share:.0%} copied"] = pd.concat([members[:k], others[k:n]], ignore_index=True)
    for share in (0.5, 0.7):
        tables[f"{share:.0%} of the cells replaced"] = pd.DataFrame(
            {
                column: members[column][:n].where(rng.random(n) >= share, others[column][:n])
                for column in members
            }
        )
    return tables


def fresh(n: int, n_seeds: int) -> None:
    """Print how many reports on fresh rows have a red mark, and each such mark."""
    marked = reports = 0
    for seed in range(n_seeds):
        for rows in (load_adult(), generated(3 * n, seed)):
            shuffled = rows.sample(3 * n, random_state=seed)
            real, synthetic, holdout = (shuffled[k * n : (k + 1) * n] for k in range(3))
            for kept in (holdout, None):
                report = evaluate(real, synthetic, holdout=kept, random_state=seed)
                reports, marked = reports + 1, marked + bool(report.red_marks)
                for mark in report.red_marks:
                    print(f"seed {seed}: {mark.why}", flush=True)
    print(f"{marked} of {reports} reports have a red mark")


if __name__ == "__main__":
    main()
