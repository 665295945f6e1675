"""What a fitted estimator says of some values of a row given the others: holes filled, columns predicted."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan.io.containers import Containers, join
from tabgan.sampling.known import Known, mix
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.prediction import Prediction
from tabgan.sampling.request import whole_number
from tabgan.table.columns.categories import find_missing


class ConditionalMixin:
    """Questions about rows that need nothing but the `fitted_model_`."""

    fitted_model_: FittedModel

    def impute(self, X: Any, *, n_imputations: int = 1, random_state: Seed = None) -> Any:
        """Fill the holes of rows, each with a draw from its conditional distribution.

        Forests learn each column given all others from rows of the model, at the first call, and fill the
        holes of a row one after the other, several times over (van Buuren and Groothuis-Oudshoorn 2011,
        *mice*; Doove et al. 2014). What a hole is filled with depends on all that the row has.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows of the table that was learned, of which columns may be absent. A known value that the model
            has not learned stays as it is and says nothing of the others.
        n_imputations : int, default=1
            How many times. Imputations differ as far as what is known leaves open: a hole lies with a
            probability of (m - 1) / (m + 1) between the least and the greatest of m of them.
        random_state : int, RandomState, SeedSequence or None, default=None
            None goes on with the random stream of the model, so that two calls differ.

        Returns
        -------
        DataFrame or array of shape (n_rows, n_columns), or a list of so many
            As `X` is: with its columns, index, dtypes and known values. Of n imputations, if there are to be
            several, a list. A hole is left only where the training column had no value at all.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError, ValueError
            If `X` has a column that the training table had not, or values that are none of its column's, or
            `n_imputations` is less than 1.

        Warns
        -----
        UserWarning
            If rows cannot be filled so that they satisfy the constraints, as they break them already.

        Examples
        --------
        >>> from tabgan import TabVAE, load_iris
        >>> iris = load_iris()
        >>> model = TabVAE(max_steps=20, random_state=0, verbose=0).fit(iris)
        >>> iris.loc[::2, "petal_width"] = None
        >>> model.impute(iris, random_state=0).isna().sum().sum()
        np.int64(0)
        """
        check_is_fitted(self)
        copies = whole_number("n_imputations", n_imputations, 1)
        rows = Rows.of(X, self.fitted_model_, type(self).__name__)
        given = [rows.give_back(frame) for frame in rows.imputed(self.fitted_model_, copies, random_state)]
        return given if copies > 1 else given[0]

    def predict(self, X: Any, target: Hashable = None) -> Any:
        """Predict one column of rows from the others.

        It is the mean of the conditional distribution that `impute` draws from, or the most probable of its
        categories; so the model of the whole table answers for every column, and no column need be chosen
        before `fit`. An estimator that learns this one column from real rows is better at it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows of the table that was learned. Other columns may be absent or have holes: it is then averaged
            over ten imputations of them. `target` may be there, and is not looked at.
        target : column name, optional
            By default the column that was `y` in `fit`.

        Returns
        -------
        Series or ndarray of shape (n_rows,)
            An array if X is one. Numbers are floats, the mean; times, and numbers that strings write, the
            nearest value of the column to it. Of a column with categories, also of numbers of which only a
            few occur, the most probable.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError, TypeError
            If there is no such column, it holds keys or text, or X is no table of the columns.

        Examples
        --------
        >>> from tabgan import TabVAE, load_iris
        >>> model = TabVAE(max_steps=20, random_state=0, verbose=0).fit(load_iris())
        >>> model.predict(load_iris(), "petal_width").shape
        (150,)
        """
        check_is_fitted(self)
        prediction, rows = self._asked(X, target)
        known, rng = rows.without(prediction.target, self.fitted_model_), np.random.default_rng(0)
        values = prediction.modes(known, rng) if prediction.is_nominal else prediction.means(known, rng)
        if rows.containers.X_dtype is None:
            return values.set_axis(rows.index)
        learned = self.fitted_model_.containers
        is_y = prediction.is_nominal and prediction.target == learned.target
        return values.to_numpy(dtype=learned.y_dtype if is_y else None)

    def predict_proba(self, X: Any, target: Hashable = None) -> Any:
        """Give the probability of each category of one column given the others.

        Parameters
        ----------
        X, target
            As in `predict`.

        Returns
        -------
        DataFrame or ndarray of shape (n_rows, n_categories)
            An array if X is one. A column for each category, sorted as far as categories can be.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError, TypeError
            As in `predict`; also if the column has no categories.
        """
        check_is_fitted(self)
        prediction, rows = self._asked(X, target)
        known = rows.without(prediction.target, self.fitted_model_)
        categories, shares = prediction.shares(known, np.random.default_rng(0))
        if rows.containers.X_dtype is not None:
            return shares
        return pd.DataFrame(shares, rows.index, pd.Index(categories, name=prediction.target))

    def _asked(self, X: Any, target: Hashable) -> tuple[Prediction, Rows]:
        """Find out which column of which rows is to be predicted."""
        model = self.fitted_model_
        target = model.containers.target if target is None else target
        if target is None:
            raise ValueError(
                "target must be the name of the column to predict; a model that was fitted with y predicts it"
            )
        rows = Rows.of(X, model, type(self).__name__)
        return Prediction(model.imputation, target), rows


@dataclass(frozen=True)
class Rows:
    """Rows that a question is about, and the container that answers go back in.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        With an index that counts them.
    containers : Containers
        How they came.
    index : Index
        Theirs.
    """

    table: pd.DataFrame
    containers: Containers
    index: pd.Index

    @classmethod
    def of(cls, X: Any, model: FittedModel, asked: str) -> Rows:
        """Read rows of the table that a model learned; errors speak of the estimator that was `asked`."""
        table, containers = join(X, minimum=1)
        n_features = len(model.containers.features)
        if containers.X_dtype is not None and len(containers.features) != n_features:
            raise ValueError(
                f"X has {len(containers.features)} features, but {asked} is expecting {n_features} features "
                "as input"
            )
        return cls(table, containers, X.index if isinstance(X, pd.DataFrame) else table.index)

    def without(self, target: Hashable, model: FittedModel) -> Known:
        """Give what is known of the rows, one column left out."""
        return Known.read(model.transformer, self.table.drop(columns=[target], errors="ignore"), "ignore")

    def imputed(self, model: FittedModel, copies: int, random_state: Seed) -> list[pd.DataFrame]:
        """Fill the holes several times, see :meth:`tabgan.TabGAN.impute`."""
        seed = model.next_seed(random_state)
        known = Known.read(model.transformer, self.table, "ignore")
        rows = np.flatnonzero(~known.present.to_numpy(dtype=bool).all(axis=1))
        if not len(rows):
            return [self.table] * copies
        drawn = model.imputation.draw(known.take(rows), copies, seed, model.transformer.obey)
        check = model.transformer.constraint_set_.check
        _warn_of_broken(model, max(int((~check(frame)).sum()) for frame, _ in drawn), len(self.table))
        return [_filled(self.table, rows, frame) for frame, _ in drawn]

    def give_back(self, frame: pd.DataFrame) -> Any:
        """Put a frame of the same columns into the container that the rows came in."""
        return self.containers.give_back(frame.set_axis(self.index, axis=0))


def _warn_of_broken(model: FittedModel, n_broken: int, n_rows: int) -> None:
    """Warn of rows that no draw completed so that they obey."""
    if n_broken:
        constraints = ", ".join(map(str, model.transformer.constraint_set_))
        warnings.warn(
            f"{n_broken:,} of {n_rows:,} rows, filled, do not satisfy the constraints {constraints}: what "
            "they have breaks them, or leaves a way that is too rare; correct their known values, or see "
            "whether the constraints hold of them",
            UserWarning,
            stacklevel=4,
        )


def _filled(table: pd.DataFrame, rows: Any, drawn: pd.DataFrame) -> pd.DataFrame:
    """Put values of completed rows, which are some of a table's, into its holes, in its dtypes."""
    columns = []
    for name in table.columns:
        column = table[name]
        holes = find_missing(column)
        if holes.any():
            values = drawn[name][holes[rows]].reset_index(drop=True)
            column = mix(column, _in_dtype_of(column, values), holes)
        columns.append(column)
    return pd.DataFrame(dict(enumerate(columns)), index=table.index).set_axis(table.columns, axis=1)


def _in_dtype_of(column: pd.Series, values: pd.Series) -> pd.Series:
    """Give values in the dtype of a column; to one that lists its categories, new ones are added."""
    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        new = [value for value in values.dropna().unique() if value not in dtype.categories]
        dtype = pd.CategoricalDtype([*dtype.categories, *new], dtype.ordered) if new else dtype
    return values.astype(dtype)
