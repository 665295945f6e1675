"""Time and memory of fitting what is large in another way than rows: many different strings, or many columns.

    python -m benchmarks.wide [--levels 100000] [--columns 2000] [--rows 4096] [--steps 20]

Each case runs in a process of its own: a table whose one column of strings has so many levels (in a long
tail) beside a number, and a table of so many columns of four types. Printed are the processor seconds of a
fit of a few steps and of drawing as many rows, the peak memory of the process, and the encoded width; then
the size of the model file, and what a new process takes to load it, once it has loaded a small one: processor
seconds, and by how many times the file's size its peak memory grows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.width import generated

ROOT = Path(__file__).parents[1]
LOAD = """
import json, sys, time, tabgan.estimators.loading, tabgan

def peak():  # of this program alone, as Linux tells it
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

tabgan.load(sys.argv[2], device="cpu")  # a small one, for all that is imported
before, start = peak(), time.process_time()
tabgan.load(sys.argv[1], device="cpu")
print(json.dumps({"load": time.process_time() - start, "grown": peak() - before}))
"""


def main() -> None:
    """Measure each case in a process of its own."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.wide", description="Many levels, many columns."
    )
    parser.add_argument("--levels", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--case", choices=("levels", "columns"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(measure(arguments)))
        return
    print(
        "| table | rows | encoded width | fit, CPU s | sample, CPU s | peak memory, MiB | file, MiB "
        "| load, CPU s | load, MiB | times the file |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in ("levels", "columns"):
        command = [sys.executable, "-m", "benchmarks.wide", *sys.argv[1:], "--case", case]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        row = json.loads(done.stdout.splitlines()[-1])
        name = f"{arguments.levels:,} strings" if case == "levels" else f"{arguments.columns:,} columns"
        print(
            f"| {name} | {row['rows']:,} | {row['width']:,} | {row['fit']:.1f} | {row['sample']:.1f} | "
            f"{row['memory']:,.0f} | {row['file']:.1f} | {row['load']:.1f} | {row['grown']:,.0f} | "
            f"{row['grown'] / row['file']:.1f} |",
            flush=True,
        )


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Fit one table and draw as many rows."""
    import resource

    from tabgan import TabGAN

    is_of_levels = arguments.case == "levels"
    table = strings(arguments.levels) if is_of_levels else generated(arguments.columns, arguments.rows)
    model = TabGAN(max_steps=arguments.steps, random_state=0, verbose=0, refine=False)
    if is_of_levels:
        model.set_params(columns={"street": "categorical"})  # by itself it is a column of texts
    start = time.process_time()
    model.fit(table)
    fitted = time.process_time()
    drawn = model.sample(len(table), random_state=0)
    assert (drawn.dtypes == table.dtypes).all()
    sampled, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder, "wide.tabgan"), Path(folder, "small.tabgan")
        model.save(path)
        TabGAN(max_steps=1, verbose=0, refine=False).fit(table.iloc[:50, :2]).save(small)
        size = path.stat().st_size / 2**20
        loaded = subprocess.run(
            [sys.executable, "-c", LOAD, str(path), str(small)],
            cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    return {
        **json.loads(loaded.stdout),
        "file": size,
        "rows": len(table),
        "width": model.fitted_model_.transformer.layout_.width,
        "fit": fitted - start,
        "sample": sampled - fitted,
        "memory": memory / 1024,
    }


def strings(n_levels: int, seed: int = 0) -> pd.DataFrame:
    """A column of so many different strings, of which the first ones are frequent, and a number."""
    rng = np.random.default_rng(seed)
    tail = rng.zipf(1.3, n_levels) % n_levels
    codes = rng.permutation(np.concatenate([np.arange(n_levels), tail]))
    names = [f"Street of the {code} lamps" for code in codes]
    return pd.DataFrame({"street": names, "x": rng.normal(size=len(codes))})


if __name__ == "__main__":
    main()
