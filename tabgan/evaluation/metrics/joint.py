"""Is the whole right?  Classifiers that tell rows apart, energy distance, precision and recall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.neighbours import nearest
from tabgan.evaluation.result import MetricResult, figure
from tabgan.evaluation.uncertainty import auc_error, bootstrap_error, interval

MAX_ROWS = 20_000  # of each table, for trees, and
MAX_CELLS = 600_000  # of each table
MAX_WORK = 4e9  # numbers that the logistic regression may read, all steps together
TREES = {"max_depth": 6, "max_leaf_nodes": 64, "max_features": 0.8, "min_samples_leaf": 10}
N_FOLDS = 5
MIN_ROWS = 10
MAX_ENERGY = 2000  # rows of each table, for the energy distance
N_PERMUTATIONS = 999
MAX_SUPPORT = 40_000  # rows of each table, for precision and recall,
MAX_DISTANCES = 1.2e11  # and as many differences of coordinates
N_ALPHAS = 30

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def trees(tables: Comparison) -> MetricResult:
    """Ask how well trees tell synthetic rows from real ones, and held-out rows from real ones."""
    found, ceiling = (classifier_test(tables, name) for name in ("synthetic", "holdout"))
    line = figure(
        "whole", "AUC of trees telling the rows apart", found["auc"], (found["low"], found["high"]),
        ceiling["auc"], found["p_value"], "near 0.5",
        "0.5: they cannot; 1: always; below 0.5: rows were copied",
    )  # fmt: skip
    note = f"Trees: {found['rows']:,} rows of each table."
    return MetricResult([line], {**found, "ceiling": ceiling["auc"], "ceiling_roc": ceiling["roc"]}, [note])


def logistic(tables: Comparison) -> MetricResult:
    """Ask the same of logistic regression."""
    found, ceiling = (logistic_test(tables, name) for name in ("synthetic", "holdout"))
    line = figure(
        "whole", "AUC of logistic regression telling them apart", found["auc"], (found["low"], found["high"]),
        ceiling["auc"], found["p_value"], "near 0.5",
        "sees shifts of columns, but no dependence between them",
    )  # fmt: skip
    note = f"Logistic regression: {found['rows']:,} rows of each table."
    return MetricResult([line], {**found, "ceiling": ceiling["auc"]}, [note])


def classifier_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Classifier two-sample test with boosted trees, cross-fitted.

    Lopez-Paz and Oquab 2017, *Revisiting classifier two-sample tests*, section 3.

    Returns
    -------
    dict
        ``auc``: 0.5 if the rows cannot be told apart, 1 if always, and below 0.5 where rows were copied (a
        row and its copy mislead across folds). ``low``, ``high``: its 95 % interval (Hanley and McNeil 1982).
        ``p_value``: of the one-sided Mann-Whitney test that it is 0.5. ``rows``: how many of each were used.
        ``giveaways``: columns by how much worse the classifier is without them. ``roc``: points of the curve.
    """
    rng = tables.rng()
    limit = min(MAX_ROWS, MAX_CELLS // max(len(tables.columns), 1))
    picked = _equal_parts(tables, other, max(limit, MIN_ROWS), rng)
    n = len(picked["real"])
    if n < MIN_ROWS or not tables.columns:
        return _no_test(n)
    X = np.vstack([tables.matrix(name, rows) for name, rows in picked.items()])
    names = set(tables.columns) - set(tables.numeric)
    importance = np.zeros(X.shape[1])

    def scores(y: NDArray[np.intp], fold: Fold) -> NDArray[np.float64]:
        train, test = fold
        model = HistGradientBoostingClassifier(
            categorical_features=[column in names for column in tables.columns],
            random_state=tables.seed,
            early_stopping=False,
            max_iter=int(np.clip(n / 100, 50, 150)),
            **TREES,
        ).fit(X[train], y[train])
        few = rng.permutation(test)[:1000]
        found = permutation_importance(
            model, X[few], y[few], scoring="roc_auc", n_repeats=1, random_state=tables.seed
        )
        importance[:] += found.importances_mean / N_FOLDS
        return np.asarray(model.predict_proba(X[test])[:, 1])

    found = _cross_fitted(scores, n, tables.seed)
    order = np.argsort(-importance)
    giveaways = [(tables.columns[i], float(importance[i])) for i in order[:10] if importance[i] > 0]
    return {**found, "giveaways": giveaways}


def logistic_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Classifier two-sample test with logistic regression on ranks, their squares, and names as 0 and 1.

    Lopez-Paz and Oquab 2017, section 3; the same form of result as `classifier_test`, without giveaways.
    """
    rng = tables.rng()
    width = max(1, tables.points("real", np.arange(1)).shape[1])
    limit = min(MAX_SUPPORT, int(MAX_WORK / (300 * width)) + MIN_ROWS)
    picked = _equal_parts(tables, other, limit, rng)
    n = len(picked["real"])
    if n < MIN_ROWS or not tables.columns:
        return _no_test(n)
    X = np.vstack([tables.points(name, rows) for name, rows in picked.items()])
    numbers = [k for k, column in enumerate(_coordinates(tables)) if column in set(tables.numeric)]
    X = np.hstack([X, (X[:, numbers] - 0.5) ** 2])  # spread as well as location

    def scores(y: NDArray[np.intp], fold: Fold) -> NDArray[np.float64]:
        train, test = fold
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, tol=1e-3))
        return np.asarray(model.fit(X[train], y[train]).decision_function(X[test]), dtype=np.float64)

    return _cross_fitted(scores, n, tables.seed)


def _coordinates(tables: Comparison) -> list[Any]:
    """The column behind each coordinate of a point."""
    numeric = set(tables.numeric)
    widths = [
        1 if column in numeric else tables.one_hot(column, np.zeros(1, int)).shape[1]
        for column in tables.columns
    ]
    return [column for column, width in zip(tables.columns, widths, strict=True) for _ in range(width)]


def _equal_parts(
    tables: Comparison, other: str, limit: int, rng: np.random.Generator
) -> dict[str, NDArray[np.intp]]:
    """As many rows of the real table as of the other one."""
    n = min(limit, len(tables.real), len(tables.others[other]))
    return {name: tables.some_rows(name, n, rng) for name in ("real", other)}


def _no_test(n: int) -> dict[str, Any]:
    return {"auc": 0.5, "low": 0.0, "high": 1.0, "p_value": 1.0, "rows": n, "giveaways": [], "roc": []}


def _cross_fitted(
    scores: Callable[[NDArray[np.intp], Fold], NDArray[np.float64]], n: int, seed: int
) -> dict[str, Any]:
    """The AUC of scores that each fold's classifier gives to rows it has not seen; n real rows come first."""
    y = np.repeat([1, 0], n)
    ranks = np.empty(2 * n)
    for fold in StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed).split(y, y):
        # Ranks within the fold: scores of different classifiers are not on one scale.
        ranks[fold[1]] = stats.rankdata(scores(y, fold)) / len(fold[1])
    auc = float(roc_auc_score(y, ranks))
    low, high = interval(auc, auc_error(auc, n))
    false, true, _ = roc_curve(y, ranks)
    kept = np.linspace(0, len(false) - 1, 60).astype(int)
    return {
        "auc": auc, "low": low, "high": high, "rows": n,
        "p_value": float(stats.norm.sf((auc - 0.5) / auc_error(0.5, n))),
        "roc": [(float(false[i]), float(true[i])) for i in kept],
    }  # fmt: skip


