"""Columns as numbers that can be compared: the family of a dtype, and a column of any dtype as floats."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.number_format import NumberFormat, dense

Family = Literal[
    "numbers", "truth values", "times", "times with a zone", "lengths of time", "strings", "others"
]
_OBJECT_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "numbers"),
    **dict.fromkeys(("date", "datetime", "datetime64"), "times"),
    **dict.fromkeys(("timedelta", "timedelta64"), "lengths of time"),
    "boolean": "truth values",
    "string": "strings",
}


def family(of: Any) -> Family:
    """Tell what a column holds, so that values of one family can be compared.

    Parameters
    ----------
    of : Series or dtype
        A column of objects is looked into; a dtype of objects is of the family "others".
    """
    dtype = dense(of.dtype if isinstance(of, pd.Series) else of)
    if is_object_dtype(dtype):
        inside = pd.api.types.infer_dtype(of, skipna=True) if isinstance(of, pd.Series) else ""
        return _OBJECT_FAMILIES.get(inside, "others")
    if isinstance(dtype, pd.CategoricalDtype | pd.PeriodDtype | pd.IntervalDtype):
        return "others"
    if isinstance(dtype, pd.DatetimeTZDtype) or getattr(getattr(dtype, "pyarrow_dtype", None), "tz", None):
        return "times with a zone"
    tests = {
        "truth values": pd.api.types.is_bool_dtype,
        "others": pd.api.types.is_complex_dtype,
        "numbers": pd.api.types.is_numeric_dtype,
        "strings": pd.api.types.is_string_dtype,
    }
    kinds = {"M": "times", "m": "lengths of time"}
    return kinds.get(dtype.kind) or next((name for name, test in tests.items() if test(dtype)), "others")  # type: ignore[return-value]


def as_floats(column: pd.Series) -> NDArray[np.float64]:
    """Give a column as numbers that can be compared with those of any other column of its family.

    Parameters
    ----------
    column : Series of shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        Times in microseconds since 1970 (UTC, if they have a zone), a period as its start, lengths of time in
        microseconds, truth values as 0 and 1; nan where a value is missing, or is text that is no number.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.dtype.categories.dtype)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.asfreq("us", how="start")
    missing = find_missing(column)
    detected = NumberFormat.detect(column, missing)
    if detected is None:
        plain = column.astype(object) if isinstance(column.dtype, pd.ArrowDtype) else column
        converted = pd.to_numeric(plain, errors="coerce")
        return np.asarray(converted.to_numpy(dtype=np.float64, na_value=np.nan))
    floats = np.full(len(column), np.nan)
    floats[~missing] = detected[0].floats(detected[1])
    return floats


def widened(column: pd.Series) -> pd.Series:
    """Give numbers in a type in which sums of whole or half ones do not overflow, others as they are.

    Those of Arrow come as pandas' own: they can be compared with numbers that their own type has not.
    """
    is_own = not isinstance(column.dtype, pd.ArrowDtype)
    if column.dtype == np.float16:
        return column.astype("float64")
    if not pd.api.types.is_integer_dtype(column.dtype):
        return column if is_own or column.dtype.kind != "f" else column.astype("Float64")
    is_large = column.dtype.kind == "u" and column.notna().any() and column.max() >= 2**63
    if isinstance(column.dtype, np.dtype):
        return column if is_large else column.astype("int64")
    return column.astype("UInt64" if is_large else "Int64")
