"""TabGANImputer: holes of a table filled by a model that learned it, as a transformer for pipelines."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from tabgan.estimators.base import Seed, Synthesizer
from tabgan.estimators.conditional import Rows
from tabgan.estimators.gan import TabGAN
from tabgan.io.containers import join
from tabgan.sampling.request import whole_number
from tabgan.table import ColumnType
from tabgan.table.columns.categories import factorize
from tabgan.table.columns.numbers import as_floats

if TYPE_CHECKING:
    from typing_extensions import Self


class TabGANImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Fills the holes of a table from their conditional distributions.

    `fit` has a model learn the table, holes and all. `transform` fills each hole of other rows, or of the
    same, with a draw given what the row has, see :meth:`tabgan.TabGAN.impute`.

    Parameters
    ----------
    model : TabGAN or TabVAE, optional
        What learns the table; a copy is fitted. By default ``TabGAN(random_state=random_state, verbose=0)``.
    n_imputations : int, default=1
        With 1, a hole gets a single draw: the filled table is distributed as a full one would be. Of more,
        it gets the median, or the most frequent category: nearer to the truth, and without its spread.
    random_state : int, RandomState or None, default=None
        Seed of the draws of `transform`: with a number, the same rows are filled in the same way.

    Attributes
    ----------
    model_ : TabGAN or TabVAE
        The fitted model.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    See Also
    --------
    tabgan.TabGAN.impute : The same for a model that is fitted already, several imputations apart.

    Examples
    --------
    >>> from tabgan import TabGAN, TabGANImputer, load_iris
    >>> iris = load_iris()
    >>> iris.loc[::3, "petal_width"] = None
    >>> imputer = TabGANImputer(TabGAN(max_steps=20, verbose=0, random_state=0), random_state=0)
    >>> int(imputer.fit_transform(iris).isna().sum().sum())
    0
    """

    def __init__(
        self, model: Synthesizer | None = None, *, n_imputations: int = 1, random_state: Seed = None
    ) -> None:
        self.model = model
        self.n_imputations = n_imputations
        self.random_state = random_state

    def fit(self, X: Any, y: object = None) -> Self:
        """Have a model learn a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            As :meth:`tabgan.TabGAN.fit` does.
        """
        whole_number("n_imputations", self.n_imputations, 1)
        if not isinstance(self.model, Synthesizer | None):
            raise TypeError(f"model must be None or an estimator such as TabGAN(...), got {self.model!r}")
        model = TabGAN(random_state=self.random_state, verbose=0) if self.model is None else clone(self.model)
        self.model_ = model.fit(X)
        self.n_features_in_ = model.n_features_in_
        if hasattr(model, "feature_names_in_"):
            self.feature_names_in_ = model.feature_names_in_
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return self

    def transform(self, X: Any) -> Any:
        """Fill holes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)

        Returns
        -------
        DataFrame or array of shape (n_rows, n_columns)
            As `X` is, with its dtypes.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If there is no model.
        ValueError, TypeError
            As :meth:`tabgan.TabGAN.impute` does; also if columns are absent or in another order.
        """
        check_is_fitted(self)
        join(X, minimum=1)  # complains of what is no table
        validate_data(self, X, reset=False, skip_check_array=True)
        copies = whole_number("n_imputations", self.n_imputations, 1)
        model = self.model_.fitted_model_
        rows = Rows.of(X, model, type(self).__name__)
        imputed = rows.imputed(model, copies, self.random_state)
        return rows.give_back(pooled(imputed, model.transformer.columns_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = self.random_state is None
        return tags


def pooled(frames: Sequence[pd.DataFrame], columns: Mapping[Hashable, ColumnType]) -> pd.DataFrame:
    """Give the median or the most frequent of several imputations of n rows, value by value."""
    first, rows = frames[0], np.arange(len(frames[0]))
    chosen = {}
    for place, name in enumerate(first.columns if len(frames) > 1 else []):
        drawn = pd.concat([frame[name] for frame in frames], ignore_index=True)
        if columns[name].is_continuous:
            order = np.argsort(as_floats(columns[name].ordered(drawn)).reshape(len(frames), -1), axis=0)
            which = order[(len(frames) - 1) // 2]
        else:
            codes = factorize(drawn)[0].reshape(len(frames), -1)
            which = (codes[:, None] == codes[None]).sum(axis=0).argmax(axis=0)
        chosen[place] = drawn.iloc[which * len(rows) + rows].set_axis(first.index)
    return pd.DataFrame(chosen).set_axis(first.columns, axis=1) if chosen else first
