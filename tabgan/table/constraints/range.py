"""One column stays in a range."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.table.columns.numbers import widened
from tabgan.table.constraints.base import Comparison, Mask


@dataclass(frozen=True)
class Range(Comparison):
    """The values of a column lie between `low` and `high`, both included; missing ones break no constraint.

    Samples never leave the range of the training column anyway; the constraint says that the training column
    must not leave this one, either.

    Parameters
    ----------
    column : column name
    low, high : value, optional
        In the dtype of the column; None leaves an end open.

    Examples
    --------
    >>> Range("age", 0, 120).check(pd.DataFrame({"age": [30, -1, 121]})).tolist()
    [True, False, False]
    """

    column: Hashable
    low: Any = None
    high: Any = None

    def __str__(self) -> str:
        ends = (
            "" if self.low is None else f"{self.low} <= ",
            "" if self.high is None else f" <= {self.high}",
        )
        return f"{ends[0]}{self.column}{ends[1]}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The one column."""
        return (self.column,)

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """The one column."""
        return (self.column,)

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Compare with both ends."""
        mask, values = np.ones(len(frame), dtype=bool), widened(frame[self.column])
        if self.low is not None:
            mask &= (values >= self.low).to_numpy(dtype=bool)
        if self.high is not None:
            mask &= (values <= self.high).to_numpy(dtype=bool)
        return mask
