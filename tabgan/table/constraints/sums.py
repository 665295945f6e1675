"""A column that is the sum of others."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype

from tabgan.table.columns.grid import Grid
from tabgan.table.constraints.base import Constraint, Mask, complete_rows

NEAR = 1e-9  # relative to the largest summand: what adding floats in another order may change


@dataclass(frozen=True)
class Sum(Constraint):
    """The cells of `parts` add up to the cell of `total`; rows with a missing cell among them break no rule.

    The networks learn the parts, and the total is added up. Where the total is a condition of `sample`, the
    last part is what remains.

    Parameters
    ----------
    parts : sequence of column names
        Two or more columns of numbers.
    total : column name

    Examples
    --------
    >>> frame = pd.DataFrame({"net": [1.0, 2.0], "tax": [0.1, 0.2], "gross": [1.1, 2.3]})
    >>> Sum(["net", "tax"], "gross").check(frame).tolist()
    [True, False]
    """

    parts: Sequence[Hashable]
    total: Hashable

    def __post_init__(self) -> None:
        if isinstance(self.parts, str) or len(self.parts) < 2 or self.total in self.parts:
            raise ValueError(f"Sum needs a list of two or more parts and another column, got {self!r}")
        object.__setattr__(self, "parts", tuple(self.parts))

    def __str__(self) -> str:
        return f"{' + '.join(map(str, self.parts))} == {self.total}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The parts and the total."""
        return (*self.parts, self.total)

    def check(self, frame: pd.DataFrame) -> Mask:
        """Which rows obey, up to the rounding of floats."""
        there = complete_rows(frame, self.columns)
        cells = frame.loc[there, list(self.columns)].astype(float).to_numpy()
        good = np.ones(len(frame), dtype=bool)
        off = np.abs(cells[:, :-1].sum(axis=1) - cells[:, -1])
        good[there] = off <= NEAR * np.abs(cells).max(axis=1, initial=0.0)
        return good

    def learn(self, frame: pd.DataFrame) -> Sum:
        """Remember dtype and decimals of each column."""
        if odd := [name for name in self.columns if not _numbers(frame[name])]:
            raise ValueError(
                f"rule {self}: column {odd[0]!r} is not of numbers (dtype {frame[odd[0]].dtype})"
            )
        return replace(self, learned=tuple(_form(frame[name]) for name in self.columns))

    def hides(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """The total, if it is missing just where a part is."""
        same = frame[self.total].notna().to_numpy(dtype=bool) == complete_rows(frame, self.parts)
        return (self.total,) if same.all() else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Leave out the total."""
        return frame.drop(columns=[self.total])

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add up."""
        return self._put(frame, self.total)

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Where the total or a part was asked for, the last of the others follows."""
        free = [name for name in (*self.parts, self.total) if name not in fixed]
        wrong = ~self.check(frame)
        return self._put(frame, free[-1], wrong) if free and wrong.any() else frame

    def _put(self, frame: pd.DataFrame, name: Hashable, where: Mask | None = None) -> pd.DataFrame:
        """Work out one column from the others, in some rows or in all."""
        if name == self.total:
            cells = reduce(add, (frame[part].astype(_wide(frame[part])) for part in self.parts))
        else:
            others = [part for part in self.parts if part != name]
            cells = frame[self.total].astype(_wide(frame[self.total]))
            for part in others:
                cells = cells - frame[part]
        dtype, decimals = self.learned[self.columns.index(name)]
        made = (cells if decimals is None else cells.round(decimals)).astype(dtype)
        changed = frame.copy(deep=False)
        changed[name] = made if where is None else made.where(where, frame[name])
        return changed


def _numbers(cells: pd.Series) -> bool:
    return is_integer_dtype(cells.dtype) or is_float_dtype(cells.dtype)


def _wide(cells: pd.Series) -> Any:
    """A type in which sums do not overflow."""
    small = isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iu"
    return "int64" if small else cells.dtype


def _form(cells: pd.Series) -> tuple[str, int | None]:
    """The dtype of a column, and its decimals if it is of floats."""
    if not is_float_dtype(cells.dtype) or not isinstance(cells.dtype, np.dtype):
        return str(cells.dtype), None
    finite = cells[np.isfinite(cells)].to_numpy(dtype=float)
    return str(cells.dtype), Grid.of(finite, cells.dtype).decimals if len(finite) else None
