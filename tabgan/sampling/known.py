"""What is known of rows to complete: given values, read as values of their columns, and where they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.names import columns_like
from tabgan.table import TableTransformer
from tabgan.table.columns.categories import factorize, find_missing
from tabgan.table.columns.given_values import GivenValues
from tabgan.table.constraints.base import Mask

Unseen = Literal["error", "ignore"]


@dataclass(frozen=True)
class Known:
    """Values that n rows have, in the dtypes of the model.

    Parameters
    ----------
    index : Index of length n
        Of the given rows.
    values : dict of column name to Series of shape (n,)
        The values known; at all other places anything.
    present : DataFrame of bool, shape (n, n_given)
        Where they are; a given column of which nothing is known has no `values`.
    """

    index: pd.Index
    values: Mapping[Hashable, pd.Series]
    present: pd.DataFrame

    @classmethod
    def read(cls, table: TableTransformer, given: pd.DataFrame, unseen: Unseen = "error") -> Known:
        """Read a frame with some of the columns of a table, and holes in them.

        Parameters
        ----------
        table : TableTransformer
        given : DataFrame of shape (n, n_given)
            Of any dtypes: whole numbers with holes are floats in pandas.
        unseen : {"error", "ignore"}, default="error"
            What becomes of values unlike any in training: ignored, they stay and say nothing of the others.

        Raises
        ------
        ValueError
            If a column is unknown or given twice, or a value is none of its column's.
        """
        like = table.inverse_transform(np.zeros((0, len(table.layout_)), dtype=np.float32))
        if not given.columns.is_unique:
            raise ValueError(f"columns of the same name: {list(given.columns)}; rename them")
        values: dict[Hashable, pd.Series] = {}
        present: dict[Hashable, Mask] = {}
        for name in given.columns:
            if name not in table.columns_:
                raise ValueError(f"there is no column {name!r}; {columns_like(name, table.columns_)}")
            column = given[name].reset_index(drop=True)
            is_present = ~find_missing(column)
            present[name] = is_present
            if is_present.any():
                reader = GivenValues(name, table.columns_[name], like[name].dtype)
                values[name] = _read(column, is_present, reader, unseen)
        frame = pd.DataFrame(dict(enumerate(present.values())), index=range(len(given)), dtype=bool)
        return cls(given.index, values, frame.set_axis(given.columns, axis=1))

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: NDArray[np.intp]) -> Known:
        """Give some of the rows."""
        values = {name: column.iloc[rows].reset_index(drop=True) for name, column in self.values.items()}
        return Known(self.index[rows], values, self.present.iloc[rows].reset_index(drop=True))

    def patterns(self) -> Iterator[tuple[list[Hashable], NDArray[np.intp]]]:
        """Give the names of the columns that rows have, and the numbers of the rows that have just these."""
        if not len(self):
            return
        if not self.present.shape[1]:
            yield [], np.arange(len(self))
            return
        kinds, first, which = np.unique(
            self.present.to_numpy(), axis=0, return_index=True, return_inverse=True
        )
        for kind in range(len(first)):
            names: list[Hashable] = [
                name for name, has in zip(self.present.columns, kinds[kind], strict=True) if has
            ]
            yield names, np.flatnonzero(which.reshape(-1) == kind)

    def holes(self, name: Hashable) -> Mask:
        """Tell in which rows a value of a given column is missing, shape (n,)."""
        return ~self.present[name].to_numpy(dtype=bool)

    def beyond(self, table: TableTransformer) -> Mask:
        """Tell which rows are known to have what lies out of the range of its column, shape (n,)."""
        found = np.zeros(len(self), dtype=bool)
        for name, values in self.values.items():
            if table.columns_[name].bounds() is not None:
                found |= ~self.holes(name) & ~table.columns_[name].possible(values)
        return found

    def put_into(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Replace values of n generated rows by those known."""
        columns = dict(frame.items())
        for name, known in self.values.items():
            has = ~self.holes(name)
            columns[name] = mix(columns[name], known[has], has)
        return pd.DataFrame(dict(enumerate(columns.values())), index=frame.index).set_axis(
            frame.columns, axis=1
        )


def mix(column: pd.Series, others: pd.Series, where: Mask) -> pd.Series:
    """Put other values into a column of n, as many as a mask has true; categories may become more."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(others.dtype)
    both = pd.concat([column, others], ignore_index=True)
    places = np.arange(len(column))
    places[where] = len(column) + np.arange(len(others))
    return both.iloc[places].set_axis(column.index)


def _read(column: pd.Series, is_present: Mask, reader: GivenValues, unseen: Unseen) -> pd.Series:
    """Read a column of n values; where none is present, the first one stands in."""
    try:
        codes, distinct = factorize(column[is_present])
    except (TypeError, NotImplementedError) as error:  # unhashable, as Python and as Arrow put it
        raise TypeError(
            f"column {reader.name!r} is given nested or strange objects; turn them into values that it had "
            "in training, or make them missing"
        ) from error
    read = reader.read(distinct.astype(object).tolist(), learned=False)
    if unseen == "error":
        codes_of = reader.column.transform(read)
        unlike = np.flatnonzero(np.isnan(codes_of).any(axis=1))
        if len(unlike) and not reader.column.is_generated:
            raise reader.refuse(distinct.iloc[unlike[0]])
    places = np.zeros(len(column), dtype=np.intp)
    places[is_present] = codes
    return read.iloc[places].reset_index(drop=True)
