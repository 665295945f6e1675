"""One column is never above another: a difference that is never negative."""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.numbers import as_floats, widened
from tabgan.table.columns.time_pattern import TimePattern
from tabgan.table.constraints.base import (
    Constraint,
    Mask,
    decimals_of,
    new_name,
)

NARROWER = 0.5  # spread of the difference, in those of the higher column, up to which it is learned instead
SUBTRACTABLE = set("ifmM")  # kinds of widened dtypes: numbers, times and their lengths
DATES = "date"  # objects of the standard library
ZONE = re.compile(r"(Z|UTC|GMT|(?P<hours>[+-]\d{2}):?(?P<minutes>\d{2})?)$")  # of a format
FIRST_AND_LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59", "us")


@dataclass(frozen=True)
class Inequality(Constraint):
    """The value of `low` is not above that of `high` in the same row; a missing value breaks no constraint.

    Where both move together, the networks learn their difference in place of `high`; otherwise rows that
    break the constraint are left out.

    Parameters
    ----------
    low, high : column name
        Two columns of numbers, of times, also written as strings, or of anything else with an order.
    strict : bool, default=False
        Whether they may not be equal either.

    Examples
    --------
    >>> frame = pd.DataFrame({"start": [1, 2, 5], "end": [3, 2, 4]})
    >>> Inequality("start", "end").check(frame).tolist()
    [True, True, False]
    """

    low: Hashable
    high: Hashable
    strict: bool = False

    def __str__(self) -> str:
        return f"{self.low} {'<' if self.strict else '<='} {self.high}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """Both."""
        return self.low, self.high

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Compare them; what is not written as times were in training breaks nothing."""
        low, high = self._comparable(frame)
        in_order = (low < high if self.strict else low <= high).to_numpy(dtype=bool)
        return np.logical_or.reduce([in_order, *self._odd(frame)])

    def learn(self, table: pd.DataFrame | TableFacts) -> Inequality:
        """Remember the name of the difference, decimals, and how the higher column stores and writes it."""
        table = TableFacts.of(table)
        name = new_name(f"{self.high} - {self.low}", table.frame)
        decimals = [decimals_of(table, column) for column in self.columns]
        finer = None if None in decimals else max(d for d in decimals if d is not None)
        low, high = (table[column] for column in self.columns)
        forms = _forms_of(low, high)
        null = high.column[high.missing].iloc[0] if forms[1] and high.missing.any() else None
        return replace(self, learned=(name, decimals[1], finer, high.column.dtype, forms, null))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give the higher column, if the difference is narrower."""
        low, high = self._comparable(frame)
        if self.low == self.high or {low.dtype.kind, high.dtype.kind} - SUBTRACTABLE:
            return ()
        if (low.isna() & high.notna()).any() or any(odd.any() for odd in self._odd(frame)):
            return ()
        spread = [_spread(values) for values in (high - low, high)]
        return (self.high,) if spread[1] > 0 and spread[0] <= NARROWER * spread[1] else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the difference in the place of the higher column."""
        name, _, finer, *_ = self.learned
        low, high = self._comparable(frame)
        for column, odd, form in zip(self.columns, self._odd(frame), self._forms, strict=True):
            if odd.any():
                raise ValueError(
                    f"column {column!r} holds {frame[column][odd].iloc[0]!r}, and in training it held "
                    f"{'dates' if form == DATES else f'times written as {form}'}; write it so"
                )
        changed = frame.drop(columns=[self.high])
        changed[name] = high - low if finer is None else (high - low).round(finer)
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the difference to the lower column."""
        name, decimals, _, dtype, forms, null = self.learned
        high = _read(frame[self.low], forms[0]) + widened(frame[name])
        changed = frame.drop(columns=[name])
        high = high if decimals is None else high.round(decimals)
        changed[self.high] = (high if forms[1] is None else _written(high, forms[1], null)).astype(dtype)
        return changed

    @property
    def _forms(self) -> Sequence[str | None]:
        """How both columns write times, see `form_of`."""
        forms: Sequence[str | None] = self.learned[4] if self.learned else (None, None)
        return forms

    def _odd(self, frame: pd.DataFrame) -> list[Mask]:
        """Tell for both columns which values are not written as times were in training."""
        return [
            read.isna().to_numpy() & ~find_missing(frame[name]) & (form is not None)
            for name, read, form in zip(self.columns, self._comparable(frame), self._forms, strict=True)
        ]

    def _comparable(self, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """Give both columns so that they can be compared, and subtracted if anything can."""
        forms = self._forms
        return _read(frame[self.low], forms[0]), _read(frame[self.high], forms[1])


def form_of(facts: ColumnFacts) -> str | None:
    """Say how objects stand for points in time: as dates, or as strings of a format; None if they do not."""
    reading = facts.reading
    if reading is None or isinstance(facts.column.dtype, pd.CategoricalDtype):
        return None
    if reading.number_format.content == DATES:
        return DATES
    pattern = reading.number_format.pattern
    return pattern.format if isinstance(pattern, TimePattern) and not pattern.is_time_of_day else None


def _forms_of(low: ColumnFacts, high: ColumnFacts) -> tuple[str | None, str | None]:
    """Give the forms of two columns, if they can be compared by them: times by one clock."""
    forms = form_of(low), form_of(high)
    are_times = all(form or facts.family == "times" for form, facts in zip(forms, (low, high), strict=True))
    have_zone = {form is not None and ZONE.search(form) is not None for form in forms}
    return forms if are_times and len(have_zone) == 1 else (None, None)


def _read(column: pd.Series, form: str | None) -> pd.Series:
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


def _written(times: pd.Series, form: str, null: object) -> pd.Series:
    """Undo `_read`: objects, `null` where a time is missing, and the first or last day that Python knows."""
    present, objects = times.notna().to_numpy(), np.full(len(times), null, dtype=object)
    values = (times[present].to_numpy() + _offset(form)).clip(*FIRST_AND_LAST).astype(f"M8[{_unit(form)}]")
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


def _spread(values: pd.Series) -> float:
    """From the 5 % to the 95 % quantile, of times in microseconds."""
    floats = as_floats(values)
    floats = floats[~np.isnan(floats)]
    low, high = np.quantile(floats, [0.05, 0.95]) if len(floats) else (0.0, 0.0)
    return float(high - low)
