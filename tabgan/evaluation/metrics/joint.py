"""Is the whole right?  A classifier that tries to tell the rows apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold

from tabgan.evaluation.views import Comparison

MAX_ROWS = 10_000  # of each table
N_FOLDS = 3
MIN_ROWS = 10


def classifier_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Classifier two-sample test with boosted trees, cross-fitted.

    Lopez-Paz and Oquab 2017, *Revisiting classifier two-sample tests*.

    Returns
    -------
    dict
        ``auc``: 0.5 if the rows cannot be told apart, 1 if always, and below 0.5 where rows were copied (a
        row and its copy mislead across folds). ``low``, ``high``: its 95 % interval (Hanley and McNeil 1982).
        ``p_value``: of the one-sided Mann-Whitney test that it is 0.5. ``rows``: how many of each were used.
        ``giveaways``: columns by how much worse the classifier is without them. ``roc``: points of the curve.
    """
    rng = tables.rng()
    left, right = tables.matrix("real"), tables.matrix(other)
    n = min(MAX_ROWS, len(left), len(right))
    if n < MIN_ROWS or not left.shape[1]:
        return {"auc": 0.5, "low": 0.0, "high": 1.0, "p_value": 1.0, "rows": n, "giveaways": [], "roc": []}
    X = np.vstack([left[rng.permutation(len(left))[:n]], right[rng.permutation(len(right))[:n]]])
    y = np.repeat([1, 0], n)
    names = set(tables.columns) - set(tables.numeric)
    scores = np.empty(2 * n)
    importance = np.zeros(X.shape[1])
    for train, test in StratifiedKFold(N_FOLDS, shuffle=True, random_state=tables.seed).split(X, y):
        model = HistGradientBoostingClassifier(
            categorical_features=[column in names for column in tables.columns],
            random_state=tables.seed,
            early_stopping=False,
        ).fit(X[train], y[train])
        # Ranks within the fold: probabilities of different folds are not on one scale.
        scores[test] = stats.rankdata(model.predict_proba(X[test])[:, 1]) / len(test)
        few = rng.permutation(test)[:1000]
        found = permutation_importance(
            model, X[few], y[few], scoring="roc_auc", n_repeats=1, random_state=tables.seed
        )
        importance += found.importances_mean / N_FOLDS
    auc = float(roc_auc_score(y, scores))
    error = auc_standard_error(auc, n)
    order = np.argsort(-importance)
    false, true, _ = roc_curve(y, scores)
    kept = np.linspace(0, len(false) - 1, 60).astype(int)
    return {
        "auc": auc,
        "low": max(0.0, auc - 1.96 * error),
        "high": min(1.0, auc + 1.96 * error),
        "p_value": float(stats.norm.sf((auc - 0.5) / auc_standard_error(0.5, n))),
        "rows": n,
        "giveaways": [(tables.columns[i], float(importance[i])) for i in order[:10] if importance[i] > 0],
        "roc": [(float(false[i]), float(true[i])) for i in kept],
    }


def auc_standard_error(auc: float, n: int) -> float:
    """Standard error of an area under the curve from n rows of each kind (Hanley and McNeil 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2) + (n - 1) * (q2 - auc**2)) / n**2
    return float(np.sqrt(max(variance, 0)))
