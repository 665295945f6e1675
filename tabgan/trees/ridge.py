"""Narrow ridges: a number that is nearly another one is moved as its difference from it.

Where two columns lie close together, a leaf would have to be very small to say how close. The difference of
both is told by large ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block
from tabgan.trees.conditional import Codes, ConditionalTree, Leaves
from tabgan.trees.leaf_maps import RankMap
from tabgan.trees.pieces import LEAST_GROUP

ALIKE = 0.9  # rank correlation from which on a difference is looked at
ROWS = 5000  # looked at to tell
NARROW = 0.5  # of the spread of the number, the most that the difference's may be in a leaf


class Ridge:
    """Moves differences within leaves.

    Parameters
    ----------
    base : int
        Place of the block that is subtracted.
    is_narrow : ndarray of uint8, shape (n_leaves,)
        In which leaves.
    rank_map : RankMap
        Of half the differences.
    """

    def __init__(self, base: int, is_narrow: NDArray[np.uint8], rank_map: RankMap) -> None:
        self.base, self.is_narrow, self.rank_map = base, is_narrow, rank_map

    @classmethod
    def fit(
        cls,
        base: int,
        tree: ConditionalTree,
        real: tuple[Leaves, Codes, Codes],
        generated: tuple[Leaves, Codes, Codes],
    ) -> Ridge | None:
        """Compare differences, or give None if they are nowhere narrower than the numbers.

        Parameters
        ----------
        base : int
        tree : ConditionalTree
        real, generated : (leaf, code, code of the base) of each row
            Of numbers that do not repeat.
        """
        (leaf, value, of_base), (drawn_leaf, drawn, drawn_base) = real, generated
        half = (value - of_base) / 2
        enough = np.bincount(leaf, minlength=tree.n_leaves) >= LEAST_GROUP
        is_narrow = enough & (
            2 * _spread(leaf, half, tree.n_leaves) < NARROW * _spread(leaf, value, tree.n_leaves)
        )
        if not is_narrow.any():
            return None
        pairs = (leaf, half), (drawn_leaf, (drawn - drawn_base) / 2)
        rank_map = RankMap.fit(tree, *pairs, np.zeros(len(leaf), dtype=bool))
        return cls(base, is_narrow.astype(np.uint8), rank_map)

    def apply(self, leaves: Leaves, values: Codes, of_base: Codes, is_free: NDArray[np.bool_]) -> Codes:
        """Move those codes, shape (n,), that are free to move and in a narrow leaf."""
        rows = np.flatnonzero(is_free & (self.is_narrow[leaves] == 1))
        moved, leaves, of_base = values.copy(), leaves[rows], of_base[rows]
        half = self.rank_map.apply(leaves, (values[rows] - of_base) / 2, of_base)
        moved[rows] = np.clip(of_base + 2 * half, -1, 1)
        return moved

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give what was learned as flat arrays."""
        base = np.array([self.base], dtype=np.int32)
        return {"base": base, "is_narrow": self.is_narrow} | self.rank_map.get_state()

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]]) -> Ridge:
        """Undo `get_state`."""
        arrays = dict(arrays)
        base, is_narrow = int(arrays.pop("base")[0]), arrays.pop("is_narrow")
        return cls(base, is_narrow, RankMap(**arrays))


def correlations(codes: Codes, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give the correlation of all codes, which are ranks, shape (n_blocks, n_blocks); 0 with a constant."""
    if len(codes) > ROWS:
        codes = codes[rng.choice(len(codes), ROWS, replace=False)]
    centred = codes - codes.mean(axis=0, dtype=np.float64)
    scale = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    return np.asarray(scaled.T @ scaled)


def find_base(
    alike: NDArray[np.float64], place: int, before: Sequence[int], blocks: Sequence[Block]
) -> int | None:
    """Give the place of that scalar before a scalar which is most like it, if any is enough.

    Parameters
    ----------
    alike : ndarray of shape (n_blocks, n_blocks)
        Absolute correlations.
    place : int
    before : sequence of int
    blocks : sequence of Block
    """
    scalars = [other for other in before if blocks[other].kind == "scalar"]
    if blocks[place].kind != "scalar" or not scalars:
        return None
    best = scalars[int(alike[place, scalars].argmax())]
    return best if alike[place, best] >= ALIKE else None


def _spread(leaf: Leaves, value: Codes, n_leaves: int) -> NDArray[np.float64]:
    """Give the mean distance from the mean in each leaf."""
    count = np.maximum(np.bincount(leaf, minlength=n_leaves), 1)
    mean = np.bincount(leaf, value, minlength=n_leaves) / count
    return np.asarray(np.bincount(leaf, np.abs(value - mean[leaf]), minlength=n_leaves) / count)
