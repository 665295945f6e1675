"""Run one method on one table and print what it cost, as one line of JSON; called by `benchmarks.measuring`.

    python -m benchmarks.runners METHOD TRAIN META OUT ROWS SEED [--speed-rows N] [--set JSON]
    python -m benchmarks.runners METHOD --version

Nothing here imports tabgan or torch: the method's own file does, in whatever environment it is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.runners import RUNNERS

SPEED_ROWS = 100_000


def main() -> None:
    """Measure one method; whatever it prints itself goes to the standard error."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("method", choices=RUNNERS)
    parser.add_argument("train", type=Path, nargs="?")
    parser.add_argument("meta", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("rows", type=int, nargs="?")
    parser.add_argument("seed", type=int, nargs="?")
    parser.add_argument("--speed-rows", type=int, default=SPEED_ROWS, help="rows drawn to take the time")
    parser.add_argument("--set", default="{}", metavar="JSON", help="parameters of the method")
    parser.add_argument("--version", action="store_true", help="print the versions and leave")
    arguments = parser.parse_args()
    if arguments.version:
        print(json.dumps(versions(arguments.method)))
        return
    if arguments.seed is None:
        parser.error("give TRAIN, META, OUT, ROWS and SEED")
    with contextlib.redirect_stdout(sys.stderr):
        measured = run(
            arguments.method, arguments.train, arguments.meta, arguments.out, arguments.rows, arguments.seed,
            arguments.speed_rows, json.loads(arguments.set),
        )  # fmt: skip
    print(json.dumps(measured))


def run(
    method: str,
    train: Path,
    meta: Path,
    out: Path,
    n_rows: int,
    seed: int,
    speed_rows: int,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """Fit, take the time of sampling, and write `n_rows` sampled rows; times in seconds, memory in MiB."""
    import pandas as pd

    runner = importlib.import_module(f"benchmarks.runners.{method}")
    table, known = pd.read_parquet(train), json.loads(meta.read_text(encoding="utf-8"))
    wall, cpu = time.perf_counter(), cpu_seconds()
    sample, notes = runner.fit(table, known, seed, **parameters)
    measured = {"fit_wall_s": time.perf_counter() - wall, "fit_cpu_s": cpu_seconds() - cpu, **notes}
    measured["peak_MiB"] = peak_mib()
    wall = time.perf_counter()
    sample(speed_rows)
    measured["sample_rows_per_s"] = speed_rows / (time.perf_counter() - wall)
    rows = sample(n_rows)
    if len(rows) != n_rows or set(rows.columns) != set(table.columns):
        raise RuntimeError(f"{method} gave a table of shape {rows.shape}, wanted {(n_rows, table.shape[1])}")
    rows[list(table.columns)].to_parquet(out)
    return {**versions(method), **measured}


def versions(method: str) -> dict[str, str]:
    """The versions of the method's package and of PyTorch, without importing either."""
    package = RUNNERS[method]
    found = {"version": importlib.metadata.version(package)} if method != "tabgan" else {}
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        found["torch"] = importlib.metadata.version("torch")
    return found


def cpu_seconds() -> float:
    """CPU time of this process and of the helpers that it has waited for, user and system."""
    helpers = os.times()
    return time.process_time() + helpers.children_user + helpers.children_system


def peak_mib() -> float:
    """The most memory that this process has held.

    Linux says so itself; ``getrusage`` would there count what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
