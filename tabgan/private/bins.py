"""Numbers as bins: the grid between two bounds, cut where noisy counts say that much of the table lies.

A bin is a stretch of the grid, or a single point of it that holds much by itself (an atom, such as 0 or a
limit), which is written back exactly. The place within a bin follows finer noisy counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.layout import BlockKind
from tabgan.private.domain import OUTSIDE, Numbers, Units
from tabgan.private.writing import shortest, written
from tabgan.table import ColumnType

FIRST, BRANCHES = 32, 16  # stretches at first, and into which one is cut that holds much
LEAST = 1e-3  # rows in a piece of all units
OUTSTANDING = 3.0  # times what a neighbour holds
SURE = 4.0  # standard deviations of the noise from which a count is taken for more than noise


@dataclass(frozen=True)
class Pieces:
    """Stretches of a grid that lie side by side, with noisy counts.

    Parameters
    ----------
    starts : ndarray of int64, shape (k,)
        First unit of each, rising from 0.
    stop : int
        The unit after the last.
    counts : ndarray of float64, shape (k,)
        Smoothed.
    sigma : float
        Standard deviation of each count.
    """

    starts: Units
    stop: int
    counts: NDArray[np.float64]
    sigma: float

    @property
    def widths(self) -> Units:
        """How many units each has."""
        return np.diff(np.append(self.starts, self.stop))


@dataclass(frozen=True)
class Fineness:
    """How finely numbers are cut.

    Parameters
    ----------
    n_bins : int
        About, and beside those of single units.
    least : float
        Rows that a bin is to hold, so that it is not lost in noise.
    """

    n_bins: int
    least: float


def n_levels(n_units: int) -> int:
    """Give how often a grid has to be cut until its pieces are single units."""
    levels, width = 1, -(-n_units // FIRST)
    while width > 1:
        levels, width = levels + 1, -(-width // BRANCHES)
    return levels


def cut(start: int, stop: int, parts: int) -> Units:
    """Give where the parts of a stretch begin: as many as were asked for, or as there are units."""
    return np.arange(start, stop, max(1, -(-(stop - start) // parts)), dtype=np.int64)


def worth_cutting(widths: Units, counts: NDArray[np.float64], sigma: float) -> NDArray[np.bool_]:
    """Tell which stretches surely hold something, so that they are to be cut further."""
    return np.asarray((widths > 1) & (counts >= SURE * sigma))


def consistent(counts: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Bring the counts of parts nearer to that of the whole, `total`, of as much noise as that of each.

    Their sum then has the least variance (Hay et al. 2010, *Boosting the accuracy of differentially private
    histograms through consistency*).
    """
    return counts + (total - counts.sum()) / (len(counts) + 1)


def smooth(counts: NDArray[np.float64], widths: Units, total: float, sigma: float) -> NDArray[np.float64]:
    """Take noise off the counts of stretches that hold `total` together.

    Counts that are surely more than noise stay. The others are drawn towards a uniform distribution of the
    rest, the more the less they differ from it beyond their noise (James and Stein 1961, *Estimation with
    quadratic loss*).
    """
    sure = counts >= SURE * sigma
    smoothed, rest = counts.copy(), ~sure
    if not rest.any():
        return smoothed
    share = widths[rest] / widths[rest].sum()
    uniform = max(total - counts[sure].sum(), 0.0) * share
    excess = float(((counts[rest] - uniform) ** 2).sum())
    kept = max(0.0, 1 - max(rest.sum() - 1, 0) * sigma**2 / excess) if excess > 0 else 0.0
    smoothed[rest] = np.maximum(uniform + kept * (counts[rest] - uniform), 0)
    return smoothed


def group(pieces: Pieces, fineness: Fineness) -> NDArray[np.intp]:
    """Give the bin of each piece, shape (k,): runs of pieces that hold about as much as each other.

    A single unit that stands out of its neighbours is a bin of its own. Where there are few pieces, so is
    each.
    """
    n_pieces = len(pieces.starts)
    if n_pieces <= fineness.n_bins:
        return np.arange(n_pieces)
    counts = pieces.counts
    is_atom = _stands_out(pieces, max(counts.sum() / fineness.n_bins, fineness.least))
    share = max(counts[~is_atom].sum() / fineness.n_bins, fineness.least)
    bins, current, held = np.zeros(n_pieces, dtype=np.intp), -1, np.inf
    for k, (count, alone) in enumerate(zip(counts.tolist(), is_atom.tolist(), strict=True)):
        if alone or held >= share:
            current, held = current + 1, 0.0
        bins[k], held = current, np.inf if alone else held + count
    return bins


def _stands_out(pieces: Pieces, share: float) -> NDArray[np.bool_]:
    """Tell which pieces are single units that hold a share, or much more than their neighbours do."""
    density = pieces.counts / pieces.widths
    beside = np.maximum(np.append(0, density[:-1]), np.append(density[1:], 0))
    sure = (pieces.widths == 1) & (pieces.counts >= SURE * pieces.sigma)
    return sure & ((pieces.counts >= share) | (pieces.counts >= OUTSTANDING * beside + share / OUTSTANDING))


