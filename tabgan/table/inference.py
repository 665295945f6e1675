"""What kind of column a column is, and why: the rules by which a schema is inferred."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack
from tabgan.table.columns.categories import factorize, find_missing
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.numbers import Storage

MANY_LEVELS = 255
MIN_KEYS = 20  # fewer different values are not taken for keys
MAX_DISCRETE = 40
YEARS = (1800, 2100)  # numbers in this range are taken for years, not for keys
NUMBERS = ("int", "uint64", "float", "decimal")  # forms of storage
CLEAR = {  # kinds that a column shows by itself, and the reason
    "missing": "all cells are missing",
    "constant": "one value in all rows",
    "datetime": "points in time",
    "timedelta": "lengths of time",
}
GENERATED_KINDS = ("identifier", "text")  # kinds of which no cell is learned
NEAR_UNIQUE = 0.9  # share of different cells from which on strings are text
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
NUMBER = re.compile(r"\s*[-+]?\d*[.,][\d.,]*\s*")


def infer_kind(column: pd.Series) -> tuple[str, str]:
    """Give the kind of a column and the reason in a few words.

    Raises
    ------
    ValueError
        If the column holds infinite or complex numbers, nested or strange objects.
    """
    kinds = possible_kinds(column)
    if kinds[0] in CLEAR:
        return kinds[0], CLEAR[kinds[0]]
    storage = Storage.of(column)
    if storage is None:
        return _kind_of_values(column.dropna())
    return _kind_of_numbers(storage.read(column)[0], storage)


def possible_kinds(column: pd.Series) -> list[str]:
    """Give all kinds that a column can be taken for; one of `CLEAR` comes first.

    Raises
    ------
    ValueError
        If there is none, for the reasons of `infer_kind`.
    """
    storage = Storage.of(column)
    different: Any
    if storage is None:
        missing = find_missing(column)
        different = _different(column[~missing])
        strings = all(isinstance(cell, str) for cell in different)
        kinds = ["categorical", *(["identifier", "text"] if strings else [])]
    else:
        numbers, missing = storage.read(column)
        if not np.isfinite(numbers).all():
            raise ValueError(f"column {column.name!r} holds infinite numbers; make them missing or clip them")
        different = np.unique(numbers)
        kinds = _kinds_with(storage, different)
    if missing.all():
        return ["missing"]
    if len(different) > 1 or missing.any():
        return kinds
    one = len(factorize(column)[1]) == 1  # 1 and 1.0, in a column of objects, are two
    return ["constant", *kinds] if one else kinds


def _kinds_with(storage: Storage, numbers: NDArray[Any]) -> list[str]:
    """Give the kinds that a column stored in this way can be taken for."""
    if storage.form not in NUMBERS:
        length = "timedelta" in storage.form or "duration" in str(storage.dtype)
        return ["timedelta" if length else "datetime", "categorical"]
    whole = storage.form != "decimal" and bool((numbers == np.rint(numbers)).all())
    return ["continuous", "discrete", "categorical", *(["integer", "identifier"] if whole else [])]


def _different(present: pd.Series) -> list[Any]:
    """Give the different cells, and refuse those that cannot be compared or stored."""
    if pd.api.types.is_complex_dtype(present.dtype):
        raise ValueError(
            f"column {present.name!r} holds complex numbers; split it into a real and an imaginary column"
        )
    try:
        cells = factorize(present)[1].astype(object).tolist()
        for cell in {type(cell): cell for cell in cells}.values():
            pack(cell)
    except (TypeError, NotImplementedError):  # unhashable, as Python and as Arrow put it, or not to be stored
        types = {type(cell).__name__: cell for cell in present}
        strange = ", ".join(name for name in types if name not in ("str", "int", "float", "bool"))
        raise ValueError(
            f"column {present.name!r} holds nested or strange objects (of type {strange}); "
            "spread them over columns of their own, or turn them into strings"
        ) from None
    return cells


def _kind_of_numbers(numbers: NDArray[Any], storage: Storage) -> tuple[str, str]:
    """Tell numbers of which few occur, keys, whole numbers and fractions apart."""
    n, distinct = len(numbers), len(np.unique(numbers))
    if distinct <= min(MAX_DISCRETE, max(5, n // 30)) and 2 * distinct <= max(n, 2):
        return "discrete", f"few distinct numbers: {distinct}"
    if storage.form == "float":
        decimals = Grid.of(numbers, storage.precision).decimals
        if decimals == 0:
            return "integer", "whole numbers, stored as floats"
        return "continuous", "fractions" if decimals is None else f"numbers with {decimals} decimals"
    if storage.form == "decimal":
        return "continuous", f"numbers with {storage.places} decimals"
    # n different numbers at random out of a range would very likely not all differ: p = exp(-n * density / 2)
    low, high = float(numbers.min()), float(numbers.max())
    if distinct == n >= MIN_KEYS and n * n / (high - low + 1) >= MIN_KEYS:
        if YEARS[0] <= low and high <= YEARS[1]:
            return "integer", "whole numbers, all different, that may be years"
        return "identifier", "all numbers differ and fill their range"
    return "integer", "whole numbers"


def _kind_of_values(present: pd.Series) -> tuple[str, str]:
    """Tell keys from categories."""
    distinct = len(_different(present))
    if pd.api.types.is_bool_dtype(present.dtype) or isinstance(present.dtype, pd.CategoricalDtype):
        return "categorical", f"{present.dtype}, {distinct} levels"
    if distinct == len(present) >= MIN_KEYS and _is_key_format(present.astype(object).tolist()):
        return "identifier", "all strings differ and are of one format"
    if distinct > max(MIN_KEYS, NEAR_UNIQUE * len(present)) and _is_text(present.astype(object).tolist()):
        return "text", "next to all strings differ: made anew of random words, not drawn from training rows"
    if distinct > min(MANY_LEVELS, max(MIN_KEYS, len(present) // 2)):
        return "categorical", f"{distinct} levels; the rare ones are drawn from those of the training rows"
    return "categorical", f"{distinct} levels"


def _is_key_format(keys: list[Any]) -> bool:
    """Tell whether all are codes with digits, alike in the places of marks or in their runs of characters."""
    if not all(isinstance(key, str) and re.search(r"\d", key) for key in keys[:100]):
        return False
    if not all(isinstance(key, str) and not re.search(r"\s", key) and not DATE.match(key) for key in keys):
        return False
    signatures = {re.sub("a+", "a", re.sub("A+", "A", re.sub(r"\d+", "0", _shape(key)))) for key in keys}
    marks = {re.sub(r"\w", "x", key) for key in keys}
    one_a_length = len(marks) == len(set(map(len, marks)))
    return len(marks) == 1 or (len(signatures) == 1 and one_a_length)


def _is_text(cells: list[Any]) -> bool:
    """Tell whether all are strings, and not all of them decimal numbers or dates."""
    if not all(isinstance(cell, str) for cell in cells):
        return False
    return not all(NUMBER.fullmatch(cell) or DATE.match(cell) for cell in cells)


def _shape(key: str) -> str:
    """Write the key with each small letter as ``a`` and each capital as ``A``."""
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", key))
