"""One column is never above another: a difference that is never negative."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tabgan.io.json_codec import dtype_of
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.numbers import as_floats, widened
from tabgan.table.constraints.base import (
    Constraint,
    Mask,
    decimals_of,
    new_name,
)

NARROWER = 0.5  # spread of the difference, in those of the higher column, up to which it is learned instead
SUBTRACTABLE = set("ifmM")  # kinds of widened dtypes: numbers, times and their lengths


@dataclass(frozen=True)
class Inequality(Constraint):
    """The value of `low` is not above that of `high` in the same row; a missing value breaks no constraint.

    Where both move together, the networks learn their difference in place of `high`; otherwise rows that
    break the constraint are left out.

    Parameters
    ----------
    low, high : column name
        Two columns of numbers, of times, or of anything else with an order.
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
        low, high = widened(frame[self.low]), widened(frame[self.high])
        return (low < high if self.strict else low <= high).to_numpy(dtype=bool)

    def learn(self, table: pd.DataFrame | TableFacts) -> Inequality:
        """Remember the dtype of the higher column, decimals, and the name of the difference."""
        table = TableFacts.of(table)
        name = new_name(f"{self.high} - {self.low}", table.frame)
        decimals = [decimals_of(table, column) for column in self.columns]
        finer = None if None in decimals else max(d for d in decimals if d is not None)
        return replace(self, learned=(name, decimals[1], finer, str(table.frame[self.high].dtype)))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give the higher column, if the difference is narrower."""
        low, high = widened(frame[self.low]), widened(frame[self.high])
        if {low.dtype.kind, high.dtype.kind} - SUBTRACTABLE:
            return ()
        if (low.isna() & high.notna()).any():
            return ()
        spread = [_spread(values) for values in (high - low, high)]
        return (self.high,) if spread[1] > 0 and spread[0] <= NARROWER * spread[1] else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the difference in the place of the higher column."""
        name, _, finer, _ = self.learned
        difference = widened(frame[self.high]) - widened(frame[self.low])
        changed = frame.drop(columns=[self.high])
        changed[name] = difference if finer is None else difference.round(finer)
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the difference to the lower column."""
        name, decimals, _, dtype = self.learned
        high = widened(frame[self.low]) + widened(frame[name])
        changed = frame.drop(columns=[name])
        changed[self.high] = (high if decimals is None else high.round(decimals)).astype(dtype_of(dtype))
        return changed


def _spread(values: pd.Series) -> float:
    """From the 5 % to the 95 % quantile, of times in microseconds."""
    floats = as_floats(values)
    floats = floats[~np.isnan(floats)]
    low, high = np.quantile(floats, [0.05, 0.95]) if len(floats) else (0.0, 0.0)
    return float(high - low)
