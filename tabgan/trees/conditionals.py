"""Single blocks of rows drawn again given all their others, so that rows move about under a condition.

A sweep redraws one block after another, in a random order, from the leaf of a tree that looks at all others
(Gibbs sampling: Geman and Geman 1984; by trees: van Buuren 2018, *Flexible imputation of missing data*,
section 3.5). Trees are coarse; boosted ones that tell swept rows from real ones make up for it by rejection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block
from tabgan.trees.atoms import Atoms
from tabgan.trees.checks import check_map, check_tree, require
from tabgan.trees.conditional import Codes, ConditionalTree, Leaves
from tabgan.trees.discriminator import Discriminator
from tabgan.trees.leaf_maps import RankMap, ShareMap
from tabgan.trees.predictors import by_column, predictors_of
from tabgan.trees.ragged import join, split
from tabgan.trees.rearrangement import Step, repeated_codes

Draw = Callable[[int, np.random.SeedSequence], Codes]
Accept = Callable[[Codes, int], NDArray[np.bool_]]
TREES, FEW_BLOCKS = 3, 100  # of a block, each grown on other rows, of which one draws; one in wider tables
BAG = 2 / 3  # share of the rows that each grows on
PREDICTORS = 30  # of a block at most, those that say most about it
GROWTH, LEAST_GROWN = 50_000_000, 2000  # codes that trees grow on, of all together, and rows of one at least
MIN_LEAF, MIN_GAIN = 20, 0.5  # see `ConditionalTree.fit`
STARTS = 16_384  # generated rows that are swept to see what becomes of them, ...
POOL = 30_000  # ... of which so many
SWEEPS = 2  # over them


class Conditionals:
    """Redraws blocks given the others; unfitted, it cannot.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.

    Attributes
    ----------
    atoms : Atoms
        Which codes stand for one value; to be set before `fit`.
    steps : list of Step
        The trees of all blocks, and the distributions in their leaves.
    discriminator : Discriminator
        Weighs swept rows.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks)
        self.atoms = Atoms(self.blocks)
        self.steps: list[Step] = []
        self.discriminator = Discriminator(self.blocks, POOL)

    @property
    def is_fitted(self) -> bool:
        """Whether there are trees."""
        return bool(self.steps)

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Learn the distribution of each block given the others, and what sweeps make of generated rows.

        Parameters
        ----------
        real : ndarray of shape (n, n_blocks)
        draw : callable
            ``draw(n, seed) -> codes`` of generated rows.
        seed : numpy.random.SeedSequence
        """
        self.steps, self.discriminator = [], Discriminator(self.blocks, POOL)
        tree_seed, draw_seed, weigh_seed = seed.spawn(3)
        rng = np.random.default_rng(tree_seed)
        real = self.atoms.settle(real)
        n_trees = TREES if len(self.blocks) <= FEW_BLOCKS else 1
        looked_at = len(self.blocks) * n_trees * min(PREDICTORS, len(self.blocks))
        most = max(LEAST_GROWN, GROWTH // looked_at)
        some = real if len(real) <= most else real[rng.choice(len(real), most, replace=False)]
        columns = np.asfortranarray(some)
        chosen = predictors_of(columns, self.blocks, PREDICTORS, rng)
        for place in range(len(self.blocks)):
            gated = [other for other, gates in enumerate(self.atoms.gates) if place in gates]
            others = [other for other in range(len(self.blocks)) if other != place and other not in gated]
            rows = np.arange(len(columns))[self.atoms.rows(columns, place)]
            if len(rows):
                self.steps += self._grow(columns, place, rows, chosen(place, others), n_trees, rng)
        starts = self.atoms.settle(draw(STARTS, draw_seed))

        def swept(n: int, seed: np.random.SeedSequence) -> Codes:
            rng = np.random.default_rng(seed)
            codes = starts[rng.integers(len(starts), size=n)]
            return self.sweep(codes, np.ones(codes.shape, dtype=bool), rng, SWEEPS)

        self.discriminator.fit(real, swept, weigh_seed)

    def sweep(
        self,
        codes: Codes,
        free: NDArray[np.bool_],
        rng: np.random.Generator,
        n_sweeps: int,
        accept: Accept | None = None,
    ) -> Codes:
        """Redraw blocks of rows several times.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
            Stays as it is.
        free : ndarray of bool, shape (n, n_blocks)
            Which of them are redrawn.
        rng : numpy.random.Generator
        n_sweeps : int
        accept : callable, optional
            ``accept(codes, place) -> bool array``: for which rows, once a block was redrawn, it stays so.

        Returns
        -------
        ndarray of shape (n, n_blocks)
        """
        codes = np.asfortranarray(self.atoms.settle(codes))
        columns = by_column(self.blocks)
        trees: dict[int, list[Step]] = {}
        for step in self.steps:
            trees.setdefault(step.place, []).append(step)
        for _ in range(n_sweeps):
            for place in chain(*(columns[k] for k in rng.permutation(len(columns)))):
                if place in trees and free[:, place].any():
                    self._redraw(codes, place, trees[place], free[:, place], rng, accept)
        return np.ascontiguousarray(self.atoms.settle(codes))

    def swept_log_weight(self, codes: Codes) -> NDArray[np.float64]:
        """Logarithm of the probability to keep each swept row, shape (n,)."""
        return self.discriminator.log_weight(codes)

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Leave rows that no sweep is asked of as they are."""
        return codes

    def log_weight(self, codes: Codes) -> NDArray[np.float64]:
        """Keep them all: shape (n,)."""
        return np.zeros(len(codes))

    keeps_categories, rate = True, 1.0

    def _redraw(
        self,
        codes: Codes,
        place: int,
        steps: Sequence[Step],
        free: NDArray[np.bool_],
        rng: np.random.Generator,
        accept: Accept | None,
    ) -> None:
        """Redraw one block in place."""
        counts = np.arange(len(codes))[self.atoms.rows(codes, place)]
        rows = counts[free[counts]]
        before = codes[:, place].copy()
        which = rng.integers(len(steps), size=len(rows))
        uniform = rng.random(len(rows), dtype=np.float32)
        for k, (_, tree, leaf_map) in enumerate(steps):
            of_tree = rows[which == k]
            part = uniform[which == k]
            drawn = leaf_map.apply(tree.leaves(codes, of_tree), 2 * part - 1, part)
            codes[of_tree, place] = self.atoms.settle_block(drawn, place)
        if accept is not None:
            refused = rows[~accept(codes[rows], place)]
            codes[refused, place] = before[refused]

    def _grow(
        self,
        real: Codes,
        place: int,
        rows: Leaves,
        predictors: list[int],
        n_trees: int,
        rng: np.random.Generator,
    ) -> list[Step]:
        """Grow the trees of a block."""
        repeated = np.isin(real[rows, place], repeated_codes(real[rows, place]))
        steps = []
        for _ in range(n_trees):
            bag = rng.choice(rows, max(1, round(BAG * len(rows))), replace=False)
            tree = ConditionalTree().fit(real, place, predictors, self.blocks, MIN_LEAF, MIN_GAIN, rng, bag)
            of_real = tree.leaves(real, rows), real[rows, place]
            if self.blocks[place].kind == "onehot":
                steps.append(Step(place, tree, ShareMap.of_shares(tree.n_leaves, of_real)))
            else:
                steps.append(Step(place, tree, RankMap.of_levels(tree, of_real, repeated)))
        return steps

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give trees, distributions and discriminator as arrays; nothing if it is unfitted."""
        if not self.steps:
            return {}
        state = {f"atoms.{key}": array for key, array in self.atoms.get_state().items()}
        state["order"] = np.array([step.place for step in self.steps], dtype=np.int32)
        parts: dict[str, list[dict[str, NDArray[Any]]]] = {"tree": [], "scalar": [], "onehot": []}
        for step in self.steps:
            parts["tree"].append(step.tree.get_state())
            parts[self.blocks[step.place].kind].append(step.leaf_map.get_state())
        for name, states in parts.items():
            state |= {f"{name}.{key}": array for key, array in join(states).items()}
        weights = self.discriminator.get_state().items()
        return state | {f"discriminator.{key}": array for key, array in weights}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        self.steps = []
        if not arrays:
            return
        by_part: dict[str, dict[str, NDArray[Any]]] = {}
        for key, array in arrays.items():
            part, _, name = key.partition(".")
            by_part.setdefault(part, {})[name] = array
        self.atoms = Atoms.from_state(self.blocks, by_part.get("atoms", {}))
        trees, scalars, onehots = (split(by_part.get(part, {})) for part in ("tree", "scalar", "onehot"))
        order = arrays["order"].tolist()
        require(all(isinstance(place, int) and 0 <= place < len(self.blocks) for place in order), "places")
        for place, tree in zip(order, trees, strict=True):
            is_scalar = self.blocks[place].kind == "scalar"
            leaf_map = RankMap(**next(scalars)) if is_scalar else ShareMap(**next(onehots))
            self.steps.append(Step(place, ConditionalTree.from_state(tree), leaf_map))
            check_tree(self.steps[-1].tree, self.blocks)
            check_map(leaf_map, self.steps[-1].tree.n_leaves, self.blocks[place])
        self.discriminator.set_state(by_part.get("discriminator", {}))
