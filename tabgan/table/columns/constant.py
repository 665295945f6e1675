"""Columns that hold one value, or none: nothing to learn, nothing handed to the networks."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType, Scale, State, pack_series, unpack_series
from tabgan.table.layout import BlockKind


class Constant(ColumnType):
    """A column whose every cell is the same, missing included.

    Attributes
    ----------
    value_ : pandas.Series of length 1
    """

    scale: ClassVar[Scale] = "nominal"

    def fit(self, column: pd.Series, y: object = None) -> Constant:
        self.value_ = column.iloc[:1].reset_index(drop=True)
        return self

    def transform(
        self, column: pd.Series, random_state: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        return np.empty((len(column), 0), np.float32)

    def inverse_transform(
        self, matrix: NDArray[np.float32], random_state: np.random.Generator | None = None
    ) -> pd.Series:
        return self.value_.take(np.zeros(len(matrix), dtype=np.intp)).reset_index(drop=True)

    def blocks(self) -> list[tuple[BlockKind, int]]:
        return []

    def get_state(self) -> State:
        return {"value": pack_series(self.value_)}, {}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Constant:
        self.value_ = unpack_series(data["value"])
        return self
