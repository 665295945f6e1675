"""Points in time that objects stand for, dates or strings of a format: read as pandas has them, written."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.numbers import widened
from tabgan.table.columns.time_pattern import TimePattern

DATES = "date"  # objects of the standard library
ZONE = re.compile(r"(Z|UTC|GMT|(?P<hours>[+-]\d{2}):?(?P<minutes>\d{2})?)$")  # of a format
FIRST_AND_LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59", "us")


def form_of(facts: ColumnFacts) -> str | None:
    """Say how objects stand for points in time: as dates, or as strings of a format; None if they do not."""
    reading = facts.reading
    if reading is None or isinstance(facts.column.dtype, pd.CategoricalDtype):
        return None
    if reading.number_format.content == DATES:
        return DATES
    pattern = reading.number_format.pattern
    return pattern.format if isinstance(pattern, TimePattern) and not pattern.is_time_of_day else None


def has_zone(form: str) -> bool:
    """Tell whether a form says how far its clock is from UTC."""
    return ZONE.search(form) is not None


def read_times(column: pd.Series, form: str | None) -> pd.Series:
    """Give n values so that they can be compared and subtracted; what is not of the form is missing."""
    if form is None:
        return widened(column)
    unit, places = _unit(form), np.flatnonzero(~find_missing(column))
    codes, values = pd.factorize(column.iloc[places].astype(object), use_na_sentinel=False)
    kind = datetime.date if form == DATES else str
    known = np.array([isinstance(value, kind) for value in values], dtype=bool)
    read = np.full(len(values), "NaT", dtype=f"M8[{unit}]")
    if form == DATES:
        read[known] = np.array(list(values[known]), dtype=read.dtype)
    else:
        numbers, fits = TimePattern(form).read(list(values[known]))
        read[known] = np.where(fits, numbers.view(read.dtype), np.datetime64("NaT"))
    times = np.full(len(column), "NaT", dtype=read.dtype)
    times[places] = read[codes]
    times = times.astype("M8[ns]" if unit == "ns" else "M8[us]") - _offset(form)
    return pd.Series(times, index=column.index)


def write_times(times: pd.Series, form: str, null: object) -> pd.Series:
    """Undo `read_times`: objects, `null` where a time is missing; none before or after the days of Python."""
    present, objects = times.notna().to_numpy(), np.full(len(times), null, dtype=object)
    values = times[present].to_numpy() + _offset(form)
    if values.dtype != "M8[ns]" or _unit(form) != "ns":  # which end long before and after these days
        values = values.astype("M8[us]").clip(*FIRST_AND_LAST).astype(f"M8[{_unit(form)}]")
    objects[present] = (
        values.astype(object) if form == DATES else TimePattern(form).write(values.view(np.int64))
    )
    return pd.Series(objects, index=times.index)


def _unit(form: str) -> str:
    return "D" if form == DATES else TimePattern(form).unit


def _offset(form: str) -> np.timedelta64:
    """How far the clock that a form writes is before UTC."""
    zone = ZONE.search(form)
    if zone is None or not zone["hours"]:
        return np.timedelta64(0, "us")
    minutes = 60 * int(zone["hours"][1:]) + int(zone["minutes"] or 0)
    return np.timedelta64(-minutes if zone["hours"][0] == "-" else minutes, "m")
