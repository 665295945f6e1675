"""What the two augmented estimators have in common: choose an amount, draw rows, fit, predict."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import Tags, _safe_indexing, check_array, check_random_state, column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from tabgan.augment.amount import choose, compare_amounts, ranking_score, ranks
from tabgan.augment.containers import Table, Target
from tabgan.estimators.gan import TabGAN

Seed = int | np.random.RandomState | None
Amount = float | str
New = tuple[pd.DataFrame, pd.Series]  # rows of X and their y


def has(name: str) -> Callable[[Any], bool]:
    """Whether the estimator inside has a method."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), name)


class Augmented(MetaEstimatorMixin, BaseEstimator, metaclass=ABCMeta):
    """What the two have in common: choose the amount, draw rows, fit; predictions are the estimator's."""

    AMOUNTS: tuple[Amount, ...]  # what "auto" chooses from, beside none

    def __init__(
        self,
        estimator: Any,
        *,
        amount: Amount = "auto",
        model: TabGAN | None = None,
        scoring: str | Callable[..., float] | None = None,
        cv: int | BaseCrossValidator = 5,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.amount = amount
        self.model = model
        self.scoring = scoring
        self.cv = cv
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def _draw(
        self, table: Table, target: Target, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        """New rows for each amount; the model is fitted once for all of them."""

    @abstractmethod
    def _splits(self, target: Target, rng: np.random.RandomState) -> BaseCrossValidator | None:
        """Inner cross-validation, or None where the rows are too few for it."""

    def fit(self, X: Any, y: Any) -> Any:
        """Augment and fit.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            As the estimator takes it; columns may be of any dtype and have missing values.
        y : Series or array-like of shape (n_rows,)
            Classes, or numbers; none missing.

        Returns
        -------
        object
            The same object, now fitted.

        Raises
        ------
        ValueError, TypeError
            If X, y or the amount cannot be used.
        """
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        y = y if isinstance(y, pd.Series) else column_or_1d(y, warn=True)
        table = Table.of(X)
        target = Target.of(y, table, nominal=isinstance(self, ClassifierMixin))
        validate_data(self, X if isinstance(X, pd.DataFrame) else table.given, skip_check_array=True)
        rng = check_random_state(self.random_state)
        self.amount_ = (
            self._choose(table, target, rng) if self.amount == "auto" else self._checked(self.amount)
        )
        new = self._draw(table, target, [self.amount_], rng)[self.amount_] if self.amount_ != 0 else None
        self.n_synthetic_ = 0 if new is None else len(new[0])
        self.estimator_ = _fitted(self.estimator, table, target, new)
        return self

    def _checked(self, amount: Amount) -> Amount:
        names = [choice for choice in self.AMOUNTS if isinstance(choice, str)]
        if amount in names or (not isinstance(amount, str | bool) and amount >= 0):
            return amount
        also = "".join(f", {name!r}" for name in ["auto", *names])
        raise ValueError(f"amount must be 0 or more new rows for each real one{also}, got {amount!r}")

    def _choose(self, table: Table, target: Target, rng: np.random.RandomState) -> Amount:
        """The amount that inner cross-validation clearly speaks for; each fold fits one model for all."""
        from tqdm.auto import tqdm

        amounts: list[Amount] = [0, *self.AMOUNTS]
        splits = self._splits(target, rng)
        if splits is None:
            self.cv_results_ = pd.DataFrame(columns=["mean_score", "difference", "standard_error"])
            return 0
        folds = list(splits.split(table.frame, target.values))
        bar = tqdm(folds, desc="choosing the amount", unit="fold", disable=not self.verbose)
        results = [self._scored(table, target, train, test, amounts, rng) for train, test in bar]
        scores, ranking, sizes = (np.array(part, dtype=float) for part in zip(*results, strict=True))
        test_over_train = float(np.mean([len(test) / len(train) for train, test in folds]))
        known = ranking if isinstance(self, ClassifierMixin) and ranks(self.estimator) else None
        self.cv_results_ = compare_amounts(amounts, scores, sizes.mean(axis=0), test_over_train, known)
        return amounts[choose(self.cv_results_)]

    def _scored(
        self,
        table: Table,
        target: Target,
        train: NDArray[Any],
        test: NDArray[Any],
        amounts: Sequence[Amount],
        rng: np.random.RandomState,
    ) -> tuple[list[float], list[float], list[int]]:
        """Scores, ranking scores and numbers of new rows of the amounts in one fold."""
        nominal = isinstance(self, ClassifierMixin)
        X = Table.of(_safe_indexing(table.given, train))
        y = Target.of(_safe_indexing(target.given, train), X, nominal=nominal)
        unseen = _safe_indexing(table.given, test), _safe_indexing(target.given, test)
        new: dict[Amount, New | None] = {0: None, **self._draw(X, y, amounts[1:], rng)}
        fitted = [_fitted(self.estimator, X, y, new[amount]) for amount in amounts]
        scorer = check_scoring(self.estimator, scoring=self.scoring)
        ranking = [ranking_score(one, *unseen) if nominal and ranks(one) else np.nan for one in fitted]
        sizes = [0 if rows is None else len(rows[0]) for rows in new.values()]
        return [float(scorer(one, *unseen)) for one in fitted], ranking, sizes

    @available_if(has("predict"))
    def predict(self, X: Any) -> NDArray[Any]:
        """Predict by the estimator that was fitted to real and synthetic rows.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows,)
            Classes, or numbers.
        """
        return self._predict("predict", X)

    def _predict(self, method: str, X: Any) -> NDArray[Any]:
        check_is_fitted(self, "estimator_")
        if not isinstance(X, pd.DataFrame):
            X = check_array(X, dtype=None, ensure_all_finite=False)
        validate_data(self, X, reset=False, skip_check_array=True)
        return np.asarray(getattr(self.estimator_, method)(X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Tags:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        for name in ("allow_nan", "categorical", "string"):
            setattr(tags.input_tags, name, getattr(inner.input_tags, name))
        return tags


def _fitted(estimator: Any, table: Table, target: Target, new: New | None) -> Any:
    """A clone of the estimator, fitted to the rows and the new ones."""
    if new is None:
        return clone(estimator).fit(table.given, target.given)
    return clone(estimator).fit(table.with_rows(new[0]), target.with_values(new[1]))
