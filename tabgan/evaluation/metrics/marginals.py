"""Is each column right?  Kolmogorov-Smirnov and chi-squared tests, distances, and values no real row has."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tabgan.evaluation.comparison import Comparison, cut, quantile_edges, unit
from tabgan.evaluation.result import Metric, MetricResult, mean, with_ceilings
from tabgan.evaluation.uncertainty import (
    N_GROUPS,
    SIGNIFICANT,
    chi_squared,
    holm,
    interval,
    jackknife_error,
)

EXACT_ROWS = 500  # of both samples; beyond, the asymptotic p-value is as good and the exact one can overflow
MAX_ROWS = 200_000  # of each table, for distances and tests
MAX_STEPS = 1000  # of a distribution function, where its jackknife is computed
COMMON_ROWS = 5  # real rows that a category must have to be missed

Array = NDArray[Any]


@dataclass(frozen=True)
class ColumnRow:
    """How one column differs between the real table and another one.

    Attributes
    ----------
    column : hashable
        Its name.
    kind : {"numeric", "nominal"}
        How it was compared.
    test : str
        "Kolmogorov-Smirnov" or "chi-squared".
    distance : float
        The Kolmogorov-Smirnov statistic plus the difference of the shares of missing values, or the total
        variation distance; in [0, 1].
    p_value : float
        Of the test that both columns have one distribution.
    wasserstein : float
        Wasserstein distance in the units of the column; nan for categories.
    missing_real, missing_other : float
        Shares of missing values.
    outside : float
        Share of rows of the other table beyond the real extremes, or of a category that no real row has.
    categories, lost, invented : int
        Categories of at least five real rows; how many of them the other table lacks; how many it has that
        the real table lacks.
    ceiling : float
        The distance that real rows of the same number would have.
    p_adjusted : float
        The p-value corrected by Holm's method for the number of columns.
    """

    column: Hashable
    kind: str
    test: str
    distance: float
    p_value: float
    wasserstein: float
    missing_real: float
    missing_other: float
    outside: float
    categories: int = 0
    lost: int = 0
    invented: int = 0
    ceiling: float = 0.0
    p_adjusted: float = 1.0


def marginal(tables: Comparison) -> MetricResult:
    """Compare all columns, those of the holdout beside them."""
    (rows, *errors), (holdout, *_) = (compare_columns(tables, name) for name in ("synthetic", "holdout"))
    adjusted = holm([row.p_value for row in rows])
    rows = [replace(row, p_adjusted=p_value) for row, p_value in zip(rows, adjusted, strict=True)]
    rows = with_ceilings(tables, rows, [row.distance for row in holdout])
    value, outside = mean(rows, "distance"), mean(rows, "outside")
    metrics = [
        Metric(
            "marginal", "Mean KS or total variation distance of columns", value,
            interval(value, errors[0]), mean(rows, "ceiling"), min(adjusted),
            caption="how far single columns are apart, from 0 to 1; the p-value is the smallest of a column",
        ),
        Metric(
            "marginal", f"Columns rejected at {SIGNIFICANT:.0%}, of {len(rows)}",
            sum(p_value < SIGNIFICANT for p_value in adjusted),
            caption="by a KS or chi-squared test; with many rows even harmless differences are significant",
        ),
        Metric(
            "marginal", "Values out of the real range or categories", outside,
            interval(outside, errors[1]), mean(holdout, "outside"),
            caption="numbers beyond the real extremes, categories that no real row has",
        ),
        Metric(
            "marginal", f"Categories lost, of {sum(row.categories for row in rows)}",
            sum(row.lost for row in rows), ceiling=sum(row.lost for row in holdout),
            caption=f"categories of at least {COMMON_ROWS} real rows that never occur",
        ),
    ]  # fmt: skip
    n = min(MAX_ROWS, tables.n_rows("real"))
    note = f"Columns: up to {n:,} rows of each table; p-values are corrected by Holm's method."
    return MetricResult(metrics, rows, note)


def compare_columns(tables: Comparison, other: str) -> tuple[list[ColumnRow], float, float]:
    """One row a column, in the order of the table, and the errors of the mean distance and share outside.

    Numbers are compared by the Kolmogorov-Smirnov statistic and, in the column's units, the Wasserstein
    distance; categories by the total variation distance and the chi-squared test of homogeneity (categories
    of fewer than five expected rows are merged). Missing values are compared by their share, and are a
    category; the distance of numbers grows by that of the shares. Errors are jackknifed.
    """
    rows, distances, outside = [], [], []
    some = {name: tables.some_rows(name, MAX_ROWS) for name in ("real", other)}
    groups = [tables.groups[name][part] for name, part in some.items()]
    for column in tables.columns:
        is_numeric = column in tables.numeric
        compare = _compare_numbers if is_numeric else _compare_categories
        every = tables.values["real"][column], tables.values[other][column]
        pair = [values[part] for values, part in zip(every, some.values(), strict=True)]
        is_outside = _is_outside(*every, is_numeric)
        test, distance, p_value, wasserstein = compare(*pair)
        rows.append(
            ColumnRow(
                column,
                "numeric" if is_numeric else "nominal",
                test,
                distance,
                p_value,
                wasserstein * unit(tables, column),
                float(tables.frames["real"][column].isna().mean()),
                float(tables.frames[other][column].isna().mean()),
                float(is_outside.mean()),
                *(() if is_numeric else _coverage(*every)),
            )
        )
        distances.append(distances_without_each(pair, groups, is_numeric))
        outside.append(_without_each(_grouped_counts(is_outside, tables.groups[other], 2))[:, 1])
    return rows, jackknife_error(np.mean(distances, axis=0)), jackknife_error(np.mean(outside, axis=0))


def distances_without_each(
    values: Sequence[Array], groups: Sequence[NDArray[np.intp]], ordered: bool
) -> NDArray[np.float64]:
    """The distance without each group of real rows, then of other rows: shape (2, n_groups)."""
    codes = values
    if ordered:  # steps at quantiles of both
        edges = quantile_edges(np.concatenate(values), np.linspace(0, 1, MAX_STEPS))
        codes = [cut(v, edges, "left") for v in values]
    size = len(edges) + 2 if ordered else _n_codes(*codes)
    return np.stack([_gap(*sides, ordered) for sides in jackknife_shares(codes, groups, size)])


def jackknife_shares(
    codes: Sequence[Array], groups: Sequence[NDArray[np.intp]], size: int
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Shares of the codes in both tables, first without each group of real rows, then of other rows.

    Those without each group have the shape (n_groups, size), those of all rows (1, size).
    """
    real, other = (_grouped_counts(*pair, size) for pair in zip(codes, groups, strict=True))
    whole = [_shares(counts.sum(0, keepdims=True)) for counts in (real, other)]
    return (_without_each(real), whole[1]), (whole[0], _without_each(other))


