"""Does the table teach what the real one does? Machine learning efficacy (MLE): train on it, test on real."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from benchmarks.judge.tables import Rows, Tables

MOST = 60_000  # rows to learn from
SETTINGS = ((4, 1.0), (4, 10.0), (8, 1.0), (8, 10.0))  # depth, and the least weight of a leaf
BASE = {
    "learning_rate": 0.1, "min_data_in_leaf": 1, "lambda_l2": 1.0, "num_threads": 1, "seed": 0,
    "deterministic": True, "force_row_wise": True, "verbosity": -1, "first_metric_only": True,
}  # fmt: skip

Array = npt.NDArray[np.float64]


def efficacy(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Score on held-out rows of trees taught by the synthetic and by the training table.

    Of classes it is the AUC, or the mean of one against the rest; of numbers it is the RMSE, after
    log(clip(y, 1, 20000)), as in the papers, where no real target is negative.
    """
    seed = int(rng.integers(2**32))
    taught, real = (
        taught_by(rows, tables, np.random.default_rng(seed)) for rows in (tables.synthetic, tables.train)
    )
    gap = taught - real if tables.roles.task == "regression" else real - taught
    return {"mle": taught, "mle_real": real, "mle_gap": gap}


def taught_by(rows: Rows, tables: Tables, rng: np.random.Generator) -> float:
    """Score of boosted trees that have seen nothing but `rows`."""
    known = rows.draw(MOST, rng)
    features, target = _features(known, tables), _target(known, tables)
    asked, truth = _features(tables.test, tables), _target(tables.test, tables)
    usable = np.isfinite(target)
    if tables.roles.task == "regression":
        predicted = _fit(features[usable], target[usable], asked, tables, {"objective": "regression"}, "rmse")
        there = np.isfinite(truth)
        return float(np.sqrt(np.mean((predicted[there] - truth[there]) ** 2)))
    classes = np.unique(target[usable])
    if len(classes) < 2:
        return 0.5
    label = np.searchsorted(classes, target[usable]).astype(float)
    if len(classes) == 2:
        second = _fit(features[usable], label, asked, tables, {"objective": "binary"}, "auc")
        chances = np.column_stack([1 - second, second])
    else:
        many = {"objective": "multiclass", "num_class": len(classes)}
        chances = _fit(features[usable], label, asked, tables, many, "multi_logloss")
    return _mean_auc(truth, classes, chances)


def _mean_auc(truth: Array, classes: Array, chances: Array) -> float:
    """Mean AUC of one class against the rest; a class that was never taught scores one half."""
    occurring = np.unique(truth)
    if len(occurring) == 2 and set(occurring) == set(classes):
        return float(roc_auc_score(truth == classes[1], chances[:, 1]))
    column = {value: k for k, value in enumerate(classes)}
    scores = [
        roc_auc_score(truth == value, chances[:, column[value]]) if value in column else 0.5
        for value in occurring
    ]
    return float(np.mean(scores)) if len(occurring) > 1 else 0.5


def _fit(
    features: Array, target: Array, asked: Array, tables: Tables, objective: dict[str, Any], metric: str
) -> Array:
    """Predict by the best of four settings, chosen and stopped early on a ninth of the rows."""
    n_validation = max(len(features) // 9, 1)
    n_categorical = tables.test.codes.shape[1] - (tables.roles.task != "regression")
    categorical = list(range(features.shape[1] - n_categorical, features.shape[1]))
    train = lightgbm.Dataset(
        features[n_validation:], target[n_validation:], categorical_feature=categorical, free_raw_data=False
    )
    validation = train.create_valid(features[:n_validation], target[:n_validation])
    best_score, best = -np.inf, np.empty(0)
    for depth, weight in SETTINGS:
        parameters = {
            **BASE, **objective, "metric": metric, "max_depth": depth, "num_leaves": 2**depth,
            "min_sum_hessian_in_leaf": weight, "feature_pre_filter": False,
        }  # fmt: skip
        stop = lightgbm.early_stopping(20, verbose=False)
        model = lightgbm.train(parameters, train, 300, valid_sets=[validation], callbacks=[stop])
        score = model.best_score["valid_0"][metric] * (1 if metric == "auc" else -1)
        if score > best_score:
            best_score, best = score, np.asarray(model.predict(asked, num_iteration=model.best_iteration))
    return best


def _features(rows: Rows, tables: Tables) -> Array:
    """All columns but the target; a category that no real row has is missing."""
    roles = tables.roles
    codes = np.where(rows.codes < tables.n_real, rows.codes, np.nan)
    numerical = [k for k, name in enumerate(roles.numerical) if name != roles.target]
    categorical = [k for k, name in enumerate(roles.categorical) if name != roles.target]
    return np.hstack([rows.numbers[:, numerical], codes[:, categorical]])


def _target(rows: Rows, tables: Tables) -> Array:
    """Numbers on the scale of the score, or class numbers; NaN where nothing can be learned from."""
    roles = tables.roles
    if roles.task == "regression":
        k = roles.numerical.index(roles.target)
        positive = np.nanmin(tables.test.numbers[:, k]) >= 0
        values = rows.numbers[:, k]
        return np.log(np.clip(values, 1, 20_000)) if positive else values
    k = roles.categorical.index(roles.target)
    return np.where(rows.codes[:, k] < tables.n_real[k], rows.codes[:, k], np.nan)
