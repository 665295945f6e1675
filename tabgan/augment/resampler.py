"""What the two samplers have in common: containers of X and y, and what scikit-learn asks of them."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from tabgan.augment.containers import Table, Target

Seed = int | np.random.RandomState | None
Self = TypeVar("Self", bound="Resampler")


class Resampler(OneToOneFeatureMixin, BaseEstimator, metaclass=ABCMeta):
    """A sampler by the conventions of imbalanced-learn, with `fit_resample`."""

    @abstractmethod
    def _check(self, X: Any, y: Any) -> tuple[Table, Target]:
        """The two, checked, with the attributes set that need no model."""

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

    def _containers(self, X: Any, y: Any, nominal: bool) -> tuple[Table, Target]:
        """X and y, with `n_features_in_` and `feature_names_in_` set."""
        table = Table.of(X)
        target = Target.of(y, table, nominal=nominal)
        validate_data(
            self, X if isinstance(X, pd.DataFrame) else table.frame.to_numpy(), skip_check_array=True
        )
        return table, target

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.target_tags.required = "sampler", True
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        return tags
