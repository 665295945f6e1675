"""Fit, sample and score tabgan on tables, and append what was measured to a results file.

    python -m benchmarks FOLDER ... [--seed 0,1,2] [--judge JUDGE.py] [--missing] [--set NAME=JSON]

FOLDER holds ``train.parquet``, ``test.parquet`` and ``meta.json`` (name, task, target, numerical,
categorical), as `benchmarks.fetch` makes them. The figures are those of `benchmarks.judge`; with ``--judge``
another script is called as ``python JUDGE.py TRAIN TEST SYNTHETIC META --json OUT``. Every fit has a process
of its own, and its row is written as soon as it is done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import measuring, results
from benchmarks.measuring import Bench, Job


def main() -> None:
    """Measure tabgan on each table with each seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", nargs="+", type=Path, help="folders of tables")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    add_common(parser)
    arguments = parser.parse_args()
    parameters = measuring.parse_settings(arguments.set)
    jobs = [Job("tabgan", folder, seed, parameters) for folder in arguments.folder for seed in arguments.seed]
    failed = bench_of(arguments).run(jobs)
    sys.exit(min(failed, 1))


def add_common(parser: argparse.ArgumentParser) -> None:
    """What every command that measures fits understands."""
    parser.add_argument(
        "--seed", type=measuring.parse_seeds, default=[0], metavar="N,N", help="seeds, with commas between"
    )
    parser.add_argument("--judge", type=Path, help="another script than benchmarks.judge")
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="where rows are appended")
    parser.add_argument("--missing", action="store_true", help="skip what already stands in the results")
    parser.add_argument("--speed-rows", type=int, default=100_000, help="rows drawn to take the time")


def bench_of(arguments: argparse.Namespace) -> Bench:
    """How to measure, as the command line says."""
    return Bench(
        results=arguments.results,
        judge=arguments.judge,
        missing=arguments.missing,
        threads=measuring.threads_given(),
        speed_rows=arguments.speed_rows,
    )


if __name__ == "__main__":
    main()
