"""The different values of a column, whatever they are: which are missing, and when two are equal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype


def find_missing(column: pd.Series) -> NDArray[np.bool_]:
    """Tell which values are missing, shape (n,): nan too, which a nullable column may hold beside its NA."""
    if pd.api.types.is_float_dtype(column.dtype):
        return np.isnan(column.to_numpy(dtype=float, na_value=np.nan))
    return column.isna().to_numpy(dtype=bool)


def value_keys(column: pd.Series) -> list[Hashable]:
    """Give a key for each of n values; two values are equal if their keys are.

    It is the plain value, in an object column with its type, so that 1, 1.0 and True differ; None if missing.
    """
    typed = is_object_dtype(column.dtype)
    return [
        None if gone else ((type(value), value) if typed and not isinstance(value, str) else value)
        for value, gone in zip(column.astype(object).tolist(), find_missing(column), strict=True)
    ]


def spell(column: pd.Series) -> NDArray[Any]:
    """Give one spelling a value, shape (n,), that agrees across dtypes: of True and "True", of 1 and 1.0."""
    codes, values = pd.factorize(column)
    texts = np.array([*map(_spell, values), "<missing>"], dtype=object)
    spelled: NDArray[Any] = texts[codes]
    return spelled


def factorize(
    column: pd.Series, missing: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.intp], pd.Series]:
    """Find the categories of a column of n values; `missing` is what `find_missing` gives.

    Returns
    -------
    codes : ndarray, shape (n,)
        The place of each value among the categories.
    categories : Series
        In the dtype of the column: sorted if they can be, a missing value last.

    Raises
    ------
    TypeError, NotImplementedError
        If the values cannot be hashed.
    """
    missing = find_missing(column) if missing is None else missing
    present = column[~missing].reset_index(drop=True)
    values: Any = present
    if is_object_dtype(column.dtype) and pd.api.types.infer_dtype(present).startswith("mixed"):
        values = pd.Series(value_keys(present), dtype=object)
    codes, _ = pd.factorize(values)
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)  # Arrow's codes leave gaps
    categories = present.iloc[first].reset_index(drop=True)
    try:
        order = categories.sort_values(kind="stable").index.to_numpy()
    except (TypeError, NotImplementedError, OverflowError):  # no order, or numbers beyond what pandas sorts
        order = np.arange(len(categories))
    return with_missing_last(column, missing, np.argsort(order)[codes], first[order])


def with_missing_last(
    column: pd.Series, missing: NDArray[np.bool_], codes: NDArray[np.intp], first: NDArray[np.intp]
) -> tuple[NDArray[np.intp], pd.Series]:
    """Give codes and categories of all values from those of the ones present, and where each occurs first."""
    all_codes = np.full(len(column), len(first))
    all_codes[~missing] = codes
    places = np.append(np.flatnonzero(~missing)[first], np.flatnonzero(missing)[:1])
    return all_codes, column.take(places).reset_index(drop=True)


def _spell(value: object) -> str:
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)  # type: ignore[call-overload]
