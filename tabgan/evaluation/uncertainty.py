"""How sure a figure is: standard errors by resampling, intervals, and p-values corrected for their number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

N_GROUPS = 20
N_BOOTSTRAP = 100
TWO_SIDED_95 = 1.96


def interval(value: float, error: float, low: float = 0.0, high: float = 1.0) -> tuple[float, float]:
    """The 95 % interval of a figure with this standard error, within the figure's range.

    Percentiles of a bootstrap would not do for distances: a resample is noisier than its sample, so that
    they all lie above the value.
    """
    return max(low, value - TWO_SIDED_95 * error), min(high, value + TWO_SIDED_95 * error)


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


def auc_error(auc: float, n: int, m: int | None = None) -> float:
    """Standard error of an area under the ROC curve from n and m rows (Hanley and McNeil 1982)."""
    m = n if m is None else m
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2) + (m - 1) * (q2 - auc**2)) / (n * m)
    return float(np.sqrt(max(variance, 0)))


def holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values that keep the family-wise error rate (Holm 1979)."""
    order = np.argsort(p_values)
    adjusted = np.minimum(1.0, np.array(p_values)[order] * np.arange(len(order), 0, -1))
    return [float(p) for p in np.maximum.accumulate(adjusted)[np.argsort(order)]]
