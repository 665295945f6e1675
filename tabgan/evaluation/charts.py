"""What is drawn, as numbers: columns, pairs, a map of the rows, associations, gaps and rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from tabgan.evaluation.axes import axis_of, bars
from tabgan.evaluation.comparison import Comparison, points
from tabgan.evaluation.metrics.marginals import ColumnRow
from tabgan.evaluation.metrics.pairs import PairRow
from tabgan.evaluation.result import excess
from tabgan.evaluation.sample import first_rows, gaps, pointed_rows, sample
from tabgan.evaluation.text import shown

MAX_MAPPED = 400  # rows of each table on the map
MAX_FITTED = 5000  # real rows that its axes are fitted to
MAX_SIDE = 24  # columns in a heat map


def draw(
    tables: Comparison, columns: list[ColumnRow], pairs: list[PairRow], copies: dict[str, Any]
) -> dict[str, Any]:
    """All charts by name.

    "columns" (the most different first), "sample" (rows of both tables, to draw any pair of them), "map",
    "associations", "gaps" (what is missing together), "first_rows", and "pointed_rows": synthetic rows beside
    the real ones that they equal or lie near.
    """
    ordered = sorted(columns, key=lambda row: -row.distance)
    axes = {row.column: axis_of(tables, row.column) for row in ordered}
    return {
        "columns": [
            {
                "column": shown(row.column),
                "axis": axes[row.column].labels,
                "ticks": axes[row.column].ticks,
                "is_log": axes[row.column].is_log,
                **bars(tables, row.column, axes[row.column]),
                "distance": row.distance,
                "ceiling": row.ceiling,
                "p_value": row.p_adjusted,
                "is_worse": excess(row) > 0,
            }
            for row in ordered
        ],
        "sample": sample(tables, axes),
        "map": row_map(tables),
        "associations": associations(tables, pairs),
        "gaps": gaps(tables),
        "first_rows": first_rows(tables),
        "row_columns": [*map(shown, tables.schema)],
        "pointed_rows": pointed_rows(tables, copies),
    }


def row_map(tables: Comparison) -> dict[str, Any]:
    """Rows of each table on the two directions in which real rows vary most, in the unit square.

    Pearson 1901, *On lines and planes of closest fit*; numbers count by their rank.
    """
    rng = tables.rng()
    fitted = points(tables, "real", tables.some_rows("real", MAX_FITTED, rng))
    if min(fitted.shape) < 2 or not np.ptp(fitted, axis=0).any():  # without directions
        return {}
    pca = PCA(2, random_state=tables.seed).fit(fitted)
    places = {
        name: pca.transform(points(tables, name, tables.some_rows(name, MAX_MAPPED, rng)))
        for name in tables.frames
    }
    every = np.vstack(list(places.values()))
    low, high = every.min(0), every.max(0)
    span = np.where(high > low, high - low, 1.0)
    inside = {name: 0.03 + 0.94 * (rows - low) / span for name, rows in places.items()}
    return {"explained": np.nan_to_num(pca.explained_variance_ratio_), "points": inside}


def associations(tables: Comparison, pairs: list[PairRow]) -> dict[str, Any]:
    """Matrices of the association of columns, in both tables; of many columns, those that differ most."""
    place = {column: k for k, column in enumerate(tables.columns)}
    real, synthetic = np.eye(len(place)), np.eye(len(place))
    for pair in pairs:
        i, j = (place[column] for column in pair.columns)
        real[i, j] = real[j, i] = pair.association_real
        synthetic[i, j] = synthetic[j, i] = pair.association_other
    most = np.sort(np.argsort(-np.abs(real - synthetic).sum(1), kind="stable")[:MAX_SIDE])
    names = [shown(tables.columns[k]) for k in most]
    part = np.ix_(most, most)
    return {"columns": names, "real": real[part], "synthetic": synthetic[part]}
