"""Rows that the page and the pictures show: a sample in few characters, first rows, rows pointed at, gaps."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.evaluation.axes import Axis
from tabgan.evaluation.comparison import Comparison, learned
from tabgan.evaluation.text import shown

MAX_VALUES = 300_000  # of the sample, both tables together,
MAX_ROWS, MIN_ROWS = 3000, 100  # and rows of each
MAX_COLUMNS = 400  # in the sample: of more, those that differ most
DIGITS = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
MISSING = 36 * 36 - 1  # the code of a missing number
LARGEST = MISSING - 1  # the code of the end of a scale
FIRST_ROWS, FIRST_COLUMNS, MAX_TEXT = 6, 40, 40
POINTED = 6  # rows set beside real ones
MAX_GAPS, GAP_ROWS = 12, 100_000  # patterns of missing values, and rows that they are counted in

Array = NDArray[Any]


def sample(tables: Comparison, axes: dict[Hashable, Axis]) -> dict[str, Any]:
    """Some rows of both tables: table -> for each column the places of its values, as text, see `encode`."""
    columns = list(axes)[:MAX_COLUMNS]
    n = int(np.clip(MAX_VALUES / (2 * max(len(columns), 1)), MIN_ROWS, MAX_ROWS))
    rows = {name: tables.some_rows(name, n) for name in ("real", "synthetic")}
    return {
        name: [encode(axes[column], tables.values[name][column][places]) for column in columns]
        for name, places in rows.items()
    }


def encode(axis: Axis, values: Array) -> str:
    """Two characters a value: the number of its level, or its place on the scale, in base 36."""
    places = axis.places(values) * (1 if axis.labels else LARGEST)
    codes = np.where(np.isnan(places), MISSING, np.rint(np.nan_to_num(places))).astype(int)
    return "".join(DIGITS[np.stack([codes // 36, codes % 36], axis=1)].ravel())


def decode(text: str, is_scale: bool = True) -> NDArray[np.float64]:
    """The places again; nan for missing."""
    codes = np.array([int(text[k : k + 2], 36) for k in range(0, len(text), 2)], dtype=np.float64)
    return np.where(codes == MISSING, np.nan, codes / (LARGEST if is_scale else 1))


def gaps(tables: Comparison) -> list[dict[str, Any]]:
    """Which columns are missing together, and in which share of the rows of each table."""
    counted: dict[str, dict[tuple[int, ...], float]] = {}
    for name in ("real", "synthetic"):
        rows = tables.some_rows(name, GAP_ROWS)
        frame = tables.frames[name].iloc[rows]
        missing = np.column_stack([frame[column].isna().to_numpy(dtype=bool) for column in tables.columns])
        patterns, counts = np.unique(missing, axis=0, return_counts=True)
        counted[name] = {
            tuple(np.flatnonzero(pattern).tolist()): float(count / len(rows))
            for pattern, count in zip(patterns, counts, strict=True)
        }
    every = {
        pattern: max(shares.get(pattern, 0.0) for shares in counted.values())
        for pattern in {*counted["real"], *counted["synthetic"]}
    }
    if set(every) <= {()}:
        return []
    return [
        {
            "columns": [shown(tables.columns[k]) for k in pattern],
            **{name: shares.get(pattern, 0.0) for name, shares in counted.items()},
        }
        for pattern in sorted(every, key=lambda pattern: (-every[pattern], pattern))[:MAX_GAPS]
    ]


def first_rows(tables: Comparison) -> dict[str, Any]:
    """The first rows of both tables, as text."""
    columns = list(tables.schema)[:FIRST_COLUMNS]
    return {
        "columns": [*map(shown, columns)],
        "n_columns": len(tables.schema),
        **{
            name: [[_cell(v) for v in row] for row in _values(tables.frames[name][columns].head(FIRST_ROWS))]
            for name in ("real", "synthetic")
        },
    }


def pointed_rows(tables: Comparison, copies: dict[str, Any]) -> list[dict[str, Any]]:
    """Synthetic rows that equal a real one, or lie nearest to one: both, side by side.

    `copies` is what :func:`~tabgan.evaluation.metrics.copies.copying` found.
    """
    columns = list(tables.schema)
    pairs = [(*places, None) for places in copies["exact_places"][: POINTED // 2]]
    near = zip(copies["near_places"], copies["near_rows"], strict=True)
    pairs += [(*places, row[-1]) for places, row in near if row[-1] > 1e-6][: POINTED - len(pairs)]
    found = []
    for place, real_place, distance in pairs:
        for name in learned(tables):
            if real_place < tables.n_rows(name):
                break
            real_place -= tables.n_rows(name)
        sides = [tables.frames["synthetic"].iloc[[place]], tables.frames[name].iloc[[real_place]]]
        texts = [[_cell(v) for v in _values(side[columns])[0]] for side in sides]
        labels = [shown(side.index[0]) for side in sides]
        found.append({"synthetic": labels[0], "real": labels[1], "distance": distance, "values": texts})
    return found


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    """Rows of a frame as lists, each value as its column holds it."""
    return [
        list(row) for row in zip(*(frame[column].astype(object).tolist() for column in frame), strict=True)
    ]


def _cell(value: Any) -> str:
    """A value in few characters; nothing where it is missing."""
    is_missing = pd.isna(value)
    if isinstance(is_missing, bool) and is_missing:
        return ""
    text = shown(f"{value:.8g}" if isinstance(value, float) else value)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def place_of(charts: dict[str, Any], column: Hashable) -> int:
    """The place of a column among the charts, most different first.

    Raises
    ------
    ValueError
        If there is none, or if it is too far down to be in the sample.
    """
    names = [chart["column"] for chart in charts["columns"]]
    if shown(column) not in names:
        raise ValueError(f"column {column!r} is not drawn; there are {names!r}, keys and texts have no chart")
    place = names.index(shown(column))
    if place >= len(charts["sample"]["real"]):
        raise ValueError(
            f"column {column!r} is not in the sample of pairs, which holds the {MAX_COLUMNS} columns that "
            "differ most; evaluate a part of the columns"
        )
    return place
