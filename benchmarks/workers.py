"""One fit by several processes: how much sooner it ends, and whether it is as good.

    python -m benchmarks.workers FOLDER [--processes 1,2,4] [--time] [-- OPTION OF tabgan fit ...]

The same fit is launched by PyTorch's own launcher with each number of processes, one thread a process, on
this machine. Its seconds are those of the whole command, start included, and it is as many times as fast as
the first number of processes. Rows of the model are judged as in ``python -m benchmarks``. With fewer cores
than processes there is nothing to win.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import judged, parse_seeds

FIGURES = {
    "c2st_gbdt_auc": "trees' AUC", "pair_error_fixed_bins": "pair error, %", "trend_error": "trend error, %",
    "shape_error": "shape error, %", "mle": "MLE",
}  # fmt: skip


def main() -> None:
    """Measure each number of processes, and print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description="Several processes.")
    parser.add_argument("folder", type=Path, help="folder of a table")
    parser.add_argument("--processes", type=parse_seeds, default=[1, 2], metavar="N,N")
    parser.add_argument("--time", action="store_true", help="measure the time alone, not the rows")
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    options = parser.parse_args(given[:cut])
    figures = {} if options.time else FIGURES
    print("| " + " | ".join(["processes", "seconds", "times as fast", *figures.values()]) + " |")
    print("|" + " --- |" * (3 + len(figures)))
    with tempfile.TemporaryDirectory() as scratch:
        first = None
        for n in options.processes:
            model = Path(scratch) / "model.tabgan"
            seconds = fit(options.folder / "train.parquet", n, model, given[cut + 1 :])
            first = first or seconds
            found = {} if options.time else score(options.folder, model)
            cells = [
                f"{n}",
                f"{seconds:.0f}",
                f"{first / seconds:.2f}",
                *(f"{found[k]:.3f}" for k in figures),
            ]
            print("| " + " | ".join(cells) + " |", flush=True)


def fit(table: Path, n: int, model: Path, options: list[str]) -> float:
    """Fit by n processes, write the model, and give the seconds it took."""
    launcher = ["-m", "torch.distributed.run", f"--nproc-per-node={n}", "--standalone"] if n > 1 else []
    command = [sys.executable, *launcher, "-m", "tabgan", "fit", str(table), "-o", str(model)]
    command += ["--random-state", "0", "--verbose", "0", "--device", "cpu", *options]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return time.perf_counter() - began


def score(folder: Path, model: Path) -> dict[str, Any]:
    """Sample as many rows as there are, and have them judged."""
    import pandas as pd

    from tabgan import load

    synthetic = model.with_name("synthetic.parquet")
    n_rows = len(pd.read_parquet(folder / "train.parquet"))
    load(model).sample(n_rows, random_state=0).to_parquet(synthetic)
    return judged(folder, synthetic)


if __name__ == "__main__":
    main()
