"""Columns in which nothing varies: one value in every row, or no value in any."""

from __future__ import annotations

import pandas as pd

from tabgan.table.columns.categorical import Categorical


class Constant(Categorical):
    """One value, or missing, in every row: no block, nothing to learn."""

    kinds = ("constant", "missing")

    def __init__(self) -> None:
        super().__init__()

    def fit(self, column: pd.Series, y: object = None) -> Constant:
        """Remember the value.

        Raises
        ------
        ValueError
            If there is more than one.
        """
        super().fit(column)
        if len(self.levels_) > 1:
            found = f"it holds {len(self.levels_)} values"
            raise ValueError(f"column {column.name!r} is not constant, {found}; say another kind")
        return self
