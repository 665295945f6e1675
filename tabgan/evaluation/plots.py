"""Histograms of real against synthetic values: as numbers first, then drawn."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabgan.evaluation.views import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_BARS = 24


def histograms(tables: Comparison) -> list[dict[str, Any]]:
    """One chart a column: labels and, for real and synthetic, the share of rows in each bar."""
    return [_numbers(tables, c) if c in set(tables.numeric) else _names(tables, c) for c in tables.columns]


def _numbers(tables: Comparison, column: Hashable) -> dict[str, Any]:
    real, other = (tables.values[name][column] for name in ("real", "synthetic"))
    present = real[~np.isnan(real)]
    few = np.unique(present)
    if not len(present):
        return _chart(column, ["missing"], [1.0], [float(np.isnan(other).mean())])
    if len(few) <= MAX_BARS:
        edges = np.r_[few, np.inf] - np.r_[np.diff(few) / 2, 0, 0][np.maximum(np.arange(len(few) + 1) - 1, 0)]
        edges[0] = -np.inf
        labels = [_label(tables, column, value) for value in few]
    else:
        low, high = np.quantile(present, [0.005, 0.995])
        if low == high:
            low, high = present.min(), present.max()
        edges = np.linspace(low, high, MAX_BARS + 1)
        labels = [_label(tables, column, value) for value in (edges[:-1] + edges[1:]) / 2]
        edges[[0, -1]] = -np.inf, np.inf
    shares = [np.histogram(v[~np.isnan(v)], edges)[0] / max(len(v), 1) for v in (real, other)]
    return _chart(column, labels, *(share.tolist() for share in shares))


def _label(tables: Comparison, column: Hashable, value: float) -> str:
    if "date" in tables.schema[column].kind or tables.schema[column].kind == "timedelta":
        stamp = pd.Timestamp(int(value), unit="us")
        return (
            f"{stamp:%Y-%m-%d}"
            if tables.schema[column].kind == "datetime"
            else str(pd.Timedelta(int(value), "us"))
        )
    return f"{value:.4g}"


def _names(tables: Comparison, column: Hashable) -> dict[str, Any]:
    real, other = (tables.values[name][column] for name in ("real", "synthetic"))
    size = int(max(real.max(initial=0), other.max(initial=0))) + 1
    shares = [np.bincount(v, minlength=size) / max(len(v), 1) for v in (real, other)]
    first = pd.Series(tables.real[column].astype(object).to_numpy()).groupby(real).first()
    shown = list(range(min(size, MAX_BARS)))
    labels = [str(first.get(code, "only synthetic")) for code in shown]
    if size > MAX_BARS:
        labels.append("all others")
        shares = [np.r_[share[:MAX_BARS], share[MAX_BARS:].sum()] for share in shares]
    return _chart(column, labels, *(share.tolist() for share in shares))


def _chart(column: Hashable, labels: list[str], real: list[float], synthetic: list[float]) -> dict[str, Any]:
    distance = float(np.abs(np.subtract(real, synthetic)).sum() / 2)
    return {
        "column": str(column),
        "labels": labels,
        "real": real,
        "synthetic": synthetic,
        "distance": distance,
    }


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
