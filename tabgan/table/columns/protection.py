"""Values that few records hold: which they are, so that no model learns, keeps or draws them."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.numbers import family

FEWEST_ROWS = 20  # of fewer rows nothing is protected: every value is rare
LEAST, MOST = 3, 10  # records that a value needs where tables are small, and at most


def least_records(n_rows: int) -> int:
    """Give the number of records that a value needs in a table of `n_rows`, unless it is stated.

    It grows with the root of the number of rows, as the distance between what a model may say and one record
    does, and stays between 3 and 10: 3 below 4,900 rows, 5 at 10,000, 10 from 36,100 rows on. In fewer than
    20 rows it is 1, which protects nothing.
    """
    if n_rows < FEWEST_ROWS:
        return 1
    return int(np.clip(round(math.sqrt(n_rows) / 20), LEAST, MOST))


class Protection:
    """What of a column is learned, where a value needs records to be.

    Parameters
    ----------
    facts : ColumnFacts
    """

    def __init__(self, facts: ColumnFacts) -> None:
        self.facts, self.least = facts, facts.least

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many records hold each category, shape (n_categories,)."""
        return np.bincount(self.facts.codes, minlength=len(self.facts.categories))

    @cached_property
    def rare(self) -> NDArray[np.bool_]:
        """Which categories too few records hold, shape (n_categories,): no truth values, no missing one."""
        if self.least == 1 or family(self.facts.categories) == "truth values":
            return np.zeros(len(self.facts.categories), dtype=bool)
        return (self.counts < self.least) & ~find_missing(self.facts.categories)

    @property
    def dtype(self) -> Any:
        """The dtype of the column; if it lists rare categories, without these and unused ones."""
        dtype = self.facts.column.dtype
        if not isinstance(dtype, pd.CategoricalDtype) or not self.rare.any():
            return dtype
        kept = self.facts.categories[~self.rare].dropna()
        return pd.CategoricalDtype(dtype.categories[np.sort(kept.cat.codes)], dtype.ordered)

    @cached_property
    def units(self) -> NDArray[Any]:
        """The numbers in units of the grid, rising; the outermost are moved in."""
        units = np.sort(self.facts.grid.units(self.facts.numbers))
        return drawn_in(units, self.least, self.facts.grid) if self.least > 1 else units

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the greatest number that is learned, in the dtype of the column."""
        number_format = self.facts.number_format
        assert number_format is not None
        ends = self.facts.grid.numbers(self.units[[0, -1]])
        low, high = number_format.write(ends, np.zeros(2, dtype=bool))
        return low, high

    def describe(self, kind: str) -> str:
        """Say in a few words what is neither learned nor drawn; "" if nothing is."""
        if kind in ("categorical", "discrete"):
            n_rare = int(self.rare.sum())
            return f"{n_rare} with fewer than {self.least} records are never drawn" if n_rare else ""
        if kind not in ("continuous", "integer", "datetime", "timedelta"):
            return ""
        units = self.facts.grid.units(self.facts.numbers)
        n_outer = int(((units < self.units[0]) | (units > self.units[-1])).sum())
        return f"the {n_outer} outermost are drawn further in" if n_outer else ""


def inner_range(units: NDArray[Any], least: int) -> tuple[Any, Any]:
    """Give the least and the greatest of `units`, shape (n,), but for the outermost `least` at each end.

    A number that `least` records hold is no secret of one of them and ends the range, however far out it
    lies. Of few numbers fewer are left out, so that half of them at least stay inside.
    """
    ordered = np.sort(units)
    outer = min(least, (len(ordered) - 1) // 4) if least > 1 else 0
    low, high = ordered[outer], ordered[len(ordered) - 1 - outer]
    distinct, counts = np.unique(ordered, return_counts=True)
    common = distinct[counts >= least]
    if outer and len(common):
        low, high = min(low, common[0]), max(high, common[-1])
    return low, high


def drawn_in(units: NDArray[Any], least: int, grid: Grid) -> NDArray[Any]:
    """Give `units`, shape (n,), rising, with those outside the `inner_range` spread over its nearest numbers.

    As many lie at each end as before, between the end of the range and the number that is twice as far in.
    """
    low, high = inner_range(units, least)
    ordered = np.sort(units)
    below, above = int((ordered < low).sum()), int((ordered > high).sum())
    inside = ordered[below : len(ordered) - above]
    # What a model draws beyond the range becomes its end, which must not be the number of one record.
    if below and (inside == low).sum() < least:
        inside = np.maximum(inside, _middle(low, inside[inside > low], grid))
    if above and (inside == high).sum() < least:
        inside = np.minimum(inside, _middle(high, inside[inside < high][::-1], grid))
    lower = _between(inside[0], inside[min(below, len(inside) - 1)], below, grid)
    upper = _between(inside[-1 - min(above, len(inside) - 1)], inside[-1], above, grid)
    return np.sort(np.concatenate([lower, inside, upper]))


def _middle(end: Any, others: NDArray[Any], grid: Grid) -> Any:
    """Give the number midway between the end of a range and the next one, on the grid; or else the end."""
    if not len(others):
        return end
    low, high = min(end, others[0]), max(end, others[0])
    return _between(low, high, 1, grid)[0]


def _between(low: Any, high: Any, n: int, grid: Grid) -> NDArray[Any]:
    """Give n numbers, spread evenly between two, on the grid and not beyond them."""
    share = (np.arange(n) + 0.5) / max(n, 1)
    if grid.decimals is None:
        return np.clip(low + share * (high - low), low, high)
    steps = (int(high) - int(low)) // grid.step  # as Python's, which cannot overflow
    return np.array([int(low) + grid.step * round(part * steps) for part in share.tolist()], dtype=np.int64)
