"""What kind of column a column is, and why: how a schema is inferred."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.json_codec import pack
from tabgan.table.columns.facts import MIN_KEYS, ColumnFacts, rarely_repeats
from tabgan.table.columns.protection import Protection
from tabgan.table.columns.strings import is_few
from tabgan.table.columns.templates import Template, as_texts
from tabgan.table.columns.time_pattern import TimePattern

MANY_CATEGORIES = 255
MOST_BITS = 1023  # of a whole number that a float can stand for
YEARS = (1800, 2100)  # numbers in this range are taken for years, not for keys
CLEAR = {  # kinds that a column shows by itself, and the reason
    "missing": "all values are missing",
    "constant": "one value in all rows",
    "datetime": "points in time",
    "timedelta": "lengths of time",
}
GENERATED_KINDS = ("identifier", "text")  # kinds of which no value is learned
REMEDY = (
    "turn them into values of one type, or declare columns={{{name!r}: 'categorical'}}, which repeats them"
)
REMEDIES = {"Timestamp": "convert them to one zone with pd.to_datetime(column, utc=True)"}
SHOWN = 3  # offsets in a message
NEAR_UNIQUE = 0.9  # share of different values from which on strings of one format are keys


def kind_of(facts: ColumnFacts) -> tuple[str, str]:
    """Give the kind of a column and the reason in a few words, inferred once and kept with the facts.

    Raises
    ------
    ValueError
        If the column holds infinite or complex numbers, nested or strange objects, or objects that are
        nearly all different and no strings.
    """
    if facts.kind is None:
        kind = possible_kinds(facts)[0]
        if kind in CLEAR:
            reason = "times of day" if _is_time_of_day(facts) else CLEAR[kind]
        else:
            kind, reason = _kind_of_values(facts) if facts.reading is None else _kind_of_numbers(facts)
        facts.kind = kind, reason + (_how_written(facts) if kind not in ("missing", "constant") else "")
    return facts.kind


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _is_time_of_day(facts: ColumnFacts) -> bool:
    """Tell whether a column holds times of day."""
    if facts.number_format is None:
        return False
    pattern = facts.number_format.pattern
    return facts.number_format.content == "time" or (
        isinstance(pattern, TimePattern) and pattern.is_time_of_day
    )


def _how_written(facts: ColumnFacts) -> str:
    """Say what is special about a column of numbers or times that are written as strings, or have remarks."""
    reading = facts.reading
    if reading is None:
        return ""
    parts, pattern = [], reading.number_format.pattern
    if isinstance(pattern, TimePattern):
        parts.append(f", written as {pattern.format}")
        if isinstance(reading.alternative, TimePattern):
            parts.append(
                f"; if it is {reading.alternative.format}, which fits as well, give "
                f"columns={{{facts.column.name!r}: Datetime(format={reading.alternative.format!r})}}"
            )
    elif pattern is not None:
        parts.append(f", written like {pattern.example}")
    if reading.remarks:
        parts.append(f"; {_count(len(reading.remarks), 'remark')} beside them")
    if reading.n_rare:
        parts.append(f"; {_count(reading.n_rare, 'row')} with a rare remark, taken for a missing value")
    return "".join(parts)


def possible_kinds(facts: ColumnFacts) -> list[str]:
    """Give all kinds that a column can be taken for; one of `CLEAR` comes first.

    Raises
    ------
    ValueError
        If there is none, for the reasons of `kind_of`.
    """
    missing = facts.missing
    if facts.reading is None:
        categories = _categories(facts)
        n_distinct = len(categories)
        kinds = ["categorical", *_kinds_of_keys(categories)]
    else:
        n_distinct = len(facts.distinct) + len(facts.reading.remarks) + bool(facts.reading.n_rare)
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
    assert facts.reading is not None
    strings = ["identifier", "text"] if number_format.pattern and facts.column.dtype != "category" else []
    if not number_format.is_number:
        return ["timedelta" if number_format.is_length else "datetime", "categorical", *strings]
    whole = not number_format.decimals and bool((numbers == np.rint(numbers)).all())
    plain = facts.reading.is_plain
    kinds = ["continuous", "categorical", *(["discrete"] if plain else []), *(["integer"] if whole else [])]
    keys = ["identifier"] if whole and not number_format.pattern else []
    return list(dict.fromkeys([*kinds, *keys, *strings]))


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
            "spread them over several columns, turn them into strings, or leave the column out"
        ) from None
    if any(isinstance(value, int) and value.bit_length() > MOST_BITS for value in values):
        raise ValueError(
            f"column {column.name!r} holds whole numbers of more than 308 digits, with which pandas cannot "
            "work; turn them into strings"
        )
    return values


def _kind_of_numbers(facts: ColumnFacts) -> tuple[str, str]:
    """Tell numbers of which few occur, keys, whole numbers and fractions apart."""
    number_format, n, distinct = facts.number_format, len(facts.numbers), len(facts.distinct)
    assert number_format is not None
    if is_few(distinct, n) and not _is_all_rare(facts):
        return "discrete", f"few distinct numbers: {distinct}"
    decimals = facts.grid.decimals if facts.numbers.dtype.kind == "f" else number_format.decimals or 0
    if decimals != 0:
        return "continuous", "fractions" if decimals is None else f"numbers with {decimals} decimals"
    whole = "whole numbers" + ", stored as floats" * (facts.numbers.dtype.kind == "f")
    # n different numbers at random out of a range would very likely not all differ: p = exp(-n * density / 2)
    low, high = int(facts.distinct[0]), int(facts.distinct[-1])
    n_places = (high - low) // facts.grid.step + 1
    if distinct == n >= MIN_KEYS and n * n / n_places >= MIN_KEYS:
        if YEARS[0] <= low and high <= YEARS[1]:
            return "integer", "whole numbers, all different, that may be years"
        return "identifier", "all numbers differ and fill their range"
    return "integer", whole


def _kind_of_values(facts: ColumnFacts) -> tuple[str, str]:
    """Tell keys from categories."""
    values, dtype, n = _categories(facts), facts.column.dtype, int((~facts.missing).sum())
    distinct = len(values)
    repeats_rarely = rarely_repeats(facts)
    is_category = isinstance(dtype, pd.CategoricalDtype)
    all_rare = _is_all_rare(facts)
    if pd.api.types.is_bool_dtype(dtype) or (is_category and not repeats_rarely and not all_rare):
        return "categorical", f"{dtype}, {distinct} categories"
    near_unique = distinct >= MIN_KEYS and distinct > NEAR_UNIQUE * n
    is_text = all(isinstance(value, str) for value in values)
    if not (near_unique or repeats_rarely or all_rare):
        return "categorical", f"{distinct} categories"
    if is_text and (offsets := TimePattern.offsets(values)):
        raise ValueError(
            f"column {facts.column.name!r} holds times with several offsets from UTC "
            f"({', '.join(offsets[:SHOWN])}{', ...' * (len(offsets) > SHOWN)}); "
            "convert them to one zone with pd.to_datetime(column, utc=True), or declare the column 'text', "
            "which replaces them by random words"
        )
    if Template.of(values):
        return "identifier", f"{'all' if distinct == n else 'most'} values differ and have one form"
    if not repeats_rarely and not (all_rare and is_text):
        return "categorical", f"{distinct} categories"
    if not is_text:
        types, name = ", ".join(sorted({type(value).__name__ for value in values})), facts.column.name
        raise ValueError(
            f"column {name!r} holds objects (of type {types}) hardly any of which repeats, and "
            f"no numbers, times or strings alone; {REMEDIES.get(types, REMEDY).format(name=name)}"
        )
    return "text", "hardly any string repeats: generated of random words, not drawn from training rows"


def _is_all_rare(facts: ColumnFacts) -> bool:
    """Tell whether too few records hold each of the values present, so that none would be drawn again."""
    return bool(Protection(facts).rare[: len(facts.categories) - facts.missing.any()].all())


def _kinds_of_keys(categories: list[Any]) -> list[str]:
    """Give the kinds of generated values that these can be taken for."""
    read = as_texts(categories)
    if read is None:
        return []
    return ["identifier", "text"] if read[0] == "str" else ["identifier"]
