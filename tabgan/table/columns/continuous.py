"""Numbers: their rank in the training column, or plain min-max scaling; dates and durations are numbers too."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType, Scale, State, pack_series, unpack_series
from tabgan.table.columns.numbers import from_numbers, grid_of, to_numbers
from tabgan.table.layout import BlockKind

TABLE_SIZE = 1000  # up to so many distinct values the inverse is an exact look-up
N_KNOTS = 1500
SPIKE = 0.005  # a value with this share of the rows comes back exactly, whatever lies beside it


class Continuous(ColumnType):
    """A numeric column as one scalar in [-1, 1], beside a one-hot state where it can be missing or a spike.

    Parameters
    ----------
    method : {"rank", "minmax"}, default="rank"
        "rank" takes each number to its position in the training column's empirical distribution, ties
        spread uniformly over their interval (the randomised probability integral transform; Brockwell
        2007, *Universal residuals*), so that spikes, heavy tails, grids and bounds need no special care.
        "minmax" scales linearly between the training minimum and maximum.
    spike_share : float, optional
        A value with at least this share of the rows becomes a state of its own. By default none does.

    Attributes
    ----------
    states_ : ndarray of shape (n_spikes,)
        The spikes that are states.
    knots_ : ndarray of shape (2, n_knots)
        Positions in [0, 1] and the values there, between which ranks are interpolated.
    """

    scale: ClassVar[Scale] = "numeric"

    def __init__(self, *, method: str = "rank", spike_share: float | None = None) -> None:
        self.method = method
        self.spike_share = spike_share

    def fit(self, column: pd.Series, y: object = None) -> Continuous:
        if self.method not in ("rank", "minmax"):
            raise ValueError(f"method must be 'rank' or 'minmax', got {self.method!r}")
        self.template_ = column.iloc[:1].reset_index(drop=True)
        self.origin_, numbers, missing = to_numbers(column)
        self.has_missing_ = bool(missing.any())
        present = numbers[~missing]
        distinct, counts = np.unique(present, return_counts=True)
        limit = 2.0 if self.spike_share is None else self.spike_share
        spikes = counts / len(column) >= limit
        self.states_ = distinct[spikes] if not spikes.all() else distinct[:0]
        rest = ~np.isin(distinct, self.states_)
        self.knots_, self.is_table_ = self._fit_knots(distinct[rest], counts[rest])
        self.step_, self.decimals_ = grid_of(distinct, column.dtype)
        return self

    def _fit_knots(
        self, distinct: NDArray[np.float64], counts: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], bool]:
        upper = np.cumsum(counts) / counts.sum()
        if self.method == "minmax":
            return np.array([[0.0, 1.0], [distinct[0], distinct[-1]]]), False
        if len(distinct) <= TABLE_SIZE:
            return np.stack([upper, distinct]), True
        return _quantile_knots(distinct, upper), False

    def transform(
        self, column: pd.Series, random_state: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        rng = random_state or np.random.default_rng()
        _, numbers, missing = to_numbers(column, self.origin_)
        state = self._state_of(numbers, missing)
        inside = state == 0
        scalar = rng.random(len(column)) if self.method == "rank" else np.full(len(column), 0.5)
        scalar[inside] = self._position(numbers[inside], scalar[inside])
        parts = [np.eye(self._n_states, dtype=np.float32)[state]] if self._n_states > 1 else []
        return np.column_stack([*parts, (2 * scalar - 1).astype(np.float32)]).clip(-1, 1)

    def _position(self, numbers: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where numbers lie in [0, 1]; `noise` in [0, 1] spreads the ties."""
        where, values = self.knots_
        if self.method == "minmax":
            return np.clip((numbers - values[0]) / (values[1] - values[0] or 1), 0, 1)
        if self.is_table_:
            index = np.searchsorted(values, numbers)
            index = np.minimum(index, len(values) - 1)  # numbers beyond the training range count as its end
            low, high = np.r_[0, where][index], where[index]
            return low + noise * (high - low)
        left, right = (np.searchsorted(values, numbers, side) for side in ("left", "right"))
        flat = right - left > 1
        spread = np.interp(numbers + (noise - 0.5) * self.step_, values, where)
        low, high = where[np.minimum(left, len(where) - 1)], where[np.minimum(right, len(where)) - 1]
        return np.where(flat, low + noise * (high - low), spread)

    def inverse_transform(
        self, matrix: NDArray[np.float32], random_state: np.random.Generator | None = None
    ) -> pd.Series:
        where, values = self.knots_
        position = (matrix[:, -1].astype(np.float64) + 1) / 2
        if self.is_table_:
            index = np.searchsorted(where, position, side="right")
            numbers = values[np.minimum(index, len(values) - 1)]
        else:
            numbers = np.interp(position, where, values)
            if self.step_:
                numbers = values[0] + np.round((numbers - values[0]) / self.step_) * self.step_
            numbers = np.clip(numbers, values[0], values[-1])
        state = matrix[:, : self._n_states].argmax(1) if self._n_states > 1 else np.zeros(len(matrix), int)
        missing = (state == 1) if self.has_missing_ else np.zeros(len(matrix), bool)
        at_spike = state > int(self.has_missing_)
        numbers[at_spike] = self.states_[state[at_spike] - 1 - int(self.has_missing_)]
        return from_numbers(numbers, missing, self.template_, self.origin_, self.decimals_)

    @property
    def _n_states(self) -> int:
        """Present, perhaps missing, and each spike."""
        return 1 + int(self.has_missing_) + len(self.states_)

    def _state_of(self, numbers: NDArray[np.float64], missing: NDArray[np.bool_]) -> NDArray[np.intp]:
        state = np.zeros(len(numbers), np.intp)
        if len(self.states_):
            index = np.minimum(np.searchsorted(self.states_, numbers), len(self.states_) - 1)
            hit = self.states_[index] == numbers
            state[hit] = index[hit] + 1 + int(self.has_missing_)
        # A value missing only now has no state to go to: it stays a random present one.
        state[missing] = int(self.has_missing_)
        return state

    def blocks(self) -> list[tuple[BlockKind, int]]:
        state: list[tuple[BlockKind, int]] = [("onehot", self._n_states)] if self._n_states > 1 else []
        return [*state, ("scalar", 1)]

    def get_state(self) -> State:
        data = {
            "dtype": pack_series(self.template_.iloc[:0]),
            "object": pack_series(self.template_) if self.template_.dtype == object else None,
            "origin": self.origin_,
            "missing": self.has_missing_,
            "table": self.is_table_,
            "step": self.step_,
            "decimals": self.decimals_,
        }
        return data, {"knots": self.knots_, "states": self.states_}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Continuous:
        self.template_ = unpack_series(data["object"] or data["dtype"])
        self.origin_, self.has_missing_, self.is_table_ = data["origin"], data["missing"], data["table"]
        self.step_, self.decimals_ = data["step"], data["decimals"]
        self.knots_, self.states_ = arrays["knots"], arrays["states"]
        return self


