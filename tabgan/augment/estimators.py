"""AugmentedClassifier and AugmentedRegressor: any estimator, fitted to its rows and to synthetic ones."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import BaseCrossValidator, KFold, StratifiedKFold
from sklearn.utils import Tags, _safe_indexing, check_array, check_random_state, column_or_1d, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from tabgan.augment.comparison import corrected_t_test
from tabgan.augment.drawing import judge_of, learn, rare_rows, rarity, rows_of_classes, topped_up
from tabgan.augment.handed import Table, Target
from tabgan.augment.strategy import in_proportion

if TYPE_CHECKING:
    from tabgan.gan import TabGAN

Seed = int | np.random.RandomState | None
Amount = float | str
New = tuple[pd.DataFrame, pd.Series]  # rows of X and their y


def _has(name: str) -> Callable[[Any], bool]:
    """Whether the estimator inside has a method."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), name)


class _Augmented(MetaEstimatorMixin, BaseEstimator, metaclass=ABCMeta):
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
        y : Series or array-like of shape (n_rows,)

        Returns
        -------
        self
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
        names = [name for name in self.AMOUNTS if isinstance(name, str)]
        if amount in names or (not isinstance(amount, str | bool) and amount >= 0):
            return amount
        also = "".join(f", {name!r}" for name in ["auto", *names])
        raise ValueError(f"amount must be 0 or more new rows for each real one{also}, got {amount!r}")

    def _choose(self, table: Table, target: Target, rng: np.random.RandomState) -> Amount:
        """The amount that inner cross-validation speaks for, by the one-standard-error rule towards none."""
        from tqdm.auto import tqdm

        amounts: list[Amount] = [0, *self.AMOUNTS]
        splits = self._splits(target, rng)
        if splits is None:
            self.cv_results_ = pd.DataFrame(columns=["mean_score", "difference", "standard_error"])
            return 0
        scorer = check_scoring(self.estimator, scoring=self.scoring)
        scores, sizes = [], []
        folds = list(splits.split(table.frame, target.values))
        for train, test in tqdm(folds, desc="choosing the amount", unit="fold", disable=not self.verbose):
            X, y = Table.of(_safe_indexing(table.given, train)), None
            y = Target.of(_safe_indexing(target.given, train), X, nominal=isinstance(self, ClassifierMixin))
            unseen = _safe_indexing(table.given, test), _safe_indexing(target.given, test)
            new = {0: None, **self._draw(X, y, amounts[1:], rng)}
            scores.append([scorer(_fitted(self.estimator, X, y, new[a]), *unseen) for a in amounts])
            sizes.append([0 if rows is None else len(rows[0]) for rows in new.values()])
        test_over_train = 1 / (len(folds) - 1) if len(folds) > 1 else 1.0
        self.cv_results_ = compare_amounts(amounts, np.array(scores), np.mean(sizes, axis=0), test_over_train)
        return amounts[choose(self.cv_results_)]

    @available_if(_has("predict"))
    def predict(self, X: Any) -> NDArray[Any]:
        """Predict by the estimator that was fitted to real and synthetic rows."""
        return self._ask("predict", X)

    def _ask(self, method: str, X: Any) -> NDArray[Any]:
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


