"""Is the whole right?  Two-sample tests: classifiers that tell rows apart, and the energy distance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tabgan.evaluation.comparison import (
    Comparison,
    matrix,
    points,
    tree_bins,
    tree_leaves,
    widths,
    without_empty,
)
from tabgan.evaluation.importance import permutation_importance
from tabgan.evaluation.result import Metric, MetricResult
from tabgan.evaluation.uncertainty import SIGNIFICANT, auc_error, bootstrap_error, interval, roc_auc

MAX_ROWS = 20_000  # of each table, for trees, and
MAX_VALUES = 600_000  # of each table
MAX_LINEAR_ROWS = 40_000  # of each table, for logistic regression, and
MAX_WORK = 4e9  # numbers that it may read, all steps together
TREES = {"max_depth": 6, "max_features": 0.8, "min_samples_leaf": 10}
MAX_LEAVES = 64
MAX_COLUMNS = 500  # of more, fewer trees
TREES_LINE = "AUC of boosted trees (classifier two-sample test)"
N_FOLDS = 5
MAX_SHUFFLED, MIN_SHUFFLED = 1000, 100  # rows of a fold, for importances, within
MAX_SHUFFLED_VALUES = 20_000
MIN_ROWS = 10
MAX_ENERGY = 2000  # rows of each table, for the energy distance
N_PERMUTATIONS = 999
# What a test gives where tables are too small for it; giveaways: columns, by the loss of AUC without them.
UNTOLD = {"auc": 0.5, "interval": (0.0, 1.0), "p_value": 1.0, "rows": 0, "roc": [], "giveaways": []}


def trees(tables: Comparison) -> MetricResult:
    """Ask how well trees tell synthetic rows from real ones, and rows of the holdout from real ones."""
    return _classifier_metric(
        tables, trees_test, "Boosted trees", TREES_LINE,
        "how well trees tell the rows from real ones; 0.5: not at all, 1: always, below 0.5: copied rows",
    )  # fmt: skip


def logistic(tables: Comparison) -> MetricResult:
    """Ask the same of logistic regression."""
    return _classifier_metric(
        tables, logistic_test, "Logistic regression", "AUC of logistic regression",
        "the same for a linear model: sees shifts of columns, but no dependence between them",
    )  # fmt: skip


def _classifier_metric(
    tables: Comparison,
    test: Callable[[Comparison, str], dict[str, Any]],
    classifier: str,
    name: str,
    caption: str,
) -> MetricResult:
    """The line of the report for a classifier two-sample test."""
    result, holdout = (test(tables, other) for other in ("synthetic", "holdout"))
    auc, limits, p_value = (result[key] for key in ("auc", "interval", "p_value"))
    metric = Metric("joint", name, auc, limits, holdout["auc"], p_value, "near 0.5", caption)
    details = {**result, "ceiling": holdout["auc"], "ceiling_roc": holdout["roc"]}
    return MetricResult([metric], details, f"{classifier}: {result['rows']:,} rows of each table.")


def trees_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Classifier two-sample test with boosted trees, cross-fitted.

    Lopez-Paz and Oquab 2017, *Revisiting classifier two-sample tests*, section 3.
    """
    rng = tables.rng()
    rows = equal_rows(tables, other, max(MIN_ROWS, tables.affordable(MAX_ROWS, MAX_VALUES)), rng)
    n = len(rows["real"])
    if n < MIN_ROWS:
        return {**UNTOLD, "rows": n}
    n_bins = tree_bins(tables)
    X = np.vstack([matrix(tables, name, places, n_bins) for name, places in rows.items()])
    model = HistGradientBoostingClassifier(
        categorical_features=[column not in tables.numeric for column in tables.columns],
        random_state=tables.seed,
        early_stopping=False,
        max_bins=n_bins,
        max_leaf_nodes=tree_leaves(2 * n, MAX_LEAVES),
        max_iter=int(np.clip(n / 100, 50, 150) * np.clip(MAX_COLUMNS / X.shape[1], 0.2, 1)),
        **TREES,
    )
    result, models, folds = _cross_fit(model, X, tables.seed)
    if other == "holdout" or result["p_value"] >= SIGNIFICANT:  # there is nothing to explain
        return result
    importance = np.mean(
        [_losses(fitted, X, rng.permutation(fold), rng) for fitted, fold in zip(models, folds, strict=True)],
        axis=0,
    )
    order = np.argsort(-importance)[:10]
    giveaways = [(tables.columns[k], float(importance[k])) for k in order if importance[k] > 0]
    return {**result, "giveaways": giveaways}


def _losses(
    model: Any, X: NDArray[np.float64], rows: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.float64]:
    """How much the AUC of some rows falls when a column is shuffled: shape (n_columns,)."""
    rows = rows[: int(np.clip(MAX_SHUFFLED_VALUES / X.shape[1], MIN_SHUFFLED, MAX_SHUFFLED))]
    is_real = rows < len(X) // 2
    return permutation_importance(
        model.decision_function, lambda scores: roc_auc(scores, is_real), X[rows], rng
    )


