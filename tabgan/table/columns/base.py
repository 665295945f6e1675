"""What every column type is: a transformer of one column into blocks, which says what values there can be."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from tabgan.layout import BlockKind
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.numbers import widened

Scale = Literal["numeric", "nominal"]
Part = tuple[int, int, int]  # which one, of how many, of how many rows at most
Self = TypeVar("Self", bound="ColumnType")


class ColumnType(TransformerMixin, BaseEstimator):
    """One column of a table there and back: a Series of n values <-> codes of shape (n, n_blocks).

    A code is one number a block: of a scalar block a number in [-1, 1], of a onehot block the number of a
    category, from 0 on.

    To handle a column in a way of your own, derive from this class, set `scale`, implement `fit`,
    `transform`, `inverse_transform` and `blocks`, and pass an instance as
    ``TabGAN(columns={"name": MyType()})``. A model file holds the parameters and all other attributes: plain
    values, tuples, lists and dicts of them, arrays, Series, dtypes. It names the class, which has to be
    defined or imported before the file is loaded. The other methods have defaults. They say what values the
    column can have, which `sample` needs for ``given``, ``balance`` and ``missing``.

    Attributes
    ----------
    kinds : tuple of str, class attribute
        Kinds of columns that an instance accepts, of tabgan's types; empty for a type of your own.
    scale : {"numeric", "nominal"}, class attribute
        How metrics treat the column.
    is_generated : bool, class attribute, default=False
        Whether no value is learned: keys and text, newly generated for each sample.
    is_continuous : bool, class attribute, default=False
        Whether values lie on a scale, where others may lie between any two. Such columns are compared by
        rank, and looked through for values that repeat those of another column.

    Notes
    -----
    Randomness comes from the generator that a method is given; None stands for a fresh one.

    Examples
    --------
    >>> class Angle(ColumnType):
    ...     scale = "numeric"
    ...     def fit(self, column, y=None):
    ...         return self
    ...     def transform(self, column, rng=None):
    ...         radians = np.deg2rad(column.to_numpy(dtype=float))
    ...         return np.column_stack([np.sin(radians), np.cos(radians)]).astype(np.float32)
    ...     def inverse_transform(self, codes, rng=None):
    ...         return pd.Series(np.rad2deg(np.arctan2(codes[:, 0], codes[:, 1])) % 360)
    ...     def blocks(self):
    ...         return [("scalar", 1), ("scalar", 1)]
    >>> column = pd.Series([0.0, 90.0])
    >>> Angle().fit(column).transform(column).round(2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    scale: ClassVar[Scale]
    is_generated: ClassVar[bool] = False
    is_continuous: ClassVar[bool] = False

    def fit(self: Self, column: pd.Series, y: object = None) -> Self:
        """Learn a column, by default with `fit_facts`.

        Parameters
        ----------
        column : Series of shape (n,)
            Missing values are part of it.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the type cannot handle the values.
        """
        return self.fit_facts(ColumnFacts(column))

    def fit_facts(self: Self, facts: ColumnFacts) -> Self:
        """Learn a column that has been read already; by default, `fit` reads it again."""
        if type(self).fit is ColumnType.fit:
            raise NotImplementedError(f"{type(self).__name__} has no `fit`; implement it")
        return self.fit(facts.column)

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode a column.

        Parameters
        ----------
        column : Series of shape (n,)
        rng : Generator, optional

        Returns
        -------
        ndarray of float32, shape (n, n_blocks)
            One number for each of the `blocks`; nan for a value that cannot be encoded, because the training
            column had none like it.
        """
        raise NotImplementedError

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode a column.

        Parameters
        ----------
        codes : ndarray of float32, shape (n, n_blocks)
            Scalars lie in [-1, 1], categories from 0 to the width of their block less 1.
        rng : Generator, optional

        Returns
        -------
        Series of shape (n,)
            With a RangeIndex and the dtype of the training column.
        """
        raise NotImplementedError

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give kind and width of each block.

        Returns
        -------
        list of ({"scalar", "onehot"}, int)
            In order; a scalar has width 1, a onehot one a category. Empty if there is nothing to learn.
        """
        raise NotImplementedError

    def intervals(self) -> list[NDArray[np.float32] | None]:
        """Tell which codes of each block stand for one value, and which blocks may stand for none.

        Returns
        -------
        list of (ndarray of float32, shape (k, 2), or None)
            For each block where intervals of codes begin and end, rising, all of whose codes are the same
            value. A block with an array, even an empty one, counts only where the onehot blocks before it in
            the column are at their first category. By default None: the block always counts, and each code
            is a value of its own.
        """
        return [None] * len(self.blocks())

    @property
    def categories(self) -> pd.Series | None:
        """All values that there are, in the dtype of the column, a missing one too; None if any may occur."""
        return None

    def bounds(self) -> tuple[Any, Any] | None:
        """Give the least and the greatest value, in the dtype of the column, or None if there is no order."""
        return None

    def ordered(self, column: pd.Series) -> pd.Series:
        """Give n values in a form that can be compared: by default as they are."""
        return column

    def can_be_missing(self) -> bool:
        """Tell whether values may be missing: by default, if the categories have a missing one."""
        return self.categories is not None and bool(find_missing(self.categories).any())

    def possible(self, values: pd.Series) -> NDArray[np.bool_]:
        """Tell which values a sample may have.

        Parameters
        ----------
        values : Series of shape (n,)
            In the dtype of the column.

        Returns
        -------
        ndarray of bool, shape (n,)
            By default those among the categories, or else within the bounds, or else that can be encoded.
        """
        categories, bounds = self.categories, self.bounds()
        if categories is not None:
            mask = values.isin(categories).to_numpy(dtype=bool, copy=True)
        elif bounds is not None:
            mask = widened(values).between(*bounds).fillna(False).to_numpy(dtype=bool, copy=True)
        else:
            return np.asarray(~np.isnan(self.transform(values)).any(axis=1))
        mask[find_missing(values)] = self.can_be_missing()
        return mask

    def renew(
        self, column: pd.Series, rng: np.random.Generator | None = None, part: Part | None = None
    ) -> pd.Series:
        """Generate other values in place of decoded ones, if the column is generated.

        Parameters
        ----------
        column : Series of shape (n,)
            Decoded in several pieces; missing values stay missing.
        rng : Generator, optional
        part : (int, int, int), optional
            Which part of a larger sample it is, of how many, of at most how many rows.

        Returns
        -------
        Series of shape (n,)
            By default the column as it is.
        """
        return column
