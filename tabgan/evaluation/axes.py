"""Axes of charts: where each value of a column stands between 0 and 1, what is marked there, and its bars."""

from __future__ import annotations

import datetime
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison, categories, unit
from tabgan.evaluation.text import shown

MAX_LEVELS = 24  # bars of different values; of more, numbers have a scale and categories share a bar
N_BINS = 40  # of a scale
N_TICKS = 5
SPIKE = 0.05  # share of rows from which on a value on a scale stands apart
MAX_SPIKES = 4
SKEWED = 30  # 95th percentile over the median of positive numbers, for a logarithmic scale
ENDS = (0.005, 0.995)  # quantiles of the real values where a scale begins and ends

Array = NDArray[Any]


@dataclass(frozen=True)
class Axis:
    """Levels side by side, or a scale.

    Attributes
    ----------
    labels : list of str
        Of the levels; none on a scale.
    ticks : list of (float, str)
        Places on a scale, from 0 to 1, and what stands there.
    edges : ndarray
        Between numbers that are levels; the two ends of a scale.
    is_log : bool
        Whether the scale is logarithmic.
    n_bins : int
        Into how many parts a scale is cut for bars.
    is_whole : bool
        Whether each part holds as many whole numbers.
    """

    labels: list[str]
    ticks: list[tuple[float, str]]
    edges: NDArray[np.float64]
    is_log: bool = False
    n_bins: int = N_BINS
    is_whole: bool = False

    def places(self, values: Array) -> NDArray[np.float64]:
        """The number of each value's level, or its place on the scale, in [0, 1]; nan for missing numbers."""
        if self.labels:
            if values.dtype.kind != "f":
                return np.minimum(values, len(self.labels) - 1).astype(np.float64)
            return np.where(np.isnan(values), np.nan, np.searchsorted(self.edges, values))
        low, high = self._scale(self.edges)
        return np.clip((self._scale(values) - low) / (high - low), 0, 1)

    def _scale(self, values: Array) -> NDArray[np.float64]:
        """Values, or their logarithms; numbers from 0 down stand at the beginning of a logarithmic scale."""
        return np.log10(np.maximum(values, self.edges[0])) if self.is_log else values


def axis_of(tables: Comparison, column: Hashable) -> Axis:
    """The axis of a column, fitted to the real rows, or to all tables where these have no value."""
    if column not in tables.numeric:
        seen = max(int(columns[column].max()) for columns in tables.values.values())
        labels = [*map(shown, categories(tables, column)[: seen + 1])]
        return Axis(
            [*labels[: MAX_LEVELS - 1], "all others"] if len(labels) > MAX_LEVELS else labels, [], np.zeros(0)
        )
    present = tables.values["real"][column]
    if np.isnan(present).all():
        present = np.concatenate([columns[column] for columns in tables.values.values()])
    present = present[~np.isnan(present)]
    if not len(present):
        return Axis(["any value"], [], np.zeros(0))
    levels = np.unique(present)
    if len(levels) <= MAX_LEVELS:
        labels = [label(tables, column, value) for value in levels]
        return Axis(labels, [], (levels[1:] + levels[:-1]) / 2)
    return _scale_of(tables, column, present)


def _scale_of(tables: Comparison, column: Hashable, present: NDArray[np.float64]) -> Axis:
    """A scale of numbers or times that has no levels."""
    kind, positive = tables.schema[column].kind, present[present > 0]
    is_log = bool(
        kind not in ("datetime", "timedelta")
        and present.min() >= 0
        and len(np.unique(positive)) > MAX_LEVELS
        and np.quantile(positive, 0.95) > SKEWED * np.median(positive)
    )
    edges, n_bins, is_whole = np.quantile(positive if is_log else present, ENDS), N_BINS, False
    if edges[0] == edges[1]:
        edges = np.array([present.min(), present.max()])
    if not is_log and kind not in ("datetime", "timedelta") and (np.rint(present) == present).all():
        # Bins of as many whole numbers each: others would hold one more or less in turns.
        low, high = np.rint(edges)
        width = np.ceil((high - low + 1) / N_BINS)
        n_bins = int(np.ceil((high - low + 1) / width))
        edges, is_whole = low - 0.5 + np.array([0, n_bins * width]), True
    ticks = _decades(edges) if is_log else _round_numbers(edges)
    if kind in ("datetime", "timedelta") or unit(tables, column) != 1 or len(ticks) < 2:
        ticks = np.linspace(edges[0], edges[1], N_TICKS)
    axis = Axis([], [], edges, is_log, n_bins)
    marks = [(float(axis.places(np.array([tick]))[0]), label(tables, column, tick)) for tick in ticks]
    return Axis([], marks, edges, is_log, n_bins, is_whole)


