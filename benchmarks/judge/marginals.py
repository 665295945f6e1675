"""Is each column right, and each pair of columns? Errors in percent, and what real held-out rows reach."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

from benchmarks.judge.tables import Rows, Tables

Codes = npt.NDArray[np.int64]


def shape(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Mean over columns of the KS statistic of numbers and the total variation distance of categories."""
    return _with_floor(tables, shape_error, "shape_error", "shape_floor")


def trend(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Mean error of pairs, see `trend_error`."""
    return _with_floor(tables, trend_error, "trend_error", "trend_floor")


def pairs(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Mean error of pairs in bins that both tables share, see `pair_error`."""
    return _with_floor(tables, pair_error, "pair_error_fixed_bins", "pair_floor")


def validity(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Numbers outside the training range and categories that it lacks."""
    numbers, codes = tables.synthetic.numbers, tables.synthetic.codes
    low, high = np.nanmin(tables.train.numbers, axis=0), np.nanmax(tables.train.numbers, axis=0)
    wrong = ((numbers < low) | (numbers > high)).sum() + (codes >= tables.n_known).sum()
    return {"invalid_cells": float(100 * wrong / (np.isfinite(numbers).sum() + codes.size))}


def shape_error(real: Rows, other: Rows) -> float:
    """One minus Column Shapes of sdmetrics, in percent."""
    numbers = [
        ks_2samp(a[~np.isnan(a)], b[~np.isnan(b)], method="asymp").statistic if not np.isnan(b).all() else 1.0
        for a, b in zip(real.numbers.T, other.numbers.T, strict=True)
    ]
    categories = [total_variation(a, b) for a, b in zip(real.codes.T, other.codes.T, strict=True)]
    return 100 * float(np.mean([*numbers, *categories]))


def trend_error(real: Rows, other: Rows) -> float:
    """One minus Column Pair Trends of sdmetrics, in percent: every pair and every row counts.

    Two numbers are compared by half the difference of their correlations, other pairs by the total variation
    distance of their joint tables. There a number is cut at ten equal bins between the minimum and maximum of
    its own table, so that a single extreme row moves all bins; `pair_error` has no such weakness.
    """
    errors = [
        abs(a - b) / 2
        for a, b in zip(correlations(real.numbers), correlations(other.numbers), strict=True)
        if np.isfinite(a) and np.isfinite(b)
    ]
    n_numerical = real.numbers.shape[1]
    first, second = (np.hstack([own_bins(rows.numbers), rows.codes]) for rows in (real, other))
    errors += [
        pair_distance(first, second, i, j)
        for i, j in combinations(range(first.shape[1]), 2)
        if j >= n_numerical
    ]
    return 100 * float(np.mean(errors)) if errors else 0.0


def pair_error(real: Rows, other: Rows) -> float:
    """Mean total variation distance of pairs, in percent, numbers cut at the deciles of the real table."""
    deciles = np.nanquantile(real.numbers, np.linspace(0.1, 0.9, 9), axis=0)
    first, second = (np.hstack([_cut(rows.numbers, deciles), rows.codes]) for rows in (real, other))
    errors = [pair_distance(first, second, i, j) for i, j in combinations(range(first.shape[1]), 2)]
    return 100 * float(np.mean(errors)) if errors else 0.0


def correlations(numbers: npt.NDArray[np.float64]) -> list[float]:
    """Pearson's correlation of each pair of columns over rows where both are there; NaN of a constant."""
    found = []
    for i, j in combinations(range(numbers.shape[1]), 2):
        both = numbers[:, [i, j]][~np.isnan(numbers[:, [i, j]]).any(axis=1)]
        constant = len(both) < 2 or (both == both[0]).all(axis=0).any()
        found.append(np.nan if constant else float(np.corrcoef(both.T)[0, 1]))
    return found


def own_bins(numbers: npt.NDArray[np.float64]) -> Codes:
    """Cut each column at ten equal bins of its own; its maximum and missing values have a bin together."""
    bins = [np.digitize(v, np.histogram_bin_edges(v[~np.isnan(v)], bins=10)) for v in numbers.T]
    return np.array(bins, dtype=np.int64).reshape(numbers.shape[::-1]).T


def pair_distance(first: Codes, second: Codes, i: int, j: int) -> float:
    """Total variation distance of the joint tables of columns i and j."""
    n = 1 + int(max(first[:, j].max(), second[:, j].max()))
    return total_variation(first[:, i] * n + first[:, j], second[:, i] * n + second[:, j])


def total_variation(first: Codes, second: Codes) -> float:
    """Half the sum of the absolute differences of shares."""
    n = 1 + int(max(first.max(), second.max()))
    shares = [np.bincount(codes, minlength=n) / len(codes) for codes in (first, second)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _cut(numbers: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> Codes:
    bins = [
        np.where(np.isnan(v), len(edge) + 1, np.searchsorted(edge, v, side="right"))
        for v, edge in zip(numbers.T, edges.T, strict=True)
    ]
    return np.array(bins, dtype=np.int64).reshape(numbers.shape[::-1]).T


def _with_floor(
    tables: Tables, error: Callable[[Rows, Rows], float], name: str, floor: str
) -> dict[str, float]:
    """Give the error, and that of held-out rows as if there were as many as synthetic ones."""
    n_train, n_test, n_synthetic = (len(rows) for rows in (tables.train, tables.test, tables.synthetic))
    scale = np.sqrt((1 / n_train + 1 / n_synthetic) / (1 / n_train + 1 / n_test))
    return {
        name: error(tables.train, tables.synthetic),
        floor: float(scale * error(tables.train, tables.test)),
    }
