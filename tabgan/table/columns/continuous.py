"""Numbers: one scalar in [-1, 1], by rank or by range, after a onehot block for missing values and spikes."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.protection import Protection
from tabgan.table.columns.quantiles import Quantiles

PRESENT, MISSING = 0, 1


class Continuous(ColumnType):
    """Numbers of any dtype, their grid (decimals, whole numbers, multiples) and their range kept.

    Parameters
    ----------
    method : {"rank", "minmax"}, default="rank"
        ``"rank"``: the position in the training column's distribution, a number that owns an interval of
        ranks spread uniformly over it (the randomised probability integral transform, Brockwell 2007,
        "Universal residuals"). Decoding interpolates between quantiles, and returns repeated numbers exactly.
        ``"minmax"``: the position between the least and the greatest number.
    spike_share : float, optional
        A single number with at least this share of the rows becomes one more state beside "present" and
        "missing". None stands for 0.1 with ``"minmax"``; with ``"rank"``, where spikes are wide intervals
        already, for none.

    Attributes
    ----------
    format_ : NumberFormat
    grid_ : Grid
    quantiles_ : Quantiles
    spikes_ : ndarray of shape (n_spikes,)
        The spikes, in units of the grid, rising.
    has_missing_ : bool
    outer_ : float
        Share of the numbers at each end over which those are spread that lie further out than any learned.

    Notes
    -----
    Positions are float32, so that not all numbers can come back exactly. Those do that repeat so often that
    they have an interval of ranks, and those on a grid whose step is at least ``n * 2**-23`` of the distance
    between the two learned quantiles around it, for n training rows (of half the range, and for n = 1, with
    ``"minmax"``). Any other number comes back to within that distance times ``n * 2**-23``, and on the grid.
    """

    kinds: ClassVar[tuple[str, ...]] = ("continuous", "integer")
    scale = "numeric"
    is_continuous = True

    def __init__(self, method: Literal["rank", "minmax"] = "rank", spike_share: float | None = None) -> None:
        self.method = method
        self.spike_share = spike_share

    def fit_facts(self, facts: ColumnFacts) -> Continuous:
        """Learn the distribution of a column.

        Raises
        ------
        ValueError
            If the column holds no numbers, or infinite ones.
        """
        if self.method not in ("rank", "minmax"):
            raise ValueError(f"method must be 'rank' or 'minmax', got {self.method!r}")
        if self.spike_share is not None and not self.spike_share > 0:
            raise ValueError(f"spike_share must be positive, got {self.spike_share!r}")
        name, number_format = facts.column.name, facts.number_format
        if number_format is None or facts.missing.all():
            raise ValueError(f"column {name!r} holds no numbers (dtype {facts.column.dtype})")
        if not np.isfinite(facts.distinct).all():
            raise ValueError(f"column {name!r} holds infinite numbers; make them missing or clip them")
        self.format_ = number_format
        self.has_missing_ = bool(facts.missing.any())
        self.grid_ = facts.grid
        units = Protection(facts).units
        self.outer_ = 2 * facts.least / len(units) if facts.least > 1 else 0.0
        self.spikes_ = self._find_spikes(units, len(facts.missing))
        rest = units[~np.isin(units, self.spikes_)]
        make = Quantiles.of_ranks if self.method == "rank" else Quantiles.of_range
        self.quantiles_ = make(
            rest if len(rest) else units, self.grid_.step if units.dtype.kind == "i" else 0
        )
        return self

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode n numbers: shape (n, 1), or (n, 2) with states; what is out of range is put at an end."""
        rng = np.random.default_rng(rng)
        numbers, missing = self.format_.read(column)
        units = self.grid_.units(numbers)
        spike = np.searchsorted(self.spikes_, units)
        is_spike = np.isin(units, self.spikes_)
        state = np.full(len(missing), MISSING if self.has_missing_ else -1)
        state[~missing] = np.where(is_spike, self._first_spike + spike, PRESENT)

        ranked = self.method == "rank"
        scalar = (rng.uniform(-1, 1, len(state)) if ranked else np.zeros(len(state))).astype(np.float32)
        scalar[state == PRESENT] = self._positions(units[~is_spike], rng if ranked else None)
        scalar[state < 0] = np.nan
        scalar[np.flatnonzero(~missing)[~np.isfinite(numbers)]] = np.nan
        if self._n_states == 1:
            return scalar[:, None]
        return np.column_stack([np.where(state < 0, np.float32(np.nan), state.astype(np.float32)), scalar])

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Decode n rows into numbers on the grid, none outside the training range."""
        units = self.quantiles_.decode(codes[:, -1])
        missing = np.zeros(len(codes), dtype=bool)
        if self._n_states > 1:
            state = codes[:, 0].astype(np.intp)
            missing = (state == MISSING) & self.has_missing_
            is_spike = state >= self._first_spike
            units[is_spike] = self.spikes_[state[is_spike] - self._first_spike]
        return self.format_.write(self.grid_.numbers(units[~missing]), missing)

    def _positions(self, units: NDArray[Any], rng: np.random.Generator | None) -> NDArray[np.float32]:
        """Give positions in [-1, 1], those of protected numbers among the nearest of the others."""
        positions = self.quantiles_.encode(units, rng)
        if rng is not None and self.outer_:
            low, high = self.quantiles_.units[[0, -1]]
            for outside, end in ((units < low, -1), (units > high, 1)):
                positions[outside] = end * (1 - 2 * self.outer_ * rng.random(outside.sum()))
        return positions

    def bounds(self) -> tuple[Any, Any]:
        """Give the least and the greatest number that is learned: of the training column, if unprotected."""
        units = np.concatenate([self.quantiles_.units, self.spikes_])
        ends = np.array([units.min(), units.max()], dtype=units.dtype)
        low, high = self.format_.write(self.grid_.numbers(ends), np.zeros(2, dtype=bool))
        return low, high

    def can_be_missing(self) -> bool:
        """Tell whether the training column had missing values."""
        return self.has_missing_

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give a onehot of states if there is more than one, and a scalar."""
        states: list[tuple[BlockKind, int]] = [("onehot", self._n_states)] if self._n_states > 1 else []
        return [*states, ("scalar", 1)]

    def intervals(self) -> list[NDArray[np.float32] | None]:
        """Give the intervals of repeated numbers; the scalar counts where a number is present."""
        states = [np.zeros((0, 2), dtype=np.float32)] if self._n_states > 1 else []
        return [*states, self.quantiles_.intervals()]

    @property
    def _first_spike(self) -> int:
        return 1 + self.has_missing_

    @property
    def _n_states(self) -> int:
        return self._first_spike + len(self.spikes_)

    def _find_spikes(self, units: NDArray[Any], n_rows: int) -> NDArray[Any]:
        """Numbers with at least `spike_share` of the rows, in units, rising."""
        share = {"minmax": 0.1, "rank": np.inf}[self.method] if self.spike_share is None else self.spike_share
        distinct, counts = np.unique(units, return_counts=True)
        return distinct[counts >= max(2, share * n_rows)]


class Datetime(Continuous):
    """Points in time, with or without a zone, and lengths of time; a midnight stays a midnight.

    The grid of the column is kept: a column of dates gets dates, one of whole minutes whole minutes. The
    parameters are those of `Continuous`.
    """

    kinds = ("datetime", "timedelta")
