"""Is it useful?  A model trained on synthetic rows, judged on real ones, beside one trained on real rows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score

from tabgan.evaluation.views import Comparison

MAX_ROWS = 20_000


def train_synthetic_test_real(tables: Comparison, target: Hashable, other: str, test: str) -> dict[str, Any]:
    """Score of boosted trees on the real rows of `test`, trained on `other` and on real rows.

    The score is the area under the ROC curve (macro one-against-rest for several classes) for names and for
    numbers with two values, R squared for other numbers. Esteban et al. 2017, section 4 (TSTR).
    """
    place = tables.columns.index(target)
    is_number = target in set(tables.numeric) and len(np.unique(tables.values["real"][target])) > 2
    scores = {}
    for name in (other, "real"):
        fit_on, judged = (np.delete(tables.matrix(table), place, axis=1) for table in (name, test))
        y, truth = (tables.values[table][target] for table in (name, test))
        rows = tables.rng().permutation(len(y))[:MAX_ROWS]
        rows, known = rows[~np.isnan(y[rows].astype(float))], ~np.isnan(truth.astype(float))
        names = [column not in set(tables.numeric) for column in tables.columns if column != target]
        form = HistGradientBoostingRegressor if is_number else HistGradientBoostingClassifier
        if not is_number and len(np.unique(y[rows])) < 2:
            scores[name] = 0.5
            continue
        model = form(categorical_features=names, random_state=tables.seed).fit(fit_on[rows], y[rows])
        scores[name] = _score(model, judged[known], truth[known], is_number)
    return {
        "target": target,
        "measure": "R squared" if is_number else "ROC AUC",
        "synthetic": scores[other],
        "real": scores["real"],
    }


def _score(model: Any, X: np.ndarray, truth: np.ndarray, is_number: bool) -> float:
    if is_number:
        return float(r2_score(truth, model.predict(X)))
    shares = dict(zip(model.classes_, model.predict_proba(X).T, strict=True))
    areas = []
    for label in np.unique(truth):
        wins = truth == label
        if wins.all():
            continue
        areas.append(roc_auc_score(wins, shares.get(label, np.zeros(len(truth)))))
        if len(shares) == 2:
            break
    return float(np.mean(areas)) if areas else 0.5
