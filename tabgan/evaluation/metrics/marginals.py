"""Is each column right?  Kolmogorov-Smirnov and chi-squared tests, distances, and values no real row has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.result import MetricResult, beside_ceiling, figure, mean
from tabgan.evaluation.uncertainty import N_GROUPS, holm, interval, jackknife_error

EXACT_ROWS = 500  # of both samples; beyond, the asymptotic law is as good and the exact one can overflow
MAX_ROWS = 200_000  # of each table, for distances and tests
MAX_STEPS = 1000  # of a distribution function, where its jackknife is computed
KNOWN_ROWS = 5  # real rows that a level must have to be missed
SIGNIFICANT = 0.01


def each_column(tables: Comparison) -> MetricResult:
    """Compare all columns, those of the holdout beside them."""
    rows, error = beside_ceiling(tables, compare_columns)
    for row, adjusted in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    known = [row.pop("real") for row in rows]
    p_values = [row["p_adjusted"] for row in rows]
    value = mean(rows, "distance")
    outside = np.array([row["outside_groups"] for row in rows]) if rows else np.zeros((1, N_GROUPS))
    figures = [
        figure(
            "columns", "Mean distance of columns", value, interval(value, error), mean(rows, "ceiling"),
            min(p_values, default=1.0),
            meaning="0 for equal distributions, 1 for disjoint ones; the p-value is the smallest of a column",
        ),
        figure(
            "columns", f"Columns rejected at {SIGNIFICANT:.0%}, of {len(rows)}",
            sum(p < SIGNIFICANT for p in p_values),
            meaning="with many rows even harmless differences are significant: see the distances",
        ),
        figure(
            "columns", "Cells outside what real rows hold", share := mean(rows, "outside"),
            interval(share, jackknife_error(outside.mean(0)[None])), mean(known, "outside"),
            meaning="numbers beyond the real extremes, names that no real row has",
        ),
        figure(
            "columns", f"Categories lost, of {sum(row['levels'] for row in rows)}",
            sum(row["lost"] for row in rows), ceiling=sum(row["lost"] for row in known),
            meaning=f"names of at least {KNOWN_ROWS} real rows that never occur",
        ),
    ]  # fmt: skip
    for row in rows:
        del row["outside_groups"]
    n = min(MAX_ROWS, len(tables.real))
    note = f"Columns: up to {n:,} rows of each table; p-values are corrected by Holm's method."
    return MetricResult(figures, rows, [note])


def compare_columns(tables: Comparison, other: str) -> list[dict[str, Any]]:
    """One row a column: distance, test and p-value, in the order of the table.

    Numbers are compared by the Kolmogorov-Smirnov statistic and, in the column's own units, the Wasserstein
    distance; names by the total variation distance and the chi-squared test of homogeneity (levels of
    fewer than five expected rows are pooled). Missing values are compared by their share, and are a level
    of names; the distance of numbers grows by that of the shares.
    """
    rows, numeric = [], set(tables.numeric)
    some = {name: tables.some_rows(name, MAX_ROWS, tables.rng()) for name in ("real", other)}
    groups = [tables.groups[name][part] for name, part in some.items()]
    for column in tables.columns:
        everything = tables.values["real"][column], tables.values[other][column]
        real, seen = (values[part] for values, part in zip(everything, some.values(), strict=True))
        found = _compare_numbers(real, seen) if column in numeric else _compare_names(real, seen)
        rows.append(
            {
                "column": column,
                "kind": "numeric" if column in numeric else "nominal",
                **found,
                "missing_real": float(tables.real[column].isna().mean()),
                "missing_other": float(tables.others[other][column].isna().mean()),
                **(_range_of_numbers(*everything, tables.groups[other]) if column in numeric else
                   _range_of_names(*everything, tables.groups[other])),
                "left_out": left_out_distances(real, seen, groups, ordered=column in numeric),
            }
        )  # fmt: skip
    return rows


def left_out_distances(
    real: NDArray[Any], other: NDArray[Any], groups: Sequence[NDArray[np.intp]], ordered: bool
) -> NDArray[np.float64]:
    """The distance without each group of real rows, then of other rows: shape (2, n_groups)."""
    if ordered:
        # Steps at quantiles of both; the last code is for missing values.
        both = np.concatenate([real, other])
        both = both[~np.isnan(both)]
        steps = np.unique(np.quantile(both, np.linspace(0, 1, MAX_STEPS))) if len(both) else np.zeros(1)
        real, other = (
            np.where(np.isnan(v), len(steps) + 1, np.searchsorted(steps, v)) for v in (real, other)
        )
        size = len(steps) + 2
    else:
        size = int(max(real.max(initial=0), other.max(initial=0))) + 1
    counts = [grouped_counts(v, group, size) for v, group in zip((real, other), groups, strict=True)]
    whole = [shares_of(count.sum(1, keepdims=True)) for count in counts]
    left = [shares_of(count.sum(1, keepdims=True) - count) for count in counts]
    return np.stack([_gap(left[0], whole[1], ordered), _gap(whole[0], left[1], ordered)])


def grouped_counts(codes: NDArray[Any], groups: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """How often each code occurs in each group: shape (size, n_groups)."""
    places = codes.astype(np.intp) * N_GROUPS + groups
    return np.bincount(places, minlength=size * N_GROUPS).reshape(size, N_GROUPS).astype(np.float64)


def shares_of(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts as shares of their column."""
    return counts / np.maximum(counts.sum(0), 1)


