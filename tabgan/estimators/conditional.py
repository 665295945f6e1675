"""What a fitted estimator says of some values of a row given the others: holes filled."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan.io.containers import Containers, join
from tabgan.sampling.known import Known, mix
from tabgan.sampling.model import FittedModel, Seed
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
        imputed = Imputed.of(self.fitted_model_, X, copies, random_state)
        given = [imputed.give_back(frame) for frame in imputed.frames]
        return given if copies > 1 else given[0]


@dataclass(frozen=True)
class Imputed:
    """Imputations of rows.

    Parameters
    ----------
    frames : list of DataFrame of shape (n_rows, n_columns)
        With the columns and dtypes of the rows, and an index that counts them.
    containers : Containers
        How the rows came.
    index : Index
        Theirs.
    """

    frames: list[pd.DataFrame]
    containers: Containers
    index: pd.Index

    @classmethod
    def of(cls, model: FittedModel, X: Any, copies: int, random_state: Seed = None) -> Imputed:
        """Fill the holes of X several times, see :meth:`tabgan.TabGAN.impute`."""
        table, containers = join(X, minimum=1)
        n_features = len(model.containers.features)
        if containers.X_dtype is not None and len(containers.features) != n_features:
            raise ValueError(
                f"X has {len(containers.features)} features, and the table that was learned {n_features}; "
                "give the columns that fit saw, in their order"
            )
        seed = model.next_seed(random_state)
        known = Known.read(model.transformer, table, "ignore")
        rows = np.flatnonzero(~known.present.to_numpy(dtype=bool).all(axis=1))
        frames = [table] * copies
        if len(rows):
            drawn = model.imputation.draw(known.take(rows), copies, seed, model.transformer.obey)
            frames = [_filled(table, rows, frame) for frame, _ in drawn]
            check = model.transformer.constraint_set_.check
            _warn_of_broken(model, max(int((~check(frame)).sum()) for frame, _ in drawn), len(table))
        return cls(frames, containers, X.index if isinstance(X, pd.DataFrame) else table.index)

    def give_back(self, frame: pd.DataFrame) -> Any:
        """Put a frame into the container that the rows came in."""
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