class AugmentedClassifier(ClassifierMixin, _Augmented):
    """A classifier that is fitted to its training rows and to rows that a TabGAN learned from them.

    The synthetic rows exist within `fit` only, so no cross-validation around it can leak a test row, and a
    plain scikit-learn pipeline can end in it.

    Parameters
    ----------
    estimator : classifier
        A clone of it is fitted. It sees X as it came, frames included, so let it be a pipeline that encodes.
    amount : float, "balance" or "auto", default="auto"
        - float: synthetic rows for each real row, with the classes as frequent as they are; 0 for none;
        - "balance": so many that all classes are as large as the largest;
        - "auto": what inner cross-validation by `scoring` speaks for among none, "balance", 0.5, 1 and 2:
          none unless another is better by a standard error, and the fewest rows within a standard error of
          the best.
    model : TabGAN, optional
        A clone of it is fitted. By default a small model that suits small tables.
    scoring : str or callable, optional
        What "auto" maximises; by default the estimator's own `score`, which for classifiers is accuracy and
        does not ask for balance.
    cv : int or splitter, default=5
        Inner cross-validation of "auto"; a number means stratified, shuffled folds, fewer if a class has
        fewer rows. Each fold fits a model of its own.
    random_state : int, RandomState or None, default=None
        Seed of the splits, of the TabGANs that have none of their own, and of the rows.
    verbose : int, default=0
        1 shows a progress bar over the inner folds.

    Attributes
    ----------
    estimator_ : classifier
        The fitted clone.
    classes_ : ndarray of shape (n_classes,)
        The classes.
    amount_ : float or "balance"
        The amount taken.
    n_synthetic_ : int
        Rows added to the training rows.
    cv_results_ : DataFrame
        With "auto": for each amount the mean score, and the mean difference to none with its standard error.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Notes
    -----
    The rule of one standard error is that of Breiman et al. 1984, *Classification and regression trees*,
    section 3.4.3; the standard error of the paired differences has the correction of Nadeau and Bengio
    (:func:`tabgan.augment.comparison.corrected_t_test`).

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tabgan import AugmentedClassifier, TabGAN, load_iris
    >>> flowers = load_iris()
    >>> X, y = flowers.drop(columns="species"), flowers["species"]
    >>> model = TabGAN(max_steps=20, verbose=0)
    >>> classifier = AugmentedClassifier(LogisticRegression(max_iter=1000), amount=1.0, model=model)
    >>> classifier.fit(X, y).n_synthetic_
    150
    """

    AMOUNTS = ("balance", 0.5, 1.0, 2.0)

    def fit(self, X: Any, y: Any) -> AugmentedClassifier:
        """Augment and fit.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,)
            Classes.

        Returns
        -------
        AugmentedClassifier
            The same object, now fitted.

        Raises
        ------
        ValueError, TypeError
            If X, y or the amount cannot be used.
        """
        super().fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    @available_if(_has("predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of the classes, shape (n, n_classes), by the fitted estimator."""
        return self._ask("predict_proba", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Scores of the classes, shape (n,) or (n, n_classes), by the fitted estimator."""
        return self._ask("decision_function", X)

    def _draw(
        self, table: Table, target: Target, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        labels, counts = np.unique(target.values.to_numpy(), return_counts=True)
        wanted = {
            amount: counts.max() - counts
            if amount == "balance"
            else in_proportion(counts, round(float(amount) * counts.sum()))
            for amount in amounts
        }
        most = dict(zip(labels, np.max(list(wanted.values()), axis=0), strict=True))
        source = learn(self.model and clone(self.model), table, target, nominal=True, rng=rng)
        made = rows_of_classes(source, most, judge_of(table.frame, target.values, rng), rng)
        return {
            amount: topped_up(made, dict(zip(labels, n, strict=True)), table, target, rng)
            for amount, n in wanted.items()
        }

    def _splits(self, target: Target, rng: np.random.RandomState) -> BaseCrossValidator | None:
        if not isinstance(self.cv, int):
            return self.cv
        n_splits = min(self.cv, int(target.values.value_counts().min()))
        return (
            StratifiedKFold(n_splits, shuffle=True, random_state=rng.randint(2**31 - 1))
            if n_splits > 1
            else None
        )


class AugmentedRegressor(RegressorMixin, _Augmented):
    """A regressor that is fitted to its training rows and to rows that a TabGAN learned from them.

    Parameters
    ----------
    estimator : regressor
        A clone of it is fitted. It sees X as it came, frames included, so let it be a pipeline that encodes.
    amount : float or "auto", default="auto"
        Synthetic rows for each real row; "auto" takes what inner cross-validation by `scoring` speaks for
        among none, 0.5, 1 and 2, by the rule of :class:`AugmentedClassifier`.
    alpha : float, default=0.0
        How strongly rows with a rare y are preferred, as in :class:`GANRegressionSampler`; 0 draws as the
        real rows are.
    model : TabGAN, optional
        A clone of it is fitted. By default a small model that suits small tables.
    scoring : str or callable, optional
        What "auto" maximises; by default the estimator's own `score`, which for regressors is R².
    cv : int or splitter, default=5
        Inner cross-validation of "auto"; a number means shuffled folds. Each fold fits a model of its own.
    random_state : int, RandomState or None, default=None
        Seed of the splits, of the TabGANs that have none of their own, and of the rows.
    verbose : int, default=0
        1 shows a progress bar over the inner folds.

    Attributes
    ----------
    estimator_ : regressor
        The fitted clone.
    amount_ : float
        The amount taken.
    n_synthetic_ : int
        Rows added to the training rows.
    cv_results_ : DataFrame
        With "auto": for each amount the mean score, and the mean difference to none with its standard error.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from tabgan import AugmentedRegressor, TabGAN
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> model = TabGAN(max_steps=20, verbose=0)
    >>> AugmentedRegressor(Ridge(), amount=0.5, model=model, random_state=0).fit(X, y).n_synthetic_
    221
    """

    AMOUNTS = (0.5, 1.0, 2.0)

    def __init__(
        self,
        estimator: Any,
        *,
        amount: Amount = "auto",
        alpha: float = 0.0,
        model: TabGAN | None = None,
        scoring: str | Callable[..., float] | None = None,
        cv: int | BaseCrossValidator = 5,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            amount=amount,
            model=model,
            scoring=scoring,
            cv=cv,
            random_state=random_state,
            verbose=verbose,
        )
        self.alpha = alpha

    def _draw(
        self, table: Table, target: Target, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        sizes = {amount: round(float(amount) * len(table.frame)) for amount in amounts}
        source = learn(self.model and clone(self.model), table, target, nominal=False, rng=rng)
        weight = rarity(target.values, self.alpha) if self.alpha else None
        X, y = rare_rows(source, max(sizes.values()), weight, rng)
        return {amount: (X.head(n), y.head(n)) for amount, n in sizes.items()}

    def _splits(self, target: Target, rng: np.random.RandomState) -> BaseCrossValidator | None:
        if not isinstance(self.cv, int):
            return self.cv
        n_splits = min(self.cv, len(target.values) // 2)
        return KFold(n_splits, shuffle=True, random_state=rng.randint(2**31 - 1)) if n_splits > 1 else None


def _fitted(estimator: Any, table: Table, target: Target, new: New | None) -> Any:
    """A clone of the estimator, fitted to the rows and the new ones."""
    if new is None:
        return clone(estimator).fit(table.given, target.given)
    return clone(estimator).fit(table.with_rows(new[0]), target.with_values(new[1]))


def compare_amounts(
    amounts: Sequence[Amount], scores: NDArray[Any], sizes: NDArray[Any], test_over_train: float
) -> pd.DataFrame:
    """Mean scores of amounts over folds, and how they differ from those of the first, which is none.

    Parameters
    ----------
    amounts : sequence of length n_amounts
    scores : ndarray of shape (n_folds, n_amounts)
    sizes : ndarray of shape (n_amounts,)
        Rows added.
    test_over_train : float
        Rows of a test part over rows of a training part.
    """
    tests = [corrected_t_test(column - scores[:, 0], test_over_train) for column in scores.T]
    return pd.DataFrame(
        {
            "rows": sizes,
            "mean_score": scores.mean(axis=0),
            "difference": [test.mean for test in tests],
            "standard_error": [test.standard_error for test in tests],
        },
        index=pd.Index(np.array(amounts, dtype=object), name="amount"),
    )


def choose(results: pd.DataFrame) -> int:
    """Place of the fewest rows whose score is within a standard error of the best, and none if none is."""
    gains = results["difference"] - results["standard_error"]
    clear = np.flatnonzero((gains > 0).to_numpy())
    if not len(clear):
        return 0
    best = results.iloc[clear]["difference"].idxmax()
    enough = results["difference"] >= results.loc[best, "difference"] - results.loc[best, "standard_error"]
    good = [place for place in clear if enough.iloc[place]]
    return int(min(good, key=lambda place: results["rows"].iloc[place]))
