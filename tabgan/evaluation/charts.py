"""What the page draws, as numbers: histograms, a map of the rows, associations of columns."""

from __future__ import annotations

import datetime
from collections.abc import Hashable
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from tabgan.evaluation.comparison import Comparison, points
from tabgan.evaluation.metrics.marginals import ColumnRow
from tabgan.evaluation.metrics.pairs import PairRow

MAX_BARS = 24
MAX_MAPPED = 400  # rows of each table on the map
MAX_FITTED = 5000  # real rows that its axes are fitted to
MAX_SIDE = 24  # columns in a heat map


def draw(tables: Comparison, columns: list[ColumnRow], pairs: list[PairRow]) -> dict[str, Any]:
    """All charts by name: "columns", "map" and "associations"."""
    return {
        "columns": histograms(tables, columns),
        "map": row_map(tables),
        "associations": associations(tables, pairs),
    }


def row_map(tables: Comparison) -> dict[str, Any]:
    """Rows of each table on the two directions in which real rows vary most.

    Pearson 1901, *On lines and planes of closest fit*; numbers count by their rank.
    """
    rng = tables.rng()
    fitted = points(tables, "real", tables.some_rows("real", MAX_FITTED, rng))
    if min(fitted.shape) < 2:
        return {}
    pca = PCA(2, svd_solver="full").fit(fitted)
    places = {
        name: pca.transform(points(tables, name, tables.some_rows(name, MAX_MAPPED, rng)))
        for name in tables.frames
    }
    return {"explained": np.nan_to_num(pca.explained_variance_ratio_), "points": places}


def associations(tables: Comparison, pairs: list[PairRow]) -> dict[str, Any]:
    """Matrices of the association of columns, in both tables; of many columns, those that differ most."""
    gaps: dict[Hashable, float] = dict.fromkeys(tables.columns, 0.0)
    for pair in pairs:
        for column in pair.columns:
            gaps[column] += abs(pair.association_real - pair.association_other)
    chosen = set(sorted(gaps, key=lambda column: -gaps[column])[:MAX_SIDE])
    shown = [column for column in tables.columns if column in chosen]
    place = {column: k for k, column in enumerate(shown)}
    real, synthetic = np.eye(len(shown)), np.eye(len(shown))
    for pair in pairs:
        i, j = (place.get(column) for column in pair.columns)
        if i is not None and j is not None:
            real[i, j] = real[j, i] = pair.association_real
            synthetic[i, j] = synthetic[j, i] = pair.association_other
    return {"columns": [str(column) for column in shown], "real": real, "synthetic": synthetic}


def histograms(tables: Comparison, columns: list[ColumnRow]) -> list[dict[str, Any]]:
    """One chart a column, the most different first: labels, and the shares of rows in each bar."""
    worst = sorted(columns, key=lambda row: row.ceiling - row.distance)
    return [(_numbers if row.column in tables.numeric else _categories)(tables, row.column) for row in worst]


def _numbers(tables: Comparison, column: Hashable) -> dict[str, Any]:
    real, other = (tables.values[name][column] for name in ("real", "synthetic"))
    present = real[~np.isnan(real)]
    different = np.unique(present)
    if not len(present):
        return _chart(column, ["missing"], [1.0], [float(np.isnan(other).mean())])
    if len(different) <= MAX_BARS:
        edges = np.r_[-np.inf, (different[1:] + different[:-1]) / 2, np.inf]
        labels = [_label(tables, column, value) for value in different]
        ends = labels[0], labels[-1]
    else:
        low, high = np.quantile(present, [0.005, 0.995])
        if low == high:
            low, high = present.min(), present.max()
        edges = np.linspace(low, high, MAX_BARS + 1)
        marks = [_label(tables, column, value) for value in edges]
        labels = [f"{left} to {right}" for left, right in pairwise(marks)]
        ends = marks[0], marks[-1]
        edges[[0, -1]] = -np.inf, np.inf
    shares = [np.histogram(v[~np.isnan(v)], edges)[0] / max(len(v), 1) for v in (real, other)]
    return _chart(column, labels, shares[0].tolist(), shares[1].tolist(), ends)


def _label(tables: Comparison, column: Hashable, value: float) -> str:
    """A number as the column would show it; times are in microseconds."""
    kind, dtype = tables.schema[column].kind, tables.schema[column].dtype
    if kind == "datetime":
        is_clock = getattr(dtype, "type", None) is datetime.time
        return str(np.datetime64(int(value), "us"))[slice(11, 19) if is_clock else slice(10)]
    if kind == "timedelta":
        return str(datetime.timedelta(microseconds=int(value)))
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def _categories(tables: Comparison, column: Hashable) -> dict[str, Any]:
    real, other = (tables.values[name][column] for name in ("real", "synthetic"))
    size = int(max(real.max(initial=0), other.max(initial=0))) + 1
    shares = [np.bincount(v, minlength=size) / max(len(v), 1) for v in (real, other)]
    labels = tables.categories(column)[: min(size, MAX_BARS)]
    if size > MAX_BARS:
        labels.append("all others")
        shares = [np.r_[share[:MAX_BARS], share[MAX_BARS:].sum()] for share in shares]
    return _chart(column, labels, *(share.tolist() for share in shares))


def _chart(
    column: Hashable,
    labels: list[str],
    real: list[float],
    synthetic: list[float],
    ends: tuple[str, str] | None = None,
) -> dict[str, Any]:
    ends = (labels[0], labels[-1]) if ends is None else ends
    return {"column": str(column), "labels": labels, "ends": ends, "real": real, "synthetic": synthetic}
