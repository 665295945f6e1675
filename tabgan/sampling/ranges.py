"""Ranges as a user writes them, read as ranges of a column: clipped to what there is, refused if empty."""

from __future__ import annotations

import datetime
import decimal
import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.sampling.column_conditions import Between, Missing, OneOf, comparable
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.continuous import Continuous
from tabgan.table.columns.given_values import GivenValues, present_of
from tabgan.table.columns.number_pattern import NumberPattern
from tabgan.table.columns.plain_values import (
    MIDNIGHT,
    WrongTypeError,
    as_decimal,
    as_length,
    as_time,
    as_written,
    content_of,
    example_of,
    is_missing,
    stored,
)
from tabgan.table.columns.strings import find_pattern


@dataclass(frozen=True)
class Range:
    """Both ends as they were given; None leaves one open."""

    low: Any
    high: Any
    with_low: bool = True
    with_high: bool = True

    @classmethod
    def of(cls, asked: Any) -> Range | None:
        """Take a slice, both ends included, or a ``pandas.Interval``; None for anything else."""
        if isinstance(asked, slice):
            if asked.step is not None:
                raise ValueError(f"a range has two ends and no step, got {asked!r}; leave the step out")
            return cls(*map(_open_end, (asked.start, asked.stop)))
        if isinstance(asked, pd.Interval):
            low, high = map(_open_end, (asked.left, asked.right))
            return cls(low, high, asked.closed_left, asked.closed_right)
        return None

    def __str__(self) -> str:
        low, high = (repr(end) if isinstance(end, str) else str(end) for end in (self.low, self.high))
        sides = [f"from {low}" if self.with_low else f"above {low}"] if self.low is not None else []
        if self.high is not None:
            sides.append(f"to {high}" if self.with_high else f"below {high}")
        return " ".join(sides)


def read_range(reader: GivenValues, asked: Range, may_be_empty: bool = False) -> Between | OneOf | Missing:
    """Read a range of one column.

    Raises
    ------
    ValueError
        If the column has no ranges, an end is of another type, or, unless it `may_be_empty`, no value of the
        column lies in it.
    """
    if asked.low is None and asked.high is None:
        return Missing(False)
    name, column = reader.name, reader.column
    try:
        condition: Between | OneOf
        if column.categories is None:
            condition, (low, high) = _of(reader, asked), (asked.low, asked.high)
        else:
            condition, (low, high) = _of_categories(reader, asked)
    except WrongTypeError as error:
        raise ValueError(
            f"column {name!r} holds {error}, and the range {asked} is of other values; {reader.known()}"
        ) from error
    if may_be_empty:
        return condition
    clipped = (condition.low, condition.high) if isinstance(condition, Between) else (low, high)
    if _is_reversed(low, high) and _is_reversed(*clipped):
        raise ValueError(f"the range of column {name!r} is reversed, {asked}; swap its ends")
    if _is_empty(reader, condition):
        raise ValueError(f"column {name!r} held nothing in the range {asked}; {reader.known()}")
    return as_value(reader, condition, asked.low)


def as_value(reader: GivenValues, condition: Any, *written: Any) -> Any:
    """Give the value in place of a range of one point: where a row only comes near to it, it is put in.

    Parameters
    ----------
    reader : GivenValues
    condition : ColumnCondition
        What is no such range stays as it is.
    *written : object
        Other ways to write the point than as the column orders it.
    """
    if not isinstance(condition, Between) or condition.low is None or condition.low != condition.high:
        return condition
    for point in (condition.low, *written):
        try:
            values = reader.read([point])
        except ValueError:  # it is not how the column writes it
            continue
        if condition.includes(values).all():
            return OneOf(values)
    return condition


