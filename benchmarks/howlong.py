"""How long a fit, a sample and a report take, with defaults, by the number of rows.

    OMP_NUM_THREADS=1 python -m benchmarks.howlong --rows 1_000 100_000

The table is that of `benchmarks.large`: 20 mixed columns, in memory. Beside the wall time stand the seconds
of the processor, which other programs change less. For tables larger than memory: `benchmarks.large`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import pandas as pd

from benchmarks.large import PART, part
from tabgan import TabGAN, evaluate


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    print("| rows | fit, CPU s (wall) | sample as many, CPU s (wall) | report, CPU s (wall) |")
    print("| --- | --- | --- | --- |")
    for n_rows in parser.parse_args().rows:
        print(f"| {n_rows:,} | " + " | ".join(measured(n_rows)) + " |", flush=True)


def measured(n_rows: int) -> list[str]:
    """Times of a fit, a sample of as many rows, and the report on both."""
    table = pd.concat(
        [part(min(PART, n_rows - start), start) for start in range(0, n_rows, PART)], ignore_index=True
    )
    model, fitting = timed(lambda: TabGAN(random_state=0, verbose=0).fit(table))
    rows, sampling = timed(lambda: model.sample(n_rows, random_state=0))
    _, evaluating = timed(lambda: evaluate(table, rows, random_state=0))
    return [fitting, sampling, evaluating]


def timed(work: Callable[[], Any]) -> tuple[Any, str]:
    """What a piece of work gives, and how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, f"{time.process_time() - cpu:.0f} ({time.perf_counter() - wall:.0f})"


if __name__ == "__main__":
    main()
