"""AugmentedClassifier and AugmentedRegressor: any estimator, fitted to its rows and to synthetic ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils.metaestimators import available_if

from tabgan.augment.base import Amount, Augmented, has
from tabgan.augment.containers import New, Rows, Seed
from tabgan.augment.source import Source, fit_margin, rare_rows, rows_of_classes, with_repeated_rows
from tabgan.estimators.gan import TabGAN


class AugmentedClassifier(ClassifierMixin, Augmented):
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
        - "auto": what inner cross-validation by `scoring` supports among none, "balance", 0.5, 1 and 2:
          the fewest rows within a standard error of the best, among those better than none by two standard
          errors that lose no more than 0.01 of average precision (mean over the classes); else none.
    model : TabGAN, optional
        A clone of it is fitted. By default ``TabGAN(max_steps=800)``, of smaller networks where rows are
        many, which protects no rare values: the synthetic rows stay with the real ones.
    max_time : float, optional
        Seconds after which the training of each model stops; by default the model's own, which is none. With
        "auto", a model is fitted in each inner fold, and one more if rows are added.
    scoring : str or callable, optional
        What "auto" maximises; by default the estimator's own `score`, which for classifiers is accuracy and
        does not ask for balance.
    cv : int or splitter, default=5
        Inner cross-validation of "auto"; a number means stratified, shuffled folds, twice, and fewer of them
        if a class has fewer rows. Each fold fits one model for all amounts.
    random_state : int, RandomState or None, default=None
        Seed of the splits, of TabGANs without a `random_state`, and of the rows.
    verbose : int, default=0
        1 shows a progress bar over the inner folds, and why the amount was taken.

    Attributes
    ----------
    estimator_ : classifier
        The fitted clone.
    classes_ : ndarray of shape (n_classes,)
        The classes.
    amount_ : float or "balance"
        The amount taken.
    reason_ : str
        Why: what it, or the best one, gained in inner cross-validation. `verbose` shows it.
    model_ : TabGAN or None
        The fitted model; None if no row was added.
    n_synthetic_ : int
        Rows added to the training rows.
    cv_results_ : DataFrame
        With "auto": for each amount the mean number of rows and the mean score, the mean difference to none
        with its standard error, and that of average precision.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Notes
    -----
    The standard error of the paired differences has the correction of Nadeau and Bengio 2003, *Inference for
    the generalization error*, Machine Learning 52, section 4 (:func:`tabgan.augment.t_test.
    corrected_t_test`): the training parts overlap, and the plain one would be too small. The fewest rows
    within a standard error: Breiman et al. 1984, *Classification and regression trees*, section 3.4.3.
    Average precision, which knows no threshold, is watched because balance alone moves the threshold and
    improves balanced accuracy even where the ranking of the rows becomes worse.

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

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, shape (n_classes,)."""
        return self.estimator_.classes_

    @available_if(has("predict_proba"))
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Predict the probabilities of the classes by the fitted estimator.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            In the order of `classes_`.
        """
        return self._predict("predict_proba", X)

    @available_if(has("decision_function"))
    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Predict the scores of the classes by the fitted estimator.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_classes)
        """
        return self._predict("decision_function", X)

    def _draw(
        self, source: Source, rows: Rows, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        labels, counts = np.unique(rows.target.to_numpy(), return_counts=True)
        sizes = {
            amount: counts.max() - counts
            if amount == "balance"
            else _in_proportion(counts, round(float(amount) * counts.sum()))
            for amount in amounts
        }
        largest = dict(zip(labels, np.max(list(sizes.values()), axis=0), strict=True))
        synthetic = rows_of_classes(source, largest, fit_margin(rows.frame, rows.target, rng), rng)
        return {
            amount: with_repeated_rows(synthetic, dict(zip(labels, n, strict=True)), rows, rng)
            for amount, n in sizes.items()
        }


class AugmentedRegressor(RegressorMixin, Augmented):
    """A regressor that is fitted to its training rows and to rows that a TabGAN learned from them.

    Parameters
    ----------
    estimator : regressor
        A clone of it is fitted. It sees X as it came, frames included, so let it be a pipeline that encodes.
    amount : float or "auto", default="auto"
        Synthetic rows for each real row; "auto" takes what inner cross-validation by `scoring` supports
        among none, 0.5, 1 and 2, as in :class:`AugmentedClassifier`.
    alpha : float, default=0.0
        How strongly rows with a rare y are preferred, as in :class:`GANRegressionSampler`; 0 draws as the
        real rows are.
    model : TabGAN, optional
        A clone of it is fitted. By default ``TabGAN(max_steps=800)``, of smaller networks where rows are
        many, which protects no rare values: the synthetic rows stay with the real ones.
    max_time : float, optional
        Seconds after which the training of each model stops; by default the model's own, which is none. With
        "auto", a model is fitted in each inner fold, and one more if rows are added.
    scoring : str or callable, optional
        What "auto" maximises; by default the estimator's own `score`, which for regressors is R².
    cv : int or splitter, default=5
        Inner cross-validation of "auto"; a number means shuffled folds, twice. Each fold fits one model
        for all amounts.
    random_state : int, RandomState or None, default=None
        Seed of the splits, of TabGANs without a `random_state`, and of the rows.
    verbose : int, default=0
        1 shows a progress bar over the inner folds, and why the amount was taken.

    Attributes
    ----------
    estimator_ : regressor
        The fitted clone.
    amount_ : float
        The amount taken.
    reason_ : str
        Why: what it, or the best one, gained in inner cross-validation. `verbose` shows it.
    model_ : TabGAN or None
        The fitted model; None if no row was added.
    n_synthetic_ : int
        Rows added to the training rows.
    cv_results_ : DataFrame
        With "auto": for each amount the mean number of rows and the mean score, the mean difference to none
        with its standard error.
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
        max_time: float | None = None,
        scoring: str | Callable[..., float] | None = None,
        cv: int | BaseCrossValidator = 5,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            amount=amount,
            model=model,
            max_time=max_time,
            scoring=scoring,
            cv=cv,
            random_state=random_state,
            verbose=verbose,
        )
        self.alpha = alpha

    def _draw(
        self, source: Source, rows: Rows, amounts: Sequence[Amount], rng: np.random.RandomState
    ) -> dict[Amount, New]:
        sizes = {amount: round(float(amount) * len(rows.frame)) for amount in amounts}
        X, y = rare_rows(source, max(sizes.values()), rows.target, self.alpha, rng)
        return {amount: (X.head(n), y.head(n)) for amount, n in sizes.items()}


def _in_proportion(counts: NDArray[np.int64], n_new: int) -> NDArray[np.int64]:
    """Split `n_new` rows over classes as their counts (n_classes,) are; the largest remainders round up."""
    exact = counts * (n_new / counts.sum())
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: n_new - whole.sum()]] += 1
    return whole