def logistic_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Classifier two-sample test with logistic regression on ranks, their squares, and categories as 0 and 1.

    Lopez-Paz and Oquab 2017, section 3; without giveaways.
    """
    width = widths(tables)
    limit = min(MAX_LINEAR_ROWS, int(MAX_WORK / (300 * sum(width))) + MIN_ROWS)
    X = _points(tables, other, limit)
    if len(X) < 2 * MIN_ROWS:
        return {**UNTOLD, "rows": len(X) // 2}
    is_numeric = [column in tables.numeric for column in tables.columns]
    X = np.hstack([X, (X[:, np.repeat(is_numeric, width)] - 0.5) ** 2])  # spread beside location
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, tol=1e-3))
    return _cross_fit(model, X, tables.seed)[0]


def equal_rows(
    tables: Comparison, other: str, limit: int, rng: np.random.Generator
) -> dict[str, NDArray[np.intp]]:
    """Positions of rows, as many of the real table as of the other one."""
    n = min(limit, tables.n_rows("real"), tables.n_rows(other))
    return {name: tables.some_rows(name, n, rng) for name in ("real", other)}


def _points(tables: Comparison, other: str, limit: int) -> NDArray[np.float32]:
    """Points of as many rows of the real table, which come first, as of the other one."""
    rows = equal_rows(tables, other, limit, tables.rng())
    return np.vstack([points(tables, name, places) for name, places in rows.items()])


def _cross_fit(
    model: Any, X: NDArray[Any], seed: int
) -> tuple[dict[str, Any], list[Any], list[NDArray[np.intp]]]:
    """The AUC of scores of rows that each fold's classifier has not seen, the classifiers and their folds.

    The first half of the rows are real ones. The AUC is 0.5 if the two cannot be distinguished, 1 if always,
    and below 0.5 where rows were copied: a row and its copy mislead across folds.
    """
    n = len(X) // 2
    y, ranks = np.repeat([1, 0], n), np.empty(2 * n)
    models, folds = [], []
    for train, test in StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed).split(X, y):
        models.append(clone(model).fit(without_empty(X[train]), y[train]))
        folds.append(test)
        # Ranks within the fold: scores of different classifiers are not on one scale.
        ranks[test] = stats.rankdata(models[-1].decision_function(X[test])) / len(test)
    auc = roc_auc(ranks, y == 1)
    false, true, _ = roc_curve(y, ranks)
    kept = np.linspace(0, len(false) - 1, 60).astype(int)
    result = {
        "auc": auc,
        "interval": interval(auc, auc_error(auc, n)),
        "p_value": float(stats.norm.sf((auc - 0.5) / auc_error(0.5, n))),  # one-sided Mann-Whitney test
        "rows": n,
        "roc": [(float(false[k]), float(true[k])) for k in kept],
        "giveaways": [],
    }
    return result, models, folds


def energy(tables: Comparison) -> MetricResult:
    """Test by permutation whether the rows have the energy distance 0."""
    test, ceiling = energy_test(tables, "synthetic"), energy_distance(_distances(tables, "holdout"))
    metric = Metric(
        "joint", "Energy distance", test["value"], interval(test["value"], test["error"], low=-1.0),
        ceiling, test["p_value"],
        caption="0 for equal distributions, 1 for points far apart; chance can take it a little below 0",
    )  # fmt: skip
    note = f"Energy distance: {test['rows']:,} rows of each table, {N_PERMUTATIONS} permutations."
    return MetricResult([metric], {**test, "ceiling": ceiling}, note)


def energy_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Energy distance of two samples of points, as a share of twice their mean distance.

    Szekely and Rizzo 2013, *Energy statistics*, sections 3 and 6; here without the distances of points to
    themselves, so that the expected value for equal distributions is 0. Numbers count by their rank.
    """
    distances, rng = _distances(tables, other), tables.rng()
    n, value = len(distances) // 2, energy_distance(distances)
    is_real = np.repeat([1, 0], n).astype(np.float32)
    shuffled = np.stack([rng.permutation(is_real) for _ in range(N_PERMUTATIONS)])
    above = int((_energies(distances, shuffled) >= value - 1e-7).sum())
    between, real, seen = distances[:n, n:], distances[:n, :n], distances[n:, n:]

    def resampled(i: NDArray[np.intp], j: NDArray[np.intp]) -> float:
        """The same from counts of drawn rows, without a row's distance to itself."""
        w, v = (np.bincount(drawn, minlength=n).astype(np.float32) for drawn in (i, j))
        inner = w @ real @ w / (n * n - w @ w) + v @ seen @ v / (n * n - v @ v)
        return float(1 - inner / max(2 * (w @ between @ v) / (n * n), 1e-12))

    error = bootstrap_error(resampled, (n, n), rng) if n > 10 else 1.0
    return {"value": value, "error": error, "p_value": (above + 1) / (N_PERMUTATIONS + 1), "rows": n}


def energy_distance(distances: NDArray[np.float32]) -> float:
    """The energy distance from distances of 2n points, shape (2n, 2n), of which n real ones come first."""
    return float(_energies(distances, np.repeat([1, 0], len(distances) // 2).astype(np.float32)[None])[0])


def _distances(tables: Comparison, other: str) -> NDArray[np.float32]:
    """Distances between points of some rows of both tables, as many of each, the real ones first."""
    return euclidean_distances(_points(tables, other, MAX_ENERGY))


def _energies(distances: NDArray[np.float32], is_real: NDArray[np.float32]) -> NDArray[np.float64]:
    """Energy distances for each way (row of `is_real`) to call half of the points real."""
    n = len(distances) // 2
    sums = distances.sum(1, dtype=np.float64)
    inside = ((is_real @ distances) * is_real).sum(1, dtype=np.float64)
    across = is_real @ sums - inside
    others = sums.sum() - inside - 2 * across
    pairs = max(n * (n - 1), 1)
    energies: NDArray[np.float64] = 1 - (inside + others) / pairs / np.maximum(2 * across / (n * n), 1e-12)
    return energies
