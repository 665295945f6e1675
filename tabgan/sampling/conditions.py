"""What some values of a row must be: a number, one of several categories, in a range, missing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.numbers import as_floats
from tabgan.table.transformer import TableTransformer

WINDOW = 0.01  # scalars, from -1 to 1, that are so near count as equal to a number, which is then put in
SPREAD = 32  # encodings of one value, to see how wide a stretch of scalars means the same


@dataclass(frozen=True)
class OneOf:
    """The value is one of `values`, a Series in the dtype of the column."""

    values: pd.Series
    encoded: list[NDArray[np.float32]] = field(default_factory=list, init=False, repr=False, compare=False)

    def holds(self, table: TableTransformer, name: Hashable, codes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which of n rows satisfy it, or nearly so, by their codes, shape (n, n_blocks): shape (n,)."""
        mask = np.zeros(len(codes), dtype=bool)
        if name in table.repeats_:
            mask = self.includes(table.decode(codes, name))
        of_column = table.codes(codes, name)
        kinds = [kind for kind, _ in table.encoder_.blocks(name)]
        slack = np.array([WINDOW if kind == "scalar" else 0 for kind in kinds], dtype=np.float32)
        for encodings in self._encodings(table, name):
            low, high = encodings.min(axis=0) - slack, encodings.max(axis=0) + slack
            mask |= ((of_column >= low) & (of_column <= high)).all(axis=1)
        return mask

    def allow(self, table: TableTransformer, name: Hashable, allowed: list[NDArray[np.bool_]]) -> None:
        """Forbid all categories, for each block in an array of shape (width,), with which it cannot hold."""
        blocks = table.layout_.of(name)
        if name in table.repeats_ or not blocks:  # it may hold by other columns
            return
        codes = np.stack([encodings[0] for encodings in self._encodings(table, name)])
        for mask, block, of_block in zip(allowed[table.layout_.places(name)], blocks, codes.T, strict=True):
            if block.kind == "onehot":
                mask &= np.isin(np.arange(block.width), of_block)

    def _encodings(self, table: TableTransformer, name: Hashable) -> list[NDArray[np.float32]]:
        """Encode each of the values several times; once for all calls."""
        if not self.encoded:
            for place in range(len(self.values)):
                like = pd.concat([self.values.iloc[[place]]] * SPREAD, ignore_index=True)
                self.encoded.append(table.encoder_.encode(name, like, np.random.default_rng(0)))
        return self.encoded

    def includes(self, column: pd.Series) -> NDArray[np.bool_]:
        """Tell which of n values are among them, shape (n,)."""
        return np.asarray(column.isin(self.values), dtype=bool)

    def fill(self, column: pd.Series, rng: np.random.Generator) -> pd.Series:
        """Put in what was asked for where a value only came near to it."""
        other = ~self.includes(column)
        if not other.any():
            return column
        if len(self.values) > 1 and pd.api.types.is_numeric_dtype(column.dtype):
            distance = np.abs(as_floats(column[other])[:, None] - as_floats(self.values))
            place = np.nan_to_num(distance, nan=np.inf).argmin(axis=1)
        else:
            place = rng.integers(len(self.values), size=other.sum())
        column = column.copy()
        column[other] = self.values.take(place).set_axis(column.index[other])
        return column