def _gap(left: NDArray[np.float64], right: NDArray[np.float64], ordered: bool) -> NDArray[np.float64]:
    if not ordered:
        total: NDArray[np.float64] = np.abs(left - right).sum(0) / 2
        return total
    inside = [np.cumsum(shares_of(shares[:-1]), axis=0) for shares in (left, right)]
    steps: NDArray[np.float64] = np.abs(inside[0] - inside[1]).max(0) + np.abs(left[-1] - right[-1])
    return np.minimum(1, steps)


def _range_of_numbers(
    real: NDArray[np.float64], other: NDArray[np.float64], groups: NDArray[np.intp]
) -> dict[str, Any]:
    known = real[~np.isnan(real)]
    low, high = (known.min(), known.max()) if len(known) else (-np.inf, np.inf)
    return {**_outside((other < low) | (other > high), groups), "levels": 0, "lost": 0, "invented": 0}


def _range_of_names(
    real: NDArray[np.intp], other: NDArray[np.intp], groups: NDArray[np.intp]
) -> dict[str, Any]:
    size = int(max(real.max(initial=0), other.max(initial=0))) + 1
    counts, seen = (np.bincount(v, minlength=size) for v in (real, other))
    common = counts >= KNOWN_ROWS
    return {
        **_outside(counts[other] == 0, groups),
        "levels": int(common.sum()),
        "lost": int((common & (seen == 0)).sum()),
        "invented": int(((counts == 0) & (seen > 0)).sum()),
    }


def _outside(is_outside: NDArray[np.bool_], groups: NDArray[np.intp]) -> dict[str, Any]:
    counts = grouped_counts(is_outside, groups, 2)
    left = shares_of(counts.sum(1, keepdims=True) - counts)[1]
    return {"outside": float(is_outside.mean()), "outside_groups": left}


def _compare_numbers(real: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, Any]:
    gap = abs(float(np.isnan(real).mean() - np.isnan(other).mean()))
    left, right = real[~np.isnan(real)], other[~np.isnan(other)]
    if not len(left) or not len(right):
        one_sided = len(left) != len(right)
        return {
            "test": "Kolmogorov-Smirnov",
            "distance": float(one_sided),
            "p_value": 0.0 if one_sided else 1.0,
            "wasserstein": np.nan,
        }
    result = stats.ks_2samp(left, right, method="auto" if len(left) + len(right) < EXACT_ROWS else "asymp")
    return {
        "test": "Kolmogorov-Smirnov",
        "distance": min(1.0, float(result.statistic) + gap),
        "p_value": min(1.0, 2 * min(float(result.pvalue), _equal_shares(real, other)))
        if gap
        else float(result.pvalue),
        "wasserstein": float(stats.wasserstein_distance(left, right)),
    }


def _equal_shares(real: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """p-value of equal shares of missing values."""
    counts = np.array([[np.isnan(v).sum(), (~np.isnan(v)).sum()] for v in (real, other)])
    return float(stats.fisher_exact(counts).pvalue)


def _compare_names(real: NDArray[np.intp], other: NDArray[np.intp]) -> dict[str, Any]:
    size = int(max(real.max(initial=0), other.max(initial=0))) + 1
    counts = np.stack([np.bincount(v, minlength=size) for v in (real, other)]).astype(float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return {
        "test": "chi-squared",
        "distance": float(np.abs(shares[0] - shares[1]).sum() / 2),
        "p_value": chi_squared(counts),
        "wasserstein": np.nan,
    }


def chi_squared(counts: NDArray[np.float64]) -> float:
    """p-value of the test that both rows of a 2 x k table of counts follow one law."""
    expected = counts.sum(0) * counts.sum(1).min() / max(counts.sum(), 1)
    common = expected >= 5
    pooled = np.column_stack([counts[:, common], counts[:, ~common].sum(1)])
    pooled = pooled[:, pooled.sum(0) > 0]
    if pooled.shape[1] < 2:
        return 1.0
    return float(stats.chi2_contingency(pooled, correction=False).pvalue)
