"""What the two augmented estimators have in common: choose an amount, draw rows, fit, predict."""

from __future__ import annotations

import sys
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import BaseCrossValidator, RepeatedKFold, RepeatedStratifiedKFold
from sklearn.utils import Tags, check_array, check_random_state, column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from tabgan.augment.amount import REPEATS, choose, compare_amounts, gains, ranking_score
from tabgan.augment.containers import New, Rows, Seed, class_of, need_two_classes
from tabgan.augment.source import Source, check_settings, fit_source
from tabgan.estimators.gan import TabGAN

Amount = float | str
Scorer = Callable[..., float]


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
        max_time: float | None = None,
        scoring: str | Callable[..., float] | None = None,
        cv: int | BaseCrossValidator = 5,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.amount = amount
        self.model = model
        self.max_time = max_time
        self.scoring = scoring
        self.cv = cv
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def _draw(
        self, source: Source, rows: Rows, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        """New rows for each amount, from a source that learned `rows`."""

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
        check_settings(self)
        scorer = check_scoring(self.estimator, scoring=self.scoring) if self.amount == "auto" else None
        y = y if y is None or isinstance(y, pd.Series) else column_or_1d(y, warn=True)
        rows = Rows.of(X, y, nominal=is_classifier(self))
        if rows.nominal:  # of which the inner estimator must be able to learn
            check_classification_targets(rows.target.to_numpy())
            need_two_classes(rows.target)
        validate_data(self, rows.X, skip_check_array=True)
        if self.amount != "auto":
            self._checked(self.amount)
        rng = check_random_state(self.random_state)
        self.amount_, self.reason_ = (
            self._choose(rows, scorer, rng) if scorer is not None else (self.amount, "it was given")
        )
        new, self.model_ = None, None
        if self.amount_ != 0:
            source = self._source(rows, rng)
            new, self.model_ = self._draw(source, rows, [self.amount_], rng)[self.amount_], source.model
        self.n_synthetic_ = 0 if new is None else len(new[0])
        self.estimator_ = clone(self.estimator).fit(*rows.extended(new))
        return self

    def _source(self, rows: Rows, rng: np.random.RandomState) -> Source:
        """Fit a model to the rows."""
        return fit_source(self.model and clone(self.model), rows, rng, max_time=self.max_time)

    def _checked(self, amount: Amount) -> None:
        names = [choice for choice in self.AMOUNTS if isinstance(choice, str)]
        if amount in names or (not isinstance(amount, str | bool) and amount >= 0):
            return
        also = "".join(f", {name!r}" for name in ["auto", *names])
        raise ValueError(f"amount must be 0 or more new rows for each real one{also}, got {amount!r}")

    def _splits(self, rows: Rows, rng: np.random.RandomState) -> BaseCrossValidator | None:
        """Inner cross-validation, or None where the rows are too few for it."""
        if not isinstance(self.cv, int):
            return self.cv
        most = rows.target.value_counts().min() if rows.nominal else len(rows.target) // 2
        if min(self.cv, most) < 2:
            return None
        return (RepeatedStratifiedKFold if rows.nominal else RepeatedKFold)(
            n_splits=int(min(self.cv, most)), n_repeats=REPEATS, random_state=rng.randint(2**31 - 1)
        )

    def _choose(self, rows: Rows, scorer: Scorer, rng: np.random.RandomState) -> tuple[Amount, str]:
        """The amount that inner cross-validation clearly speaks for; each fold fits one model for all."""
        from tqdm.auto import tqdm

        splits = self._splits(rows, rng)
        if splits is None:
            self.cv_results_ = pd.DataFrame(columns=["mean_score", "difference", "standard_error"])
            return 0, f"none: {_smallest(rows)} too small for inner cross-validation"
        folds = list(splits.split(rows.frame, rows.target))
        bar = tqdm(folds, desc="choosing the amount", unit="fold", disable=not self.verbose)
        results = []
        for train, test in bar:
            results.append(self._scored(rows, train, test, scorer, rng))
            if isinstance(self.cv, int) and REPEATS * len(results) == len(folds) and not gains(results):
                bar.close()
                break
        scores, ranking, sizes = np.array(results, dtype=float).swapaxes(0, 1)
        test_over_train = float(np.mean([len(test) / len(train) for train, test in folds[: len(results)]]))
        self.cv_results_ = compare_amounts([0, *self.AMOUNTS], scores, ranking, sizes, test_over_train)
        place, reason = choose(self.cv_results_)
        amount: Amount = self.cv_results_.index[place]
        if self.verbose:
            tqdm.write(f"amount {amount!r}: {reason}", file=sys.stderr)
        return amount, reason

    def _scored(
        self,
        rows: Rows,
        train: NDArray[Any],
        test: NDArray[Any],
        scorer: Scorer,
        rng: np.random.RandomState,
    ) -> tuple[list[float], list[float], list[int]]:
        """Scores, ranking scores and numbers of new rows of all amounts, none first, in one fold."""
        seen, unseen = Rows.of(*rows.part(train), rows.nominal), rows.part(test)
        # First, so that what it cannot learn is said before a model is fitted.
        alone = clone(self.estimator).fit(*seen.extended(None))
        new = list(self._draw(self._source(seen, rng), seen, self.AMOUNTS, rng).values())
        fitted = [alone, *(clone(self.estimator).fit(*seen.extended(more)) for more in new)]
        ranking = [ranking_score(one, *unseen) if rows.nominal else np.nan for one in fitted]
        sizes = [0, *(0 if more is None else len(more[0]) for more in new)]
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

    def __sklearn_tags__(self) -> Tags:
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        for name in ("allow_nan", "categorical", "string"):
            setattr(tags.input_tags, name, getattr(inner.input_tags, name))
        return tags


def _smallest(rows: Rows) -> str:
    """Name what is too small: a class, or the table."""
    if not rows.nominal:
        return f"a table of {len(rows.target)} rows is"
    counts = rows.target.value_counts()
    return f"class {class_of(counts.index[-1], int(counts.iloc[-1]))} is"