def energy(tables: Comparison) -> MetricResult:
    """Test by permutation whether the rows have the energy distance 0."""
    found, ceiling = energy_test(tables, "synthetic"), energy_distance(*_clouds(tables, "holdout"))
    line = figure(
        "whole", "Energy distance", found["value"], interval(found["value"], found["error"], low=-1.0),
        ceiling, found["p_value"],
        meaning="0 for one law, 1 for points far apart; chance can take it a little below 0",
    )  # fmt: skip
    note = f"Energy distance: {found['rows']:,} rows of each table, {N_PERMUTATIONS} permutations."
    return MetricResult([line], {**found, "ceiling": ceiling}, [note])


def energy_test(tables: Comparison, other: str) -> dict[str, Any]:
    """Energy distance of two clouds of points, as a share of twice their mean distance.

    Szekely and Rizzo 2013, *Energy statistics*, sections 3 and 6; here without the distances of points to
    themselves, so that the expected value for equal laws is 0. Numbers count by their rank.
    """
    distances, n = _clouds(tables, other)
    value, rng = energy_distance(distances, n), tables.rng()
    is_real = np.repeat([1, 0], n).astype(np.float32)
    shuffled = np.stack([rng.permutation(is_real) for _ in range(N_PERMUTATIONS)])
    above = int((_energies(distances, shuffled, n) >= value - 1e-7).sum())
    between, real, seen = distances[:n, n:], distances[:n, :n], distances[n:, n:]

    def again(i: NDArray[np.intp], j: NDArray[np.intp]) -> float:
        """The same from counts of drawn rows, without a row's distance to itself."""
        w, v = (np.bincount(drawn, minlength=n).astype(np.float32) for drawn in (i, j))
        inner = w @ real @ w / (n * n - w @ w) + v @ seen @ v / (n * n - v @ v)
        return float(1 - inner / max(2 * (w @ between @ v) / (n * n), 1e-12))

    error = bootstrap_error(again, (n, n), rng) if n > 10 else 1.0
    return {"value": value, "error": error, "p_value": (above + 1) / (N_PERMUTATIONS + 1), "rows": n}


def energy_distance(distances: NDArray[np.float32], n: int) -> float:
    """The energy distance from distances of 2n points, shape (2n, 2n), of which n real ones come first."""
    return float(_energies(distances, np.repeat([1, 0], n).astype(np.float32)[None], n)[0])


def _clouds(tables: Comparison, other: str) -> tuple[NDArray[np.float32], int]:
    """Distances of some rows of both tables, and how many of each there are."""
    picked = _equal_parts(tables, other, MAX_ENERGY, tables.rng())
    points = np.vstack([tables.points(name, rows) for name, rows in picked.items()])
    return euclidean_distances(points), len(picked["real"])