class Bins(ColumnType):
    """Numbers, times or lengths of time: a onehot of bins, the last for a missing value, and a place within.

    Parameters
    ----------
    low, step : int or float
        The grid; see `Numbers`.
    dtype : dtype
    content : {"integer", "continuous", "datetime", "timedelta"}
    has_missing, is_exact : bool

    Attributes
    ----------
    starts_, share_, bin_ : ndarray of shape (k,)
        First unit of each piece, its share in its bin, and its bin.
    stop_ : int
    atoms_ : ndarray of shape (k,)
        What is written back for a piece that is a single unit.
    """

    scale = "numeric"
    is_continuous = True

    def __init__(
        self, low: Any, step: Any, dtype: Any, content: str, has_missing: bool, is_exact: bool
    ) -> None:
        self.low, self.step, self.dtype, self.content = low, step, dtype, content
        self.has_missing, self.is_exact = has_missing, is_exact

    @classmethod
    def of(cls, column: Numbers, pieces: Pieces, fineness: Fineness) -> Bins:
        """Make bins of pieces."""
        bins = cls(column.low, column.step, column.dtype, column.content, column.has_missing, column.is_exact)
        bins.starts_, bins.stop_ = pieces.starts, int(pieces.stop)
        bins.bin_ = group(pieces, fineness)
        held = np.maximum(pieces.counts, LEAST * pieces.widths / pieces.stop)
        bins.share_ = held / np.bincount(bins.bin_, held)[bins.bin_]
        bins.atoms_ = np.array(list(_atoms(bins)))
        return bins

    @property
    def n_bins(self) -> int:
        """How many bins there are, that of a missing value included."""
        return int(self.bin_[-1]) + 1 + self.has_missing

    def bins(self, units: Units) -> NDArray[np.intp]:
        """Give the bin of each of n units, shape (n,); -1 for one that was not declared."""
        bins = self.bin_[np.searchsorted(self.starts_, np.clip(units, 0, self.stop_ - 1), side="right") - 1]
        bins = np.where(units == self.stop_, self.n_bins - 1, bins)
        return np.where(units == OUTSIDE, -1, bins)

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode n values: shape (n, 2); what was not declared is nan."""
        rng = np.random.default_rng(rng)
        units = _numbers_of(self).units(column)
        piece = np.searchsorted(self.starts_, np.clip(units, 0, self.stop_ - 1), side="right") - 1
        part = (units - self.starts_[piece] + rng.random(len(units))) / self._widths[piece]
        place = self._before[piece] + np.clip(part, 0, 1) * self.share_[piece]
        place = np.where((units < 0) | (units >= self.stop_), rng.random(len(units)), place)
        bins = self.bins(units).astype(np.float32)
        codes = np.column_stack([bins, 2 * place - 1]).astype(np.float32)
        codes[bins < 0] = np.nan
        return codes

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode n rows into numbers within the bounds."""
        number, place = codes[:, 0].astype(np.intp), (codes[:, 1].astype(float) + 1) / 2
        missing = (number == self.n_bins - 1) & self.has_missing
        ends = self.bin_ + self._before + self.share_
        at = np.minimum(number, self.bin_[-1]) + np.clip(place, 0, 1 - 1e-7)
        piece = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
        part = np.clip((at - self.bin_[piece] - self._before[piece]) / self.share_[piece], 0, 1 - 1e-9)
        offset = part * self._widths[piece]
        units = self.starts_[piece] + (np.floor(offset).astype(np.int64) if self.is_exact else offset)
        numbers = self.low + units * self.step
        if not self.is_exact:
            numbers = np.where(self._widths[piece] == 1, self.atoms_[piece], numbers)
            numbers = np.clip(numbers, self.low, self.low + (self.stop_ - 1) * self.step)
        return written(_numbers_of(self), numbers, missing)

    def bounds(self) -> tuple[Any, Any]:
        """Give the declared bounds, in the dtype of the column."""
        ends = self.low + np.array([0, self.stop_ - 1]) * self.step
        low, high = written(_numbers_of(self), ends, np.zeros(2, dtype=bool))
        return low, high

    def ordered(self, column: pd.Series) -> pd.Series:
        """Give n values so that they can be compared: objects as numbers, times or lengths of time."""
        if not is_object_dtype(column.dtype):
            return column
        if self.content == "datetime":
            zone = getattr(self.dtype, "tz", None)
            times = pd.to_datetime(column, errors="coerce", utc=zone is not None)
            return times if zone is None else times.dt.tz_convert(zone)
        read = pd.to_timedelta if self.content == "timedelta" else pd.to_numeric
        return pd.Series(read(column, errors="coerce"))

    def can_be_missing(self) -> bool:
        """Tell whether the user has declared so."""
        return self.has_missing

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give a onehot of bins, and a scalar."""
        return [("onehot", self.n_bins), ("scalar", 1)]

    @property
    def _widths(self) -> Units:
        return np.diff(np.append(self.starts_, self.stop_))

    @property
    def _before(self) -> NDArray[np.float64]:
        """How much of its bin lies before each piece."""
        total = np.cumsum(self.share_) - self.share_
        first = np.searchsorted(self.bin_, np.arange(self.bin_[-1] + 1))
        return np.asarray(total - total[first][self.bin_])


def _numbers_of(bins: Bins) -> Numbers:
    """Give what the column was declared as."""
    high = bins.low + (bins.stop_ - 1) * bins.step
    return Numbers(None, bins.low, high, bins.step, bins.dtype, bins.content, bins.has_missing, bins.is_exact)


def _atoms(bins: Bins) -> Iterator[float]:
    """Give for each piece that is a single unit the number of fewest digits around it; nan for others."""
    for start, width in zip(bins.starts_.tolist(), bins._widths.tolist(), strict=True):
        middle = bins.low + start * bins.step
        yield shortest(middle - bins.step / 2, middle + bins.step / 2) if width == 1 else np.nan
