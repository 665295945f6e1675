"""One column is never above another: a difference that is never negative."""

from __future__ import annotations

from collections.abc import Hashable
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
        """Compare them."""
        low, high = self._plain(frame)
        return (low < high if self.strict else low <= high).to_numpy(dtype=bool)

    def learn(self, table: pd.DataFrame | TableFacts) -> Inequality:
        """Remember how wide the columns are: dtype, decimals, forms of times; and name the difference."""
        table = TableFacts.of(table)
        name = new_name(f"{self.high} - {self.low}", table.frame)
        decimals = [decimals_of(table, column) for column in self.columns]
        finer = None if None in decimals else max(d for d in decimals if d is not None)
        forms = [form_of(table[column]) for column in self.columns]
        forms = forms if all(forms) else [None, None]
        high = table[self.high]
        null = high.column[high.missing].iloc[0] if forms[1] and high.missing.any() else None
        return replace(self, learned=(name, decimals[1], finer, high.column.dtype, forms, null))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give the higher column, if the difference is narrower."""
        low, high = self._plain(frame)
        if {low.dtype.kind, high.dtype.kind} - SUBTRACTABLE:
            return ()
        if (low.isna() & high.notna()).any():
            return ()
        spread = [_spread(values) for values in (high - low, high)]
        return (self.high,) if spread[1] > 0 and spread[0] <= NARROWER * spread[1] else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the difference in the place of the higher column."""
        name, _, finer, *_ = self.learned
        low, high = self._plain(frame)
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

    def _plain(self, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """Give both columns so that they can be compared, and subtracted if anything can."""
        forms = self.learned[4] if self.learned else (None, None)
        return _read(frame[self.low], forms[0]), _read(frame[self.high], forms[1])


def form_of(facts: ColumnFacts) -> str | None:
    """Say how objects stand for points in time: as dates, or as strings of a format; None if they do not."""
    reading, is_category = facts.reading, isinstance(facts.column.dtype, pd.CategoricalDtype)
    if reading is None or reading.remarks or reading.n_rare or is_category:
        return None
    if reading.number_format.content == DATES:
        return DATES
    pattern = reading.number_format.pattern
    return pattern.format if isinstance(pattern, TimePattern) and not pattern.is_time_of_day else None


def _read(column: pd.Series, form: str | None) -> pd.Series:
    """Give n values so that they can be compared and subtracted; what is not of the form is missing."""
    if form is None:
        return widened(column)
    present, unit = ~find_missing(column), _unit(form)
    times = np.full(len(column), "NaT", dtype=f"M8[{unit}]")
    if form == DATES:
        times[present] = np.array(column[present].tolist(), dtype=f"M8[{unit}]")
    else:
        numbers, fits = TimePattern(form).read(column[present].tolist())
        times[present] = np.where(fits, numbers.view(times.dtype), np.datetime64("NaT"))
    return pd.Series(times.astype("M8[ns]" if unit == "ns" else "M8[us]"), index=column.index)


def _written(times: pd.Series, form: str, null: object) -> pd.Series:
    """Undo `_read`: objects, `null` where a time is missing."""
    present, objects = times.notna().to_numpy(), np.full(len(times), null, dtype=object)
    values = times[present].to_numpy().astype(f"M8[{_unit(form)}]")
    objects[present] = (
        values.astype(object) if form == DATES else TimePattern(form).write(values.view(np.int64))
    )
    return pd.Series(objects, index=times.index)


def _unit(form: str) -> str:
    return "D" if form == DATES else TimePattern(form).unit


def _spread(values: pd.Series) -> float:
    """From the 5 % to the 95 % quantile, of times in microseconds."""
    floats = as_floats(values)
    floats = floats[~np.isnan(floats)]
    low, high = np.quantile(floats, [0.05, 0.95]) if len(floats) else (0.0, 0.0)
    return float(high - low)
