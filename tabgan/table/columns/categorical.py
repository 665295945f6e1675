"""Values that repeat: a onehot block with a position a category; those too rare to be learned share one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack_series, unpack_series
from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType, Scale, State, onehot
from tabgan.table.columns.categories import factorize, find_missing, value_keys
from tabgan.table.columns.facts import ColumnFacts

FEW_CATEGORIES = 20  # so many get a position each even if hardly any repeats


class Categorical(ColumnType):
    """Strings, booleans, `category`, or any hashable values; a missing one is a category like the others.

    Parameters
    ----------
    max_levels : int, default=255
        So many categories, the most frequent ones, get a position each, but none that occurs only once where
        categories are more than half as many as rows. All others share one position, and decoding it draws
        from them by their training frequencies. This bounds the width whatever the column holds.

    Attributes
    ----------
    categories_ : Series
        The categories, in the dtype of the column: those with a position, then the rare ones.
    counts_ : ndarray of int64, shape (n_categories,)
        How often each occurred.
    n_kept_ : int
        How many have a position.
    """

    kinds: ClassVar[tuple[str, ...]] = ("categorical",)
    scale: ClassVar[Scale] = "nominal"

    def __init__(self, max_levels: int = 255) -> None:
        self.max_levels = max_levels

    def fit(self, column: pd.Series, y: object = None) -> Categorical:
        """Learn the categories of a column and their frequencies."""
        return self.fit_facts(ColumnFacts(column))

    def fit_facts(self, facts: ColumnFacts) -> Categorical:
        """Learn the categories of a column that has been read."""
        if self.max_levels < 1:
            raise ValueError(f"max_levels must be positive, got {self.max_levels}")
        codes, categories = facts.codes, facts.categories
        counts = np.bincount(codes, minlength=len(categories))
        kept = np.ones(len(categories), dtype=bool)
        limit = min(self.max_levels, max(FEW_CATEGORIES, len(codes) // 2))
        if len(categories) > limit:
            kept[np.argsort(-counts, kind="stable")[limit:]] = False
            kept = (kept & (counts > 1)) | find_missing(categories)
        order = np.argsort(~kept, kind="stable")
        self.categories_ = categories.iloc[order].reset_index(drop=True)
        self.counts_ = counts[order]
        self.n_kept_ = int(kept.sum())
        return self

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode n values as indicators, shape (n, width); a new category is a rare one, or nan."""
        if not self.blocks():
            return np.zeros((len(column), 0), dtype=np.float32)
        codes, categories = factorize(column)
        return onehot(np.minimum(self._find(categories), self.n_kept_)[codes], self._n_positions)

    def inverse_transform(
        self, matrix: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode indicators, shape (n, width), into n values; `rng` draws the rare categories."""
        codes = matrix.argmax(axis=1) if self.blocks() else np.zeros(len(matrix), dtype=np.intp)
        rare = np.flatnonzero(codes == self.n_kept_)
        if len(rare):
            share = np.cumsum(self.counts_[self.n_kept_ :])
            drawn = np.random.default_rng(rng).integers(share[-1], size=len(rare))
            codes[rare] += np.searchsorted(share, drawn, side="right")
        return self.categories_.take(codes).set_axis(pd.RangeIndex(len(codes)))

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give one onehot, or nothing where there is only one position."""
        return [("onehot", self._n_positions)] if self._n_positions > 1 else []

    def get_state(self) -> State:
        """Give the categories and their counts."""
        data = {"categories": pack_series(self.categories_), "n_kept": self.n_kept_}
        return data, {"counts": self.counts_}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Categorical:
        """Take them back."""
        self.categories_, self.n_kept_ = unpack_series(data["categories"]), data["n_kept"]
        self.counts_ = arrays["counts"]
        return self

    @property
    def categories(self) -> pd.Series:
        """All categories."""
        return self.categories_

    @property
    def _n_positions(self) -> int:
        return self.n_kept_ + (len(self.categories_) > self.n_kept_)

    def _find(self, categories: pd.Series) -> NDArray[np.intp]:
        """Find the place of each category among those of training."""
        places = {key: place for place, key in enumerate(value_keys(self.categories_))}
        unseen = len(self.categories_) if len(self.categories_) > self.n_kept_ else -1
        return np.array([places.get(key, unseen) for key in value_keys(categories)], dtype=np.intp)


class Discrete(Categorical):
    """Numbers of which only a few occur, such as counts and marks: categories that metrics treat as numbers.

    The parameters are those of `Categorical`.
    """

    kinds = ("discrete",)
    scale = "numeric"

    def _find(self, categories: pd.Series) -> NDArray[np.intp]:
        """Find the place of each number among those of training; any other becomes the nearest."""
        kept = self.categories_.iloc[: self.n_kept_]
        known = kept[~find_missing(kept)].to_numpy(dtype=float)
        present = ~find_missing(categories)
        places = np.full(len(categories), len(known) if len(known) < len(self.categories_) else -1)
        numbers = categories[present].to_numpy(dtype=float)
        with np.errstate(over="ignore"):  # a distance of infinity is far enough
            places[present] = np.abs(numbers[:, None] - known[None, :]).argmin(axis=1) if len(known) else 0
        return places
