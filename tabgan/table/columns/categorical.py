"""Columns of levels: strings, booleans, categories, and numbers with few distinct values."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType, Scale, State, pack_series, unpack_series
from tabgan.table.layout import BlockKind


class Categorical(ColumnType):
    """One-hot encoding, with a missing value as one more level and the rarest levels sharing a position.

    Parameters
    ----------
    max_levels : int, default=255
        So many of the most frequent levels have a position of their own. The others share one, and what
        comes out of it is drawn by their own frequencies: the width stays bounded, their link to other
        columns is the mean of theirs.

    Attributes
    ----------
    levels_ : pandas.Series
        The levels in the column's own dtype, most frequent first.
    shares_ : ndarray of shape (n_levels,)
        Their shares of the training rows.
    """

    scale: ClassVar[Scale] = "nominal"

    def __init__(self, *, max_levels: int = 255) -> None:
        self.max_levels = max_levels

    def fit(self, column: pd.Series, y: object = None) -> Categorical:
        codes, levels = self._factorize(column)
        counts = np.bincount(codes, minlength=len(levels))
        order = np.argsort(-counts, kind="stable")
        self.levels_ = levels.iloc[order].reset_index(drop=True)
        self.shares_ = counts[order] / len(column)
        return self

    @staticmethod
    def _factorize(column: pd.Series) -> tuple[NDArray[np.intp], pd.Series]:
        """Codes and the levels they point at; every missing value is one and the same level."""
        codes, _ = pd.factorize(_keys(column), sort=False)
        codes = np.where(codes < 0, codes.max(initial=-1) + 1, codes)
        _, first = np.unique(codes, return_index=True)
        return codes, column.iloc[first].reset_index(drop=True)

    @property
    def _n_positions(self) -> int:
        return min(len(self.levels_), self.max_levels + 1)

    def transform(
        self, column: pd.Series, random_state: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        """Indicators of shape (n, width); a level that training never saw has none (a row of zeros)."""
        known = pd.Index(_keys(self.levels_))
        keys = _keys(column)
        codes = known.get_indexer(pd.Index(keys))
        missing = np.asarray(pd.isna(keys))
        null = np.flatnonzero(np.asarray(pd.isna(self.levels_)))
        codes[missing] = null[0] if len(null) else -1
        codes = np.minimum(codes, self._n_positions - 1)
        matrix = np.zeros((len(column), self._n_positions), np.float32)
        seen = codes >= 0
        matrix[np.flatnonzero(seen), codes[seen]] = 1
        return matrix

    def inverse_transform(
        self, matrix: NDArray[np.float32], random_state: np.random.Generator | None = None
    ) -> pd.Series:
        codes = matrix.argmax(1)
        n_alone = self._n_positions - 1
        if len(self.levels_) > self._n_positions:
            rng = random_state or np.random.default_rng()
            rare = np.flatnonzero(codes == n_alone)
            shares = self.shares_[n_alone:]
            codes[rare] = n_alone + rng.choice(len(shares), len(rare), p=shares / shares.sum())
        return self.levels_.take(codes).reset_index(drop=True)

    def blocks(self) -> list[tuple[BlockKind, int]]:
        return [("onehot", self._n_positions)]

    def get_state(self) -> State:
        return {"levels": pack_series(self.levels_)}, {"shares": self.shares_}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Categorical:
        self.levels_, self.shares_ = unpack_series(data["levels"]), arrays["shares"]
        return self


class Discrete(Categorical):
    """Numbers with few distinct values: encoded like levels, compared like numbers."""

    scale: ClassVar[Scale] = "numeric"


def _keys(column: pd.Series) -> pd.Series:
    """Values to look up by. In a mixed object column 1, 1.0, True and "1" are four values, not one."""
    if column.dtype != object or pd.api.types.infer_dtype(column, skipna=True) in ("string", "boolean"):
        return column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    texts = [None if _is_null(value) else f"{type(value).__name__}:{value!r}" for value in column]
    return pd.Series(texts, dtype=object)


def _is_null(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value
