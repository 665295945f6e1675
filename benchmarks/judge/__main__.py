"""Judge a synthetic table: print its figures, and write them as JSON.

    python -m benchmarks.judge TRAIN TEST SYNTHETIC META [--json OUT] [--fast]

TRAIN, TEST and SYNTHETIC are tables (.parquet or .csv), META is a ``meta.json``. What the figures mean stands
in ``benchmarks/judge/__init__.py``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.judge.figures import judge
from benchmarks.judge.tables import read


def main() -> None:
    """Judge the table that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judge", description=(__doc__ or "").split("\n")[0]
    )
    for name in ("train", "test", "synthetic"):
        parser.add_argument(name, type=Path, help=f"the {name} table, .parquet or .csv")
    parser.add_argument("meta", type=Path, help="meta.json: task, target, numerical, categorical")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to a file")
    parser.add_argument("--fast", action="store_true", help="a quarter of the rows, for a quick look")
    given = parser.parse_args()
    meta = json.loads(given.meta.read_text(encoding="utf-8"))
    figures = judge(read(given.train), read(given.test), read(given.synthetic), meta, fast=given.fast)
    print(described(figures))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def described(figures: dict[str, Any]) -> str:
    """One figure a line, and what is suspicious below."""
    rows = ", ".join(f"{count:,} {name}" for name, count in figures["rows"].items())
    numbers = [f"  {name:<26}{value:10.4f}" for name, value in figures.items() if isinstance(value, float)]
    return "\n".join(
        [f"{figures['table']}: {rows} rows", *numbers, *(f"  ! {said}" for said in figures["flags"])]
    )


if __name__ == "__main__":
    main()
