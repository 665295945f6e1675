"""How sure a figure is: standard errors by resampling, intervals, and p-values corrected for their number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

SIGNIFICANT = 0.01  # what a p-value must be below to be called a finding
MIN_EXPECTED = 5  # rows in a cell of the chi-squared test
N_GROUPS = 20
N_BOOTSTRAP = 100
TWO_SIDED_95 = 1.96


def interval(value: float, error: float, low: float = 0.0, high: float = 1.0) -> tuple[float, float]:
    """The 95 % interval of a figure with this standard error, within the figure's range.

    Percentiles of a bootstrap would not do for distances: a resample is noisier than its sample, so that
    they all lie above the value.
    """
    return max(low, value - TWO_SIDED_95 * error), min(high, value + TWO_SIDED_95 * error)


def worst_interval(values: list[float], errors: list[float]) -> tuple[float, float]:
    """The 95 % interval of the largest of several shares or areas under a ROC curve.

    All k true values lie in their intervals of 1 - 0.05 / (2 k) a side at once (Bonferroni), and then the
    largest lies between the largest lower and the largest upper end: that it was picked is accounted for.
    """
    reach = float(stats.norm.isf(0.025 / len(values))) * np.array(errors)
    return max(0.0, float((values - reach).max())), min(1.0, float((values + reach).max()))


def more_often(k: float, n: float, k_usual: float, n_usual: float) -> float:
    """p-value of Fisher's exact one-sided test that k of n is not more often than k_usual of n_usual."""
    k, n, k_usual, n_usual = (round(count) for count in (k, n, k_usual, n_usual))
    return float(stats.hypergeom.sf(k - 1, n + n_usual, k + k_usual, n))


def jackknife_error(left_out: NDArray[np.float64]) -> float:
    """Standard error from figures without one group of rows each (Shao and Tu 1995, section 2.3).

    They have the shape (n_tables, n_groups): a group of one table is left out, all rows of the others stay.
    """
    n_groups = left_out.shape[-1]
    spread = ((left_out - left_out.mean(-1, keepdims=True)) ** 2).sum()
    return float(np.sqrt(spread * (n_groups - 1) / n_groups))


def bootstrap_error(
    statistic: Callable[..., float], n_rows: tuple[int, ...], rng: np.random.Generator
) -> float:
    """Standard error of `statistic(rows, ...)`, asked with as many arrays of drawn rows as there are tables.

    Efron 1979, *Bootstrap methods: another look at the jackknife*, section 2.
    """
    drawn = [statistic(*(rng.integers(0, n, n) for n in n_rows)) for _ in range(N_BOOTSTRAP)]
    return float(np.std(drawn, ddof=1))


def share_error(share: float, n: int) -> float:
    """Standard error of a share of n rows; Agresti and Coull 1998 (two rows of each sort added)."""
    share = (share * n + 2) / (n + 4)
    return float(np.sqrt(share * (1 - share) / (n + 4)))


def roc_auc(scores: NDArray[np.float64], is_positive: NDArray[np.bool_]) -> float:
    """The area under the ROC curve, by ranks (Mann and Whitney 1947); 0.5 without rows of both sorts."""
    n, m = int(is_positive.sum()), int((~is_positive).sum())
    if not n or not m:
        return 0.5
    return float((stats.rankdata(scores)[is_positive].sum() - n * (n + 1) / 2) / (n * m))


def auc_error(auc: float, n: int) -> float:
    """Standard error of an area under the ROC curve from n rows of each sort (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2) + (n - 1) * (q2 - auc**2)) / (n * n)
    return float(np.sqrt(max(variance, 0)))


def holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values that keep the family-wise error rate (Holm 1979)."""
    order = np.argsort(p_values)
    adjusted = np.minimum(1.0, np.array(p_values)[order] * np.arange(len(order), 0, -1))
    return [float(p) for p in np.maximum.accumulate(adjusted)[np.argsort(order)]]


def chi_squared(counts: NDArray[np.float64]) -> float:
    """p-value of the test that both rows of a 2 x k table of counts are drawn from one distribution.

    Pearson 1900. Neighbouring cells of fewer than five expected rows are merged until they have as many,
    which looks only at the counts of both rows together.
    """
    return float(chi_squared_each(counts, np.zeros(counts.shape[1], np.intp))[0])


def chi_squared_each(counts: NDArray[np.float64], table: NDArray[np.intp]) -> NDArray[np.float64]:
    """p-values of `chi_squared` of many tables, whose cells lie one after another.

    Parameters
    ----------
    counts : ndarray of shape (2, n_cells)
    table : ndarray of shape (n_cells,)
        The number of each cell's table, ascending from 0.
    """
    n_tables = 1 + int(table.max(initial=0))

    def summed(values: NDArray[np.float64], of: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of, values, minlength=n_tables), dtype=np.float64)

    totals = np.stack([summed(row, table) for row in counts])
    both = np.maximum(totals.sum(0), 1)
    expected = counts.sum(0) * totals.min(0)[table] / both[table]
    small = expected < MIN_EXPECTED
    its_table, room = table[small], summed(expected[small], table[small])
    # Which merged cell a small one belongs to: as many as have their five rows, and the rest in the last.
    before = np.cumsum(room) - room
    group = (np.cumsum(expected[small]) - before[its_table]) // MIN_EXPECTED
    n_groups = np.maximum(room // MIN_EXPECTED, 1).astype(np.intp)
    first = np.cumsum(n_groups) - n_groups
    place = first[its_table] + np.minimum(group.astype(np.intp), n_groups[its_table] - 1)
    merged = [np.bincount(place, row[small], minlength=n_groups.sum()) for row in counts]
    cells = np.hstack([counts[:, ~small], merged])
    of_cell = np.concatenate([table[~small], np.repeat(np.arange(n_tables), n_groups)])
    there = cells.sum(0) > 0
    cells, of_cell = cells[:, there], of_cell[there]
    fit = cells.sum(0) * totals[:, of_cell] / both[of_cell]
    statistic = summed(((cells - fit) ** 2 / np.maximum(fit, 1e-300)).sum(0), of_cell)
    n_cells = np.bincount(of_cell, minlength=n_tables)
    is_tested = (n_cells > 1) & (totals > 0).all(0)
    return np.where(is_tested, special.chdtrc(np.maximum(n_cells - 1, 1), statistic), 1.0)
