"""What kind of column a column is, and why: how a schema is inferred."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.json_codec import pack
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.number_format import PLAIN_NUMBERS

MANY_CATEGORIES = 255
MIN_KEYS = 20  # fewer different values are not taken for keys
MAX_DISCRETE = 40
YEARS = (1800, 2100)  # numbers in this range are taken for years, not for keys
CLEAR = {  # kinds that a column shows by itself, and the reason
    "missing": "all values are missing",
    "constant": "one value in all rows",
    "datetime": "points in time",
    "timedelta": "lengths of time",
}
GENERATED_KINDS = ("identifier", "text")  # kinds of which no value is learned
NEAR_UNIQUE = 0.9  # share of different values from which on strings are text
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
NUMBER = re.compile(r"\s*[-+]?\d*[.,][\d.,]*\s*")


def kind_of(facts: ColumnFacts) -> tuple[str, str]:
    """Give the kind of a column and the reason in a few words, inferred once and kept with the facts.

    Raises
    ------
    ValueError
        If the column holds infinite or complex numbers, nested or strange objects.
    """
    if facts.kind is None:
        kind = possible_kinds(facts)[0]
        if kind in CLEAR:
            facts.kind = kind, CLEAR[kind]
        else:
            facts.kind = _kind_of_values(facts) if facts.number_format is None else _kind_of_numbers(facts)
    return facts.kind


def possible_kinds(facts: ColumnFacts) -> list[str]:
    """Give all kinds that a column can be taken for; one of `CLEAR` comes first.

    Raises
    ------
    ValueError
        If there is none, for the reasons of `kind_of`.
    """
    missing = facts.missing
    if facts.number_format is None:
        categories = _categories(facts)
        n_distinct = len(categories)
        strings = all(isinstance(value, str) for value in categories)
        kinds = ["categorical", *(["identifier", "text"] if strings else [])]
    else:
        n_distinct = len(facts.distinct)
        if not np.isfinite(facts.distinct).all():
            name = facts.column.name
            raise ValueError(f"column {name!r} holds infinite numbers; make them missing or clip them")
        kinds = _kinds_of_numbers(facts)
    if missing.all():
        return ["missing"]
    if n_distinct > 1 or missing.any():
        return kinds
    one = len(facts.categories) == 1  # 1 and 1.0, in a column of objects, are two
    return ["constant", *kinds] if one else kinds


def _kinds_of_numbers(facts: ColumnFacts) -> list[str]:
    """Give the kinds that a column of numbers or times can be taken for."""
    number_format, numbers = facts.number_format, facts.distinct
    assert number_format is not None
    if number_format.content not in PLAIN_NUMBERS:
        return ["timedelta" if number_format.is_length else "datetime", "categorical"]
    whole = number_format.content != "decimal" and bool((numbers == np.rint(numbers)).all())
    return ["continuous", "discrete", "categorical", *(["integer", "identifier"] if whole else [])]


def _categories(facts: ColumnFacts) -> list[Any]:
    """Give the different values present, and refuse those that cannot be compared or stored."""
    column = facts.column
    if pd.api.types.is_complex_dtype(column.dtype):
        raise ValueError(
            f"column {column.name!r} holds complex numbers; split it into a real and an imaginary column"
        )
    try:
        values: list[Any] = facts.categories.astype(object).tolist()[
            : len(facts.categories) - facts.missing.any()
        ]
        for value in {type(value): value for value in values}.values():
            pack(value)
    except (TypeError, NotImplementedError):  # unhashable, as Python and as Arrow put it, or not to be stored
        types = {type(value).__name__ for value in column[~facts.missing]}
        strange = ", ".join(name for name in types if name not in ("str", "int", "float", "bool"))
        raise ValueError(
            f"column {column.name!r} holds nested or strange objects (of type {strange}); "
            "spread them over several columns, or turn them into strings"
        ) from None
    return values


def _kind_of_numbers(facts: ColumnFacts) -> tuple[str, str]:
    """Tell numbers of which few occur, keys, whole numbers and fractions apart."""
    number_format, n, distinct = facts.number_format, len(facts.numbers), len(facts.distinct)
    assert number_format is not None
    if distinct <= min(MAX_DISCRETE, max(5, n // 30)) and 2 * distinct <= max(n, 2):
        return "discrete", f"few distinct numbers: {distinct}"
    if number_format.content == "float":
        decimals = facts.grid.decimals
        if decimals == 0:
            return "integer", "whole numbers, stored as floats"
        return "continuous", "fractions" if decimals is None else f"numbers with {decimals} decimals"
    if number_format.content == "decimal":
        return "continuous", f"numbers with {number_format.places} decimals"
    # n different numbers at random out of a range would very likely not all differ: p = exp(-n * density / 2)
    low, high = float(facts.distinct[0]), float(facts.distinct[-1])
    if distinct == n >= MIN_KEYS and n * n / (high - low + 1) >= MIN_KEYS:
        if YEARS[0] <= low and high <= YEARS[1]:
            return "integer", "whole numbers, all different, that may be years"
        return "identifier", "all numbers differ and fill their range"
    return "integer", "whole numbers"


def _kind_of_values(facts: ColumnFacts) -> tuple[str, str]:
    """Tell keys from categories."""
    values, dtype, n = _categories(facts), facts.column.dtype, int((~facts.missing).sum())
    distinct = len(values)
    if pd.api.types.is_bool_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        return "categorical", f"{dtype}, {distinct} categories"
    if distinct == n >= MIN_KEYS and _is_key_format(values):
        return "identifier", "all strings differ and are of one format"
    if distinct > max(MIN_KEYS, NEAR_UNIQUE * n) and _is_text(values):
        return "text", "nearly all strings differ: generated of random words, not drawn from training rows"
    if distinct > min(MANY_CATEGORIES, max(MIN_KEYS, n // 2)):
        return (
            "categorical",
            f"{distinct} categories; the rare ones are drawn from those of the training rows",
        )
    return "categorical", f"{distinct} categories"


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


def _is_text(values: list[Any]) -> bool:
    """Tell whether all are strings, and not all of them decimal numbers or dates."""
    if not all(isinstance(value, str) for value in values):
        return False
    return not all(NUMBER.fullmatch(value) or DATE.match(value) for value in values)


def _shape(key: str) -> str:
    """Write the key with each small letter as ``a`` and each capital as ``A``."""
    return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", key))
