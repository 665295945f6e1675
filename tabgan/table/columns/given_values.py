"""Values as a user writes them, read as values of a column: exactly, or refused in one sentence."""

from __future__ import annotations

import datetime
import decimal
import numbers
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.names import like
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.continuous import Continuous
from tabgan.table.columns.numbers import widened
from tabgan.table.columns.plain_values import WrongTypeError, as_decimal, is_missing, stored
from tabgan.table.columns.strings import PRESENT, sort_values

SHOWN = 8  # values that a message lists
TIMES = (datetime.date, pd.Period, np.datetime64)


@dataclass(frozen=True)
class GivenValues:
    """Reads values of one column.

    Parameters
    ----------
    name : hashable
        Of the column, for messages.
    column : ColumnType
        Fitted.
    dtype : dtype
        Of the column, as samples have it.
    repeated : (ColumnType, object, object), optional
        Another column that this one often repeats, and the least and the greatest value that it takes over.
    """

    name: Hashable
    column: ColumnType
    dtype: Any
    repeated: tuple[ColumnType, Any, Any] | None = None

    def read(self, values: Sequence[Any], learned: bool = True) -> pd.Series:
        """Give n values in the dtype of the column.

        Parameters
        ----------
        values : sequence of n values
            Numbers, truth values and times may be text, as on a command line.
        learned : bool, default=True
            Whether each must be one that samples can have. If not, any will do that the dtype can hold.

        Raises
        ------
        ValueError
            If one is none of the column's, or would have to be changed to be one.
        """
        read = [self._read_one(value, learned) for value in values]
        if not read:
            return self._as_column([])
        if isinstance(self.dtype, pd.CategoricalDtype):
            return self._as_column([value for each in read for value in each])
        return pd.concat(read, ignore_index=True)

    def is_value(self, asked: Any) -> bool:
        """Tell whether something that might be several values, or a range, is one value of the column."""
        categories = self.column.categories
        return categories is not None and _place(asked, present_of(categories), exact=True) is not None

    @property
    def holds_bands(self) -> bool:
        """Whether the values are intervals themselves."""
        categories = self.column.categories
        return categories is not None and any(isinstance(v, pd.Interval) for v in present_of(categories))

    @property
    def bounds(self) -> tuple[Any, Any] | None:
        """The least and the greatest value, in the dtype of the column; None if there is no order."""
        return self.column.bounds() if self.repeated is None else self.repeated[1:]

    def known(self, value: Any = None) -> str:
        """Say what the column holds, if that can be with what is like a value that it does not hold."""
        categories = self.column.categories
        if categories is None:
            bounds = self.bounds
            remarks = "".join(f" and {remark!r}" for remark in getattr(self.column, "remarks_", ()))
            if bounds is None:
                return "it knows none like it"
            return f"it knows {bounds[0]!s} to {bounds[1]!s}{remarks}"
        present = present_of(categories)
        if not present:
            return "it knows missing values alone"
        if not isinstance(value, bool | None) and (close := like(value, present)):
            return f"did you mean {' or '.join(map(repr, close))}?"
        more = f" and {len(present) - SHOWN:,} more" if len(present) > SHOWN else ""
        return f"it knows {', '.join(map(repr, present[:SHOWN]))}{more}"

    def refuse(self, value: Any, holds: Any = None) -> ValueError:
        """Give the error for a value, where that can be said by what the column `holds` instead."""
        if holds is not None:
            return ValueError(f"column {self.name!r} holds {holds}, not {value!r}; {self.known(value)}")
        rare = ", or in too few records to be learned (see Privacy(protect=...))"
        return ValueError(
            f"column {self.name!r} held nothing like {value!r} in training{rare}; {self.known(value)}"
        )

    def refuse_missing(self, value: Any) -> ValueError:
        """Give the error for a missing value in a column that has none."""
        return ValueError(
            f"column {self.name!r} held nothing like {value!r} in training, it has no missing values; "
            f"{self.known()}"
        )

    def _read_one(self, value: Any, learned: bool) -> pd.Series:
        """Give one value as a Series of length 1."""
        if is_missing(value):
            if learned and not self.column.can_be_missing():
                raise self.refuse_missing(value)
            return self._as_column([None])
        categories = self.column.categories
        if categories is not None:
            present = present_of(categories)
            place = _place(value, present)
            if place is not None:
                return categories[~find_missing(categories)].iloc[[place]]
            if present and all(isinstance(each, bool) for each in present):
                raise self.refuse(value, "True and False")
            if learned:
                if isinstance(value, bool) and pd.api.types.is_numeric_dtype(self.dtype):
                    raise self.refuse(value, "numbers")
                raise self.refuse(value)
        try:
            plain = self._plain(value)
            read = self._as_column([plain])
        except WrongTypeError as error:
            raise self.refuse(value, error) from error
        except (TypeError, ValueError, OverflowError, decimal.InvalidOperation) as error:
            raise self.refuse(value, f"values of dtype {self.dtype}") from error
        if find_missing(read).any() or not _same(read.iloc[0], plain):
            raise self.refuse(value, f"values of dtype {self.dtype}")
        if learned:
            if self.repeated is not None and self._is_taken_over(read):
                return read
            if not self.column.possible(read).all():
                raise self.refuse(value)
            if isinstance(self.column, Continuous) and (grid := off_grid(self.column, read)):
                raise self.refuse(value, grid)
        return read

    def _is_taken_over(self, read: pd.Series) -> bool:
        """Tell whether a value may come from the column that this one repeats."""
        assert self.repeated is not None
        source, low, high = self.repeated
        is_possible = bool(widened(read).between(low, high).all() and source.possible(read).all())
        return is_possible and not (isinstance(source, Continuous) and off_grid(source, read))

    def _plain(self, value: Any) -> Any:
        """Give a value as Python has it."""
        if isinstance(self.column, Continuous):
            if isinstance(value, str) and value in self.column.remarks_:
                return value
            return stored(value, self.column.format_)
        if pd.api.types.is_bool_dtype(self.dtype):
            raise WrongTypeError("True and False")
        if pd.api.types.is_numeric_dtype(self.dtype):
            number = as_decimal(value)
            return int(number) if number == number.to_integral_value() else float(number)
        return value.item() if isinstance(value, np.number) else value

    def _as_column(self, values: list[Any]) -> pd.Series:
        """Put values into a Series of the column's dtype; a category that this has not is one more."""
        if not isinstance(self.dtype, pd.CategoricalDtype):
            return pd.Series(values, dtype=object).astype(self.dtype)
        known = self.dtype.categories
        present = pd.Index([value for value in values if not is_missing(value)], dtype=object)
        new = present.unique().difference(known.astype(object), sort=False)
        dtype = self.dtype
        if len(new):
            dtype = pd.CategoricalDtype(known.append(pd.Index(new.tolist())), ordered=dtype.ordered)
        return pd.Series(pd.Categorical(values, dtype=dtype))


