"""Measure tabgan beside its peers: the same rows, the same number of threads, one run.

    python -m benchmarks.peers FOLDER ... [--python PEER_PYTHON] [--methods ctgan,tvae] [--epochs N]

The peers live in an environment of their own, see ``benchmarks/peers-requirements.txt``; PEER_PYTHON is its
interpreter. Without ``--methods``, those of CTGAN, TVAE, TabularARGN and arfpy run that are installed there,
beside tabgan, sequential trees and a Gaussian copula. Each method runs in a process of its own, tabgan too,
with as many threads as OMP_NUM_THREADS says, and the rows of all go to the same judge. All other options are
those of ``python -m benchmarks``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.__main__ import add_common, bench_of
from benchmarks.measuring import ROOT, Job
from benchmarks.runners import OWN, RUNNERS, SIMPLE

METHODS = "tabgan,cart,gaussian_copula,tabularargn,arfpy,tvae,ctgan"


def main() -> None:
    """Measure each method on each table with each seed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", nargs="+", type=Path, help="folders of tables")
    parser.add_argument(
        "--python", default=sys.executable, metavar="PEER_PYTHON", help="interpreter that has the peers"
    )
    parser.add_argument("--methods", help=f"of {', '.join(RUNNERS)}; default: of {METHODS} what is installed")
    parser.add_argument("--epochs", type=int, help="of CTGAN, whose 300 take long; the row says so")
    parser.add_argument(
        "--set", action="append", default=[], metavar="METHOD.NAME=JSON", help="a parameter of a method"
    )
    add_common(parser)
    arguments = parser.parse_args()
    if shutil.which(arguments.python) is None:
        parser.error(f"--python must be an interpreter, got {arguments.python!r}")
    if unknown := set((arguments.methods or METHODS).split(",")) - set(RUNNERS):
        parser.error(f"unknown methods {', '.join(sorted(unknown))}; there are {', '.join(RUNNERS)}")
    settings = parse_settings(arguments.set)
    if arguments.epochs is not None:
        settings.setdefault("ctgan", {})["epochs"] = arguments.epochs
    jobs = [
        Job(method, folder, seed, settings.get(method, {}), python_of(method, arguments.python))
        for folder in arguments.folder
        for seed in arguments.seed
        for method in chosen(arguments.methods, arguments.python)
    ]
    failed = bench_of(arguments).run(jobs)
    sys.exit(min(failed, 1))


def chosen(methods: str | None, peer_python: str) -> list[str]:
    """The methods asked for, or else those of `METHODS` that are installed; the others are named."""
    if methods:
        return methods.split(",")
    there = {method: is_installed(method, python_of(method, peer_python)) for method in METHODS.split(",")}
    if missing := [method for method, found in there.items() if not found]:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
    return [method for method, found in there.items() if found]


def is_installed(method: str, python: str) -> bool:
    """Whether an interpreter has the package of a method."""
    command = [python, "-m", "benchmarks.runners", method, "--version"]
    return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


def python_of(method: str, peer_python: str) -> str:
    """Which interpreter runs a method: what is of this repository this one, a peer its own."""
    return sys.executable if RUNNERS[method] == OWN or method in SIMPLE else peer_python


def parse_settings(pairs: list[str]) -> dict[str, dict[str, Any]]:
    """METHOD.NAME=JSON, as often as given.

    Examples
    --------
    >>> parse_settings(["tvae.epochs=10", "tabgan.max_steps=50"])
    {'tvae': {'epochs': 10}, 'tabgan': {'max_steps': 50}}
    """
    settings: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        path, value = pair.split("=", 1)
        method, name = path.split(".", 1)
        settings.setdefault(method, {})[name] = json.loads(value)
    return settings


if __name__ == "__main__":
    main()
