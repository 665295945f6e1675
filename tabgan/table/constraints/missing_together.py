"""Columns that are missing in the same rows: one question that was not asked, one sensor that was off."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tabgan.table.columns.categories import find_missing
from tabgan.table.constraints.base import ColumnGroup, Mask


@dataclass(frozen=True)
class MissingTogether(ColumnGroup):
    """Of some columns, each row has either all values or none.

    The networks learn the columns one by one. A generated row that has some of the values goes the way of
    most of its columns: it loses them, or gets the others from the nearest row above it that has all.

    Parameters
    ----------
    names : sequence of column names
        Two or more.

    Examples
    --------
    >>> frame = pd.DataFrame({"systolic": [120, None, 140], "diastolic": [80, None, None]})
    >>> MissingTogether(["systolic", "diastolic"]).check(frame).tolist()
    [True, True, False]
    """

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.names))} are missing together"

    def check(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows have all values or none, shape (n,)."""
        missing = self._missing(frame)
        return np.asarray(missing.all(axis=1) | ~missing.any(axis=1))

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Take values away from rows that have some, or give them the others; what is `fixed` decides."""
        missing = self._missing(frame)
        mixed = missing.any(axis=1) & ~missing.all(axis=1)
        if not mixed.any():
            return frame
        of_fixed = missing[:, [name in fixed for name in self.names]]
        if of_fixed.shape[1]:
            mixed &= of_fixed.all(axis=1) | ~of_fixed.any(axis=1)
        votes = of_fixed if of_fixed.shape[1] else missing
        loses = mixed & (votes.mean(axis=1) >= 0.5)
        donors, empty = np.flatnonzero(~missing.any(axis=1)), np.flatnonzero(missing.all(axis=1))
        changed = frame.copy(deep=False)
        for place, name in enumerate(self.names):
            rows = np.arange(len(frame))
            lacks = np.flatnonzero(mixed & ~loses & missing[:, place])
            if len(donors):
                rows[lacks] = donors[np.maximum(np.searchsorted(donors, lacks) - 1, 0)]
            has = np.flatnonzero(loses & ~missing[:, place])
            gone = np.concatenate([empty, np.flatnonzero(missing[:, place])])
            if len(gone):
                rows[has] = gone[0]
            if name not in fixed:
                changed[name] = frame[name].take(rows).set_axis(frame.index)
        return changed

    def _missing(self, frame: pd.DataFrame) -> Mask:
        """Tell which values are missing, shape (n, n_names)."""
        return np.column_stack([find_missing(frame[name]) for name in self.names])