def _round_numbers(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiples of 1, 2 or 5 times a power of ten between the ends."""
    rough = (edges[1] - edges[0]) / N_TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return np.arange(np.ceil(edges[0] / step), np.floor(edges[1] / step) + 1) * step


def _decades(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Powers of ten between the ends, a few at most."""
    powers = np.arange(np.ceil(np.log10(edges[0])), np.floor(np.log10(edges[1])) + 1)
    return np.asarray(10.0 ** powers[:: max(1, len(powers) // N_TICKS)])


def label(tables: Comparison, column: Hashable, value: float) -> str:
    """A number as the column would show it; times are in microseconds."""
    value = value * unit(tables, column)
    kind, dtype = tables.schema[column].kind, tables.schema[column].dtype
    if kind == "datetime":
        is_clock = getattr(dtype, "type", None) is datetime.time
        seconds = np.datetime64(int(value // 1e6), "s")  # numpy has microseconds of fewer years
        return str(seconds).split("T")[is_clock]
    if kind == "timedelta":
        days = value / 86_400e6
        is_long = abs(days) > datetime.timedelta.max.days
        return f"{days:.4g} days" if is_long else str(datetime.timedelta(microseconds=int(value)))
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def bars(tables: Comparison, column: Hashable, axis: Axis) -> dict[str, Any]:
    """The shares of rows of both tables in each bar: "labels", "real", "synthetic", "n_spikes", "ends".

    On a scale the first bars are spikes: values that many rows hold, and missing ones. The others are bins.
    """
    sides = [tables.values[name][column] for name in ("real", "synthetic")]
    if axis.labels:
        places = [axis.places(values) for values in sides]
        size = len(axis.labels)
        shares = [np.bincount(p[~np.isnan(p)].astype(int), minlength=size) / len(p) for p in places]
        labels = list(axis.labels)
        if any(np.isnan(p).any() for p in places):
            labels.append("missing")
            shares = [np.append(s, np.isnan(p).mean()) for s, p in zip(shares, places, strict=True)]
        return _bars(labels, shares, 0, (axis.labels[0], axis.labels[-1]))
    spikes = _spikes(sides)
    edges = np.linspace(0, 1, axis.n_bins + 1)
    values_there = _values(axis, edges)
    inward = 0.5 if axis.is_whole else 0.0
    low, high = values_there[:-1] + inward, values_there[1:] - inward
    marks = [[label(tables, column, value) for value in some] for some in (low, high)]
    bins = [left if left == right else f"{left} to {right}" for left, right in zip(*marks, strict=True)]
    names = [label(tables, column, value) for value in spikes]
    shares = []
    for values in sides:
        inside = axis.places(values[~np.isnan(values) & ~np.isin(values, spikes)])
        apart = [(values == value).mean() for value in spikes]
        shares.append(np.r_[apart, np.isnan(values).mean(), np.histogram(inside, edges)[0] / len(values)])
    labels = [*names, "missing", *bins]
    if not any(share[len(names)] for share in shares):
        del labels[len(names)]
        shares = [np.delete(share, len(names)) for share in shares]
    return _bars(labels, shares, len(labels) - axis.n_bins, (marks[0][0], marks[1][-1]))


def _bars(labels: list[str], shares: list[Array], n_spikes: int, ends: tuple[str, str]) -> dict[str, Any]:
    real, synthetic = ([round(float(share), 5) for share in side] for side in shares)
    return {
        "labels": labels, "real": real, "synthetic": synthetic, "n_spikes": n_spikes, "ends": list(ends),
    }  # fmt: skip


def _values(axis: Axis, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values at places of a scale."""
    low, high = np.log10(axis.edges) if axis.is_log else axis.edges
    values = low + places * (high - low)
    return np.asarray(10.0**values) if axis.is_log else values


def _spikes(sides: list[Array]) -> NDArray[np.float64]:
    """Values that many rows of either table hold, in ascending order."""
    frequent: dict[float, float] = {}
    for values in sides:
        numbers, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        for k in np.flatnonzero(counts >= SPIKE * len(values)):
            frequent[float(numbers[k])] = max(frequent.get(float(numbers[k]), 0), counts[k] / len(values))
    return np.sort(np.array(sorted(frequent, key=lambda value: -frequent[value])[:MAX_SPIKES]))
