"""Conditions on one column as a user writes them: a value, several, a range, missing, not."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.names import columns_like
from tabgan.sampling.column_conditions import AnyOf, ColumnCondition, Missing, Not, OneOf
from tabgan.sampling.ranges import Range, read_range
from tabgan.table.columns.given_values import GivenValues
from tabgan.table.columns.plain_values import is_missing
from tabgan.table.transformer import TableTransformer


class Grammar:
    """Reads conditions on the columns of a table.

    A value of the column is always that value, also a tuple or an interval; what is not is several values,
    or a range.

    Parameters
    ----------
    table : TableTransformer
    """

    def __init__(self, table: TableTransformer) -> None:
        self.table = table
        self.like = table.inverse_transform(np.zeros((0, len(table.layout_)), dtype=np.float32))

    def reader(self, name: Hashable) -> GivenValues:
        """Give what reads values of a column.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        if name not in self.table.columns_:
            raise ValueError(f"there is no column {name!r}; {columns_like(name, self.table.columns_)}")
        repeated = None
        if name in self.table.encoder_.repeats:
            of, low, high = self.table.encoder_.repeats[name]
            repeated = (self.table.encoder_.columns[of], low, high)
        return GivenValues(name, self.table.columns_[name], self.like[name].dtype, repeated)

    def read(self, name: Hashable, asked: Any, may_be_empty: bool = False) -> ColumnCondition:
        """Read what a column is given.

        Parameters
        ----------
        name : hashable
        asked : object
        may_be_empty : bool, default=False
            Whether it may be that no value satisfies it.

        Raises
        ------
        ValueError
            If the column cannot have such values; the message says which it can have.
        """
        return self.settled(name, self._read(self.reader(name), asked, may_be_empty), may_be_empty)

    def range(self, name: Hashable, low: Any, high: Any, closed: bool, may_be_empty: bool) -> ColumnCondition:
        """Read a range of a column, with both ends or without them; None leaves an end open."""
        reader = self.reader(name)
        if reader.column.is_generated:
            raise self.generated(name)
        asked = read_range(reader, Range(low, high, closed, closed), may_be_empty)
        return self.settled(name, asked, may_be_empty)

    def settled(self, name: Hashable, condition: ColumnCondition, may_be_empty: bool) -> ColumnCondition:
        """Give a condition as values to choose from, if it is one.

        Raises
        ------
        ValueError
            If the column has categories, and none satisfies it, unless it `may_be_empty`.
        """
        reader = self.reader(name)
        categories = reader.column.categories
        if categories is None:
            parts = condition.parts if isinstance(condition, AnyOf) else []
            values = [part.values for part in parts if isinstance(part, OneOf)]
            if not parts or len(values) < len(parts):
                return condition
            return OneOf(pd.concat(values, ignore_index=True))
        left = categories[condition.includes(categories)].reset_index(drop=True)
        if not len(left) and not may_be_empty:
            raise ValueError(f"column {name!r} held nothing else in training; {reader.known()}")
        return OneOf(left)

    def generated(self, name: Hashable) -> ValueError:
        """Give the error for a condition on a column of which no value is learned."""
        return ValueError(
            f"column {name!r} holds keys or text, newly generated for each sample; set them after sampling"
        )

    def _read(self, reader: GivenValues, asked: Any, may_be_empty: bool) -> ColumnCondition:
        if isinstance(asked, Not):
            return Not(self._read(reader, asked.condition, True))
        if isinstance(asked, pd.Interval) and reader.holds_bands:
            return OneOf(reader.read([asked]))
        if reader.is_value(asked):
            return OneOf(reader.read([asked]))
        if (ends := Range.of(asked)) is not None:
            if reader.column.is_generated:
                return self._of_generated(reader, ends)
            return read_range(reader, ends, may_be_empty)
        if isinstance(asked, Mapping):
            raise ValueError(f"column {reader.name!r} is given {asked!r}; give a value, a list or a range")
        if isinstance(asked, Iterable) and not isinstance(asked, str | bytes):
            return self._several(reader, list(asked), may_be_empty)
        if is_missing(asked):
            if not reader.column.can_be_missing():
                raise reader.refuse_missing(asked)
            return Missing(True)
        if reader.column.is_generated:
            raise self.generated(reader.name)
        return OneOf(reader.read([asked]))

    def _several(self, reader: GivenValues, asked: list[Any], may_be_empty: bool) -> ColumnCondition:
        """Read a list of values, among which there may be ranges and a missing one."""
        if not asked:
            raise ValueError(f"column {reader.name!r} is given no value to choose from; give at least one")
        is_plain = [
            not isinstance(each, slice | Not) and not is_missing(each)
            and (not isinstance(each, pd.Interval) or reader.holds_bands)
            for each in asked
        ]  # fmt: skip
        if reader.column.is_generated and any(is_plain):
            raise self.generated(reader.name)
        values = [each for each, plain in zip(asked, is_plain, strict=True) if plain]
        try:
            parts: list[ColumnCondition] = [OneOf(reader.read(values))] if values else []
        except ValueError as error:
            low, high = values if len(values) == 2 else (0, 0)
            are_numbers = all(isinstance(end, numbers.Real) for end in (low, high))
            if are_numbers and low < high and reader.column.categories is None:
                raise ValueError(f"{error}; for what lies between, give slice({low!r}, {high!r})") from error
            raise
        parts += [
            self._read(reader, each, may_be_empty)
            for each, plain in zip(asked, is_plain, strict=True)
            if not plain
        ]
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def _of_generated(self, reader: GivenValues, ends: Range) -> ColumnCondition:
        if ends.low is not None or ends.high is not None:
            raise self.generated(reader.name)
        return Missing(False)
