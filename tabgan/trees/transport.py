"""Generated rows moved to the real distribution, each by one of several rearrangements.

Trees of few rows have chance in them, and so have the rows that they move. Of a small table several members
are learned, each from other rows, with trees and orders of its own, and each row is moved by one of them: in
their mixture the chance of each counts for less (bagging: Breiman 1996, *Bagging predictors*).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block
from tabgan.trees.atoms import Atoms
from tabgan.trees.conditional import Codes
from tabgan.trees.leaf_maps import RankMap
from tabgan.trees.rearrangement import PREDICTORS, Rearrangement, is_repeated

Draw = Callable[[int, np.random.SeedSequence], Codes]
POOL, LEAST_POOL = 100_000, 10_000  # generated rows whose ranks are taken, at most and at least, ...
VALUES, POOL_PER_ROW = 20_000_000, 8  # ... with so many codes together, and for each real row
MIN_GAIN = 2.0  # of a split, in units of the squared error of an average row
MEMBERS = 4  # at most; fewer of a table so large that ...
MEMBER_ROWS, MEMBER_CODES = 40_000, 600_000  # ... all of them would learn from more rows, or codes
BAG, MIXED_GAIN = 0.75, 1.0  # where there are several: share of the rows for each, and gain of its splits


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
    most_members : int
        To be set before `fit`: 1 for rows that are themselves of a model, whose chance no mixture takes away.
    members : list of Rearrangement
    """

    rate = 1.0

    def __init__(self, blocks: Sequence[Block], predictors: int = PREDICTORS) -> None:
        self.blocks, self.predictors = list(blocks), predictors
        self.atoms, self.most_members = Atoms(self.blocks), MEMBERS
        self.members: list[Rearrangement] = []

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Learn conditional distributions of `real` rows, and ranks of those of ``draw(n, seed)`` in them.

        Parameters
        ----------
        real : ndarray of shape (n, n_blocks)
        draw : callable
        seed : numpy.random.SeedSequence
        """
        n_members = 1
        if is_repeated(self.blocks, self.predictors):
            room = min(MEMBER_ROWS // len(real), MEMBER_CODES // real.size)
            n_members = max(1, min(self.most_members, room))
        draw_seed, *member_seeds = seed.spawn(1 + n_members)
        most = min(POOL, VALUES // len(self.blocks), POOL_PER_ROW * len(real))
        generated = np.asfortranarray(draw(max(LEAST_POOL, most), draw_seed))
        real, n_rows = self.atoms.settle(real), round(BAG * len(real))
        self.members = []
        for rng in map(np.random.default_rng, member_seeds):
            part = real if n_members == 1 else real[rng.permutation(len(real))[:n_rows]]
            min_gain = MIN_GAIN if n_members == 1 else MIXED_GAIN
            member = Rearrangement(self.blocks, self.atoms, self.predictors)
            self.members.append(member.fit(np.asfortranarray(part), generated, min_gain, rng))

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Move rows, shape (n, n_blocks), each by a random member: the array that is given stays as it is."""
        if not self.members:
            return codes
        moved = np.empty_like(codes, order="C")
        of_member = rng.integers(len(self.members), size=len(codes))
        for k, member in enumerate(self.members):
            moved[of_member == k] = member.apply(codes[of_member == k], rng)
        return moved

    def log_weight(self, codes: Codes) -> NDArray[np.float64]:
        """Keep every row: shape (n,)."""
        return np.zeros(len(codes))

    @property
    def keeps_categories(self) -> bool:
        """Whether `apply` never changes a category."""
        return not (self.members and self.predictors)

    def rank_maps(self) -> dict[int, RankMap]:
        """Give the maps of scalars in the first pass of the first member, by the places of their blocks."""
        first = self.members[0].passes[0] if self.members else []
        return {step.place: step.leaf_map for step in first if isinstance(step.leaf_map, RankMap)}

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the members as arrays: no number of fewer than `LEAST_GROUP` real rows is among them."""
        parts: dict[str, dict[str, NDArray[Any]]] = {"atoms": self.atoms.get_state()} if self.members else {}
        parts |= {str(k): member.get_state() for k, member in enumerate(self.members)}
        return {f"{part}.{key}": array for part, arrays in parts.items() for key, array in arrays.items()}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        by_part: dict[str, dict[str, NDArray[Any]]] = {}
        for key, array in arrays.items():
            part, _, name = key.partition(".")
            by_part.setdefault(part, {})[name] = array
        self.atoms, self.members = Atoms.from_state(self.blocks, by_part.get("atoms", {})), []
        while member_state := by_part.get(str(len(self.members))):
            self.members.append(Rearrangement(self.blocks, self.atoms, self.predictors))
            self.members[-1].set_state(member_state)
            if not self.members[-1].passes:
                raise ValueError("it holds trees that belong to no pass over the columns")
