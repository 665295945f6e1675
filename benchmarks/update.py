"""What `partial_fit` keeps of the rows learned first, beside a fit on all rows.

    python -m benchmarks.update FOLDER [--rows N] [--only COLUMN=LEVEL] [--drift COLUMN] [--set NAME=JSON]

Twice N rows of the folder's training part are learned: all at once, and N after N. The two halves are chosen
at random; so that the rows of one category are only among the second (``--only``); or so that a number is
greater in the second than in the first, mostly (``--drift``). Trees then try to tell rows of each model from
the 2 N rows, and the CPU seconds of `partial_fit` stand beside those of the fit on all.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import measuring, results
from benchmarks.conditions import areas

RESULTS = Path(__file__).with_name("update.jsonl")
Halves = tuple[pd.DataFrame, pd.DataFrame]


def main() -> None:
    """Measure some ways to halve a table, and print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.update", description="Rows after rows.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000, help="rows of each half")
    parser.add_argument("--only", action="append", default=[], metavar="COLUMN=LEVEL")
    parser.add_argument("--drift", action="append", default=[], metavar="COLUMN")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where rows are appended")
    arguments = parser.parse_args()
    parameters = {"random_state": arguments.seed, "verbose": 0, **measuring.parse_settings(arguments.set)}
    train = pd.read_parquet(arguments.folder / "train.parquet")
    table = train.sample(min(2 * arguments.rows, len(train)), random_state=arguments.seed, ignore_index=True)
    ways = {"at random": halves(table)}
    ways |= {f"{each} in the second alone": halves(table, only=each) for each in arguments.only}
    ways |= {f"{each} drifts": halves(table, drift=each) for each in arguments.drift}
    whole, seconds = timed(lambda: fitted(table, parameters))
    rows = [{"halves": "all rows at once", "cpu_seconds": seconds, **judged(whole, table)}]
    print(rows[-1], flush=True)
    for way, (first, second) in ways.items():
        rows += [{"halves": way, **row} for row in measure(first, second, table, parameters)]
        print(rows[-2:], flush=True)
    for row in rows:
        head = {"benchmark": "update", "table": arguments.folder.name, "rows": len(table)}
        results.append(arguments.results, {**head, "version": measuring.tabgan_version(), **row})
    print(markdown(rows))


def halves(table: pd.DataFrame, only: str | None = None, drift: str | None = None) -> Halves:
    """Cut a table, in random order, into two halves."""
    rng, n = np.random.default_rng(0), len(table)
    late = rng.random(n)
    if only is not None:
        column, _, level = only.partition("=")
        late += table[column].astype(str).eq(level).to_numpy()
    if drift is not None:  # half of the order is by rank, half by chance
        late += table[drift].rank(method="first", pct=True).to_numpy()
    order = np.argsort(late, kind="stable")
    return table.iloc[order[: n // 2]], table.iloc[order[n // 2 :]]


def measure(
    first: pd.DataFrame, second: pd.DataFrame, table: pd.DataFrame, parameters: dict[str, Any]
) -> list[results.Row]:
    """Learn one half, then the other; seconds and areas under the curve after each."""
    model, seconds = timed(lambda: fitted(first, parameters))
    before = {"learned": "the first half", "cpu_seconds": seconds, **judged(model, table)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of new categories
        model, seconds = timed(lambda: model.partial_fit(second))
    changed = model.changes_.loc[:, ["column", "change"]].astype(str).agg(": ".join, axis=1).tolist()
    after = {"learned": "then the second", "cpu_seconds": seconds, **judged(model, table)}
    return [before, {**after, "changes": changed}]


def fitted(table: pd.DataFrame, parameters: dict[str, Any]) -> Any:
    """Fit a model on a table."""
    from tabgan import TabGAN

    return TabGAN(**parameters).fit(table)


def timed(call: Any) -> tuple[Any, float]:
    """Give the result of a call and its CPU seconds."""
    start = time.process_time()
    result = call()
    return result, time.process_time() - start


def judged(model: Any, table: pd.DataFrame) -> dict[str, float]:
    """Give the area under the curve of trees that tell a table from so many rows of a model."""
    drawn = model.sample(len(table), random_state=1)
    return {"auc": float(areas(table, drawn, len(table) // 2, np.random.default_rng(0), repeats=2).mean())}


def markdown(rows: list[results.Row]) -> str:
    """Give the rows as a Markdown table."""
    lines = ["| halves | learned | AUC | CPU s |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {row['halves']} | {row.get('learned', '')} | {row['auc']:.3f} | {row['cpu_seconds']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
