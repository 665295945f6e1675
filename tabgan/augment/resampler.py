"""What the samplers have in common: containers of X and y, and what scikit-learn asks of them."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from importlib import import_module
from typing import Any, TypeVar, overload

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import validate_data

from tabgan.augment.containers import New, Rows
from tabgan.augment.source import check_settings

Self = TypeVar("Self", bound="Resampler")


class Resampler(OneToOneFeatureMixin, BaseEstimator, metaclass=ABCMeta):
    """A sampler by the conventions of imbalanced-learn, with `fit_resample`."""

    NOMINAL: bool  # whether y is of classes

    @abstractmethod
    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        """The rows to add."""

    def _check(self, X: Any, y: Any) -> Rows:
        """X and y, checked like the parameters, with the attributes set that need no model."""
        check_settings(self)
        rows = Rows.of(X, y, self.NOMINAL)
        names = pd.Index(getattr(rows.X, "columns", ()))
        if not names.is_unique:
            repeated = list(names[names.duplicated()].unique())
            raise ValueError(f"X has columns of the same name, rename them: {repeated!r}")
        validate_data(self, rows.X, skip_check_array=True)
        return rows

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Check the parameters, X and y, without fitting a model; use `fit_resample`.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,)

        Returns
        -------
        object
            The same object.
        """
        self._check(X, y)
        return self

    @overload
    def fit_resample(self, X: pd.DataFrame, y: pd.Series) -> tuple[pd.DataFrame, pd.Series]: ...

    @overload
    def fit_resample(self, X: pd.DataFrame, y: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]: ...

    @overload
    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]: ...

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Add rows to X and y.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,)
            Numbers, or classes, which may also come as one column of zeros and ones for each class.

        Returns
        -------
        X_resampled : DataFrame or array of shape (n_rows_new, n_columns)
            The rows of X, then the new ones; in the container and the dtypes of X, with a new index.
        y_resampled : Series or array of shape (n_rows_new,)
            In the container, the dtype and under the name of y.

        Raises
        ------
        ValueError, TypeError
            If X, y or a parameter cannot be used, or a class is too small and is not to be repeated.
        ImportError
            If classes are oversampled and imbalanced-learn is not installed.
        """
        rows = self._check(X, y)
        return rows.extended(self._draw(rows, check_random_state(self.random_state)))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.target_tags.required = "sampler", True
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        return tags


def imbalanced_learn(module: str) -> Any:
    """A module of imbalanced-learn, which the conventions of oversampling are from."""
    try:
        return import_module(f"imblearn.{module}")
    except ImportError as error:
        raise ImportError(
            "oversampling of classes needs imbalanced-learn: pip install 'tabgan-torch[augment]'"
        ) from error


def has_imbalanced_learn() -> bool:
    """Whether imbalanced-learn can be imported."""
    try:
        import_module("imblearn.base")
    except ImportError:
        return False
    return True
