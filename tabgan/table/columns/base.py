"""What every column type is: a scikit-learn transformer of one column into blocks."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from tabgan.layout import BlockKind

Scale = Literal["numeric", "nominal"]
State = tuple[dict[str, Any], dict[str, NDArray[Any]]]
Self = TypeVar("Self", bound="ColumnType")


class ColumnType(TransformerMixin, BaseEstimator):
    """One column of a table there and back: a Series of n cells <-> a float32 matrix of shape (n, width).

    A new column type names the `kinds` of column it accepts and the `scale` that metrics treat it by, and
    implements the six methods below. Randomness comes from the generator it is handed; None stands for a
    fresh one.
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    scale: ClassVar[Scale]

    def fit(self: Self, column: pd.Series, y: object = None) -> Self:
        """Learn from a column; its missing cells are part of it."""
        raise NotImplementedError

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode a column of n cells as a matrix of shape (n, width).

        A cell that has no place in it, because the training column had none like it, becomes nan.
        """
        raise NotImplementedError

    def inverse_transform(
        self, matrix: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode a matrix of shape (n, width) into a column with the dtype of the training column."""
        raise NotImplementedError

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give kind and width of each block, in order; none if there is nothing to learn."""
        raise NotImplementedError

    def get_state(self) -> State:
        """Give what `fit` learned, as JSON-able data and arrays."""
        raise NotImplementedError

    def set_state(self: Self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Take back what `get_state` gave."""
        raise NotImplementedError


def onehot(codes: NDArray[np.intp], width: int) -> NDArray[np.float32]:
    """Give indicators of shape (n, width) for codes of shape (n,); a negative code gives a row of nan."""
    matrix = np.zeros((len(codes), width), dtype=np.float32)
    matrix[np.arange(len(codes)), codes] = 1
    matrix[codes < 0] = np.nan
    return matrix
