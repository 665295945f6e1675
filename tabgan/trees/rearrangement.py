"""Generated rows moved block by block to where the conditional distributions of trees want them.

A Knothe-Rosenblatt rearrangement (Rosenblatt 1952, *Remarks on a multivariate transformation*) whose
conditional distributions are the leaves of trees: the rank of a generated number among the generated numbers
of its leaf picks the real number of that rank. What networks say of the order within a leaf survives; what
trees know is put right. Several passes, each with the columns in another order, come nearer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block, BlockKind
from tabgan.trees.atoms import Atoms
from tabgan.trees.checks import check_map, check_tree
from tabgan.trees.conditional import Codes, ConditionalTree, Leaves, Rows
from tabgan.trees.leaf_maps import LeafMap, RankMap, ShareMap
from tabgan.trees.pieces import LEAST_GROUP
from tabgan.trees.predictors import by_column, predictors_of
from tabgan.trees.ragged import join, split

PASSES, FEW_BLOCKS = 4, 100  # passes over a table of at most so many blocks; one over wider ones
PREDICTORS = 30  # of a block at most, those that say most about it
GROWTH, LEAST_GROWN = 150_000_000, 2000  # codes that trees grow on, of all together, and rows of one at least
MIN_LEAF = 20  # real rows


class Step(NamedTuple):
    """How one block is moved: its place, its tree, and the map within the leaves."""

    place: int
    tree: ConditionalTree
    leaf_map: LeafMap


class Rearrangement:
    """Moves rows, pass after pass; unfitted, it leaves them as they are.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.
    atoms : Atoms
        Which codes stand for one value. Rows are settled by it once they are moved.
    predictors : int, default=PREDICTORS
        How many blocks a tree looks at, at most; with 0, each scalar is moved by itself in a single pass.

    Attributes
    ----------
    passes : list of list of Step
    """

    def __init__(self, blocks: Sequence[Block], atoms: Atoms, predictors: int = PREDICTORS) -> None:
        self.blocks, self.atoms, self.predictors = list(blocks), atoms, predictors
        self.passes: list[list[Step]] = []

    def fit(self, real: Codes, generated: Codes, min_gain: float, rng: np.random.Generator) -> Rearrangement:
        """Learn conditional distributions of real rows, and ranks of generated ones in them.

        Parameters
        ----------
        real, generated : ndarray of shape (n, n_blocks)
            Real rows settled; columns one after the other in memory are quickest.
        min_gain : float
            Of a split, in units of the squared error of an average row.
        rng : numpy.random.Generator

        Returns
        -------
        self
        """
        chosen = predictors_of(real, self.blocks, self.predictors, rng)
        repeated = [repeated_codes(real[:, j]) for j in range(len(self.blocks))]
        orders = self._orders(rng)
        n_trees = sum(map(len, orders))
        self.passes = []
        for order in orders:
            generated = self.atoms.spread(generated, rng)
            steps = []
            for k, place in enumerate(order):
                tree, rows = ConditionalTree(), self.atoms.rows(real, place)
                if not len(real[rows, place]):  # it counts in no real row
                    continue
                before = chosen(place, order[:k])
                grown = _some(rows, len(real), GROWTH // (n_trees * max(1, len(before))), rng)
                tree.fit(real, place, before, self.blocks, MIN_LEAF, min_gain, rng, grown)
                at = self._at(generated, place, tree)
                of_real = tree.leaves(real, rows), real[rows, place]
                leaf_map = _compare(self.blocks[place], tree, of_real, at[1:], repeated[place])
                steps.append(Step(place, tree, leaf_map))
                self._move(generated, steps[-1], rng, at)
            self.passes.append(steps)
        return self

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Move rows, shape (n, n_blocks): the array that is given stays as it is."""
        codes = np.asfortranarray(codes)
        for steps in self.passes:
            codes = self.atoms.spread(codes, rng)
            for step in steps:
                self._move(codes, step, rng, self._at(codes, step.place, step.tree))
        return codes

    def _at(self, codes: Codes, place: int, tree: ConditionalTree) -> tuple[Rows, Leaves, Codes]:
        """Give the rows in which a block counts, their leaves and their codes."""
        rows = self.atoms.rows(codes, place)
        return rows, tree.leaves(codes, rows), codes[rows, place]

    def _move(
        self, codes: Codes, step: Step, rng: np.random.Generator, at: tuple[Rows, Leaves, Codes]
    ) -> None:
        """Move one block in place, after those before it."""
        rows, leaves, values = at
        moved = step.leaf_map.apply(leaves, values, rng.random(len(values), dtype=np.float32))
        if not isinstance(rows, slice):
            codes[:, step.place] = 0
        codes[rows, step.place] = self.atoms.settle_block(moved, step.place)

    def _orders(self, rng: np.random.Generator) -> list[list[int]]:
        """Give the order of the blocks in each pass."""
        kinds: tuple[BlockKind, ...] = ("scalar", "onehot") if self.predictors else ("scalar",)
        columns = by_column(self.blocks, kinds)
        n_passes = PASSES if is_repeated(self.blocks, self.predictors) else 1
        orders = [columns, columns[::-1]] + [
            [columns[k] for k in rng.permutation(len(columns))] for _ in range(2, n_passes)
        ]
        return [list(chain(*order)) for order in orders[:n_passes]]

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give trees and maps as arrays: no number of fewer than `LEAST_GROUP` real rows is among them."""
        state: dict[str, NDArray[Any]] = {}
        for k, steps in enumerate(self.passes):
            parts: dict[str, list[dict[str, NDArray[Any]]]] = {"tree": [], "scalar": [], "onehot": []}
            for step in steps:
                parts["tree"].append(step.tree.get_state())
                parts[self.blocks[step.place].kind].append(step.leaf_map.get_state())
            state[f"{k}.order"] = np.array([step.place for step in steps], dtype=np.int32)
            for name, states in parts.items():
                state |= {f"{k}.{name}.{key}": array for key, array in join(states).items()}
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        by_part: dict[str, dict[str, NDArray[Any]]] = {}
        for key, array in arrays.items():
            part, _, name = key.rpartition(".")
            by_part.setdefault(part, {})[name] = array
        self.passes = []
        while named := by_part.get(str(len(self.passes))):
            k = len(self.passes)
            trees, scalars, onehots = (
                split(by_part.get(f"{k}.{part}", {})) for part in ("tree", "scalar", "onehot")
            )
            steps = []
            for place, tree in zip(named["order"].tolist(), trees, strict=True):
                is_scalar = self.blocks[place].kind == "scalar"
                leaf_map = RankMap(**next(scalars)) if is_scalar else ShareMap(**next(onehots))
                steps.append(Step(place, ConditionalTree.from_state(tree), leaf_map))
                check_tree(steps[-1].tree, self.blocks)
                check_map(leaf_map, steps[-1].tree.n_leaves, self.blocks[place])
            self.passes.append(steps)


def is_repeated(blocks: Sequence[Block], predictors: int) -> bool:
    """Tell whether there are several passes: not where scalars are moved alone, nor over wide rows."""
    return predictors > 0 and 1 < len(blocks) <= FEW_BLOCKS


def _compare(
    block: Block,
    tree: ConditionalTree,
    real: tuple[Leaves, Codes],
    generated: tuple[Leaves, Codes],
    repeated: NDArray[np.float32],
) -> LeafMap:
    """Learn the map of a block, of which `real` and `generated` rows have (leaves, codes)."""
    if block.kind == "onehot":
        return ShareMap.fit(tree.n_leaves, real, generated)
    return RankMap.fit(tree, real, generated, np.isin(real[1], repeated))


def _some(rows: Rows, n_rows: int, most: int, rng: np.random.Generator) -> Rows:
    """Give at most so many of the rows, of a table of `n_rows`."""
    numbers = np.arange(n_rows)[rows]
    most = max(most, LEAST_GROWN)
    return rows if len(numbers) <= most else rng.choice(numbers, most, replace=False)


def repeated_codes(values: Codes) -> NDArray[np.float32]:
    """Give the codes that at least `LEAST_GROUP` rows have."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[counts >= LEAST_GROUP]