def _grouped_counts(codes: Array, groups: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """How often each code occurs in each group: shape (n_groups, size)."""
    places = groups * size + codes
    return np.bincount(places, minlength=N_GROUPS * size).reshape(N_GROUPS, size).astype(np.float64)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts as shares of their row."""
    return counts / np.maximum(counts.sum(-1, keepdims=True), 1)


def _without_each(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares without the rows of each group: shape (n_groups, size)."""
    return _shares(counts.sum(0) - counts)


def total_variation(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Total variation distance of shares, row by row."""
    distance: NDArray[np.float64] = np.abs(left - right).sum(-1) / 2
    return distance


def _gap(left: NDArray[np.float64], right: NDArray[np.float64], ordered: bool) -> NDArray[np.float64]:
    """Distance of shares; of ordered ones by Kolmogorov and Smirnov, the last standing for missing values."""
    if not ordered:
        return total_variation(left, right)
    inside = [np.cumsum(_shares(shares[:, :-1]), axis=1) for shares in (left, right)]
    return np.minimum(1, np.abs(inside[0] - inside[1]).max(1) + np.abs(left[:, -1] - right[:, -1]))


def _n_codes(*columns: Array) -> int:
    return 1 + max(int(codes.max()) for codes in columns)


def _counts(real: Array, other: Array) -> NDArray[np.int64]:
    """How often each code occurs in either column: shape (2, n_codes)."""
    size = _n_codes(real, other)
    return np.stack([np.bincount(codes, minlength=size) for codes in (real, other)])


def _is_outside(real: Array, other: Array, ordered: bool) -> NDArray[np.bool_]:
    """Which values of the other column lie beyond the real extremes, or are no real category."""
    if not ordered:
        return _counts(real, other)[0][other] == 0
    known = real[~np.isnan(real)]
    low, high = (known.min(), known.max()) if len(known) else (-np.inf, np.inf)
    return (other < low) | (other > high)


def _coverage(real: Array, other: Array) -> tuple[int, int, int]:
    """How many categories are common in the real column, lost in the other one, or invented by it."""
    known, seen = _counts(real, other)
    common = known >= COMMON_ROWS
    lost, invented = common & (seen == 0), (known == 0) & (seen > 0)
    return int(common.sum()), int(lost.sum()), int(invented.sum())


def _compare_numbers(
    real: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[str, float, float, float]:
    """Test, distance, p-value and Wasserstein distance."""
    test, gap = "Kolmogorov-Smirnov", abs(float(np.isnan(real).mean() - np.isnan(other).mean()))
    left, right = real[~np.isnan(real)], other[~np.isnan(other)]
    if not len(left) or not len(right):
        differ = float(len(left) != len(right))
        return test, differ, 1 - differ, np.nan
    with warnings.catch_warnings():
        # Where the exact calculation fails, as it may for samples of unequal sizes, scipy takes the other.
        warnings.simplefilter("ignore", RuntimeWarning)
        result = stats.ks_2samp(
            left, right, method="auto" if len(left) + len(right) < EXACT_ROWS else "asymp"
        )
    p_value = float(result.pvalue)
    if gap:  # two tests, by Bonferroni
        counts = np.array([[np.isnan(v).sum(), (~np.isnan(v)).sum()] for v in (real, other)])
        p_value = min(1.0, 2 * min(p_value, float(stats.fisher_exact(counts).pvalue)))
    distance = min(1.0, float(result.statistic) + gap)
    return test, distance, p_value, float(stats.wasserstein_distance(left, right))


def _compare_categories(real: NDArray[np.intp], other: NDArray[np.intp]) -> tuple[str, float, float, float]:
    """Test, distance, p-value, and nan where numbers have the Wasserstein distance."""
    counts = _counts(real, other).astype(float)
    distance = float(total_variation(*_shares(counts)))
    return "chi-squared", distance, chi_squared(counts), np.nan
