"""Is each column right?  Kolmogorov-Smirnov and chi-squared tests, and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tabgan.evaluation.views import Comparison

EXACT_ROWS = 500  # of both samples; beyond, the asymptotic law is as good and the exact one can overflow


def compare_columns(tables: Comparison, other: str) -> list[dict[str, Any]]:
    """One row a column: distance, test and p-value, in the order of the table.

    Numbers are compared by the Kolmogorov-Smirnov statistic and, in the column's own units, the Wasserstein
    distance; names by the total variation distance and the chi-squared test of homogeneity (levels of
    fewer than five expected rows are pooled). Missing values are compared by their share, and are a level
    of names; the distance of numbers grows by that of the shares.
    """
    rows = []
    for column in tables.columns:
        kind = "numeric" if column in set(tables.numeric) else "nominal"
        real, seen = tables.values["real"][column], tables.values[other][column]
        found = _compare_numbers(real, seen) if kind == "numeric" else _compare_names(real, seen)
        missing = (
            float(tables.real[column].isna().mean()),
            float(tables.others[other][column].isna().mean()),
        )
        rows.append(
            {"column": column, "kind": kind, **found, "missing_real": missing[0], "missing_other": missing[1]}
        )
    return rows


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


def holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values that keep the family-wise error rate (Holm 1979)."""
    n = len(p_values)
    order = np.argsort(p_values)
    adjusted, largest = np.empty(n), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (n - rank) * p_values[place]))
        adjusted[place] = largest
    return [float(p) for p in adjusted]
