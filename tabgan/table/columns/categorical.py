"""Values that repeat: a onehot block with a number a category; those too rare to be learned share one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType, Scale
from tabgan.table.columns.categories import factorize, find_missing, value_keys
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.protection import Protection

FEW_CATEGORIES = 20  # up to here each has a number, even if hardly any repeats


class Categorical(ColumnType):
    """Strings, booleans, `category`, or any hashable values; a missing one is a category like the others.

    Parameters
    ----------
    max_categories : int, default=255
        How many categories, the most frequent ones, have a number each; but none that occurs only once where
        categories are more than half as many as rows. All others share one number, and decoding it draws
        from them by their training frequencies. This bounds the width whatever the column holds.

    Attributes
    ----------
    categories_ : Series
        The categories, in the dtype of the column: those with a number, then the rare ones.
    counts_ : ndarray of int64, shape (n_categories,)
        How often each occurred.
    n_kept_ : int
        How many have a number each.
    n_protected_ : int
        How many others there were that too few records held: none of them is kept, and in their places others
        are learned, drawn as often as they occur.
    """

    kinds: ClassVar[tuple[str, ...]] = ("categorical",)
    scale: ClassVar[Scale] = "nominal"

    def __init__(self, max_categories: int = 255) -> None:
        self.max_categories = max_categories

    def fit_facts(self, facts: ColumnFacts) -> Categorical:
        """Learn the categories of a column and their frequencies."""
        if self.max_categories < 1:
            raise ValueError(f"max_categories must be positive, got {self.max_categories}")
        protection = Protection(facts)
        if protection.rare.all():
            raise ValueError(
                f"column {facts.column.name!r}: none of its {len(protection.rare)} values is held by "
                f"{facts.least} records or more, so that protection would leave nothing to draw; drop the "
                'column, have its values made anew (columns={...: "text"}), or fit with '
                "privacy=Privacy(protect=None)"
            )
        codes, categories = facts.codes, facts.categories.astype(protection.dtype)[~protection.rare]
        counts = protection.counts[~protection.rare]
        self.n_protected_ = int(protection.rare.sum())
        kept = np.ones(len(categories), dtype=bool)
        limit = min(self.max_categories, max(FEW_CATEGORIES, len(codes) // 2))
        if len(categories) > limit:
            kept[np.argsort(-counts, kind="stable")[limit:]] = False
            kept = (kept & (counts > 1)) | find_missing(categories)
        order = np.argsort(~kept, kind="stable")
        self.categories_ = categories.iloc[order].reset_index(drop=True)
        self.counts_ = counts[order]
        self.n_kept_ = int(kept.sum())
        return self

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode n values as the numbers of their categories, shape (n, 1); a new one is rare, or nan."""
        if not self.blocks():
            return np.zeros((len(column), 0), dtype=np.float32)
        codes, categories = factorize(column)
        places = self._find(categories)[codes]
        if self.n_protected_:
            other = np.flatnonzero((places < 0) & ~find_missing(column))
            places[other] = self._draw(len(other), rng)
        numbers = np.minimum(places, self.n_kept_).astype(np.float32)
        return np.where(numbers < 0, np.nan, numbers)[:, None]

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode numbers of categories, shape (n, 1), into n values; `rng` draws the rare categories."""
        places = codes[:, 0].astype(np.intp) if self.blocks() else np.zeros(len(codes), dtype=np.intp)
        rare = np.flatnonzero(places == self.n_kept_)
        if len(rare):
            share = np.cumsum(self.counts_[self.n_kept_ :])
            drawn = np.random.default_rng(rng).integers(share[-1], size=len(rare))
            places[rare] += np.searchsorted(share, drawn, side="right")
        return self.categories_.take(places).set_axis(pd.RangeIndex(len(places)))

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give one onehot, or nothing where there is only one number."""
        return [("onehot", self._width)] if self._width > 1 else []

    @property
    def categories(self) -> pd.Series:
        """All categories."""
        return self.categories_

    @property
    def _width(self) -> int:
        return self.n_kept_ + (len(self.categories_) > self.n_kept_)

    def _draw(self, n: int, rng: np.random.Generator | None) -> NDArray[np.intp]:
        """Draw the places of n categories, as often as they occur; none of a missing value."""
        counts = np.where(find_missing(self.categories_), 0, self.counts_)
        return np.random.default_rng(rng).choice(len(counts), n, p=counts / counts.sum())

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


class Constant(Categorical):
    """One value, or missing, in every row: no block, nothing to learn."""

    kinds = ("constant", "missing")

    def __init__(self) -> None:
        super().__init__()

    def fit_facts(self, facts: ColumnFacts) -> Constant:
        """Remember the value.

        Raises
        ------
        ValueError
            If there is more than one.
        """
        if (n_values := len(facts.categories)) > 1:
            raise ValueError(
                f"column {facts.column.name!r} is not constant, it holds {n_values} values; say another kind"
            )
        super().fit_facts(facts)
        return self
