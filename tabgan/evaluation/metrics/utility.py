"""Is it useful?  A model trained on synthetic rows and one trained on real rows, both tested on real rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score

from tabgan.evaluation.comparison import Comparison, matrix, tree_bins, tree_leaves, without_empty
from tabgan.evaluation.importance import MAX_SINGLY, permutation_importance
from tabgan.evaluation.result import Metric, MetricResult
from tabgan.evaluation.uncertainty import N_BOOTSTRAP, bootstrap_error, interval, roc_auc

MAX_ROWS = 20_000  # to train on, and
MAX_VALUES = 600_000
TSTR_LINE = "TSTR"  # trained on synthetic rows, tested on real ones
MAX_TESTED = 20_000
MIN_TRAINED = 20  # real rows, however few synthetic ones there are
MAX_SHUFFLED, MIN_SHUFFLED = 1000, 100  # test rows, for importances, within
MAX_SHUFFLED_VALUES = 40_000
MAX_CLASSES = 20  # of a nominal target; the rarest beyond share one
MIN_STEPS, MAX_STEPS = 50, 100  # of boosting, and
MAX_LEAVES = 31
MAX_TREES = 120  # of a model: several classes have a tree each at every step
MIN_PRESENT = 20  # values of each column, for early stopping


def tstr(tables: Comparison) -> MetricResult:
    """Train on synthetic rows and on real ones, if there is a target to predict."""
    if tables.target is None:
        return MetricResult()
    result = train_synthetic_test_real(tables)
    agreement, ceiling = result["agreement"], result["agreement_real"]
    low = 0.0 if result["measure"] == "ROC AUC" else -np.inf
    metrics = [
        Metric(
            "utility", f"{TSTR_LINE}: {result['measure']}", result["synthetic"],
            interval(result["synthetic"], result["error"], low), result["real"], result["p_value"], "higher",
            "trained on synthetic rows, tested on real ones; real rows: trained on them. "
            "The p-value is that of being as good",
        ),
    ]  # fmt: skip
    if agreement is not None:
        limits = interval(agreement, result["agreement_error"], low=-1.0)
        metrics.append(
            Metric(
                "utility", "Agreement of feature importances", agreement, limits, ceiling, better="higher",
                caption="rank correlation between the two models; real rows: of models of two halves",
            )
        )  # fmt: skip
    n = min(tables.affordable(MAX_ROWS, MAX_VALUES), tables.n_rows("real"))
    return MetricResult(metrics, result, f"Utility: up to {n:,} rows to predict {tables.target} from.")


def train_synthetic_test_real(tables: Comparison) -> dict[str, Any]:
    """Score of boosted trees on the holdout, trained on synthetic and on as many real rows.

    The score is the area under the ROC curve (macro one-against-rest for several classes) for categories and
    for numbers with two values, R squared for other numbers. Esteban et al. 2017, *Real-valued (medical) time
    series generation with recurrent conditional GANs*, section 4 (TSTR). Importances are those by
    permutation (Breiman 2001, *Random forests*, section 10), agreement is Spearman's correlation of them.
    """
    rng = tables.rng()
    task = _Task(tables)
    known = task.known_rows("holdout", MAX_TESTED, rng)
    X, truth = task.features("holdout", known), task.truth("holdout", known)
    limit = tables.affordable(MAX_ROWS, MAX_VALUES)
    drawn = task.known_rows("synthetic", limit, rng)
    train = task.known_rows("real", min(limit, max(len(drawn), MIN_TRAINED)), rng)
    half = len(train) // 2
    models = {
        "synthetic": task.fit("synthetic", drawn),
        "real": task.fit("real", train),
        "first": task.fit("real", train[:half]),
        "second": task.fit("real", train[half:]),
    }
    predictions = [task.predict(models[name], X) for name in ("synthetic", "real")]
    synthetic, real = (task.score(predicted, truth) for predicted in predictions)
    resampled = np.array(
        [
            [task.score(predicted[rows], truth[rows]) for predicted in predictions]
            for rows in rng.integers(0, len(truth), (N_BOOTSTRAP, len(truth)))
        ]
    )
    gap, gap_error = real - synthetic, float(np.std(resampled[:, 1] - resampled[:, 0], ddof=1))
    # Other rows to train on would give other models: about as far apart as those of two halves, less a half.
    halves = [task.score(task.predict(models[name], X), truth) for name in ("first", "second")]
    gap_error = float(np.hypot(gap_error, (halves[0] - halves[1]) / np.sqrt(2)))
    n_few = int(np.clip(MAX_SHUFFLED_VALUES / max(X.shape[1], 1), MIN_SHUFFLED, MAX_SHUFFLED))
    few = rng.permutation(len(truth))[:n_few]
    importances = {name: task.importances(model, X[few], truth[few], rng) for name, model in models.items()}
    return {
        "target": tables.target,
        "measure": "R squared" if task.is_number else "ROC AUC",
        "synthetic": synthetic,
        "real": real,
        "error": float(np.std(resampled[:, 0], ddof=1)),
        "p_value": float(stats.norm.sf(gap / gap_error)) if gap_error > 0 else float(gap <= 0),
        "features": task.columns,
        **_agreements(importances, rng),
    }


def _agreements(importances: dict[str, NDArray[np.float64]], rng: np.random.Generator) -> dict[str, Any]:
    """Importances in the models of synthetic and of real rows, and how far they agree."""
    synthetic, real = importances["synthetic"], importances["real"]

    def resampled(columns: NDArray[np.intp]) -> float:
        return _agreement(synthetic[columns], real[columns]) or 0.0

    return {
        "importances": synthetic,
        "importances_real": real,
        "agreement": _agreement(synthetic, real),
        "agreement_error": bootstrap_error(resampled, (len(real),), rng) if len(real) else 0.0,
        "agreement_real": _agreement(importances["first"], importances["second"]),
    }


class _Task:
    """What is to be predicted, and from what."""

    def __init__(self, tables: Comparison) -> None:
        self.tables, self.target = tables, tables.target
        self.columns = [column for column in tables.columns if column != self.target]
        self.is_categorical = [column not in tables.numeric for column in self.columns]
        values = tables.values["real"][self.target]
        self.n_bins = tree_bins(tables)
        self.is_number = self.target in tables.numeric and len(np.unique(values)) > 2

    def known_rows(self, name: str, limit: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """At most `limit` positions of rows whose target is not missing."""
        rows = self.tables.some_rows(name, limit, rng)
        return rows[~np.isnan(self.tables.values[name][self.target][rows].astype(np.float64))]

    def features(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """The other columns as a matrix."""
        place = self.tables.columns.index(self.target)
        return np.delete(matrix(self.tables, name, rows, self.n_bins), place, axis=1)

    def truth(self, name: str, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[Any]:
        """What is to be predicted: numbers, or codes of classes."""
        y = self.tables.values[name][self.target][rows]
        return y if self.target in self.tables.numeric else np.minimum(y, MAX_CLASSES - 1)

    def fit(self, name: str, rows: NDArray[np.intp]) -> Any:
        """Boosted trees, or None where there is nothing to learn."""
        y = self.truth(name, rows)
        if len(np.unique(y)) < 2 or not self.columns:
            return None
        trees = HistGradientBoostingRegressor if self.is_number else HistGradientBoostingClassifier
        X = without_empty(self.features(name, rows))
        # Early stopping needs rows of each class, and values of each column, on both sides of its split.
        early = len(y) > 10_000 and (~np.isnan(X)).sum(0).min() >= MIN_PRESENT
        early = early and (self.is_number or np.unique(y, return_counts=True)[1].min() > 1)
        n_trees = len(np.unique(y)) if not self.is_number and len(np.unique(y)) > 2 else 1
        model = trees(
            categorical_features=self.is_categorical,
            random_state=self.tables.seed,
            early_stopping=bool(early),
            max_bins=self.n_bins,
            max_leaf_nodes=MAX_LEAVES if self.is_number else tree_leaves(len(y), MAX_LEAVES),
            max_iter=max(20, min(int(np.clip(len(y) / 50, MIN_STEPS, MAX_STEPS)), MAX_TREES // n_trees)),
        )
        return model.fit(X, y)

    def predict(self, model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predicted numbers, shape (n,), or probabilities by code, shape (n, n_codes)."""
        real = self.tables.values["real"][self.target]
        if self.is_number:
            return np.full(len(X), np.nanmean(real)) if model is None else np.asarray(model.predict(X))
        codes = self.classes
        shares = np.zeros((len(X), len(codes)))
        if model is not None:
            shares[:, np.searchsorted(codes, model.classes_)] = model.predict_proba(X)
        return shares

    @cached_property
    def classes(self) -> NDArray[Any]:
        """The codes of classes in any of the tables."""
        codes = np.unique(np.concatenate([self.truth(name) for name in self.tables.frames]))
        return codes[~np.isnan(codes.astype(np.float64))]

    def score(self, predicted: NDArray[np.float64], truth: NDArray[Any]) -> float:
        """R squared, or the area under the ROC curve, averaged over classes."""
        if self.is_number:
            return float(r2_score(truth, predicted)) if len(truth) > 1 else 0.0
        codes, areas = self.classes, []
        for place, code in enumerate(codes):
            of_class = truth == code
            if of_class.any() and not of_class.all():
                areas.append(roc_auc(predicted[:, place], of_class))
                if len(codes) == 2:
                    break
        return float(np.mean(areas)) if areas else 0.5

    def importances(
        self, model: Any, X: NDArray[np.float64], truth: NDArray[Any], rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """How much the score falls, in the mean, when a column is shuffled: shape (n_features,)."""
        if model is None:
            return np.zeros(X.shape[1])
        return permutation_importance(
            lambda rows: self.predict(model, rows),
            lambda predicted: self.score(predicted, truth),
            X, rng, 2 if X.shape[1] <= MAX_SINGLY else 1,
        )  # fmt: skip


def _agreement(left: NDArray[np.float64], right: NDArray[np.float64]) -> float | None:
    """Spearman's correlation of importances; None where one of them does not vary or they are too few."""
    if len(left) < 3 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return float(stats.spearmanr(left, right).statistic)