def _quantile_knots(distinct: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.float64]:
    """Knots of the quantile function: even in rank, dense in both tails, flat at spikes, exact at the ends.

    `upper` is the empirical distribution function at each of the sorted `distinct` values.
    """
    lower = np.r_[0, upper[:-1]]
    n = len(distinct)
    tail = np.unique(np.geomspace(1, n, 200).astype(int)) - 1
    even = np.searchsorted(upper, np.linspace(0, 1, N_KNOTS), side="left")
    spikes = np.flatnonzero(upper - lower >= SPIKE)
    beside = np.concatenate([spikes, spikes - 1, spikes + 1])
    chosen = np.unique(np.concatenate([tail, n - 1 - tail, even, beside]).clip(0, n - 1))
    is_spike = np.isin(chosen, spikes)
    # A value just above a spike starts where the spike's interval ends; one just below ends where it begins.
    left = np.where(is_spike | np.isin(chosen - 1, spikes) | (chosen == 0), lower[chosen], np.nan)
    right = np.where(is_spike | np.isin(chosen + 1, spikes) | (chosen == n - 1), upper[chosen], np.nan)
    middle = (lower[chosen] + upper[chosen]) / 2
    where = np.stack([left, np.where(np.isnan(left) & np.isnan(right), middle, np.nan), right], 1)
    values = np.repeat(distinct[chosen][:, None], 3, axis=1)
    keep = ~np.isnan(where)
    return np.stack([where[keep], values[keep]])
