"""What kind of column a column is, and why: the rules by which a schema is inferred."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.grid import Grid
from tabgan.table.storage import Storage

MANY_LEVELS = 255
MIN_KEYS = 20  # fewer different values are not taken for keys
MAX_DISCRETE = 40


def infer_kind(column: pd.Series) -> tuple[str, str]:
    """Give the kind of a column and the reason in a few words.

    Raises
    ------
    ValueError
        If the column holds infinite numbers, nested objects, or complex numbers.
    """
    present = column.dropna()
    distinct = _count_distinct(present)
    if not len(present):
        return "missing", "all cells are missing"
    storage = Storage.of(column)
    if storage is not None:
        numbers, _ = storage.read(column)
        if not np.isfinite(numbers).all():
            raise ValueError(f"column {column.name!r} holds infinite numbers; make them missing or clip them")
    if distinct == 1 and len(present) == len(column):
        return "constant", "one value in all rows"
    if storage is None:
        return _kind_of_values(present, distinct)
    if storage.form in ("int", "uint64", "float", "decimal"):
        return _kind_of_numbers(numbers, distinct, storage)
    if "timedelta" in storage.form or "duration" in str(storage.dtype):
        return "timedelta", "lengths of time"
    return "datetime", "points in time"


def _count_distinct(present: pd.Series) -> int:
    """Count the distinct cells, and refuse those that cannot be compared."""
    if pd.api.types.is_complex_dtype(present.dtype):
        raise ValueError(
            f"column {present.name!r} holds complex numbers; split it into a real and an imaginary column"
        )
    try:
        return int(present.nunique())
    except (TypeError, NotImplementedError):  # unhashable, as Python and as Arrow put it
        cell = present.iloc[0]
        raise ValueError(
            f"column {present.name!r} holds nested objects, such as {cell!r} of type {type(cell).__name__}; "
            "spread them over columns of their own, or turn them into strings"
        ) from None


def _kind_of_numbers(numbers: NDArray[Any], distinct: int, storage: Storage) -> tuple[str, str]:
    """Tell numbers of which few occur, keys, whole numbers and fractions apart."""
    n = len(numbers)
    if distinct <= min(MAX_DISCRETE, max(5, n // 30)) and 2 * distinct <= max(n, 2):
        return "discrete", f"only {distinct} different numbers"
    if storage.form == "float":
        decimals = Grid.of(numbers, storage.precision).decimals
        if decimals == 0:
            return "integer", "whole numbers, stored as floats"
        return "continuous", "fractions" if decimals is None else f"numbers with {decimals} decimals"
    if storage.form == "decimal":
        return "continuous", f"numbers with {storage.places} decimals"
    # n different numbers at random out of a range would very likely not all differ: p = exp(-n * density / 2)
    density = n / (float(numbers.max()) - float(numbers.min()) + 1)
    if distinct == n >= MIN_KEYS and n * density >= MIN_KEYS:
        return "identifier", "all numbers differ and fill their range"
    return "integer", "whole numbers"


def _kind_of_values(present: pd.Series, distinct: int) -> tuple[str, str]:
    """Tell keys from categories."""
    if pd.api.types.is_bool_dtype(present.dtype) or isinstance(present.dtype, pd.CategoricalDtype):
        return "categorical", f"{present.dtype}, {distinct} levels"
    if distinct == len(present) >= MIN_KEYS and _is_key_format(present.astype(object).tolist()):
        return "identifier", "all strings differ and are of one format"
    if distinct > min(MANY_LEVELS, max(MIN_KEYS, len(present) // 2)):
        return "categorical", f"{distinct} levels; the rare ones are drawn from those of the training rows"
    return "categorical", f"{distinct} levels"


def _is_key_format(keys: list[Any]) -> bool:
    """Tell whether all are codes with digits, alike in the places of marks or in their runs of characters."""
    if not all(isinstance(key, str) and re.search(r"\d", key) for key in keys[:100]):
        return False
    if not all(isinstance(key, str) and not re.search(r"\s", key) for key in keys):
        return False
    signatures = {re.sub("a+", "a", re.sub("A+", "A", re.sub(r"\d+", "0", _shape(key)))) for key in keys}
    alphanumeric = {re.sub(r"\w", "x", key) for key in keys}
    return len(signatures) == 1 or len(alphanumeric) == 1


def _shape(key: str) -> str:
    """Write the key with each small letter as ``a`` and each capital as ``A``."""
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", key))
