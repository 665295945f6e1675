"""Whether scores of cross-validation differ beyond noise: the corrected resampled t-test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


class Difference(NamedTuple):
    """A mean difference with its standard error, confidence interval and two-sided p-value."""

    mean: float
    standard_error: float
    low: float
    high: float
    p_value: float


def corrected_t_test(differences: ArrayLike, test_over_train: float, level: float = 0.95) -> Difference:
    """Test whether the mean of paired differences over resamplings is zero.

    The training sets of cross-validation overlap, so the differences depend on each other and their variance
    over the number of them is too small. The correction adds the ratio of test to training rows:
    ``(1 / n + n_test / n_train) * var``.

    Parameters
    ----------
    differences : array-like of shape (n,)
        One difference of scores for each split.
    test_over_train : float
        Rows of a test part over rows of a training part.
    level : float, default=0.95
        Of the confidence interval.

    Notes
    -----
    Nadeau and Bengio 2003, *Inference for the generalization error*, Machine Learning 52, section 4, the
    corrected resampled t-test; used for repeated cross-validation as Bouckaert and Frank 2004, *Evaluating
    the replicability of significance tests for comparing learning algorithms*, section 3.3, propose.

    Examples
    --------
    >>> round(corrected_t_test([0.02, 0.04, 0.03, 0.05, 0.01], 1 / 4).p_value, 3)
    0.047
    """
    values = np.asarray(differences, dtype=float)
    n, mean = len(values), float(np.mean(values))
    error = float(np.sqrt((1 / n + test_over_train) * np.var(values, ddof=1))) if n > 1 else np.nan
    if error == 0:
        return Difference(mean, 0.0, mean, mean, 1.0 if mean == 0 else 0.0)
    half = error * stats.t.ppf((1 + level) / 2, n - 1)
    return Difference(mean, error, mean - half, mean + half, float(2 * stats.t.sf(abs(mean) / error, n - 1)))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values for their number: the chance that any true hypothesis is rejected stays at the level.

    Parameters
    ----------
    p_values : array-like of shape (n,)
        NaN where nothing was tested.

    Returns
    -------
    ndarray of shape (n,)

    Notes
    -----
    Holm 1979, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of
    Statistics 6: whatever the dependence between the tests.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04, 0.03]).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    corrected = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1) if len(order) else steps
    return corrected
