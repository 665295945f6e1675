"""A monotone, piecewise linear map between the numbers of a column and positions in [-1, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_TABLE = 1000  # up to this number of distinct values, and if they repeat, each that does has a piece
MIN_SHARE, LEAST_REPEATS = 0.005, 3  # so does, in any column, a value of this share and of so many rows
EVEN_RANKS = 1000  # quantiles of a column at even ranks; the tails take some more
BETWEEN = 10  # numbers from one to the next, at least, so that no more of them come back than by chance
LARGEST = np.nextafter(2.0**64, 0)  # the greatest float64 that a uint64 can hold


@dataclass(frozen=True)
class Quantiles:
    """Positions and units, shape (k,) each, both never falling.

    Two quantiles of equal units are a flat piece, which decodes to exactly that number; two of equal
    positions are a gap, within which nothing lies.

    Parameters
    ----------
    positions : ndarray of float32
        From -1 to 1.
    units : ndarray of int64 or float64
        Units on a `Grid`, or plain numbers.
    step : float
        Distance of neighbouring numbers on the grid in units; 0 without a grid.
    """

    positions: NDArray[np.float32]
    units: NDArray[Any]
    step: float

    def __post_init__(self) -> None:
        for values in (self.positions, self.units):
            if not (np.isfinite(values).all() and (values[1:] >= values[:-1]).all()):
                raise ValueError("quantiles fall, or are no numbers")

    @classmethod
    def of_range(cls, units: NDArray[Any], step: float) -> Quantiles:
        """Two points: the least of `units` at -1, the greatest at 1."""
        return cls(np.array([-1, 1], dtype=np.float32), np.array([units.min(), units.max()]), step)

    @classmethod
    def of_ranks(cls, units: NDArray[Any], step: float) -> Quantiles:
        """Quantiles of the empirical distribution of `units`, shape (n,).

        Numbers that repeat become flat pieces as wide as their share. Between these lie runs of numbers, and
        a run keeps some of its quantiles: at even ranks, and denser towards its ends, so that one extreme
        number does not smear over the others. Its ends are exact, and flat for half a row.
        """
        distinct, counts = np.unique(units, return_counts=True)
        edges = 2 * np.cumsum(np.append(0, counts)) / len(units) - 1
        edges = edges.astype(np.float32).astype(float)  # so that pieces meet exactly
        if 2 * len(distinct) <= len(units) and len(distinct) <= MAX_TABLE:
            flat = counts >= 2
        else:
            flat = counts >= max(LEAST_REPEATS, MIN_SHARE * len(units))
        positions, kept = [], []
        starts = np.flatnonzero(np.append(True, flat[1:] | flat[:-1]))
        for start, stop in zip(starts, np.append(starts[1:], len(distinct)), strict=True):
            run = np.repeat(distinct[start:stop], counts[start:stop])
            ranks = np.zeros(0, dtype=np.intp) if flat[start] else _ranks(len(run), len(units))
            share = np.concatenate([[0.0], (ranks + 0.5) / len(run), [1.0]])
            positions.append(edges[start] + share * (edges[stop] - edges[start]))
            kept.append(np.concatenate([run[:1], run[ranks], run[-1:]]))
        return cls(np.concatenate(positions).astype(np.float32), np.concatenate(kept), step)

    def encode(
        self, units: NDArray[Any], rng: np.random.Generator | None, outer: float = 0.0
    ) -> NDArray[np.float32]:
        """Give positions in [-1, 1] of `units`, shape (n,); what lies outside is put at the nearer end.

        With `rng`, a number that owns an interval of positions (a flat piece, a point of the grid) is spread
        uniformly over it, the randomised probability integral transform; and what lies outside is spread over
        a share `outer` of the numbers there.
        """
        if rng is None:
            return np.asarray((self._below(units, 0.0) + self._above(units, 0.0)) / 2, dtype=np.float32)
        lower, upper = self._below(units, self.step / 2), self._above(units, self.step / 2)
        drawn = (lower + rng.random(len(units)) * (upper - lower)).astype(np.float32)
        # rounding to float32 must not leave the interval, whose upper end belongs to the next number
        first, last = _ceil32(lower), np.nextafter(_ceil32(upper), np.float32(-1))
        positions = np.where(first < last, np.clip(drawn, first, last), drawn)
        for outside, end in ((units < self.units[0], -1), (units > self.units[-1], 1)):
            positions[outside] = end * (1 - 2 * outer * rng.random(outside.sum()))
        return positions

    def intervals(self) -> NDArray[np.float32]:
        """Give where the positions of each number that has a flat piece begin and end, shape (k, 2)."""
        flat = (self.units[1:] == self.units[:-1]) & (self.positions[1:] > self.positions[:-1])
        units = np.unique(self.units[1:][flat])
        lower, upper = self._below(units, self.step / 2), self._above(units, self.step / 2)
        ends = np.column_stack([_ceil32(lower), np.nextafter(_ceil32(upper), np.float32(-1))])
        return ends[ends[:, 0] < ends[:, 1]]

    def decode(self, positions: NDArray[np.float32]) -> NDArray[Any]:
        """Give the units at `positions`, shape (n,), on the grid and never outside their range."""
        last = len(self.units) - 2
        left = np.clip(np.searchsorted(self.positions, positions, side="right") - 1, 0, last)
        start, width = self.positions[left].astype(float), np.diff(self.positions.astype(float))[left]
        part = np.divide(positions - start, width, out=np.ones(len(left)), where=width > 0)
        part = np.clip(part, 0, 1)
        low, high = self.units[left], self.units[left + 1]
        if self.units.dtype.kind != "i":
            return np.clip(low * (1 - part) + high * part, low, high)
        gap = high.view(np.uint64) - low.view(np.uint64)
        moved = np.rint(part * gap.astype(float) / self.step) * self.step
        moved = np.minimum(np.minimum(moved, LARGEST).astype(np.uint64), gap)
        return (low.view(np.uint64) + moved).view(np.int64)

    def _below(self, units: NDArray[Any], half: float) -> NDArray[np.float64]:
        """Give positions of ``units - half``, by the piece that ends at or after `units`."""
        right = np.searchsorted(self.units, units, side="left")
        return self._interpolate(right, units, -half)

    def _above(self, units: NDArray[Any], half: float) -> NDArray[np.float64]:
        """Give positions of ``units + half``, by the piece that begins at or before `units`."""
        right = np.searchsorted(self.units, units, side="right")
        return self._interpolate(right, units, half)

    def _interpolate(self, right: NDArray[np.intp], units: NDArray[Any], move: float) -> NDArray[np.float64]:
        """Give positions of ``units + move`` on the pieces that end at the quantiles `right`."""
        outside = (right == 0, right == len(self.units))
        right = np.clip(right, 1, len(self.units) - 1)
        low, high = self.units[right - 1], self.units[right]
        width = _difference(high, low)
        part = np.divide(_difference(units, low) + move, width, out=np.zeros(len(units)), where=width > 0)
        start, stop = self.positions[right - 1].astype(float), self.positions[right].astype(float)
        positions = start + np.clip(part, 0, 1) * (stop - start)
        return np.select(outside, [self.positions[0], self.positions[-1]], positions)


def _ranks(length: int, total: int) -> NDArray[np.intp]:
    """Give the ranks of a run of `length` out of `total` numbers that are kept as quantiles."""
    even = np.linspace(0, length - 1, 2 + int(min(EVEN_RANKS * length / total, length / BETWEEN)))
    ends = np.geomspace(1, max(1, total / EVEN_RANKS), 24)
    ranks = np.concatenate([[0.0], even, ends, length - 1 - ends])
    return np.unique(np.clip(np.rint(ranks), 0, length - 1).astype(np.intp))


def _difference(high: NDArray[Any], low: NDArray[Any]) -> NDArray[np.float64]:
    """Give differences as float64, right also where int64 would overflow."""
    if high.dtype.kind == "i":
        larger = high >= low
        gap = np.where(larger, high, low).view(np.uint64) - np.where(larger, low, high).view(np.uint64)
        return np.where(larger, 1.0, -1.0) * gap.astype(float)
    return high / 2 - low / 2  # halves cannot overflow, and only ratios of differences are used


def _ceil32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Give the least float32 that is not below each value."""
    rounded = values.astype(np.float32)
    return np.where(rounded < values, np.nextafter(rounded, np.float32(2)), rounded)
