"""Fits a table of any number of rows from Parquet, and tells how long it takes and how much memory.

    python -m benchmarks.large --rows 1_000_000 3_000_000 --steps 200

The table has 20 mixed columns, drawn in parts of 500,000 rows that depend on each other within a row. Each
number of rows is fitted in a process of its own, of which the peak of resident memory is printed, with the
time for reading and encoding the table, for a step of training, and for calibration after it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

PART = 500_000  # rows


def part(n: int, seed: int) -> pd.DataFrame:
    """Draw rows: twelve columns of numbers, one of times and seven of levels; some cells are missing."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(8, n, p=np.arange(8, 0, -1) / 36)
    size = rng.normal(kind, 1.0)
    frame = {f"amount_{k}": np.exp(size / (k + 2) + rng.normal(0, 0.3, n)).round(2) for k in range(8)}
    frame |= {f"count_{k}": rng.poisson(5 + 40 * k + kind * 3) for k in range(4)}
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**8, n), unit="s")
    frame["kind"] = np.array([f"kind {k}" for k in range(8)])[kind]
    for k, levels in enumerate((2, 3, 5, 12, 40, 200)):
        names = np.array([f"level {level}" for level in range(levels)])
        frame[f"group_{k}"] = names[(kind + rng.geometric(0.5, n)) % levels]
    table = pd.DataFrame(frame)
    table["amount_0"] = table["amount_0"].mask(rng.random(n) < 0.1)
    return table


def fit(folder: str, steps: int) -> None:
    """Fit in this process; print figures as JSON."""
    from tabgan import TabGAN
    from tabgan.adversarial.training.packing import Packing

    trained: list[float] = []

    def note(state: object) -> None:
        trained.append(time.monotonic())

    began = time.monotonic()
    model = TabGAN(max_steps=steps, random_state=0, verbose=0, on_step=note).fit(f"{folder}/*.parquet")
    ended = time.monotonic()
    packing = Packing(tuple(model.fitted_model_.transformer.layout_))
    figures = {
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before": trained[0] - began,
        "step_ms": 1000 * (trained[-1] - trained[0]) / max(1, len(trained) - 1),
        "after": ended - trained[-1],
        "packed": packing.row_bytes,
        "matrix": 4 * packing.width,
    }
    print(json.dumps(figures))


def main() -> None:
    """Measure, and print a row of a Markdown table for each number of rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description="Large tables.")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--fit", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fit:
        fit(options.fit, options.steps)
        return
    print(
        "| rows | on disk | reading and encoding | a step | calibration | peak memory "
        "| bytes a row, packed | as a matrix |",
        flush=True,
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for n_rows in options.rows:
        with tempfile.TemporaryDirectory() as folder:
            for k, start in enumerate(range(0, n_rows, PART)):
                part(min(PART, n_rows - start), k).to_parquet(f"{folder}/{k:05d}.parquet")
            size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
            command = [
                sys.executable,
                "-m",
                "benchmarks.large",
                "--fit",
                folder,
                "--steps",
                str(options.steps),
            ]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"| {n_rows:,} | {size:.0f} MB | {found['before']:.0f} s | {found['step_ms']:.1f} ms "
            f"| {found['after']:.0f} s | {found['peak_mb']:.0f} MB "
            f"| {found['packed']} | {found['matrix']:,} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
