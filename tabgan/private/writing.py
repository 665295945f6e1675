"""Numbers written back in the dtype that the user has declared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.private.domain import Numbers


def written(column: Numbers, numbers: NDArray[Any], missing: NDArray[np.bool_]) -> pd.Series:
    """Give numbers in the dtype of the column."""
    dtype = column.dtype
    if column.content in ("datetime", "timedelta"):
        times = numbers.astype(np.int64).view("M8[us]" if column.content == "datetime" else "m8[us]")
        values = pd.Series(times)
        if isinstance(dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_localize("UTC")
        return values.astype(dtype).mask(missing) if missing.any() else values.astype(dtype)
    if column.content == "continuous" and column.is_exact:
        numbers = np.round(numbers, _decimals(column.low, column.step))
    if np.dtype(getattr(dtype, "numpy_dtype", dtype)).kind in "iu":
        numbers = np.rint(numbers).astype(np.int64)
    if not missing.any():
        return pd.Series(numbers).astype(dtype)
    if isinstance(dtype, np.dtype):
        return pd.Series(np.where(missing, np.nan, numbers)).astype(dtype)
    return pd.Series(numbers).astype(dtype).mask(missing)


def shortest(low: float, high: float) -> float:
    """Give the number of fewest digits after the point between two."""
    for decimals in range(-15, 16):
        number = round((low + high) / 2, decimals)
        if low <= number <= high:
            return number
    return (low + high) / 2


def _decimals(*numbers: float) -> int:
    """Give how many digits after the point write all of some numbers."""
    exponents = [Decimal(repr(float(number))).normalize().as_tuple().exponent for number in numbers]
    return max(0, *(-exponent for exponent in exponents if isinstance(exponent, int)))
