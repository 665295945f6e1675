"""Measure the report: its speed on a large table, and its figures against those of the judge.

    python -m benchmarks.report speed [--rows 1000000] [--columns 50]
    python -m benchmarks.report agree FOLDER SYNTHETIC
    python -m benchmarks.report fresh FOLDER [--rows 300] [--times 20]

`agree` takes a folder with ``train.parquet``, ``test.parquet`` and ``meta.json`` and a synthetic table
(.parquet), prints how long the report took and the figures that it shares with `benchmarks.judge` side by
side, in points (hundredths), and fails where they are more than 0.3 points apart. `fresh` calls fresh real
rows synthetic, so many times, and prints how often all marks were good, and which were not.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.folders import meta_of
from benchmarks.judge import judge
from tabgan import Report, evaluate
from tabgan.evaluation.result import Metric
from tabgan.evaluation.summary import GOOD

TOLERANCE = 0.3

# The judge's name of a metric (in percent) -> the same from a report.
SHARED: dict[str, Callable[[Report], float]] = {
    "shape_error": lambda report: _metric(report, "Mean KS or total variation").value,
    "shape_floor": lambda report: _metric(report, "Mean KS or total variation").ceiling,
    "alpha_precision": lambda report: _metric(report, "Alpha-precision").value,
    "beta_recall": lambda report: _metric(report, "Beta-recall").value,
    "exact_copies": lambda report: _metric(report, "Exact copies").value,
    "exact_copies_reference": lambda report: _metric(report, "Exact copies").ceiling,
}
# Figures that both compute in ways that differ, for information: trees of two makers and on different rows,
# bins with frequent values apart or not, attacks on different rows. Line, attribute, points of the judge's 1.
ALIKE = {
    "c2st_gbdt_auc": ("AUC of boosted trees", "value", 100),
    "c2st_gbdt_auc_reference": ("AUC of boosted trees", "ceiling", 100),
    "pair_error_fixed_bins": ("Mean total variation distance of pairs", "value", 1),
    "pair_floor": ("Mean total variation distance of pairs", "ceiling", 1),
    "attack_auc": ("Membership inference: AUC", "value", 100),
}


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    speed_ = commands.add_parser("speed")
    speed_.add_argument("--rows", type=int, default=1_000_000)
    speed_.add_argument("--columns", type=int, default=50)
    speed_.set_defaults(run=lambda given: print(json.dumps(speed(given.rows, given.columns), indent=1)))
    agree_ = commands.add_parser("agree")
    agree_.add_argument("folder", type=Path)
    agree_.add_argument("synthetic", type=Path)
    agree_.set_defaults(run=lambda given: sys.exit(agree(given.folder, given.synthetic)))
    fresh_ = commands.add_parser("fresh")
    fresh_.add_argument("folder", type=Path)
    fresh_.add_argument("--rows", type=int, default=300, help="of each of the three tables")
    fresh_.add_argument("--times", type=int, default=20)
    fresh_.set_defaults(run=lambda given: print(json.dumps(fresh(given.folder, given.rows, given.times))))
    given = parser.parse_args()
    given.run(given)


def speed(n_rows: int, n_columns: int) -> dict[str, float]:
    """Seconds and gigabytes that the report on such tables takes; half of the columns are categories."""
    real, synthetic, holdout = (
        draw_table(n, n_columns, seed) for seed, n in enumerate([n_rows] * 2 + [n_rows // 5])
    )
    before = _peak()
    wall, cpu = time.perf_counter(), time.process_time()
    report = evaluate(real, synthetic, holdout=holdout, target=real.columns[2], random_state=0, verbose=1)
    seconds = time.perf_counter() - wall
    print(report)
    return {
        "rows": n_rows, "columns": n_columns, "tables_GB": round(before, 2), "peak_GB": round(_peak(), 2),
        "wall_s": round(seconds, 1), "cpu_s": round(time.process_time() - cpu, 1),
    }  # fmt: skip


def draw_table(n_rows: int, n_columns: int, seed: int) -> pd.DataFrame:
    """Columns that depend on three common causes: numbers, some of them whole or missing, and names."""
    rng = np.random.default_rng(seed)
    weights = np.random.default_rng(99).normal(size=(3, n_columns))
    causes = rng.normal(size=(n_rows, 3))
    columns: dict[str, object] = {}
    for k in range(n_columns):
        value = causes @ weights[:, k] + rng.normal(size=n_rows)
        if k % 2:
            value = np.where(rng.random(n_rows) < 0.05 * (k % 3), np.nan, np.exp(value / 2))
            columns[f"number {k}"] = value.round(2) if k % 4 == 1 else value
        else:
            categories = np.array([f"category {j}" for j in range(3 + k)], dtype=object)
            columns[f"category {k}"] = categories[
                np.clip((value + 3) * len(categories) / 6, 0, len(categories) - 1).astype(int)
            ]
    return pd.DataFrame(columns)


def agree(folder: Path, synthetic: Path) -> int:
    """Print both figures and how far they are apart; 1 if any is more than the tolerance."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    meta, rows = meta_of(folder), pd.read_parquet(synthetic)
    start = time.perf_counter()
    report = evaluate(train, rows, holdout=test, target=meta["target"], random_state=0)
    print(f"the report took {time.perf_counter() - start:.0f} s")
    judged = judge(train, test, rows, meta)
    worst = 0.0
    for name, metric in SHARED.items():
        apart = abs(100 * metric(report) - judged[name])
        worst = max(worst, apart)
        print(f"{name:24s} report {100 * metric(report):8.3f}  judge {judged[name]:8.3f}  apart {apart:.3f}")
    for name, (line, key, scale) in ALIKE.items():
        value = 100 * getattr(_metric(report, line), key)
        print(f"{name:24s} report {value:8.3f}  judge {scale * judged[name]:8.3f}")
    return int(worst > TOLERANCE)


def fresh(folder: Path, n_rows: int, times: int) -> dict[str, object]:
    """How often fresh real rows are good in everything, and the marks that were not."""
    table = pd.concat([pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test")])
    target, good, others = meta_of(folder)["target"], 0, []
    for seed in range(times):
        rows = table.sample(3 * n_rows, random_state=seed, ignore_index=True)
        real, synthetic, holdout = (rows[k * n_rows : (k + 1) * n_rows] for k in range(3))
        marks = evaluate(real, synthetic, holdout=holdout, target=target, random_state=seed).marks
        low = {name: round(mark, 3) for name, mark in marks.items() if mark < GOOD}
        good += not low
        others += [low] if low else []
    return {"table": folder.name, "rows": n_rows, "times": times, "all_good": good, "others": others}


def _metric(report: Report, name: str) -> Metric:
    return next(metric for metric in report.metrics if metric.name.startswith(name))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