def _of(reader: GivenValues, asked: Range) -> Between:
    """Read the range of a column on a scale, or of a user's type."""
    column = reader.column
    is_scale = isinstance(column, Continuous)
    is_plain = is_scale and column.format_.pattern is None and not column.remarks_
    if is_plain and content_of(column.format_) in ("int", "uint64"):  # the whole numbers inside
        exact = [None if end is None else as_decimal(end, "whole numbers") for end in (asked.low, asked.high)]
        first, last = (
            None if end is None else round_(end)
            for end, round_ in zip(exact, (math.ceil, math.floor), strict=True)
        )
        if first is not None and first == exact[0] and not asked.with_low:
            first += 1
        if last is not None and last == exact[1] and not asked.with_high:
            last -= 1
        return Between(*_clipped(first, last, column), True, True, column.ordered)
    read: Callable[[Any], Any] = (lambda end: _end_of_scale(end, column)) if is_plain else _plain_end(reader)
    low, high = (None if end is None else read(end) for end in (asked.low, asked.high))
    return Between(low, high, asked.with_low, asked.with_high, column.ordered)


def _end_of_scale(end: Any, column: Any) -> Any:
    """Read an end of a scale that strings do not write; it need not be on the grid."""
    content = content_of(column.format_)
    if content == "date":  # a moment within a day lies after it
        point = as_time(end)
        return point.date() if point.time() == MIDNIGHT else point.to_pydatetime()
    return stored(end, column.format_)


def _plain_end(reader: GivenValues) -> Callable[[Any], Any]:
    """Give a function that reads an end as the column orders its values."""

    def read(end: Any) -> Any:
        pattern = reader.column.format_.pattern if isinstance(reader.column, Continuous) else None
        given = end
        if isinstance(end, str) and isinstance(pattern, NumberPattern) and not pattern.read([end])[1][0]:
            given = float(as_written(end, pattern))
        ordered = reader.column.ordered(pd.Series([given], dtype=object)).iloc[0]
        if is_missing(ordered) or isinstance(end, bool):
            written = pattern is not None and example_of(reader.column.format_)  # type: ignore[attr-defined]
            raise WrongTypeError(f"text written as {written!r}" if written else "numbers")
        return ordered

    return read


def _clipped(low: int | None, high: int | None, column: Any) -> tuple[int | None, int | None]:
    """Keep the ends within what the dtype can hold, where that is bounded."""
    dtype = column.format_.value_dtype
    if dtype.kind not in "iu":
        return low, high
    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    if (low is not None and low > most) or (high is not None and high < least):
        return low, high
    return (None if low is None else max(low, least)), (None if high is None else min(high, most))


def _of_categories(reader: GivenValues, asked: Range) -> tuple[OneOf, tuple[Any, Any]]:
    """Give the categories that lie in a range, and its ends as they are compared."""
    categories = reader.column.categories
    assert categories is not None
    if reader.holds_bands:
        raise ValueError(
            f"column {reader.name!r} holds bands, which have no ranges; give a list of them: {reader.known()}"
        )
    if isinstance(categories.dtype, pd.CategoricalDtype):
        if not categories.dtype.ordered:
            raise ValueError(
                f"column {reader.name!r} has categories without an order, so no ranges: give a list of them"
            )
        ends = [None if end is None else reader.read([end]).iloc[0] for end in (asked.low, asked.high)]
        places = {value: place for place, value in enumerate(categories.dtype.categories)}
        low, high = (None if end is None else places[end] for end in ends)
        as_ordered: Callable[[Any], Any] = places.__getitem__
    else:
        example = next(iter(present_of(categories)), None)
        as_ordered = _order_of(reader, present_of(categories), example)
        low, high = (None if end is None else as_ordered(end) for end in (asked.low, asked.high))
    present = categories[~find_missing(categories)]
    values = np.empty(len(present), dtype=object)
    values[:] = [as_ordered(value) for value in present.astype(object).tolist()]
    inside = Between(low, high, asked.with_low, asked.with_high, lambda column: column)
    chosen = present[inside.includes(pd.Series(values, dtype=object))].reset_index(drop=True)
    return OneOf(chosen), (low, high)


