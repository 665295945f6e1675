"""Codes that stand for one value: intervals that a repeated number owns, and blocks that stand for nothing.

In training, a repeated number is spread at random over its interval, and a scalar that has no value (it is
missing, or the same as another column's) is filled with anything. Trees want neither: they see the middle of
the interval, and 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block
from tabgan.trees.conditional import ALL, Codes, Rows
from tabgan.trees.search import first_from

Intervals = Sequence[NDArray[np.float32] | None]


class Atoms:
    """Settles codes, and spreads them again.

    Parameters
    ----------
    blocks : sequence of Block
    intervals : sequence of (ndarray of shape (k, 2) or None)
        For each block, where codes begin and end that stand for one value, rising. A block with an array,
        even an empty one, counts only where all onehot blocks before it in its column are at their first
        category. One with None always counts. Without any, no block is settled.
    """

    def __init__(self, blocks: Sequence[Block], intervals: Intervals = ()) -> None:
        self.intervals = list(intervals) or [None] * len(blocks)
        self.middles = [None if part is None else part.mean(axis=1) for part in self.intervals]
        self.is_scalar = [block.kind == "scalar" for block in blocks]
        self.gates: list[list[int]] = [[] for _ in blocks]  # of each block, those before it that must be at 0
        for place, part in enumerate(self.intervals):
            before = place - 1
            while part is not None and before >= 0 and blocks[before].column == blocks[place].column:
                if blocks[before].kind == "onehot":
                    self.gates[place].append(before)
                before -= 1

    def rows(self, codes: Codes, place: int) -> Rows:
        """Tell in which rows a block counts, codes of shape (n, n_blocks): all, or their numbers."""
        if not self.gates[place]:
            return ALL
        return np.flatnonzero(~self._idle(codes, place))

    def _idle(self, codes: Codes, place: int) -> NDArray[np.bool_]:
        """Tell in which rows a block stands for nothing, shape (n,)."""
        idle = np.zeros(len(codes), dtype=bool)
        for gate in self.gates[place]:
            idle |= codes[:, gate] != 0
        return idle

    def settle(self, codes: Codes) -> Codes:
        """Move each code within an interval to its middle, and to 0 where its block does not count."""
        settled = codes.copy(order="K")
        for place, gates in enumerate(self.gates):
            if self.intervals[place] is not None:
                settled[:, place] = self.settle_block(codes[:, place], place)
            if gates:
                settled[self._idle(codes, place), place] = 0
        return settled

    def settle_block(self, values: Codes, place: int) -> Codes:
        """Move the codes of one block, shape (n,), to the middles of their intervals."""
        middles = self.middles[place]
        if middles is None or not len(middles):
            return values
        index, inside = self._within(values, place)
        return np.where(inside, middles[index], values)

    def edges(self, values: Codes, place: int) -> tuple[Codes, Codes]:
        """Give where the interval of each code of one block begins and ends; others are their own."""
        intervals = self.intervals[place]
        if intervals is None or not len(intervals):
            return values, values
        index, inside = self._within(values, place)
        first, last = (np.where(inside, intervals[index, end], values) for end in (0, 1))
        return first, last

    def _within(self, values: Codes, place: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Give the first interval that does not end below each code, and whether the code lies in it."""
        intervals = np.asarray(self.intervals[place])
        index = first_from(intervals[:, 1], 0, len(intervals), values)
        return index, (values >= intervals[index, 0]) & (values <= intervals[index, 1])

    def spread(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Move each code at a middle to anywhere in its interval, and one that does not count, anywhere."""
        spread = codes.copy(order="K")
        for place, (intervals, middles) in enumerate(zip(self.intervals, self.middles, strict=True)):
            if intervals is None or middles is None or not self.is_scalar[place]:
                continue
            values, uniform = codes[:, place], rng.random(len(codes), dtype=np.float32)
            if len(middles):
                index = first_from(middles, 0, len(middles), values)
                at = values == middles[index]
                start, stop = intervals[index].T
                spread[:, place] = np.where(at, start + uniform * (stop - start), values)
            if self.gates[place]:
                idle = self._idle(codes, place)
                spread[idle, place] = 2 * uniform[idle] - 1
        return spread

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the intervals as arrays."""
        return {str(j): part for j, part in enumerate(self.intervals) if part is not None}

    @classmethod
    def from_state(cls, blocks: Sequence[Block], arrays: Mapping[str, NDArray[Any]]) -> Atoms:
        """Undo `get_state`."""
        intervals = [arrays.get(str(j)) for j in range(len(blocks))]
        for part in [part for part in intervals if part is not None]:
            is_of_pairs = part.ndim == 2 and part.shape[1] == 2 and bool(np.isfinite(part).all())
            if not is_of_pairs or (np.diff(part) < 0).any() or (np.diff(part[:, 0]) < 0).any():
                raise ValueError("it holds intervals of codes that are none, or not in order")
        return cls(blocks, intervals)
