"""How many synthetic rows to add: a cautious choice by the scores of inner cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from tabgan.augment.t_test import corrected_t_test

REPEATS = 2  # of inner cross-validation, where a number of folds is given
CLEAR = 2.0  # standard errors that a gain must exceed
BEARABLE = 0.01  # loss of the ranking score beside it


def compare_amounts(
    amounts: Sequence[Any],
    scores: NDArray[Any],
    sizes: NDArray[Any],
    test_over_train: float,
    ranking: NDArray[Any] | None = None,
) -> pd.DataFrame:
    """Mean scores of amounts over folds, and how they differ from those of the first, which is none.

    Parameters
    ----------
    amounts : sequence of length n_amounts
    scores : ndarray of shape (n_folds, n_amounts)
    sizes : ndarray of shape (n_amounts,)
        Rows added.
    test_over_train : float
        Rows of a test part over rows of a training part.
    ranking : ndarray of shape (n_folds, n_amounts), optional
        Ranking scores, NaN where there is none.

    Returns
    -------
    DataFrame
        By amount: ``rows``, ``mean_score``, ``difference``, ``standard_error`` and, if given,
        ``ranking_difference``.
    """
    tests = [corrected_t_test(column - scores[:, 0], test_over_train) for column in scores.T]
    table = pd.DataFrame(
        {
            "rows": sizes,
            "mean_score": scores.mean(axis=0),
            "difference": [test.mean for test in tests],
            "standard_error": [test.standard_error for test in tests],
        },
        index=pd.Index(np.array(amounts, dtype=object), name="amount"),
    )
    if ranking is not None:
        table["ranking_difference"] = pd.DataFrame(ranking - ranking[:, :1]).mean().to_numpy()
    return table


def choose(results: pd.DataFrame) -> int:
    """Place of the amount to take in the table of :func:`compare_amounts`.

    An amount is eligible if its gain exceeds `CLEAR` standard errors and it does not lose more than
    `BEARABLE` of the ranking score. Of those, take the fewest rows within one standard error of the best; if
    there is none, add no rows.

    Notes
    -----
    With m folds of k-fold cross-validation the standard error is ``sqrt((1 / m + 1 / (k - 1)) * var)``, by
    Nadeau and Bengio 2003, section 4. Two of them are the one-sided level of 5 % for six folds, of 4 % for
    ten. One standard error:  Breiman et al. 1984, section 3.4.3.
    """
    is_gain = results["difference"] > CLEAR * results["standard_error"]
    if "ranking_difference" in results:
        is_gain &= ~(results["ranking_difference"] < -BEARABLE)
    places = np.flatnonzero(is_gain.to_numpy())
    if not len(places):
        return 0
    best = results.iloc[places].sort_values("difference").iloc[-1]
    enough = (results["difference"] >= best["difference"] - best["standard_error"]).to_numpy()
    return int(min(places[enough[places]], key=lambda place: results["rows"].iloc[place]))


def ranks(estimator: Any) -> bool:
    """Whether a classifier says how sure it is, so that rows can be ranked."""
    return hasattr(estimator, "predict_proba") or hasattr(estimator, "decision_function")


def ranking_score(classifier: Any, X: Any, y: Any) -> float:
    """Average precision of each class against the others, in the mean; NaN if all rows are of one class.

    It knows no threshold: oversampling that only moves the threshold leaves it where it was.

    Parameters
    ----------
    classifier : fitted classifier
        With ``predict_proba`` or ``decision_function``.
    X : DataFrame or array of shape (n_rows, n_columns)
    y : array-like of shape (n_rows,)
    """
    how = classifier.predict_proba if hasattr(classifier, "predict_proba") else classifier.decision_function
    values = np.asarray(how(X))
    if values.ndim == 1:
        values = np.column_stack([-values, values])
    of_class = np.asarray(y)[:, None] == np.asarray(classifier.classes_)
    known = [k for k, column in enumerate(of_class.T) if 0 < column.sum() < len(column)]
    each = [average_precision_score(of_class[:, k], values[:, k]) for k in known]
    return float(np.mean(each)) if each else float("nan")
