"""The rivals of synthetic rows: weights, a moved threshold, rows repeated, and SMOTE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import has_fit_parameter

from tabgan.augment.containers import New, Rows, Seed
from tabgan.augment.resampler import Resampler, imbalanced_learn
from tabgan.augment.source import rarity

NEIGHBORS = 5
Weights = Callable[[Any], NDArray[np.float64]]  # of y, one for each row


# --- Without new rows: of an estimator they make another one, or None if it cannot be -----------------------


def with_class_weights(estimator: Any) -> Any | None:
    """Let an estimator weigh its rows so that all classes weigh the same."""
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "class_weight"]
    if names:
        return clone(estimator).set_params(**dict.fromkeys(names, "balanced"))
    return _weighted(estimator, lambda y: compute_sample_weight("balanced", y))


def with_rare_weights(estimator: Any) -> Any | None:
    """Let an estimator weigh rows with a rare y more, as DenseWeight does (Steininger et al. 2021)."""

    def weights(y: Any) -> NDArray[np.float64]:
        target = pd.Series(np.ravel(y))
        return rarity(target, target, alpha=1.0)

    return _weighted(estimator, weights)


def with_moved_threshold(estimator: Any) -> Any | None:
    """Let a classifier decide as if all classes were equally frequent; see :class:`EqualPriors`."""
    return EqualPriors(estimator) if hasattr(estimator, "predict_proba") else None


def _weighted(estimator: Any, weights: Weights) -> Any | None:
    place, last = "", estimator
    while hasattr(last, "steps"):
        place, last = f"{place}{last.steps[-1][0]}__", last.steps[-1][1]
    if not has_fit_parameter(last, "sample_weight"):
        return None
    return Weighted(estimator, f"{place}sample_weight", weights)


def _has(name: str) -> Callable[[Any], bool]:
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), name)


class Weighted(MetaEstimatorMixin, BaseEstimator):
    """An estimator whose `fit` is given a weight for each row, as the argument `name`."""

    def __init__(self, estimator: Any, name: str, weights: Weights) -> None:
        self.estimator, self.name, self.weights = estimator, name, weights

    def fit(self, X: Any, y: Any) -> Weighted:
        """Fit the estimator with the weights of y."""
        self.estimator_ = clone(self.estimator).fit(X, y, **{self.name: self.weights(y)})
        return self

    def __getattr__(self, name: str) -> Any:
        """Give what the fitted estimator has: predictions, classes."""
        if name.startswith("__") or "estimator_" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.estimator_, name)

    def __sklearn_tags__(self) -> Any:
        return self.estimator.__sklearn_tags__()


class EqualPriors(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Divides predicted probabilities by the frequencies of the classes in training.

    With two classes this moves the threshold to the frequency of the rarer one, which is best for balanced
    accuracy if the probabilities are right (threshold moving: Zhou and Liu 2006, *Training cost-sensitive
    neural networks with methods addressing the class imbalance problem*, section 2.3).
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> EqualPriors:
        """Fit the estimator and count the classes."""
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        labels = np.asarray(y)
        self.priors_ = np.array([np.mean(labels == label) for label in self.classes_])
        return self

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Give probabilities of shape (n_rows, n_classes), were all classes equally frequent."""
        odds = self.estimator_.predict_proba(X) / self.priors_
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the class of the greatest of these."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


# --- With new rows ------------------------------------------------------------------------------------------


class RowRepeater(Resampler):
    """Repeat rows at random until all classes are as large as the largest."""

    NOMINAL = True

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        counts = rows.target.value_counts(sort=False)
        places = [
            rng.choice(np.flatnonzero((rows.target == label).to_numpy()), counts.max() - n)
            for label, n in counts.items()
        ]
        chosen = np.concatenate(places)
        return rows.frame.iloc[chosen], rows.target.iloc[chosen]


class RareRepeater(Resampler):
    """Repeat half as many rows as there are, those with a rare y more often."""

    NOMINAL = False

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        weights = rarity(rows.target, rows.target, alpha=1.0)
        n = len(rows.frame)
        chosen = rng.choice(n, round(0.5 * n), p=weights / weights.sum())
        return rows.frame.iloc[chosen], rows.target.iloc[chosen]


class Smote(Resampler):
    """SMOTE, or SMOTENC where there are categories, of imbalanced-learn on standardised numbers.

    Distances between columns of different units mean little, so numbers are standardised on the way in and
    put back on the way out. A class of up to five rows has fewer neighbours; where one has a single row, rows
    are repeated instead.
    """

    NOMINAL = True

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        counts = rows.target.value_counts()
        if counts.min() < 2:  # it has no neighbour to move towards
            return RowRepeater(rng)._draw(rows, rng)
        is_number = np.array([is_numeric_dtype(d) and not is_bool_dtype(d) for d in rows.frame.dtypes])
        numbers = rows.frame.columns[is_number]
        mean, scale = rows.frame[numbers].mean(), rows.frame[numbers].std().replace(0, 1)
        standard = rows.frame.astype(dict.fromkeys(numbers, float))
        standard[numbers] = (standard[numbers] - mean) / scale
        k = min(NEIGHBORS, int(counts.min()) - 1)
        parameters: dict[str, Any] = {"k_neighbors": k, "random_state": rng}
        if is_number.any() and not is_number.all():
            parameters["categorical_features"] = np.flatnonzero(~is_number).tolist()
        name = "SMOTE" if is_number.all() else "SMOTENC" if is_number.any() else "SMOTEN"
        smote = getattr(imbalanced_learn("over_sampling"), name)(**parameters)
        more, labels = smote.fit_resample(standard, rows.target)
        new = more.iloc[len(standard) :].copy()
        new[numbers] = new[numbers].astype(float) * scale + mean
        for name in numbers:
            if rows.frame[name].dtype.kind in "iu":
                new[name] = new[name].round()
        return new, labels.iloc[len(standard) :]
