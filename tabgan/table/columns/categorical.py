"""Values that repeat: a onehot block with a position a level; levels too rare to be learned share one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack_series, unpack_series
from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType, Scale, State, onehot
from tabgan.table.columns.categories import factorize, find_missing, keys

FEW_LEVELS = 20  # so many levels get a position each even if hardly any repeats


class Categorical(ColumnType):
    """Strings, booleans, `category`, or any hashable cells; a missing cell is a level like the others.

    Parameters
    ----------
    max_levels : int, default=255
        So many levels, the most frequent ones, get a position of their own, but none that occurs only once
        where levels are more than half as many as rows. All others share one position, and decoding it draws
        from them by their training frequencies. This bounds the width whatever the column holds.

    Attributes
    ----------
    levels_ : Series
        The levels, in the dtype of the column: those with a position, then the rare ones.
    counts_ : ndarray of int64, shape (n_levels,)
        How often each occurred.
    n_kept_ : int
        How many have a position of their own.
    """

    kinds: ClassVar[tuple[str, ...]] = ("categorical",)
    scale: ClassVar[Scale] = "nominal"

    def __init__(self, max_levels: int = 255) -> None:
        self.max_levels = max_levels

    def fit(self, column: pd.Series, y: object = None) -> Categorical:
        """Learn the levels of a column and their frequencies."""
        if self.max_levels < 1:
            raise ValueError(f"max_levels must be positive, got {self.max_levels}")
        codes, levels = factorize(column)
        counts = np.bincount(codes, minlength=len(levels))
        is_null = find_missing(levels)
        kept = np.ones(len(levels), dtype=bool)
        limit = min(self.max_levels, max(FEW_LEVELS, len(column) // 2))
        if len(levels) > limit:
            kept[np.argsort(-counts, kind="stable")[limit:]] = False
            kept = (kept & (counts > 1)) | is_null
        order = np.argsort(~kept, kind="stable")
        self.levels_ = levels.iloc[order].reset_index(drop=True)
        self.counts_ = counts[order]
        self.n_kept_ = int(kept.sum())
        return self

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode a column of n cells as indicators of shape (n, width); a new level is a rare one, or nan."""
        if not self.blocks():
            return np.zeros((len(column), 0), dtype=np.float32)
        codes, levels = factorize(column)
        return onehot(np.minimum(self._find(levels), self.n_kept_)[codes], self._n_positions)

    def inverse_transform(
        self, matrix: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode indicators, shape (n, width), into a column of n cells; `rng` draws the rare levels."""
        codes = matrix.argmax(axis=1) if self.blocks() else np.zeros(len(matrix), dtype=np.intp)
        rare = np.flatnonzero(codes == self.n_kept_)
        if len(rare):
            share = np.cumsum(self.counts_[self.n_kept_ :])
            drawn = np.random.default_rng(rng).integers(share[-1], size=len(rare))
            codes[rare] += np.searchsorted(share, drawn, side="right")
        return self.levels_.take(codes).set_axis(pd.RangeIndex(len(codes)))

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give one onehot, or nothing where there is only one position."""
        return [("onehot", self._n_positions)] if self._n_positions > 1 else []

    def get_state(self) -> State:
        """Give the levels and their counts."""
        return {"levels": pack_series(self.levels_), "n_kept": self.n_kept_}, {"counts": self.counts_}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Categorical:
        """Take them back."""
        self.levels_, self.n_kept_ = unpack_series(data["levels"]), data["n_kept"]
        self.counts_ = arrays["counts"]
        return self

    @property
    def categories(self) -> pd.Series:
        """All levels."""
        return self.levels_

    @property
    def _n_positions(self) -> int:
        return self.n_kept_ + (len(self.levels_) > self.n_kept_)

    def _find(self, levels: pd.Series) -> NDArray[np.intp]:
        """Find the place of each of `levels` among the training levels."""
        places = {key: place for place, key in enumerate(keys(self.levels_))}
        unseen = len(self.levels_) if len(self.levels_) > self.n_kept_ else -1
        return np.array([places.get(key, unseen) for key in keys(levels)], dtype=np.intp)


class Discrete(Categorical):
    """Numbers of which only a few occur, such as counts and marks: levels, which metrics treat as numbers."""

    kinds = ("discrete",)
    scale = "numeric"

    def _find(self, levels: pd.Series) -> NDArray[np.intp]:
        """Find the place of each of `levels` among the training levels; any other becomes the nearest."""
        kept = self.levels_.iloc[: self.n_kept_]
        known = kept[~find_missing(kept)].to_numpy(dtype=float)
        here = ~find_missing(levels)
        found = np.full(len(levels), len(known) if len(known) < len(self.levels_) else -1)
        numbers = levels[here].to_numpy(dtype=float)
        with np.errstate(over="ignore"):  # a distance of infinity is far enough
            found[here] = np.abs(numbers[:, None] - known[None, :]).argmin(axis=1) if len(known) else 0
        return found
