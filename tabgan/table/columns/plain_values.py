"""Single numbers and times, however they are given, as the Python values that a column of them stores."""

from __future__ import annotations

import datetime
import decimal
import numbers
from typing import Any

import numpy as np
import pandas as pd

from tabgan.table.columns.number_format import NumberFormat
from tabgan.table.columns.number_pattern import NumberPattern

MIDNIGHT = datetime.time()


class WrongTypeError(ValueError):
    """A value is not of the kind that a column holds; the message says what is, as in "whole numbers"."""


def is_missing(value: Any) -> bool:
    """Tell whether something is one missing value."""
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def stored(value: Any, number_format: NumberFormat) -> Any:
    """Give a value as a column of a format stores it; what it is compared with afterwards, too.

    Parameters
    ----------
    value : object
        A number or time of any type, or text that writes one.
    number_format : NumberFormat
        Of the column.

    Raises
    ------
    WrongTypeError
        If it is of another kind.
    """
    content = content_of(number_format)
    if content == "written":
        return _written(value, number_format)
    if content in ("int", "uint64"):
        number = as_decimal(value, "whole numbers")
        if number != number.to_integral_value():
            raise WrongTypeError("whole numbers")
        return int(number)
    if content == "decimal":
        return as_decimal(value, "numbers")
    if content == "float":
        return float(as_decimal(value, "numbers"))
    if content == "time":
        return _time_of_day(value)
    if content in ("timedelta", "clock timedelta"):
        length = as_length(value)
        return length.to_pytimedelta() if content == "clock timedelta" else length
    if content == "period":
        return _period(value, number_format.dtype.freq)
    point = as_time(value, getattr(number_format.dtype, "tz", None) or _zone(number_format.dtype))
    if content == "date":
        if point.time() != MIDNIGHT:
            raise WrongTypeError("dates without a time of day")
        return point.date()
    return point.to_pydatetime() if content == "clock datetime" else point


def as_decimal(value: Any, kind: str = "numbers") -> decimal.Decimal:
    """Give a number, or text that writes one, exactly.

    Raises
    ------
    WrongTypeError
        If it is none, a truth value among others; `kind` is what it should be.
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool) or not isinstance(value, numbers.Number | decimal.Decimal | str):
        raise WrongTypeError(kind)
    try:
        if isinstance(value, str | int | decimal.Decimal):
            number = decimal.Decimal(value)
        else:
            number = decimal.Decimal(repr(float(value)))  # type: ignore[arg-type]
    except (decimal.InvalidOperation, TypeError, ValueError, OverflowError) as error:
        raise WrongTypeError(kind) from error
    if not number.is_finite():
        raise WrongTypeError(f"finite {kind}")
    return number


def as_written(text: str, pattern: NumberPattern) -> decimal.Decimal:
    """Give a number that is written as a pattern has it, or plainly.

    Raises
    ------
    WrongTypeError
        If it is none.
    """
    number = pattern.read_freely(text)
    return as_decimal(text) if number is None else number


def as_time(value: Any, zone: Any = None) -> pd.Timestamp:
    """Give a point in time, in the zone of a column that has one.

    Raises
    ------
    WrongTypeError
        If it is none, or has a zone where the column has none.
    """
    kind = "times" if zone is None else f"times in the zone {zone}"
    if isinstance(value, pd.Period):
        value = value.start_time
    if not isinstance(value, str | datetime.date | np.datetime64):
        raise WrongTypeError(kind)
    try:
        point = pd.Timestamp(value)
        if zone is not None:
            is_local = point.tzinfo is None
            point = point.tz_localize(zone, "NaT", "NaT") if is_local else point.tz_convert(zone)
    except (ValueError, TypeError) as error:
        raise WrongTypeError(kind) from error
    if zone is None and point.tzinfo is not None:
        raise WrongTypeError("times without a zone")
    if zone is not None and pd.isna(point):
        raise WrongTypeError(
            f"{kind}, whose clocks show {value} twice or never (add an offset, as in '+02:00')"
        )
    return point


def as_length(value: Any) -> pd.Timedelta:
    """Give a length of time.

    Raises
    ------
    WrongTypeError
        If it is none.
    """
    if not isinstance(value, str | datetime.timedelta | np.timedelta64):
        raise WrongTypeError("lengths of time, such as '2 days'")
    try:
        return pd.Timedelta(value)
    except ValueError as error:
        raise WrongTypeError("lengths of time, such as '2 days'") from error


def _period(value: Any, frequency: Any) -> pd.Period:
    if not isinstance(value, str | datetime.date | np.datetime64 | pd.Period):
        raise WrongTypeError(f"periods of frequency {frequency.freqstr}")
    try:
        if isinstance(value, pd.Period) and value.freq != frequency:
            inside = value.asfreq(frequency, how="start")
            if inside != value.asfreq(frequency, how="end"):
                raise WrongTypeError(f"periods of frequency {frequency.freqstr}")
            return inside
        return pd.Period(value, freq=frequency)  # type: ignore[arg-type]
    except ValueError as error:
        raise WrongTypeError(f"periods of frequency {frequency.freqstr}") from error


def _time_of_day(value: Any) -> datetime.time:
    try:
        value = datetime.time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise WrongTypeError("times of day, such as '13:30'") from error
    if not isinstance(value, datetime.time) or value.tzinfo is not None:
        raise WrongTypeError("times of day, such as '13:30'")
    return value


def _written(value: Any, number_format: NumberFormat) -> str:
    """Give a number or time as strings of the format write it; a string stays as it is."""
    pattern = number_format.pattern
    assert pattern is not None
    if isinstance(value, str):
        if not pattern.read([value])[1][0]:
            raise WrongTypeError(f"text written as {example_of(number_format)!r}")
        return value
    if isinstance(pattern, NumberPattern):
        number = as_decimal(value)
        units = number if pattern.places is None else number.scaleb(pattern.places)
        if pattern.places is not None and units != units.to_integral_value():
            raise WrongTypeError(f"numbers of at most {pattern.places} decimals")
        return pattern.write(np.array([float(units) if pattern.places is None else int(units)]))[0]
    if pattern.is_time_of_day:
        point = datetime.datetime.combine(datetime.date(1970, 1, 1), _time_of_day(value))
    else:
        point = as_time(value).to_pydatetime()
    instant = np.array([point], dtype=f"M8[{pattern.unit}]")
    if pd.Timestamp(instant[0]) != pd.Timestamp(point):
        raise WrongTypeError(f"times written as {example_of(number_format)!r}")
    return pattern.write(instant.view(np.int64))[0]


def example_of(number_format: NumberFormat) -> str:
    """Give one string of the format."""
    pattern = number_format.pattern
    if isinstance(pattern, NumberPattern):
        return pattern.example
    assert pattern is not None
    return pattern.write(np.array([0]))[0]


def content_of(number_format: NumberFormat) -> str:
    """Give the content, of temporal Arrow types what it is elsewhere."""
    if number_format.content != "arrow":
        return number_format.content
    text = str(number_format.dtype)
    starts = {"date": "date", "time32": "time", "time64": "time", "duration": "timedelta"}
    return next((content for start, content in starts.items() if text.startswith(start)), "datetime")


def _zone(dtype: Any) -> Any:
    return getattr(getattr(dtype, "pyarrow_dtype", None), "tz", None)
