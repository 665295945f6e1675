"""What the columns of a table hold: read once, when it is first asked for, and handed on from there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.table.columns.categories import factorize, find_missing, with_missing_last
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.number_format import NumberFormat
from tabgan.table.columns.numbers import Family, as_floats, family
from tabgan.table.columns.strings import Reading, holds_strings, read_floats, read_strings
from tabgan.table.columns.time_pattern import TimePattern

RARE = 5  # rows up to which, less one, a value is no category by itself
MIN_KEYS = 20  # up to here, different values are categories, even if hardly any repeats


class ColumnFacts:
    """One column, and what was read of it.

    Parameters
    ----------
    column : Series of shape (n,)
    least : int, default=1
        So many records must hold a value for it to be learned, see :mod:`tabgan.table.columns.protection`.
    """

    def __init__(self, column: pd.Series, least: int = 1) -> None:
        self.column, self.least = column, least
        self.kind: tuple[str, str] | None = None  # and the reason, once they were inferred

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which values are missing, shape (n,)."""
        return find_missing(self.column)

    @cached_property
    def family(self) -> Family:
        """What its values can be compared with."""
        return family(self.column)

    @cached_property
    def reading(self) -> Reading | None:
        """How it is read as numbers or times; None if it does not hold such."""
        return _read(self)

    @property
    def number_format(self) -> NumberFormat | None:
        """How it stores numbers or times; None if it does not hold such."""
        return self.reading.number_format if self.reading else None

    @property
    def numbers(self) -> NDArray[Any]:
        """The numbers present, as `NumberFormat.read` gives them; none if it does not hold numbers."""
        return self.reading.numbers if self.reading else np.zeros(0)

    @cached_property
    def distinct(self) -> NDArray[Any]:
        """The different ones among the numbers, rising."""
        return np.unique(self.numbers)

    @cached_property
    def grid(self) -> Grid:
        """The grid that the numbers lie on."""
        assert self.number_format is not None
        return Grid.of(self.numbers, self.number_format.value_dtype)

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """All values as floats, shape (n,), see `as_floats`."""
        number_format = self.number_format
        if number_format is None or number_format.local or number_format.content == "period":
            return as_floats(self.column)
        assert self.reading is not None
        floats = np.full(len(self.column), np.nan)
        floats[self.reading.is_number] = number_format.floats(self.numbers)
        return floats

    @property
    def codes(self) -> NDArray[np.intp]:
        """The place of each value among the categories, shape (n,)."""
        return self._factorized[0]

    @property
    def categories(self) -> pd.Series:
        """The different values, see `factorize`."""
        return self._factorized[1]

    @cached_property
    def _factorized(self) -> tuple[NDArray[np.intp], pd.Series]:
        """From the numbers, where equal numbers are equal values; in objects, 1 and 1.0 are two."""
        dtype = self.column.dtype
        if isinstance(dtype, pd.CategoricalDtype) or is_object_dtype(dtype) or holds_strings(self.column):
            return factorize(self.column, self.missing)
        number_format = self.number_format
        if number_format is None or number_format.local:
            return factorize(self.column, self.missing)
        _, first, codes = np.unique(self.numbers, return_index=True, return_inverse=True)
        return with_missing_last(self.column, self.missing, codes, first)


def read_as(facts: ColumnFacts, pattern: TimePattern) -> ColumnFacts:
    """Give the facts of the same column with its strings read by a given pattern."""
    other = ColumnFacts(facts.column, facts.least)
    other.reading = _read(other, pattern)
    return other


def rarely_repeats(facts: ColumnFacts) -> bool:
    """Tell whether more than half of the values present are such as fewer than `RARE` rows hold."""
    counts = np.bincount(facts.codes[~facts.missing])
    return len(counts) > MIN_KEYS and bool(2 * counts[counts < RARE].sum() > counts.sum())


def floats_like(facts: ColumnFacts, column: pd.Series) -> NDArray[np.float64]:
    """Give n values of another column as floats, shape (n,), its strings read as those of the first one."""
    reading = facts.reading
    if reading is None or reading.is_plain:
        return as_floats(column)
    return read_floats(column, reading.number_format, reading.remarks)


def _read(facts: ColumnFacts, pattern: TimePattern | None = None) -> Reading | None:
    """Read a column as numbers or times, strings by a given pattern or one that is found, if that can be."""
    column, missing = facts.column, facts.missing
    if isinstance(column.dtype, pd.CategoricalDtype):
        if not rarely_repeats(facts):
            return None
        column = column.astype(object)
    if found := NumberFormat.detect(column, missing):
        return Reading(*found, ~missing)
    if not holds_strings(column):
        return None
    present = facts.categories.astype(object).tolist()[: len(facts.categories) - int(missing.any())]
    return read_strings(column, missing, facts.codes, present, facts.least, pattern)


class TableFacts(Mapping[Hashable, ColumnFacts]):
    """A table and the facts of its columns, by name.

    Parameters
    ----------
    frame : DataFrame of shape (n, n_columns)
    known : mapping of column name to ColumnFacts, optional
        Facts of columns that another table has, too.
    least : int, default=1
        So many records must hold a value for it to be learned. A column with fewer values than these is as
        good as empty.
    """

    def __init__(
        self, frame: pd.DataFrame, known: Mapping[Hashable, ColumnFacts] | None = None, least: int = 1
    ) -> None:
        self.frame, self.least = frame, least
        self._columns = {name: facts for name, facts in (known or {}).items() if name in frame.columns}

    @classmethod
    def of(cls, table: pd.DataFrame | TableFacts) -> TableFacts:
        """Take a frame, or facts as they are."""
        return table if isinstance(table, TableFacts) else cls(table)

    def __getitem__(self, name: Hashable) -> ColumnFacts:
        if name not in self._columns:
            facts = ColumnFacts(self.frame[name], self.least)
            if facts.missing.any() and 0 < (~facts.missing).sum() < self.least:
                facts = ColumnFacts(facts.column.mask(~facts.missing), self.least)
            self._columns[name] = facts
        return self._columns[name]

    def put(self, name: Hashable, facts: ColumnFacts) -> ColumnFacts:
        """Take other facts of a column: as somebody reads it who knows more."""
        self._columns[name] = facts
        return facts

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.frame.columns)

    def __len__(self) -> int:
        return self.frame.shape[1]
