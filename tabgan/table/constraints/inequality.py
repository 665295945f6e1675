"""One column is never above another: a difference that is never negative."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.numbers import as_floats, widened
from tabgan.table.columns.written_times import DATES, form_of, has_zone, read_times, write_times
from tabgan.table.constraints.base import (
    Comparison,
    Mask,
    decimals_of,
    new_name,
)

NARROWER = 0.5  # spread of the difference, in those of the higher column, up to which it is learned instead
SUBTRACTABLE = set("ifmM")  # kinds of widened dtypes: numbers, times and their lengths


@dataclass(frozen=True)
class Inequality(Comparison):
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

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """Both, unless it has learned how they write times."""
        return self.columns if self._forms == (None, None) else ()

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
        high = read_times(frame[self.low], forms[0]) + widened(frame[name])
        changed = frame.drop(columns=[name])
        high = high if decimals is None else high.round(decimals)
        changed[self.high] = (high if forms[1] is None else write_times(high, forms[1], null)).astype(dtype)
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
        return read_times(frame[self.low], forms[0]), read_times(frame[self.high], forms[1])


def _forms_of(low: ColumnFacts, high: ColumnFacts) -> tuple[str | None, str | None]:
    """Give the forms of two columns, if they can be compared by them: times by one clock."""
    forms = form_of(low), form_of(high)
    are_times = all(form or facts.family == "times" for form, facts in zip(forms, (low, high), strict=True))
    have_zone = {form is not None and has_zone(form) for form in forms}
    return forms if are_times and len(have_zone) == 1 else (None, None)


def _spread(values: pd.Series) -> float:
    """From the 5 % to the 95 % quantile, of times in microseconds."""
    floats = as_floats(values)
    floats = floats[~np.isnan(floats)]
    low, high = np.quantile(floats, [0.05, 0.95]) if len(floats) else (0.0, 0.0)
    return float(high - low)
