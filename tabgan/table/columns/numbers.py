"""Between a pandas column of any numeric or temporal dtype and plain float64 numbers, there and back."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
EPOCH = datetime.date(1970, 1, 1)
MAX_DECIMALS = 10


def to_numbers(column: pd.Series, origin: int | None = None) -> tuple[int, Numbers, NDArray[np.bool_]]:
    """Numbers of a column, counted from `origin` so that whole ones stay exact in float64.

    Returns
    -------
    origin : int
        Chosen here if not given: 0, or the minimum of whole numbers beyond 2**53 and of times.
    numbers : ndarray of shape (n,), float64
        0 where missing.
    missing : ndarray of shape (n,), bool
    """
    missing = column.isna().to_numpy(dtype=bool)
    raw = _raw(column[~missing])
    if origin is None:
        whole = raw.dtype.kind in "iu" and len(raw) > 0
        large = whole and (_is_temporal(column) or max(abs(int(raw.min())), abs(int(raw.max()))) >= 2**53)
        origin = int(raw.min()) if large else 0
    numbers = np.zeros(len(column))
    numbers[~missing] = raw - raw.dtype.type(origin)
    return origin, numbers, missing


def _is_temporal(column: pd.Series) -> bool:
    dtype = column.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.kind in "Mm"
    return dtype.kind in "Mm" or isinstance(dtype, pd.DatetimeTZDtype | pd.PeriodDtype)


def _raw(values: pd.Series) -> NDArray[Any]:
    """Whole or float numbers of a column without missing values."""
    dtype = values.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return values.dt.tz_localize(None).to_numpy().view(np.int64)  # the clock on the wall
    if isinstance(dtype, pd.PeriodDtype):
        return np.array([period.ordinal for period in values], dtype=np.int64)
    if dtype == object:
        kind = pd.api.types.infer_dtype(values)
        if kind == "date":
            return np.array([(value - EPOCH).days for value in values], dtype=np.int64)
        return np.array([float(value) for value in values], dtype=np.float64)
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind in "Mm":
        array = values.to_numpy(dtype=f"{dtype.kind}8[ns]")
        return array.view(np.int64)
    if dtype.kind in "Mm":
        return values.to_numpy().view(np.int64)
    if dtype.kind in "iu":
        return values.to_numpy(dtype=np.uint64 if dtype.kind == "u" else np.int64)
    return values.to_numpy(dtype=np.float64)


def from_numbers(
    numbers: Numbers, missing: NDArray[np.bool_], template: pd.Series, origin: int, decimals: int | None
) -> pd.Series:
    """The inverse of `to_numbers`: a column of the template's dtype.

    `decimals`, where known, rounds away what float arithmetic added.
    """
    dtype = template.dtype
    if dtype == object:
        return _objects(numbers, missing, template, origin, decimals)
    if dtype.kind == "f":
        rounded = numbers if decimals is None else np.round(numbers, decimals)
        return _masked(rounded + origin, missing, dtype)
    return _masked(_whole(numbers, origin), missing, dtype)


def _whole(numbers: Numbers, origin: int) -> NDArray[Any]:
    """Add the origin in whole numbers, where float64 would lose digits."""
    kind = np.uint64 if origin >= 2**63 else np.int64
    return np.rint(numbers).astype(kind) + kind(origin)


def _masked(values: NDArray[Any], missing: NDArray[np.bool_], dtype: Any) -> pd.Series:
    """Put missing values in and give the column its dtype."""
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = pd.Series(_times(values, missing, f"M8[{dtype.unit}]"))
        zoned = naive.dt.tz_localize(
            dtype.tz, ambiguous=np.zeros(len(naive), bool), nonexistent="shift_forward"
        )
        return zoned.astype(dtype)
    if isinstance(dtype, pd.PeriodDtype):
        periods = pd.PeriodIndex.from_ordinals(np.where(missing, 0, values), freq=dtype.freq)
        return pd.Series(periods).mask(missing)
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind in "Mm":
        return pd.Series(_times(values, missing, f"{dtype.kind}8[ns]")).astype(dtype)
    if dtype.kind in "Mm":
        return pd.Series(_times(values, missing, dtype))
    if isinstance(dtype, np.dtype):
        if missing.any():
            values = np.where(missing, np.nan, values)
        return pd.Series(values.astype(dtype))
    kind = {"i": "Int64", "u": "UInt64", "f": "Float64"}[dtype.kind]
    filled = np.where(missing, np.zeros(1, values.dtype), values).astype(kind.lower())
    return pd.Series(pd.array(filled, dtype=kind)).mask(missing).astype(dtype)


def _times(values: NDArray[Any], missing: NDArray[np.bool_], dtype: Any) -> NDArray[Any]:
    times = values.astype(np.int64).view(dtype)
    times[missing] = np.array("NaT", dtype=dtype)
    return times


def _objects(
    numbers: Numbers, missing: NDArray[np.bool_], template: pd.Series, origin: int, decimals: int | None
) -> pd.Series:
    """Decimals, dates or plain numbers in a column of Python objects."""
    sample = template.iloc[0]
    cells = np.empty(len(numbers), dtype=object)
    if isinstance(sample, decimal.Decimal):
        places = decimal.Decimal(1).scaleb(-(decimals or 0))
        cells[:] = [decimal.Decimal(repr(v + origin)).quantize(places) for v in numbers.tolist()]
    elif isinstance(sample, datetime.date):
        cells[:] = [EPOCH + datetime.timedelta(days=round(v) + origin) for v in numbers.tolist()]
    else:
        rounded = numbers if decimals is None else np.round(numbers, decimals)
        cells[:] = (rounded + origin).astype(type(sample)).tolist()
    cells[missing] = None
    return pd.Series(cells, dtype=object)


def grid_of(distinct: Numbers, dtype: Any) -> tuple[float, int | None]:
    """The step on which all values lie, 0 if there is none, and their number of decimals.

    Parameters
    ----------
    distinct : ndarray of shape (n_distinct,), sorted
    dtype : numpy or pandas dtype
        float32 values are compared as float32.
    """
    single = getattr(dtype, "itemsize", 8) == 4 and getattr(dtype, "kind", "") == "f"
    precision = np.float32 if single else np.float64
    for decimals in range(MAX_DECIMALS + 1):
        scaled = distinct * 10.0**decimals
        if np.abs(scaled).max(initial=0) >= 2**53:
            break
        whole = np.rint(scaled)
        if np.array_equal((whole / 10.0**decimals).astype(precision), distinct.astype(precision)):
            step = int(np.gcd.reduce((whole - whole[0]).astype(np.int64))) if len(whole) else 0
            return step / 10.0**decimals, decimals
    return 0.0, None
