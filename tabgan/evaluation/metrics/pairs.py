"""Is each pair of columns right?  Distances of contingency tables, which see any form of dependence."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics.marginals import jackknife_shares, total_variation
from tabgan.evaluation.result import Metric, MetricResult, mean, with_ceilings
from tabgan.evaluation.uncertainty import N_GROUPS, chi_squared_each, holm, interval, jackknife_error

MAX_PAIRS = 5000
MAX_ROWS = 200_000
AT_ONCE = 250_000  # rows of as many pairs of both tables, for memory
MAX_RANKED = 50_000  # rows of each table, for correlations, and
MAX_CORRELATED = 300  # columns

Pair = tuple[Hashable, Hashable]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class PairRow:
    """How two columns differ between the real table and another one.

    Attributes
    ----------
    columns : tuple of two column names
    distance : float
        Total variation distance of the contingency tables, in [0, 1].
    association_real, association_other : float
        Cramer's V in either table, in [0, 1].
    p_value : float
        Of the chi-squared test that both contingency tables have one distribution.
    ceiling : float
        The distance that real rows of the same number would have.
    p_adjusted : float
        The p-value corrected by Holm's method for the number of pairs.
    """

    columns: Pair
    distance: float
    association_real: float
    association_other: float
    p_value: float = 1.0
    ceiling: float = 0.0
    p_adjusted: float = 1.0


def pairwise(tables: Comparison) -> MetricResult:
    """Compare the pairs of columns, those of the holdout beside them."""
    pairs = chosen_pairs(tables)
    rows, left_out = compare_pairs(tables, "synthetic", pairs)
    holdout = pair_distances(tables, "holdout", pairs)
    adjusted = holm([row.p_value for row in rows])
    rows = [replace(row, p_adjusted=p_value) for row, p_value in zip(rows, adjusted, strict=True)]
    rows = with_ceilings(tables, rows, holdout)
    value = mean(rows, "distance")
    metrics = [
        Metric(
            "pairwise", "Mean total variation distance of pairs", value,
            interval(value, jackknife_error(left_out)), mean(rows, "ceiling"),
            caption="how far the contingency tables of two columns are apart: sees dependence of any form",
        )
    ]  # fmt: skip
    if len(tables.numeric) > 1:
        (value, error), (ceiling, _) = (correlation_gap(tables, name) for name in ("synthetic", "holdout"))
        metrics.append(
            Metric(
                "pairwise", "Mean difference of Spearman correlations", value, interval(value, error),
                ceiling, caption="rank correlations of pairs of numbers: sees monotone dependence only",
            )
        )  # fmt: skip
    n = min(MAX_ROWS, tables.n_rows("real"))
    all_pairs = len(tables.columns) * (len(tables.columns) - 1) // 2
    of_all = "" if len(rows) == all_pairs else f", drawn at random from {all_pairs:,}"
    return MetricResult(metrics, rows, f"Pairs: {len(rows):,} pairs{of_all}; up to {n:,} rows of each table.")


def chosen_pairs(tables: Comparison) -> list[Pair]:
    """All pairs of columns; of very many, a random part."""
    pairs = list(combinations(tables.columns, 2))
    if len(pairs) <= MAX_PAIRS:
        return pairs
    return [pairs[place] for place in sorted(tables.rng().choice(len(pairs), MAX_PAIRS, replace=False))]


def compare_pairs(
    tables: Comparison, other: str, pairs: list[Pair]
) -> tuple[list[PairRow], NDArray[np.float64]]:
    """Total variation distance of the contingency tables of each pair, and both associations.

    Numbers are cut at the real deciles and around frequent values, with the same edges for both tables, so
    that dependence of any form counts, linear or not, and mixed pairs are treated like others. The
    association is Cramer's V (Cramer 1946, chapter 21) of the same table. Beside the rows stands the mean
    distance without each group of real rows, then of other rows, shape (2, n_groups).
    """
    bins, groups = _binned(tables, other)
    sizes = np.array([[len(part)] for part in groups])
    rows, left_out = [], np.zeros((2, N_GROUPS))
    for some in _pieces(pairs, int(sizes.sum())):
        cells = occupied_cells(bins, some)
        sides = jackknife_shares(
            cells.codes, [np.tile(part, len(some)) for part in groups], len(cells.pair)
        )  # of all these pairs together, so that each pair has an equal part
        left_out += np.stack([total_variation(*side) for side in sides]) * len(some) / len(pairs)
        real, seen = (side[0] * len(some) for side in (sides[1][0], sides[0][1]))
        distances = np.bincount(cells.pair, np.abs(real - seen)) / 2
        p_values = chi_squared_each(np.rint(np.stack([real, seen]) * sizes), cells.pair)
        figures = zip(some, distances, cramers_v(real, cells), cramers_v(seen, cells), p_values, strict=True)
        rows += [PairRow(pair, *map(float, of_pair)) for pair, *of_pair in figures]
    return rows, left_out


def pair_distances(tables: Comparison, other: str, pairs: list[Pair]) -> list[float]:
    """The distances of the same tables alone."""
    bins, groups = _binned(tables, other)
    distances: list[float] = []
    for some in _pieces(pairs, sum(map(len, groups))):
        cells = occupied_cells(bins, some)
        real, seen = (
            np.bincount(codes, minlength=len(cells.pair)) / max(len(part), 1)
            for codes, part in zip(cells.codes, groups, strict=True)
        )
        distances += (np.bincount(cells.pair, np.abs(real - seen)) / 2).tolist()
    return distances


def _binned(tables: Comparison, other: str) -> tuple[dict[Hashable, list[Codes]], list[Codes]]:
    """Bins of each column in some rows of both tables, and the groups of these rows."""
    some = {name: tables.some_rows(name, MAX_ROWS) for name in ("real", other)}
    bins = {
        column: [tables.bins[name][column][part].astype(np.intp) for name, part in some.items()]
        for column in tables.columns
    }
    return bins, [tables.groups[name][part] for name, part in some.items()]


def _pieces(pairs: list[Pair], n_rows: int) -> list[list[Pair]]:
    """The pairs in parts that are compared at once: it costs much to begin one, and memory to go on."""
    size = max(1, AT_ONCE // n_rows)
    return [pairs[start : start + size] for start in range(0, len(pairs), size)]


@dataclass(frozen=True)
class Cells:
    """The cells of some contingency tables that any row lies in, pair by pair and row by row.

    Of two columns of a hundred categories each, most cells are empty, and what is computed of cells is
    computed of few.

    Attributes
    ----------
    codes : list of ndarray
        The number of each row's cell, for each table: all rows of the first pair, then of the next.
    pair, row, column : ndarray of shape (n_cells,)
        Where each cell stands: the number of its pair, and the bins of the two columns.
    """

    codes: list[Codes]
    pair: Codes
    row: Codes
    column: Codes


def occupied_cells(bins: dict[Hashable, list[Codes]], pairs: list[Pair]) -> Cells:
    """Number the cells of the contingency tables of these pairs, given the bins of each column by table."""
    shapes = [[1 + max(int(part.max(initial=0)) for part in bins[name]) for name in pair] for pair in pairs]
    starts = np.cumsum([0, *(height * width for height, width in shapes)])
    codes = [
        np.concatenate([
            start + bins[first][side] * width + bins[second][side]
            for start, (first, second), (_, width) in zip(starts, pairs, shapes, strict=False)
        ])
        for side in (0, 1)
    ]  # fmt: skip
    is_occupied = np.zeros(starts[-1], dtype=bool)
    for part in codes:
        is_occupied[part] = True
    number, cells = np.cumsum(is_occupied) - 1, np.flatnonzero(is_occupied)
    pair = np.searchsorted(starts, cells, "right") - 1
    row, column = np.divmod(cells - starts[pair], np.array(shapes)[pair, 1])
    return Cells([number[part] for part in codes], pair, row, column)


def cramers_v(shares: NDArray[np.float64], cells: Cells) -> NDArray[np.float64]:
    """Strength of association in [0, 1] of each pair, by the shares of the rows in its cells."""
    independent, n_levels = np.ones(len(shares)), []
    for places in (cells.row, cells.column):
        n_places = 1 + int(places.max(initial=0))
        key = cells.pair * n_places + places
        sums = np.bincount(key, shares, minlength=(1 + int(cells.pair[-1])) * n_places)
        independent *= sums[key]
        n_levels.append((sums.reshape(-1, n_places) > 0).sum(1))
    fewest = np.minimum(*n_levels)
    there = shares > 0
    squares = shares[there] ** 2 / independent[there]
    phi_squared = np.maximum(np.bincount(cells.pair[there], squares, minlength=len(fewest)) - 1, 0)
    return np.where(fewest > 1, np.sqrt(np.minimum(1, phi_squared / np.maximum(fewest - 1, 1))), 0.0)


def correlation_gap(tables: Comparison, other: str) -> tuple[float, float]:
    """Mean absolute difference of Spearman's correlations over pairs of numbers, and its standard error.

    Spearman 1904, *The proof and measurement of association between two things*. Rows with a missing value
    count for the pairs that they have.
    """
    chosen = tables.numeric
    if len(chosen) > MAX_CORRELATED:
        chosen = [chosen[k] for k in np.sort(tables.rng().permutation(len(chosen))[:MAX_CORRELATED])]
    sums = []
    for name in ("real", other):
        some = tables.some_rows(name, MAX_RANKED)
        ranks = pd.DataFrame({k: tables.values[name][c][some] for k, c in enumerate(chosen)}).rank(pct=True)
        groups = tables.groups[name][some]
        sums.append(np.stack([_moments(ranks.to_numpy()[groups == g]) for g in range(N_GROUPS)]))
    whole = [_correlations(part.sum(0)) for part in sums]
    gaps = [
        [_mean_gap(_correlations(part.sum(0) - group), other_side) for group in part]
        for part, other_side in zip(sums, reversed(whole), strict=True)
    ]
    return _mean_gap(*whole), jackknife_error(np.array(gaps))


def _moments(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """What correlations are made of, summed over the rows where both numbers are present: shape (4, p, p).

    Their number, the first number, its square, and the product of both.
    """
    present = ~np.isnan(ranks)
    centred, there = np.where(present, ranks - 0.5, 0.0), present.astype(np.float64)
    return np.stack([there.T @ there, centred.T @ there, (centred**2).T @ there, centred.T @ centred])


def _correlations(moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations of all pairs; a column that does not vary is taken to be correlated with none."""
    n, first, squared, product = moments
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = product - first * first.T / n
        variance = squared - first**2 / n
        variance = np.where(variance > 1e-9 * n, variance, np.nan)
        correlation = covariance / np.sqrt(variance * variance.T)
    return np.nan_to_num(np.clip(correlation, -1, 1)[np.triu_indices(len(n), 1)])


def _mean_gap(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(np.abs(left - right).mean())
