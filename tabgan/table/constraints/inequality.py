"""One column is never above another: a difference that is never negative."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_float_dtype, is_integer_dtype, is_timedelta64_dtype

from tabgan.table.columns.grid import Grid
from tabgan.table.constraints.base import Constraint, Mask, complete_rows, new_name, true_where

NARROWER = 0.5  # spread of the difference, in those of the higher column, up to which it is learned instead


@dataclass(frozen=True)
class Inequality(Constraint):
    """The cell of `low` is not above the cell of `high` in the same row; a missing cell breaks no rule.

    Where both move together, the networks learn their difference in place of `high`; otherwise rows that
    break the rule are left out.

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

    def check(self, frame: pd.DataFrame) -> Mask:
        """Which rows obey."""
        low, high = frame[self.low], frame[self.high]
        there = complete_rows(frame, self.columns)
        good = np.ones(len(frame), dtype=bool)
        low, high = low[there], high[there]
        good[there] = true_where(low < high if self.strict else low <= high)
        return good

    def learn(self, frame: pd.DataFrame) -> Inequality:
        """Remember the dtype of the higher column, decimals, and how the difference is called."""
        name = new_name(f"{self.high} - {self.low}", frame)
        decimals = [_decimals(frame[column]) for column in self.columns]
        finer = None if None in decimals else max(d for d in decimals if d is not None)
        return replace(self, learned=(name, decimals[1], finer, str(frame[self.high].dtype)))

    def hides(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """The higher column, if the difference is narrower."""
        low, high = frame[self.low], frame[self.high]
        if not all(_subtractable(cells) for cells in (low, high)) or (low.isna() & high.notna()).any():
            return ()
        spread = [_spread(cells) for cells in (_difference(low, high), high)]
        return (self.high,) if spread[1] > 0 and spread[0] <= NARROWER * spread[1] else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the difference in the place of the higher column."""
        name, _, finer, _ = self.learned
        difference = _difference(frame[self.low], frame[self.high])
        changed = frame.drop(columns=[self.high])
        changed[name] = difference if finer is None else difference.round(finer)
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the difference to the lower column."""
        name, decimals, _, dtype = self.learned
        high = frame[self.low] + frame[name]
        changed = frame.drop(columns=[name])
        changed[self.high] = (high if decimals is None else high.round(decimals)).astype(dtype)
        return changed


def _subtractable(cells: pd.Series) -> bool:
    kinds = (is_datetime64_any_dtype, is_timedelta64_dtype, is_integer_dtype, is_float_dtype)
    return any(is_kind(cells.dtype) for is_kind in kinds)


def _decimals(cells: pd.Series) -> int | None:
    """Digits after the point of a column of floats, None if there are too many or it is of something else."""
    if not isinstance(cells.dtype, np.dtype) or not is_float_dtype(cells.dtype):
        return None
    finite = cells[np.isfinite(cells)].to_numpy(dtype=float)
    return Grid.of(finite, cells.dtype).decimals if len(finite) else None


def _difference(low: pd.Series, high: pd.Series) -> pd.Series:
    """The difference, in a type that is wide enough."""
    if all(isinstance(x.dtype, np.dtype) and x.dtype.kind in "iu" for x in (low, high)):
        low, high = low.astype("int64"), high.astype("int64")
    return high - low


def _spread(cells: pd.Series) -> float:
    """From the 5 % to the 95 % quantile."""
    present = cells.dropna()
    if is_datetime64_any_dtype(present.dtype) or present.dtype.kind == "m":
        present = (present - present.min()) / pd.Timedelta(seconds=1)
    low, high = np.quantile(present.to_numpy(dtype=float), [0.05, 0.95]) if len(present) else (0.0, 0.0)
    return float(high - low)
