"""How long balancing 1,000 rows takes: GANOverSampler on samples of real tables.

    OMP_NUM_THREADS=1 python -m benchmarks.resampling [FOLDER] [--rows 1000]

Prints seconds on the clock, and of the processor, which other programs do not lengthen as much. FOLDER as in
``benchmarks.augmentation``; without it the census table of tabgan is used.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.augmentation import sample
from tabgan import GANOverSampler, load_adult

NAMES = ("adult", "default", "magic")


def main() -> None:
    """Balance each table once."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=1000)
    arguments = parser.parse_args()
    if arguments.folder is None:
        tables = {"adult": (load_adult(), "income", [])}
    else:
        metas = {name: json.loads((arguments.folder / name / "meta.json").read_text()) for name in NAMES}
        tables = {
            name: (pd.read_parquet(arguments.folder / name / "train.parquet"), m["target"], m["categorical"])
            for name, m in metas.items()
        }
    for name, (table, target, categorical) in tables.items():
        for share in (None, 0.05):
            X, y = sample(table, target, categorical, arguments.rows, share, 0)
            clock, processor = time.perf_counter(), time.process_time()
            _, labels = GANOverSampler(random_state=0).fit_resample(X, y)
            clock, processor = time.perf_counter() - clock, time.process_time() - processor
            rare = "as it is" if share is None else f"{share:.0%} rare"
            grown = f"{np.bincount(y).tolist()} -> {np.bincount(labels).tolist()}"
            print(f"{name}, {rare}: {grown}, {clock:.1f} s ({processor:.1f} s processor)", flush=True)


if __name__ == "__main__":
    main()