def _order_of(reader: GivenValues, present: list[Any], example: Any) -> Callable[[Any], Any]:
    """Give how categories are compared, by what all of them are."""
    if isinstance(example, bool):
        raise ValueError(
            f"column {reader.name!r} holds True and False, which have no ranges; give one of both"
        )
    if present and all(isinstance(value, str) for value in present):
        return _order_of_strings(present)
    kinds: list[tuple[type | tuple[type, ...], Callable[[Any], Any]]] = [
        ((numbers.Number, decimal.Decimal), as_decimal),
        (datetime.timedelta, as_length),
        (datetime.time, lambda value: _of_type(value, datetime.time, "times of day")),
        (pd.Period, lambda value: pd.Period(value, freq=example.freq)),
        (datetime.date, lambda value: as_time(value, getattr(example, "tzinfo", None))),
    ]
    for kind, read in kinds:
        if isinstance(example, kind) and all(isinstance(value, kind) for value in present):
            return read
    raise ValueError(
        f"column {reader.name!r} holds values without an order, so no ranges: give a list of them"
    )


def _order_of_strings(texts: list[str]) -> Callable[[Any], Any]:
    """Give how strings are compared: by the numbers or times that all of them write, if they do."""
    found = find_pattern(texts)
    pattern = found[0] if found else None

    def read(value: Any) -> Any:
        if pattern is None or not isinstance(value, str):
            return _of_type(value, str, "strings")
        if isinstance(pattern, NumberPattern):
            return as_written(value, pattern)
        (number,), (fits,) = pattern.read([value])
        if not fits:
            raise WrongTypeError(f"text written as {texts[0]!r}")
        return int(number)

    return read


def _of_type(value: Any, kind: type, said: str) -> Any:
    if not isinstance(value, kind):
        raise WrongTypeError(said)
    return value


def _is_reversed(low: Any, high: Any) -> bool:
    try:
        return low is not None and high is not None and bool(low > high)
    except TypeError:
        return False


def _is_empty(reader: GivenValues, condition: Between | OneOf | Missing) -> bool:
    """Tell whether no value of the column satisfies it."""
    if isinstance(condition, OneOf):
        return not len(condition.values)
    bounds = reader.bounds
    if bounds is None or not isinstance(condition, Between):
        return False
    least, most = comparable(condition.ordered(pd.Series(list(bounds), dtype=reader.dtype)))
    low, high = condition.low, condition.high
    below = high is not None and not (least <= high if condition.with_high else least < high)
    above = low is not None and not (most >= low if condition.with_low else most > low)
    return bool(below or above or _is_reversed(low, high) or _is_between_steps(reader, condition))


def _is_between_steps(reader: GivenValues, condition: Between) -> bool:
    """Tell whether a closed range of a scale with decimals holds none of its numbers."""
    column = reader.column
    if not isinstance(column, Continuous) or None in (condition.low, condition.high):
        return False
    low, high = condition.low, condition.high
    if low == high:
        return not (condition.with_low and condition.with_high)
    content = column.format_.content
    if column.grid_.decimals is None or content not in ("float", "decimal") or reader.repeated is not None:
        return False
    is_decimal = content == "decimal"
    places = column.format_.places if is_decimal else column.grid_.decimals
    units = [as_decimal(end).scaleb(places) for end in (low, high)]
    first, step = int(column.quantiles_.units[0]), column.grid_.step
    least, most = math.ceil((units[0] - first) / step), math.floor((units[1] - first) / step)
    return least > most


def _open_end(end: Any) -> Any:
    """Give None for an end at infinity, and refuse one that is missing."""
    if end is None or (isinstance(end, float | np.floating) and math.isinf(end)):
        return None
    if is_missing(end):
        raise ValueError(f"{end!r} is no end of a range; leave an end open by None")
    return end