@dataclass(frozen=True)
class Between:
    """The value lies between `low` and `high`, both included; None leaves an end open."""

    low: Any
    high: Any

    def holds(self, table: TableTransformer, name: Hashable, codes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which of n rows satisfy it, by their codes, shape (n, n_blocks): shape (n,)."""
        return self.includes(table.decode(codes, name))

    def allow(self, table: TableTransformer, name: Hashable, allowed: list[NDArray[np.bool_]]) -> None:
        """Forbid nothing."""

    def includes(self, column: pd.Series) -> NDArray[np.bool_]:
        """Tell which of n values lie in the range, shape (n,); missing ones never do."""
        mask = column.notna()
        if self.low is not None:
            mask &= column >= self.low
        if self.high is not None:
            mask &= column <= self.high
        return mask.fillna(False).to_numpy(dtype=bool)

    def fill(self, column: pd.Series, rng: np.random.Generator) -> pd.Series:
        """Nothing is to be done."""
        return column


class Conditions:
    """Conditions on columns that hold together.

    Parameters
    ----------
    table : TableTransformer
    given : mapping of column name to what its values must be
        A value; a list or set of values; a slice or ``pandas.Interval`` for a range, both ends included; None
        for a missing value.

    Raises
    ------
    ValueError
        If a column is unknown, or no row of the training table could satisfy a condition. The message names
        the column and what it can hold.
    """

    def __init__(self, table: TableTransformer, given: Mapping[Hashable, Any]) -> None:
        self.table = table
        none = table.inverse_transform(np.zeros((0, len(table.layout_))))
        self.by_column: dict[Hashable, OneOf | Between] = {}
        for name, asked in given.items():
            if name not in table.columns_:
                raise ValueError(f"there is no column {name!r}; the columns are {list(table.columns_)}")
            anything = isinstance(asked, slice) and asked == slice(None)  # but a missing value
            if table.columns_[name].is_generated and not anything:
                raise ValueError(
                    f"column {name!r} holds keys or text, newly generated for each sample; set them after "
                    "sampling"
                )
            self.by_column[name] = _condition(table, name, asked, none[name].dtype)
        includes = {name: condition.includes for name, condition in self.by_column.items()}
        values, replaced = table.constraint_set_.translate(includes, table.encoded_)
        # What encoded rows are asked: of columns that follow from another one, that one.
        self._of_rows: dict[Hashable, OneOf | Between] = {name: OneOf(v) for name, v in values.items()}
        self._of_rows |= {name: c for name, c in self.by_column.items() if name not in replaced}

    def holds(self, codes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which of n rows satisfy all of them, by their codes of shape (n, n_blocks): shape (n,)."""
        mask = np.ones(len(codes), dtype=bool)
        for name, condition in self._of_rows.items():
            mask &= condition.holds(self.table, name, codes)
        return mask

    def allowed(self) -> list[NDArray[np.bool_]]:
        """For each block, shape (width,), the categories with which all of them may hold."""
        allowed = [np.ones(block.width, dtype=bool) for block in self.table.layout_]
        for name, condition in self._of_rows.items():
            condition.allow(self.table, name, allowed)
        return allowed

    def satisfied(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which of n rows of a table satisfy all of them, shape (n,)."""
        mask = np.ones(len(frame), dtype=bool)
        for name, condition in self.by_column.items():
            mask &= condition.includes(frame[name])
        return mask

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Put in the values that were asked for where a row only came near to them."""
        filled = {name: condition.fill(frame[name], rng) for name, condition in self.by_column.items()}
        columns = [filled.get(name, frame[name]) for name in frame.columns]
        return pd.DataFrame(dict(enumerate(columns))).set_axis(frame.columns, axis=1)


def _condition(table: TableTransformer, name: Hashable, asked: Any, dtype: Any) -> OneOf | Between:
    """Read what was given for a column."""
    if isinstance(asked, pd.Interval):
        asked = slice(asked.left, asked.right)
    if isinstance(asked, slice):
        return _range(table.columns_[name], name, asked, dtype)
    several = isinstance(asked, Iterable) and not isinstance(asked, str | bytes)
    values = _values(list(asked) if several else [asked], name, dtype)
    if not len(values):
        raise ValueError(f"column {name!r} is given no value to choose from; give at least one")
    unknown = ~table.columns_[name].possible(values)
    if unknown.any():
        unlike = ", ".join(map(repr, values[unknown].tolist()))
        raise ValueError(
            f"column {name!r} held nothing like {unlike} in training, or in too few records to be learned "
            "(see Privacy(protect=...)), and so never will in samples; ask for other values"
        )
    return OneOf(values)


def _range(column: ColumnType, name: Hashable, asked: slice, dtype: Any) -> Between:
    """Read a range; it must hold something of the column."""
    ends = [None if end is None else _values([end], name, dtype).iloc[0] for end in (asked.start, asked.stop)]
    between = Between(*ends)
    if ends != [None, None] and isinstance(dtype, pd.CategoricalDtype) and not dtype.ordered:
        raise ValueError(
            f"column {name!r} has categories without an order, so no ranges: give a list of them"
        )
    categories, bounds = column.categories, column.bounds()
    empty = False
    if categories is not None:
        empty = not between.includes(categories).any()
    elif bounds is not None:
        empty = (ends[0] is not None and ends[0] > bounds[1]) or (ends[1] is not None and ends[1] < bounds[0])
    if empty:
        raise ValueError(f"column {name!r} held nothing in the range from {ends[0]} to {ends[1]}")
    return between


def _values(values: list[Any], name: Hashable, dtype: Any) -> pd.Series:
    """Values in the dtype of their column; numbers, truth values and times may be written as text."""
    if pd.api.types.is_bool_dtype(dtype):
        values = [{"true": True, "false": False}.get(str(value).lower(), value) for value in values]
    try:
        converted = pd.Series(values, dtype=object).astype(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"column {name!r} is of dtype {dtype}, which {values} do not fit: {error}"
        ) from error
    lost = converted.isna().to_numpy() & ~pd.isna(np.array(values, dtype=object))
    if lost.any():
        unknown = [value for value, is_lost in zip(values, lost, strict=True) if is_lost]
        raise ValueError(f"column {name!r} (dtype {dtype}) cannot hold {unknown}; ask for other values")
    return converted
