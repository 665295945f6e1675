"""What is drawn, as numbers: histograms, a map of the rows, associations of columns."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from tabgan.evaluation.comparison import Comparison, points
from tabgan.evaluation.metrics.marginals import ColumnRow
from tabgan.evaluation.metrics.pairs import PairRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[Any]
Bars = tuple[list[str], list[str], Sequence[Any]]  # labels, marks on the axis, shares of both tables

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
    """Rows of each table on the two directions in which real rows vary most, in the unit square.

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
    every = np.vstack(list(places.values()))
    low, high = every.min(0), every.max(0)
    span = np.where(high > low, high - low, 1.0)
    inside = {name: 0.03 + 0.94 * (rows - low) / span for name, rows in places.items()}
    return {"explained": np.nan_to_num(pca.explained_variance_ratio_), "points": inside}


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
    charts = []
    for row in sorted(columns, key=lambda row: row.ceiling - row.distance):
        bars = _bars_of_numbers if row.column in tables.numeric else _bars_of_categories
        values = [tables.values[name][row.column] for name in ("real", "synthetic")]
        labels, marks, (real, synthetic) = bars(tables, row.column, *values)
        sides = {"real": list(map(float, real)), "synthetic": list(map(float, synthetic))}
        ends = marks[0], marks[-1]
        charts.append({"column": str(row.column), "labels": labels, "ends": ends, **sides})
    return charts


def _bars_of_numbers(tables: Comparison, column: Hashable, real: Array, other: Array) -> Bars:
    present = real[~np.isnan(real)]
    different = np.unique(present)
    if not len(present):
        return ["missing"], ["missing"], [[1.0], [np.isnan(other).mean()]]
    if len(different) <= MAX_BARS:
        edges = np.r_[-np.inf, (different[1:] + different[:-1]) / 2, np.inf]
        labels = marks = [_label(tables, column, value) for value in different]
    else:
        low, high = np.quantile(present, [0.005, 0.995])
        if low == high:
            low, high = present.min(), present.max()
        edges = np.linspace(low, high, MAX_BARS + 1)
        marks = [_label(tables, column, value) for value in edges]
        labels = [f"{left} to {right}" for left, right in pairwise(marks)]
        edges[[0, -1]] = -np.inf, np.inf
    return labels, marks, [np.histogram(v[~np.isnan(v)], edges)[0] / len(v) for v in (real, other)]


def _bars_of_categories(tables: Comparison, column: Hashable, real: Array, other: Array) -> Bars:
    size = 1 + max(int(real.max()), int(other.max()))
    shares = [np.bincount(v, minlength=size) / len(v) for v in (real, other)]
    labels = tables.categories(column)[: min(size, MAX_BARS)]
    if size > MAX_BARS:
        labels.append("all others")
        shares = [np.r_[share[:MAX_BARS], share[MAX_BARS:].sum()] for share in shares]
    return labels, labels, shares


def _label(tables: Comparison, column: Hashable, value: float) -> str:
    """A number as the column would show it; times are in microseconds."""
    kind, dtype = tables.schema[column].kind, tables.schema[column].dtype
    if kind == "datetime":
        is_clock = getattr(dtype, "type", None) is datetime.time
        return str(np.datetime64(int(value), "us"))[slice(11, 19) if is_clock else slice(10)]
    if kind == "timedelta":
        return str(datetime.timedelta(microseconds=int(value)))
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def plot_columns(charts: list[dict[str, Any]]) -> Figure:
    """Draw charts side by side with matplotlib, four in a row."""
    from matplotlib.figure import Figure

    n_rows = -(-max(len(charts), 1) // 4)
    figure = Figure(figsize=(14, 2.8 * n_rows), layout="constrained")
    for k, chart in enumerate(charts):
        axes = figure.add_subplot(n_rows, 4, k + 1)
        place = np.arange(len(chart["labels"]))
        axes.bar(place - 0.2, chart["real"], 0.4, label="real", color="#4b6cb7")
        axes.bar(place + 0.2, chart["synthetic"], 0.4, label="synthetic", color="#e08e45")
        step = max(1, len(place) // 5)
        axes.set_xticks(place[::step], [label[:10] for label in chart["labels"][::step]], fontsize=7)
        axes.set_title(chart["column"], fontsize=9)
        if k == 0:
            axes.legend(fontsize=7)
    return figure
