"""Is each pair of columns right?  Distances of two-way tables, which see any form of dependence."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics.marginals import grouped_counts, shares_of
from tabgan.evaluation.result import MetricResult, beside_ceiling, figure, mean
from tabgan.evaluation.uncertainty import N_GROUPS, interval, jackknife_error

MAX_PAIRS = 5000
MAX_ROWS = 200_000
MAX_RANKED = 50_000  # rows of each table, for correlations


def each_pair(tables: Comparison) -> MetricResult:
    """Compare the pairs of columns, those of the holdout beside them."""
    rows, error = beside_ceiling(tables, compare_pairs)
    for row in rows:
        del row["real"]
    value = mean(rows, "distance")
    figures = [
        figure(
            "pairs", "Mean distance of pairs", value, interval(value, error), mean(rows, "ceiling"),
            meaning="total variation distance of two-way tables: sees dependence of any form",
        )
    ]  # fmt: skip
    if len(tables.numeric) > 1:
        (value, error), (ceiling, _) = (correlation_gap(tables, name) for name in ("synthetic", "holdout"))
        figures.append(
            figure(
                "pairs", "Mean difference of rank correlations", value, interval(value, error), ceiling,
                meaning="Spearman's, of pairs of numbers: sees monotone dependence only",
            )
        )  # fmt: skip
    n = min(MAX_ROWS, len(tables.real))
    return MetricResult(figures, rows, [f"Pairs: {len(rows):,} pairs, up to {n:,} rows of each table."])


def compare_pairs(tables: Comparison, other: str) -> list[dict[str, Any]]:
    """One row a pair of columns: total variation distance of the joint tables, and both associations.

    Numbers are cut at the real deciles, with the same edges for both tables, so that dependence of any form
    counts, linear or not, and mixed pairs are treated like others. The association is Cramer's V (Cramer
    1946, chapter 21) of the same table. Of very many pairs, a random part is compared.
    """
    chosen = list(combinations(tables.columns, 2))
    if len(chosen) > MAX_PAIRS:
        places = tables.rng().choice(len(chosen), MAX_PAIRS, replace=False)
        chosen = [chosen[i] for i in sorted(places)]
    views = []
    for name in ("real", other):
        some = tables.some_rows(name, MAX_ROWS, tables.rng())
        bins = {column: codes[some].astype(np.intp) for column, codes in tables.bins[name].items()}
        views.append((bins, tables.groups[name][some]))
    return [_compare(views, *pair) for pair in chosen]


def _compare(views: list[tuple[Any, NDArray[np.intp]]], first: Any, second: Any) -> dict[str, Any]:
    sizes = [int(max(bins[column].max(initial=0) for bins, _ in views)) + 1 for column in (first, second)]
    counts = [
        grouped_counts(bins[first] * sizes[1] + bins[second], groups, sizes[0] * sizes[1])
        for bins, groups in views
    ]
    real, other = (shares_of(count.sum(1, keepdims=True)) for count in counts)
    left = [shares_of(count.sum(1, keepdims=True) - count) for count in counts]
    return {
        "columns": (first, second),
        "distance": float(np.abs(real - other).sum() / 2),
        "association_real": cramers_v(real.reshape(sizes)),
        "association_other": cramers_v(other.reshape(sizes)),
        "left_out": np.stack([np.abs(left[0] - other).sum(0) / 2, np.abs(real - left[1]).sum(0) / 2]),
    }


def cramers_v(shares: NDArray[np.float64]) -> float:
    """Strength of association in [0, 1] of a two-way table of shares."""
    shares = shares[shares.sum(1) > 0][:, shares.sum(0) > 0]
    if min(shares.shape) < 2:
        return 0.0
    independent = np.outer(shares.sum(1), shares.sum(0))
    phi_squared = float(((shares - independent) ** 2 / independent).sum())
    return float(np.sqrt(min(1.0, phi_squared / (min(shares.shape) - 1))))


def correlation_gap(tables: Comparison, other: str) -> tuple[float, float]:
    """Mean absolute difference of Spearman's correlations over pairs of numbers, and its standard error.

    Spearman 1904, *The proof and measurement of association between two things*. Rows with a missing value
    count for the pairs that they have.
    """
    ranks, groups = [], []
    for name in ("real", other):
        some = tables.some_rows(name, MAX_RANKED, tables.rng())
        numbers = pd.DataFrame({k: tables.values[name][c][some] for k, c in enumerate(tables.numeric)})
        ranks.append(numbers.rank())
        groups.append(tables.groups[name][some])
    whole = [_correlations(rank) for rank in ranks]
    left = [
        [_correlations(rank[group != g]) for g in range(N_GROUPS)]
        for rank, group in zip(ranks, groups, strict=True)
    ]
    gaps = [
        [_mean_gap(without, whole[1]) for without in left[0]],
        [_mean_gap(whole[0], without) for without in left[1]],
    ]
    return _mean_gap(*whole), jackknife_error(np.array(gaps))


def _correlations(ranks: pd.DataFrame) -> NDArray[np.float64]:
    """Correlations of all pairs; a column that does not vary goes with none."""
    found = ranks.corr().to_numpy()[np.triu_indices(ranks.shape[1], 1)]
    return np.nan_to_num(found)


def _mean_gap(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(np.abs(left - right).mean())
