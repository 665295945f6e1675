"""Within each leaf of a tree, generated codes moved to the real distribution: by rank, or by share."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tabgan.trees.conditional import ConditionalTree
from tabgan.trees.pieces import pieces, quantiles
from tabgan.trees.search import first_from

Codes = NDArray[np.float32]
Leaves = NDArray[np.intp]


class LeafMap(Protocol):
    """A map of the codes of one block, leaf by leaf."""

    def apply(self, leaves: Leaves, values: Codes, uniform: Codes) -> Codes:
        """Move codes, shape (n,), of rows in `leaves`; `uniform` has a random number in [0, 1) for each."""
        ...

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give what was learned as flat arrays."""
        ...


class RankMap:
    """Gives a generated number the real number of the same rank in its leaf.

    The real distribution of a leaf is a row of pieces: a repeated number, or a group of others, taken to be
    uniform with their mean and variance.

    Parameters
    ----------
    size : ndarray of int, shape (n_leaves,)
        Number of pieces of each leaf.
    low, high : ndarray of shape (n_pieces,)
        Real codes at the ends of each piece, leaf after leaf.
    left, right : ndarray of shape (n_pieces,)
        Generated codes at its ends.
    """

    def __init__(self, size: NDArray[Any], low: Codes, high: Codes, left: Codes, right: Codes) -> None:
        self.size, self.low, self.high, self.left, self.right = size, low, high, left, right
        self.start = starts_of(size)

    @classmethod
    def fit(
        cls,
        tree: ConditionalTree,
        real: tuple[Leaves, Codes],
        generated: tuple[Leaves, Codes],
        is_repeated: NDArray[np.bool_],
    ) -> RankMap:
        """Compare real with generated numbers.

        Parameters
        ----------
        tree : ConditionalTree
            Whose leaves they are.
        real, generated : (leaf of each row, code of each row)
            Generated codes do not repeat.
        is_repeated : ndarray of bool
            Which real codes the column repeats.
        """
        size, owner, low, high, levels = _levels(tree, real, is_repeated)
        left, right = quantiles(*generated, tree.n_leaves, owner, levels)
        return cls(size, *(part.astype(np.float32) for part in (low, high, left, right)))

    @classmethod
    def of_levels(
        cls, tree: ConditionalTree, real: tuple[Leaves, Codes], is_repeated: NDArray[np.bool_]
    ) -> RankMap:
        """Give the map that draws real numbers: of numbers that are uniform in [-1, 1], whatever the leaf."""
        size, _, low, high, levels = _levels(tree, real, is_repeated)
        return cls(size, *(part.astype(np.float32) for part in (low, high, *(2 * levels - 1).clip(-1, 1))))

    def apply(self, leaves: Leaves, values: Codes, uniform: Codes) -> Codes:
        """Move codes by rank."""
        piece = first_from(self.right, self.start[leaves], self.size[leaves], values)
        left = self.left[piece]
        width = self.right[piece] - left
        part = np.divide(
            values - left, width, out=np.full(len(values), 0.5, dtype=np.float32), where=width > 0
        )
        low = self.low[piece]
        return np.asarray(low + np.clip(part, 0, 1) * (self.high[piece] - low), dtype=np.float32)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the pieces."""
        names = ("low", "high", "left", "right")
        return {"size": self.size.astype(np.int32)} | {name: getattr(self, name) for name in names}


class ShareMap:
    """Keeps a category with the probability min(1, real share / generated share), else draws one that lacks.

    Parameters
    ----------
    size : ndarray of int, shape (n_leaves,)
        Number of categories that each leaf has.
    category : ndarray of int, shape (n_entries,)
        Which they are, rising, leaf after leaf.
    keep : ndarray of shape (n_entries,)
        The probability to keep one.
    missing : ndarray of shape (n_entries,)
        Share of each among those that are drawn, summed up within the leaf.
    """

    def __init__(self, size: NDArray[Any], category: NDArray[Any], keep: Codes, missing: Codes) -> None:
        self.size, self.category, self.keep, self.missing = size, category, keep, missing
        self.start = starts_of(size)

    @classmethod
    def fit(cls, n_leaves: int, real: tuple[Leaves, Codes], generated: tuple[Leaves, Codes]) -> ShareMap:
        """Compare real with generated categories: of both, the leaf and the category of each row."""
        width = 1 + int(max(real[1].max(), generated[1].max(initial=0)))
        keys = [leaf * width + value.astype(np.intp) for leaf, value in (real, generated)]
        key, place = np.unique(np.concatenate(keys), return_inverse=True)
        leaf = key // width
        counts = [
            np.bincount(part, minlength=len(key)).astype(float) for part in np.split(place, [len(keys[0])])
        ]
        share, drawn = (
            count / np.maximum(np.bincount(leaf, count, minlength=n_leaves), 1)[leaf] for count in counts
        )
        keep = np.divide(share, drawn, out=np.ones(len(key)), where=drawn > share)
        lacking = np.maximum(share - drawn, 0) + 1e-9 * share
        total = np.bincount(leaf, lacking, minlength=n_leaves)
        missing = np.cumsum(lacking) - (np.cumsum(total) - total)[leaf]
        missing = np.clip(missing / total[leaf], 0, 1)
        size = np.bincount(leaf, minlength=n_leaves)
        return cls(size, key % width, keep.astype(np.float32), missing.astype(np.float32))

    @classmethod
    def of_shares(cls, n_leaves: int, real: tuple[Leaves, Codes]) -> ShareMap:
        """Give the map that draws real categories, whatever it is given."""
        drawn = cls.fit(n_leaves, real, (real[0][:0], real[1][:0]))
        return cls(drawn.size, drawn.category, np.zeros_like(drawn.keep), drawn.missing)

    def apply(self, leaves: Leaves, values: Codes, uniform: Codes) -> Codes:
        """Move categories by share."""
        start, size = self.start[leaves], self.size[leaves]
        entry = first_from(self.category, start, size, values)
        keep = np.where(self.category[entry] == values, self.keep[entry], 0)
        moved = np.flatnonzero(uniform >= keep)
        again = (uniform[moved] - keep[moved]) / (1 - keep[moved])
        result = values.copy()
        result[moved] = self.category[first_from(self.missing, start[moved], size[moved], again, above=True)]
        return result

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the shares."""
        size, category = self.size.astype(np.int32), self.category.astype(np.int32)
        return {"size": size, "category": category, "keep": self.keep, "missing": self.missing}


def starts_of(size: NDArray[Any]) -> NDArray[np.intp]:
    """Give where each of several parts begins that follow one another."""
    return np.cumsum(size, dtype=np.intp) - size


def _levels(
    tree: ConditionalTree, real: tuple[Leaves, Codes], is_repeated: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], Leaves, NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """Give the number of pieces of each leaf, and of each piece its leaf, its ends, and the ranks there."""
    owner, count, low, high = pieces(tree, *real, is_repeated)
    size = np.bincount(owner, minlength=tree.n_leaves)
    total = np.bincount(owner, count, minlength=tree.n_leaves)
    stop = np.cumsum(count) - (np.cumsum(total) - total)[owner]
    return size, owner, low, high, np.stack([stop - count, stop]) / total[owner]
