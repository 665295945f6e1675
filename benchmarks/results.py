"""The results file: one line of JSON a measurement, appended as soon as it is made and never rewritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]
RESULTS = Path(__file__).with_name("results.jsonl")


def read(path: Path = RESULTS) -> list[Row]:
    """All rows of a file, in the order of their making; none if there is no file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_complete(json.loads(line)) for line in lines if line.strip()]


def _complete(row: Row) -> Row:
    """Add what the first rows did not say yet: they were all fits of tabgan."""
    return {"benchmark": "fit", "method": "tabgan", "version": row.get("tabgan"), "parameters": {}, **row}


def append(path: Path, row: Row) -> None:
    """Add a row, and have it on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def key(row: Row) -> tuple[str, ...]:
    """What two measurements must share to be the same one made twice."""
    fields = ("benchmark", "table", "n", "method", "version", "seed", "parameters")
    return tuple(json.dumps(row.get(field), sort_keys=True) for field in fields)


def stands(row: Row, rows: list[Row]) -> bool:
    """Whether a row like `row` is among `rows`."""
    return key(row) in map(key, rows)


def latest(rows: list[Row]) -> list[Row]:
    """Of rows with the same table, method, seed and parameters the last one, whatever its version."""
    last = {key({**row, "version": None}): row for row in rows}
    return list(last.values())
