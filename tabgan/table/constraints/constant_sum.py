"""Columns that add up to the same number in each row: shares of a whole."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_float_dtype, is_integer_dtype

from tabgan.table.columns.facts import TableFacts
from tabgan.table.constraints.base import Constraint, Mask, decimals_of

NEAR = 1e-6  # of the total: shares are stored with rounding errors


@dataclass(frozen=True)
class ConstantSum(Constraint):
    """The values of `parts` add up to a constant; rows with a missing one break no constraint.

    The networks learn all parts, and the greatest of a row takes up what is missing, as it changes least in
    proportion. A row in which it would leave its range is rejected.

    Parameters
    ----------
    parts : sequence of column names
        Two or more columns of numbers.
    total : float
        What they add up to, but for a millionth of it.

    Examples
    --------
    >>> frame = pd.DataFrame({"rent": [0.5, 0.25], "food": [0.25, 0.25], "other": [0.25, 0.25]})
    >>> ConstantSum(["rent", "food", "other"], 1).check(frame).tolist()
    [True, False]
    """

    settles: ClassVar[bool] = True
    parts: Sequence[Hashable]
    total: float

    def __post_init__(self) -> None:
        is_number = isinstance(self.total, int | float | np.number) and not isinstance(self.total, bool)
        if isinstance(self.parts, str) or len(set(self.parts)) < 2 or len(set(self.parts)) < len(self.parts):
            raise ValueError(f"ConstantSum needs a list of two or more different parts, got {self.parts!r}")
        if not is_number or not np.isfinite(self.total):
            raise ValueError(
                f"ConstantSum needs a finite number as total, got {self.total!r}; use Sum for a column"
            )
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "total", float(self.total))

    def __str__(self) -> str:
        return f"{' + '.join(map(str, self.parts))} == {self.total:g}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The parts."""
        return tuple(self.parts)

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Add up, and compare up to rounding."""
        numbers = frame[list(self.parts)].astype(float).to_numpy()
        scale = np.maximum(np.abs(numbers).max(axis=1, initial=0.0), abs(self.total))
        return np.asarray(np.abs(numbers.sum(axis=1) - self.total) <= NEAR * scale)

    def learn(self, table: pd.DataFrame | TableFacts) -> ConstantSum:
        """Remember the decimals of each part."""
        table = TableFacts.of(table)
        dtypes = {name: table.frame[name].dtype for name in self.parts}
        odd = [n for n, dtype in dtypes.items() if not (is_integer_dtype(dtype) or is_float_dtype(dtype))]
        if odd:
            raise ValueError(
                f"constraint {self}: column {odd[0]!r} is not of numbers (dtype {dtypes[odd[0]]}); "
                "convert it first"
            )
        return replace(self, learned={name: decimals_of(table, name) for name in self.parts})

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Let one part that is not `fixed` take up what is missing, in rows that do not add up.

        It is the greatest of those with the most decimals, which changes least in proportion. A row stays as
        it is where the dtype of the part cannot hold the value.
        """
        fine = {name: self._decimals(frame[name]) for name in self.parts if name not in fixed}
        free = [name for name, decimals in fine.items() if decimals == max(fine.values())]
        wrong = ~self.check(frame)
        if not free or not wrong.any():
            return frame
        numbers = frame.loc[wrong.tolist(), list(self.parts)].astype(float)
        missing = self.total - numbers.sum(axis=1)
        greatest = numbers[free].abs().to_numpy().argmax(axis=1)
        for place in np.unique(greatest):
            name, here = free[place], greatest == place
            rows, values = np.flatnonzero(wrong)[here], np.zeros(len(frame))
            values[rows] = (numbers[name] + missing).to_numpy()[here]
            if np.isfinite(fine[name]):
                values = values.round(int(fine[name]))
            chosen = _fits(values, frame[name].dtype) & np.isin(np.arange(len(frame)), rows)
            column = pd.Series(np.where(chosen, values, 0), index=frame.index).astype(frame[name].dtype)
            frame = frame.copy(deep=False)
            frame[name] = column.where(chosen, frame[name])
        return frame

    def _decimals(self, column: pd.Series) -> float:
        """How many decimals a part may have; without end where that is not known."""
        if is_integer_dtype(column.dtype):
            return 0
        decimals = (self.learned or {}).get(column.name)
        return np.inf if decimals is None else decimals


def _fits(values: NDArray[np.float64], dtype: Any) -> Mask:
    """Tell which numbers a dtype can hold."""
    if not is_integer_dtype(dtype):
        return np.ones(len(values), dtype=bool)
    inner = dtype.subtype if isinstance(dtype, pd.SparseDtype) else getattr(dtype, "numpy_dtype", dtype)
    info = np.iinfo(inner)
    return np.asarray((values >= info.min) & (values <= info.max))
