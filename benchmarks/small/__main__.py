"""Measure methods on few rows of many tables, and print one Markdown table for each number of rows.

    python -m benchmarks.small [FOLDER ...] [--rows 100,300,1000] [--seed 0,1,2] [--methods tabgan,cart]
    python -m benchmarks.small --show

FOLDER holds tables as `benchmarks.fetch` makes them (``--small`` fetches more); those of scikit-learn and the
bundled ones are always taken. Each measurement is a line of ``benchmarks/small.jsonl``, written at once; what
stands there with the same version is not measured again. ``real`` are other real rows in place of synthetic
ones, and ``bootstrap`` is a copy. On request: arfpy, unmasking_trees, forest_diffusion, if installed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import measuring, results
from benchmarks.runners import OWN, RUNNERS
from benchmarks.runners.__main__ import cpu_seconds, versions
from benchmarks.small.figures import score
from benchmarks.small.summary import markdown
from benchmarks.small.tables import Table, find

RESULTS = Path(__file__).parents[1] / "small.jsonl"
REAL = "real"
METHODS = "tabgan,tabvae,forests,cart,gaussian_copula,smote,bootstrap,real"
N_SYNTHETIC = 5_000


def main() -> None:
    """Measure what is missing, and print all that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.small", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", nargs="*", type=Path, help="tables on disk, or folders of them")
    parser.add_argument("--rows", type=measuring.parse_seeds, default=[100, 300, 1000], metavar="N,N")
    parser.add_argument("--seed", type=measuring.parse_seeds, default=[0, 1, 2], metavar="N,N")
    parser.add_argument("--methods", default=METHODS, help=f"of {REAL}, {', '.join(RUNNERS)}")
    parser.add_argument("--tables", metavar="NAME,NAME", help="only these")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of every method"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where rows are appended")
    parser.add_argument("--show", action="store_true", help="measure nothing")
    given = parser.parse_args()
    methods, tables = given.methods.split(","), given.tables.split(",") if given.tables else None
    if unknown := set(methods) - {REAL, *RUNNERS}:
        parser.error(f"unknown methods {', '.join(sorted(unknown))}; there are {', '.join([REAL, *RUNNERS])}")
    parameters = measuring.parse_settings(given.set)
    if not given.show:
        for table in find(given.folder):
            if tables is None or table.roles.name in tables:
                run(table, given.rows, given.seed, methods, parameters, given.results)
    rows = [
        row
        for row in results.latest(results.read(given.results))
        if row["method"] in methods
        and row["n"] in given.rows
        and (tables is None or row["table"] in tables)
        and row["parameters"] == (parameters if row["method"] != REAL else {})
    ]
    if not rows:
        parser.error(f"nothing of this stands in {given.results}")
    print(markdown(rows))


def run(
    table: Table,
    sizes: list[int],
    seeds: list[int],
    methods: list[str],
    parameters: dict[str, Any],
    path: Path,
) -> None:
    """Measure each method on a table with each number of rows and seed, unless it stands in the results."""
    for n in filter(table.has, sizes):
        for seed in seeds:
            for method in methods:
                row = head(table, n, seed, method, {} if method == REAL else parameters)
                if row["version"] is None:
                    print(f"{method} is not installed", file=sys.stderr)
                elif not results.stands(row, results.read(path)):
                    print(json.dumps(row), file=sys.stderr, flush=True)
                    results.append(path, row | measure(table, n, seed, method, row["parameters"]))


def head(table: Table, n: int, seed: int, method: str, parameters: dict[str, Any]) -> results.Row:
    """What is known of a measurement before it is made; no version if the method is not installed."""
    if method == REAL:
        version: str | None = "1"
    elif RUNNERS[method] == OWN:
        version = measuring.tabgan_version()
    else:
        try:
            version = versions(method)["version"]
        except importlib.metadata.PackageNotFoundError:
            version = None
    return {
        "benchmark": "small", "table": table.roles.name, "n": n, "method": method, "version": version,
        "seed": seed, "parameters": parameters, "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def measure(table: Table, n: int, seed: int, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Fit, draw and judge. Of real rows, one half of the others is judged by the other half."""
    train, others = table.split(n, seed)
    if method == REAL:
        half = len(others) // 2
        rows, others = others[:half].reset_index(drop=True), others[half:].reset_index(drop=True)
        spent = 0.0
    else:
        rows, spent = drawn(method, table, train, seed, parameters)
    return {"rows": len(train), "cpu_s": spent, **score(train, others, rows, table.roles, seed)}


def drawn(
    method: str, table: Table, train: pd.DataFrame, seed: int, parameters: dict[str, Any]
) -> tuple[pd.DataFrame, float]:
    """Rows of a method that has learned the training rows, and CPU seconds; imports do not count."""
    runner, roles = importlib.import_module(f"benchmarks.runners.{method}"), table.roles
    meta = {
        "task": roles.task, "target": roles.target,
        "numerical": list(roles.numerical), "categorical": list(roles.categorical),
    }  # fmt: skip
    began = cpu_seconds()
    sample, _ = runner.fit(train, meta, seed, **parameters)
    rows = sample(N_SYNTHETIC)
    return rows, cpu_seconds() - began


if __name__ == "__main__":
    main()
