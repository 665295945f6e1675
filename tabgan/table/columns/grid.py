"""The coarsest regular grid on which all numbers of a column lie: cents, whole numbers, thousands, days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DECIMALS = 15
EXACT = 2**53  # up to here a float64 holds every whole number


@dataclass(frozen=True)
class Grid:
    """Numbers of the form ``start + k * step * 10 ** -decimals`` with whole k.

    On a grid, numbers are handled as int64 units of the last decimal, so that nothing is lost by rounding.

    Parameters
    ----------
    decimals : int or None
        Digits after the point; None means that there is no grid, and numbers stay float64.
    step : int
        Greatest common divisor of all differences, in units of the last decimal.
    """

    decimals: int | None
    step: int = 1

    @classmethod
    def of(cls, values: NDArray[Any], dtype: np.dtype[Any]) -> Grid:
        """Find the grid of int64 or float64 `values`, shape (n,), which a column of `dtype` holds."""
        precision = dtype if dtype.kind == "f" else np.dtype(float)
        decimals = 0 if values.dtype.kind == "i" else _decimals(values, precision)
        units = np.unique(cls(decimals).units(values))
        if decimals is None or len(units) < 2:
            return cls(decimals)
        # unsigned, because a difference of two int64 can exceed them; wrapping around is what makes it right
        return cls(decimals, int(np.gcd.reduce(np.diff(units.view(np.uint64)))))

    def units(self, values: NDArray[Any]) -> NDArray[Any]:
        """Turn numbers into units: int64 on a grid, float64 without."""
        if self.decimals is None or values.dtype.kind == "i":
            return values
        return np.rint(np.clip(values * 10.0**self.decimals, -EXACT, EXACT)).astype(np.int64)

    def numbers(self, units: NDArray[Any]) -> NDArray[Any]:
        """Undo `units`: int64 when there are no decimals, else float64."""
        return units / 10.0**self.decimals if self.decimals else units


def _decimals(values: NDArray[np.float64], precision: np.dtype[Any]) -> int | None:
    """Find the least number of decimals that writes all values exactly, None if there is none."""
    stored = values.astype(precision)
    largest = float(np.max(np.abs(values), initial=0.0))
    for decimals in range(MAX_DECIMALS + 1):
        if largest * 10.0**decimals >= EXACT:
            return None
        for part in (slice(100), slice(None)):  # most trials fail within the first values
            rounded = np.rint(values[part] * 10.0**decimals) / 10.0**decimals
            if not np.array_equal(rounded.astype(precision), stored[part]):
                break
        else:
            return decimals
    return None