def off_grid(column: Continuous, values: pd.Series) -> str:
    """Say on which grid the numbers of a column lie if one of n values does not; "" if all do."""
    grid, number_format = column.grid_, column.format_
    numbers, states = sort_values(values, number_format, column.remarks_)
    if grid.decimals is None or not len(numbers):
        return ""
    units, first = grid.units(numbers), column.quantiles_.units[:1]
    if (
        number_format.content == "decimal"
        and (number_format.write(numbers, states != PRESENT) != values).any()
    ):
        return f"numbers of at most {number_format.places} decimals"
    if numbers.dtype.kind == "f":
        dtype = number_format.value_dtype
        precision = dtype if dtype.kind == "f" else np.dtype(float)
        if (grid.numbers(units).astype(precision) != numbers.astype(precision)).any():
            return f"numbers of at most {grid.decimals} decimals" if grid.decimals else "whole numbers"
    steps = (units.view(np.uint64) - first.view(np.uint64)) % np.uint64(grid.step)
    if not steps.any():
        return ""
    step = grid.numbers(np.array([grid.step]))
    distance = float(number_format.floats(step)[0]) if number_format.content != "uint64" else int(step[0])
    if number_format.is_number:
        return f"numbers {distance:g} apart"
    return f"times {pd.Timedelta(distance, unit='us')} apart"


def present_of(categories: pd.Series) -> list[Any]:
    """Give the values among categories that are not missing, as Python has them."""
    return [_plain(value) for value in categories[~find_missing(categories)].astype(object).tolist()]


def _plain(value: Any) -> Any:
    """Give a scalar of numpy as Python has it."""
    return value.item() if isinstance(value, np.number | np.bool_ | np.str_) else value


def _place(value: Any, present: list[Any], exact: bool = False) -> int | None:
    """Find a value among those present, first as it is, then by what it means unless `exact`."""
    value = _plain(value)
    equal = [place for place, each in enumerate(present) if _equal(each, value)]
    same = [place for place in equal if type(present[place]) is type(value)]
    if same or equal or exact:
        return next(iter(same or equal), None)
    return next((place for place, each in enumerate(present) if _means(each, value)), None)


def _equal(known: Any, value: Any) -> bool:
    """Tell whether two values are equal; a truth value is equal to 1 or 0, and no number to a truth value."""
    if isinstance(value, bool) and not isinstance(known, bool):
        return False
    try:
        return bool(known == value)
    except (TypeError, ValueError):  # arrays, and times with and without a zone
        return False


def _means(known: Any, value: Any) -> bool:
    """Tell whether text writes a value that is none, or whether both are the same time."""
    if isinstance(known, bool):
        return isinstance(value, str) and value.lower() == str(known).lower()
    if isinstance(value, str) and not isinstance(known, str):
        if str(known) == value:
            return True
        if isinstance(known, numbers.Number):
            try:
                return bool(as_decimal(known) == as_decimal(value))
            except WrongTypeError:
                return False
    if isinstance(known, TIMES) and isinstance(value, (str, *TIMES)):
        try:
            return bool(pd.Timestamp(known) == pd.Timestamp(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return False
    return False


def _same(read: Any, plain: Any) -> bool:
    """Tell whether a dtype holds what it was given, but for the digits that floats round off."""
    if isinstance(plain, float) and isinstance(read, float | np.floating):
        precision = np.finfo(type(read) if isinstance(read, np.floating) else float).eps
        return bool(abs(float(read) - plain) <= 2 * precision * abs(plain))
    try:
        return bool(read == plain)
    except TypeError:
        return False
