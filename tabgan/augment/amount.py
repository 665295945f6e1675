"""How many synthetic rows to add: a cautious choice by the scores of inner cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from tabgan.augment.t_test import corrected_t_test

REPEATS = 2  # of inner cross-validation, where a number of folds is given
CLEAR = 2.0  # standard errors that a gain must exceed
BEARABLE = 0.01  # loss of the ranking score beside it


class Choice(NamedTuple):
    """The place of an amount in the table of :func:`compare_amounts`, and why it was taken."""

    place: int
    reason: str


def compare_amounts(
    amounts: Sequence[Any],
    scores: NDArray[Any],
    ranking: NDArray[Any],
    sizes: NDArray[Any],
    test_over_train: float,
) -> pd.DataFrame:
    """Mean scores of amounts over folds, and how they differ from those of the first, which is none.

    Scores, ranking scores (NaN where there is none) and numbers of rows added have the shape
    (n_folds, n_amounts); `test_over_train` divides the rows of a test part by those of a training part.
    """
    tests = [corrected_t_test(column - scores[:, 0], test_over_train) for column in scores.T]
    results = pd.DataFrame(
        {
            "rows": sizes.mean(axis=0),
            "mean_score": scores.mean(axis=0),
            "difference": [test.mean for test in tests],
            "standard_error": [test.standard_error for test in tests],
        },
        index=pd.Index(np.array(amounts, dtype=object), name="amount"),
    )
    if not np.isnan(ranking).all():
        results["ranking_difference"] = pd.DataFrame(ranking - ranking[:, :1]).mean().to_numpy()
    return results


def gains(results: Sequence[tuple[Sequence[float], ...]]) -> bool:
    """Tell whether any amount has a better mean score than none, which comes first, over some folds.

    If none has after the first of several repetitions, more of them would hardly make one clearly better.
    """
    scores = np.mean([scores for scores, *_ in results], axis=0)
    return bool((scores[1:] > scores[0]).any())


def choose(results: pd.DataFrame) -> Choice:
    """Choose an amount from the table of :func:`compare_amounts`.

    An amount is eligible if its gain exceeds `CLEAR` standard errors and it does not lose more than
    `BEARABLE` of the ranking score. Of those, take the fewest rows within one standard error of the best; if
    there is none, add no rows.

    With m folds of k-fold cross-validation the standard error is ``sqrt((1 / m + 1 / (k - 1)) * var)``, by
    Nadeau and Bengio 2003, section 4. Two of them are the one-sided level of 5 % for six folds, of 4 % for
    ten. One standard error:  Breiman et al. 1984, section 3.4.3.
    """
    is_gain = results["difference"] > CLEAR * results["standard_error"]
    ranks_worse = pd.Series(False, index=results.index)
    if "ranking_difference" in results:
        ranks_worse = results["ranking_difference"] < -BEARABLE
    places = np.flatnonzero((is_gain & ~ranks_worse).to_numpy())
    if not len(places):
        return Choice(0, _why_none(results, is_gain))
    best = results.iloc[places].sort_values("difference").iloc[-1]
    enough = (results["difference"] >= best["difference"] - best["standard_error"]).to_numpy()
    place = int(min(places[enough[places]], key=lambda place: results["rows"].iloc[place]))
    also = f", within a standard error of the best, {best.name!r}, which adds more rows"
    return Choice(place, _gain(results.iloc[place]) + (also if results.index[place] != best.name else ""))


def _why_none(results: pd.DataFrame, is_gain: pd.Series) -> str:
    """Say which amount came nearest, and what it lacked."""
    if is_gain.any():
        lost = results[is_gain].sort_values("ranking_difference").iloc[-1]
        return f"none: {_gain(lost)}, but loses {-lost['ranking_difference']:.3f} of average precision"
    best = results.iloc[1:].sort_values("difference").iloc[-1]
    if best["difference"] <= 0:
        return f"none: no amount gains anything; {_gain(best)}"
    return f"none: {_gain(best)}, not more than {CLEAR:g} standard errors"


def _gain(row: pd.Series) -> str:
    """Say what an amount gains in the mean of the folds, and how sure that is."""
    return (
        f"{row.name!r} gains {row['difference']:+.3f} ± {row['standard_error']:.3f} in inner cross-validation"
    )


def ranking_score(classifier: Any, X: Any, y: Any) -> float:
    """Average precision of each class against the others, in the mean.

    It knows no threshold: oversampling that only moves the threshold leaves it where it was. NaN if all rows
    are of one class, or the fitted classifier does not say how sure it is, so that rows cannot be ranked.
    """
    methods = [getattr(classifier, name, None) for name in ("predict_proba", "decision_function")]
    predict = next(filter(None, methods), None)
    of_class = np.asarray(y)[:, None] == np.asarray(classifier.classes_)
    known = of_class.any(axis=0) & ~of_class.all(axis=0)
    if predict is None or not known.any():
        return float("nan")
    values = np.asarray(predict(X))
    if values.ndim == 1:
        values = np.column_stack([-values, values])
    return float(average_precision_score(of_class[:, known], values[:, known]))
