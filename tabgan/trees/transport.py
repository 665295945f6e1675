"""Generated rows moved block by block to where the conditional distributions of trees want them.

A Knothe-Rosenblatt rearrangement (Rosenblatt 1952, *Remarks on a multivariate transformation*) whose
conditional distributions are the leaves of trees: the rank of a generated number among the generated numbers
of its leaf picks the real number of that rank. What networks say of the order within a leaf survives; what
trees know is put right. Several passes, each with the columns in another order, come nearer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block
from tabgan.trees.atoms import Atoms, Codes
from tabgan.trees.conditional import ConditionalTree
from tabgan.trees.leaf_maps import LeafMap, RankMap, ShareMap
from tabgan.trees.pieces import LEAST_GROUP
from tabgan.trees.predictors import associations

Draw = Callable[[int, np.random.SeedSequence], Codes]
POOL = 100_000  # generated rows whose ranks are taken, at most, ...
VALUES = 20_000_000  # ... and of wide tables as many as have so many codes, ...
LEAST_POOL = 10_000  # ... at least
PASSES, FEW_BLOCKS = 3, 100  # passes over a table of at most so many blocks; one over wider ones
PREDICTORS = 30  # of a block at most, those that say most about it
MIN_LEAF = 20  # real rows
MIN_GAIN = 2.0  # of a split, in units of the squared error of an average row


class Transport:
    """Moves rows; unfitted, it leaves them as they are.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.
    predictors : int, default=PREDICTORS
        How many blocks a tree looks at, at most; with 0, each scalar is moved by itself in a single pass.

    Attributes
    ----------
    atoms : Atoms
        Which codes stand for one value; to be set before `fit`. Rows are settled by it once they are moved.
    steps : list of list of (place of the block, ConditionalTree, LeafMap)
        One list a pass.
    """

    def __init__(self, blocks: Sequence[Block], predictors: int = PREDICTORS) -> None:
        self.blocks, self.predictors = list(blocks), predictors
        self.atoms = Atoms(self.blocks)
        self.steps: list[list[tuple[int, ConditionalTree, LeafMap]]] = []

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Learn conditional distributions of `real` rows, and ranks of those of ``draw(n, seed)`` in them.

        Parameters
        ----------
        real : ndarray of shape (n, n_blocks)
        draw : callable
        seed : numpy.random.SeedSequence
        """
        draw_seed, tree_seed = seed.spawn(2)
        rng = np.random.default_rng(tree_seed)
        self.steps = []
        generated = draw(min(POOL, max(LEAST_POOL, VALUES // len(self.blocks))), draw_seed)
        real = self.atoms.settle(real)
        chosen = self._choose(real, rng)
        repeated = [_repeated(real[:, j]) for j in range(len(self.blocks))]
        for order in self._orders(rng):
            generated = self.atoms.spread(generated, rng)
            settled, steps = generated.copy(), []
            for k, place in enumerate(order):
                before = chosen(place, order[:k])
                tree, leaf_map = self._fit_step(real, settled, place, before, repeated[place], rng)
                steps.append((place, tree, leaf_map))
                self._move(
                    settled, generated[:, place], steps[-1], rng.random(len(settled), dtype=np.float32)
                )
            generated = settled
            self.steps.append(steps)

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Move rows, shape (n, n_blocks): the array that is given stays as it is."""
        for steps in self.steps:
            codes = self.atoms.spread(codes, rng)
            settled = codes.copy()
            for step in steps:
                self._move(settled, codes[:, step[0]], step, rng.random(len(codes), dtype=np.float32))
            codes = settled
        return codes

    def log_weight(self, codes: Codes) -> NDArray[np.float64]:
        """Keep every row: shape (n,)."""
        return np.zeros(len(codes))

    @property
    def keeps_categories(self) -> bool:
        """Whether `apply` never changes a category."""
        return not (self.steps and self.predictors)

    rate = 1.0

    def rank_maps(self) -> dict[int, RankMap]:
        """Give the maps of scalars in the first pass, by the places of their blocks."""
        return {place: each for place, _, each in chain(*self.steps[:1]) if isinstance(each, RankMap)}

    def _move(
        self, settled: Codes, values: Codes, step: tuple[int, ConditionalTree, LeafMap], uniform: Codes
    ) -> None:
        """Move one block of rows, whose former blocks are settled."""
        place, tree, leaf_map = step
        counts = self.atoms.counts(settled, place)
        rows = settled[counts]
        moved = leaf_map.apply(tree.leaves(rows), values[counts], uniform[counts])
        settled[:, place] = 0
        settled[counts, place] = self.atoms.settle_block(moved, place)

    def _fit_step(
        self,
        real: Codes,
        settled: Codes,
        place: int,
        before: Sequence[int],
        repeated: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> tuple[ConditionalTree, LeafMap]:
        block = self.blocks[place]
        rows, drawn = (codes[self.atoms.counts(codes, place)] for codes in (real, settled))
        tree = ConditionalTree()
        if not len(rows):
            rows = real
        tree.fit(rows, place, before, self.blocks, MIN_LEAF, MIN_GAIN, rng)
        pairs = [(tree.leaves(codes), codes[:, place]) for codes in (rows, drawn)]
        if block.kind == "onehot":
            return tree, ShareMap.fit(tree.n_leaves, *pairs)
        return tree, RankMap.fit(tree, *pairs, np.isin(rows[:, place], repeated))

    def _orders(self, rng: np.random.Generator) -> list[list[int]]:
        """Give the order of the blocks in each pass: those of a column stay together, as they are."""
        columns: dict[Any, list[int]] = {}
        for place, block in enumerate(self.blocks):
            if self.predictors or block.kind == "scalar":
                columns.setdefault(block.column, []).append(place)
        parts = list(columns.values())
        n_passes = PASSES if self.predictors and 1 < len(self.blocks) <= FEW_BLOCKS else 1
        orders = [parts, parts[::-1]] + [
            [parts[k] for k in rng.permutation(len(parts))] for _ in range(2, n_passes)
        ]
        return [[place for part in order for place in part] for order in orders[:n_passes]]

    def _choose(self, real: Codes, rng: np.random.Generator) -> Callable[[int, list[int]], list[int]]:
        """Give a function that picks the predictors of a block among those before it."""
        if len(self.blocks) <= self.predictors or not self.predictors:
            return lambda place, before: before if self.predictors else []
        strength = associations(real, self.blocks, rng)

        def strongest(place: int, before: list[int]) -> list[int]:
            order = np.argsort(-strength[place, before], kind="stable")[: self.predictors]
            return [before[k] for k in order]

        return strongest

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give trees and maps as arrays: no number of fewer than `LEAST_GROUP` real rows is among them."""
        state = {f"atoms.{key}": array for key, array in self.atoms.get_state().items()} if self.steps else {}
        for k, steps in enumerate(self.steps):
            state[f"{k}.order"] = np.array([place for place, *_ in steps], dtype=np.int32)
            for place, tree, leaf_map in steps:
                arrays = {"tree": tree.get_state(), "map": leaf_map.get_state()}
                for part, named in arrays.items():
                    state |= {f"{k}.{place}.{part}.{name}": array for name, array in named.items()}
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        by_part: dict[str, dict[str, NDArray[Any]]] = {}
        for key, array in arrays.items():
            part, _, name = key.rpartition(".")
            by_part.setdefault(part, {})[name] = array
        self.atoms, self.steps = Atoms.from_state(self.blocks, by_part.get("atoms", {})), []
        while order := by_part.get(str(len(self.steps))):
            steps = []
            for place in order["order"].tolist():
                state = [by_part[f"{len(self.steps)}.{place}.{part}"] for part in ("tree", "map")]
                leaf_map: Callable[..., LeafMap]
                leaf_map = RankMap if self.blocks[place].kind == "scalar" else ShareMap
                steps.append((place, ConditionalTree.from_state(state[0]), leaf_map(**state[1])))
            self.steps.append(steps)


def _repeated(values: Codes) -> NDArray[np.float32]:
    """Give the codes that at least `LEAST_GROUP` rows have."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[counts >= LEAST_GROUP]
