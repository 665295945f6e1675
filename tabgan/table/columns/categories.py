"""The different cells of a column, whatever they are, and what tells them apart."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype


def find_missing(column: pd.Series) -> NDArray[np.bool_]:
    """Tell which cells are missing, shape (n,): nan too, which a nullable column may hold beside its NA."""
    if pd.api.types.is_float_dtype(column.dtype):
        return np.isnan(column.to_numpy(dtype=float, na_value=np.nan))
    return column.isna().to_numpy(dtype=bool)


def factorize(column: pd.Series) -> tuple[NDArray[np.intp], pd.Series]:
    """Give codes, shape (n,), and the levels they stand for: sorted if they can be, a missing cell last."""
    missing = find_missing(column)
    present = column[~missing].reset_index(drop=True)
    cells: Any = present
    if is_object_dtype(column.dtype) and pd.api.types.infer_dtype(present).startswith("mixed"):
        cells = pd.Series(keys(present), dtype=object)  # or 1, 1.0 and True would be one level
    found, _ = pd.factorize(cells)
    _, first, found = np.unique(found, return_index=True, return_inverse=True)  # Arrow's codes leave gaps
    levels = present.iloc[first].reset_index(drop=True)
    try:
        order = levels.sort_values(kind="stable").index.to_numpy()
    except (TypeError, NotImplementedError):  # cells of different types have no order
        order = np.arange(len(levels))
    codes = np.full(len(column), len(levels))
    codes[~missing] = np.argsort(order)[found]
    null = column[missing].iloc[:1]
    levels = levels.iloc[order]
    return codes, pd.concat([levels, null]) if len(null) and len(levels) else (null if len(null) else levels)


def keys(levels: pd.Series) -> list[Hashable]:
    """Give what tells levels apart: the value, and in an object column its type; missing cells are alike."""
    cells = levels.astype(object).tolist()
    typed = is_object_dtype(levels.dtype)
    missing = find_missing(levels)
    return [
        None if gone else ((type(cell), cell) if typed and not isinstance(cell, str) else cell)
        for cell, gone in zip(cells, missing, strict=True)
    ]
