"""Measure tabgan beside its peers: the same rows, the same number of threads, one run.

    python -m benchmarks.peers FOLDER ... --python PEER_PYTHON [--methods ctgan,tvae,tabularargn] [--epochs N]

The peers live in an environment of their own, see ``benchmarks/peers-requirements.txt``; PEER_PYTHON is its
interpreter. Each method runs in a process of its own, tabgan too, with as many threads as OMP_NUM_THREADS
says, and the rows of all go to the same judge. All other options are those of ``python -m benchmarks``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import folders
from benchmarks.__main__ import add_common, bench_of
from benchmarks.measuring import Job
from benchmarks.runners import OWN, RUNNERS

METHODS = "tabgan,tabularargn,tvae,ctgan"


def main() -> None:
    """Measure each method on each table with each seed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", nargs="*", help="folders of tables, or names on OpenML (default: adult)")
    parser.add_argument(
        "--python", required=True, metavar="PEER_PYTHON", help="interpreter that has the peers"
    )
    parser.add_argument("--methods", default=METHODS, help=f"of {', '.join(RUNNERS)}; default {METHODS}")
    parser.add_argument("--epochs", type=int, help="of CTGAN, whose 300 take long; the row says so")
    parser.add_argument(
        "--set", action="append", default=[], metavar="METHOD.NAME=JSON", help="a parameter of a method"
    )
    add_common(parser)
    arguments = parser.parse_args()
    methods = arguments.methods.split(",")
    if unknown := set(methods) - set(RUNNERS):
        parser.error(f"unknown methods {', '.join(sorted(unknown))}; there are {', '.join(RUNNERS)}")
    if shutil.which(arguments.python) is None:
        parser.error(f"--python must be an interpreter, got {arguments.python!r}")
    settings = parse_settings(arguments.set)
    if arguments.epochs is not None:
        settings.setdefault("ctgan", {})["epochs"] = arguments.epochs
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [
            Job(method, folder, seed, settings.get(method, {}), python_of(method, arguments.python))
            for folder in folders.find(arguments.folder, Path(scratch))
            for seed in arguments.seed
            for method in methods
        ]
        failed = bench_of(arguments).run(jobs)
    sys.exit(min(failed, 1))


def python_of(method: str, peer_python: str) -> str:
    """Which interpreter runs a method: tabgan this one, a peer its own."""
    return sys.executable if RUNNERS[method] == OWN else peer_python


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