def _energies(distances: NDArray[np.float32], is_real: NDArray[np.float32], n: int) -> NDArray[np.float64]:
    """Energy distances for each way (row of `is_real`) to call n of 2n points real."""
    sums = distances.sum(1, dtype=np.float64)
    inside = ((is_real @ distances) * is_real).sum(1, dtype=np.float64)
    across = is_real @ sums - inside
    others = sums.sum() - inside - 2 * across
    pairs = max(n * (n - 1), 1)
    found: NDArray[np.float64] = 1 - (inside + others) / pairs / np.maximum(2 * across / (n * n), 1e-12)
    return found


def support(tables: Comparison) -> MetricResult:
    """Ask whether synthetic rows lie where real rows lie, and whether every real row has one near."""
    spacing: dict[int, NDArray[np.float64]] = {}  # of real rows, by their number: the costly part
    found, ceiling = (precision_and_recall(tables, name, spacing) for name in ("synthetic", "holdout"))
    figures = [
        figure(
            "whole", name, found[key], interval(found[key], found[f"{key}_error"]), ceiling[key],
            better=better, meaning=meaning,
        )
        for key, name, better, meaning in (
            ("precision", "Alpha-precision", "higher", "do synthetic rows lie as far out as real ones do?"),
            ("recall", "Beta-recall", "near real",
             "real rows with a synthetic row as near as any real one; far above fresh rows: copies"),
        )
    ]  # fmt: skip
    note = f"Precision and recall: {found['rows']:,} rows of each table."
    return MetricResult(figures, {**found, "ceiling": ceiling}, [note])


def precision_and_recall(
    tables: Comparison, other: str, spacing: dict[int, NDArray[np.float64]] | None = None
) -> dict[str, Any]:
    """Alpha-precision and beta-recall, summed over the sizes of the support, in the space of the columns.

    Alaa et al. 2022, *How faithful is your synthetic data?*, section 3. Their embedding is left out: numbers
    are scaled to the real range and names are 0 and 1 (the "naive" figures that papers print). The real
    support of size alpha is the ball around the real mean that holds a share alpha of the real rows;
    precision compares alpha with the share of the other rows inside. Recall compares beta with the share of
    real rows whose nearest other row is as near as their nearest real row, and lies in the support of
    size beta of the other rows. Either is 1 minus the mean difference over the mean size.
    """
    rng = tables.rng()
    width = max(1, tables.points("real", np.arange(1)).shape[1])
    picked = _equal_parts(tables, other, min(MAX_SUPPORT, int((MAX_DISTANCES / width) ** 0.5)), rng)
    n = len(picked["real"])
    if n < 2:
        return {key: 0.0 for name in ("precision", "recall") for key in (name, f"{name}_error")} | {"rows": n}
    X, S = (_scaled(tables, name, rows, picked["real"]) for name, rows in picked.items())
    sizes = np.linspace(0, 1, N_ALPHAS)

    def summary(curve: NDArray[np.float64]) -> float:
        return float(1 - np.abs(sizes - curve).sum() / sizes.sum())

    middle, centre = (points.mean(0, dtype=np.float64) for points in (X, S))
    out_real, out_seen = (np.linalg.norm(points - middle, axis=1) for points in (X, S))

    def precision(i: NDArray[np.intp], j: NDArray[np.intp]) -> float:
        inside = np.searchsorted(np.sort(out_seen[j]), np.quantile(out_real[i], sizes), side="right")
        return summary(inside / n)

    to_seen, where = nearest(X, S, 1)
    spacing = {} if spacing is None else spacing
    if n not in spacing:
        spacing[n] = nearest(X, X, 1, themselves=True)[0][:, 0]
    covered = to_seen[:, 0] <= spacing[n]
    depth = np.linalg.norm(S[where[:, 0]] - centre, axis=1)

    def recall(i: NDArray[np.intp]) -> float:
        radii = np.quantile(depth[i], sizes)
        return summary(np.searchsorted(np.sort(depth[i][covered[i]]), radii, side="right") / n)

    every = np.arange(n)
    return {
        "precision": precision(every, every), "precision_error": bootstrap_error(precision, (n, n), rng),
        "recall": recall(every), "recall_error": bootstrap_error(recall, (n,), rng), "rows": n,
    }  # fmt: skip


def _scaled(
    tables: Comparison, name: str, rows: NDArray[np.intp], real: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Rows as points: numbers in units of the real range, missing or not as 0 and 1, names as 0 and 1."""
    parts: list[NDArray[Any]] = []
    numeric = set(tables.numeric)
    for column in tables.columns:
        values, known = tables.values[name][column][rows], tables.values["real"][column][real]
        if column not in numeric:
            parts.append(tables.one_hot(column, values))
            continue
        known = known[~np.isnan(known)]
        low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
        missing = np.isnan(values)
        parts.append((np.where(missing, low, values) - low)[:, None] / (high - low if high > low else 1.0))
        if any(np.isnan(tables.values[table][column]).any() for table in tables.values):
            parts.append(missing[:, None])
    return np.hstack(parts).astype(np.float32) if parts else np.zeros((len(rows), 1), np.float32)
