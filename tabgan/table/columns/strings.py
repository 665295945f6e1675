"""Strings that write numbers or times, and remarks among numbers: how a column is read as numbers."""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.table.columns.categories import factorize, find_missing
from tabgan.table.columns.number_format import NumberFormat, Pattern, open_dtype
from tabgan.table.columns.number_pattern import FLOAT, NumberPattern
from tabgan.table.columns.time_pattern import TimePattern

SIMPLE = (str, int, float, decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, np.generic)
ARROW_STRINGS = ("string", "large_string", "string_view")
MOST_REMARKS = 20
MOST_DISCRETE = 40
MOST_ODD = 0.1  # share of strings with digits up to which they are remarks among numbers of one format
SHOWN = 100  # strings of a shape that show how it is written
DIGITS, LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
REMARK = re.compile(r"\D*|\s*[<>≤≥~].*", re.DOTALL)  # no digit, or a limit that was not measured
UNLIKE, PRESENT, MISSING, FIRST_REMARK = -1, 0, 1, 2  # what a value is


@dataclass(frozen=True)
class Reading:
    """A column of n values as numbers.

    Parameters
    ----------
    number_format : NumberFormat
    numbers : ndarray
        Those present, as `NumberFormat.read` gives them.
    is_number : ndarray of bool, shape (n,)
    remarks : tuple of str
        Strings beside the numbers that enough rows hold, the most frequent first.
    n_rare : int
        Rows with a remark that too few rows hold.
    alternative : Pattern or None
        Another way to read the same strings.
    """

    number_format: NumberFormat
    numbers: NDArray[Any]
    is_number: NDArray[np.bool_]
    remarks: tuple[str, ...] = ()
    n_rare: int = 0
    alternative: Pattern | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all are numbers or times as they are: neither written as strings, nor with remarks."""
        return self.number_format.pattern is None and not self.remarks and not self.n_rare


def is_few(n_distinct: int, n: int) -> bool:
    """Tell whether n numbers are so few different ones that they are categories rather than a scale."""
    return n_distinct <= min(MOST_DISCRETE, max(5, n // 30)) and 2 * n_distinct <= max(n, 2)


def read_strings(
    column: pd.Series,
    missing: NDArray[np.bool_],
    codes: NDArray[np.intp],
    categories: list[Any],
    least: int = 1,
    given: TimePattern | None = None,
) -> Reading | None:
    """Read a column of strings, or of objects some of which are strings, as numbers.

    Parameters
    ----------
    column : Series of shape (n,)
    missing : ndarray of bool, shape (n,)
    codes : ndarray, shape (n,)
        The place of each value among the categories.
    categories : list
        The different values present.
    least : int
        Rows that a remark needs to be learned.
    given : TimePattern, optional
        How strings that are no remarks are written; by default it is found.

    Returns
    -------
    Reading or None
        None unless more than half of the values present are numbers or times of one format, and all others
        are remarks: few different strings without a digit, or that begin with a mark such as ``<``; or one in
        ten values at most, whatever they say.
    """
    if not categories:
        return None
    is_remark = np.array([isinstance(value, str) and bool(REMARK.fullmatch(value)) for value in categories])
    counts = np.bincount(codes, minlength=len(categories))[: len(categories)]
    n, n_remarks = int(counts.sum()), int(counts[is_remark].sum())
    if (is_remark.sum() > MOST_REMARKS and n_remarks > MOST_ODD * n) or 2 * n_remarks >= n:
        return None
    read, has_odd = _read_numbers(column, codes, categories, is_remark, given), False
    if read is None and given is None:
        is_odd = _find_odd(categories, is_remark, counts)
        has_odd = 0 < int(counts[is_odd].sum()) <= MOST_ODD * n
        is_remark |= is_odd
        read = _read_numbers(column, codes, categories, is_remark, given) if has_odd else None
    if read is None:
        return None
    number_format, numbers, alternative = read
    if not isinstance(number_format.pattern, TimePattern) and is_few(len(np.unique(numbers)), len(numbers)):
        return None
    common = np.flatnonzero(is_remark & (counts >= least))
    common = common[np.argsort(-counts[common], kind="stable")][:MOST_REMARKS]
    return Reading(
        replace(number_format, null=_null(column, missing), has_odd=has_odd),
        numbers,
        ~missing & _are_numbers(codes, is_remark),
        tuple(categories[place] for place in common),
        int(counts[is_remark].sum() - counts[common].sum()),
        alternative,
    )


def _are_numbers(codes: NDArray[np.intp], is_remark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of n values are neither remarks nor missing, shape (n,)."""
    return ~np.append(is_remark, True)[np.minimum(codes, len(is_remark))]


def _read_numbers(
    column: pd.Series,
    codes: NDArray[np.intp],
    categories: list[Any],
    is_remark: NDArray[np.bool_],
    given: TimePattern | None,
) -> tuple[NumberFormat, NDArray[Any], Pattern | None] | None:
    """Read what is no remark, strings in one way; give the format, the numbers and another way."""
    is_number = _are_numbers(codes, is_remark)
    rest = [value for value, other in zip(categories, is_remark, strict=True) if not other]
    if all(isinstance(value, str) for value in categories):
        found = find_pattern(rest, given)
        if found is None:
            return None
        pattern, alternative, distinct = found
        number_format = NumberFormat(column.dtype, "written", pattern=pattern)
        return number_format, distinct[(np.cumsum(~is_remark) - 1)[codes[is_number]]], alternative
    if any(isinstance(value, str) for value in rest):
        return None
    detected = NumberFormat.detect(column[is_number], np.zeros(is_number.sum(), dtype=bool))
    return (*detected, None) if detected else None


def _find_odd(
    categories: list[Any], is_remark: NDArray[np.bool_], counts: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Find which categories to leave out, beside remarks, so that the others are numbers or times alone.

    Of strings, those stay whose shape goes with the most frequent one: the text with ``0`` for each number
    and ``a`` for each word. Numbers and times that strings write beside others that are none are left in.
    """
    if not all(isinstance(value, str) for value in categories):
        has_times = any(isinstance(value, datetime.date | datetime.time) for value in categories)
        is_value = (lambda text: TimePattern.of([text])) if has_times else FLOAT.fullmatch
        return ~is_remark & [isinstance(value, str) and not is_value(value) for value in categories]
    places = np.flatnonzero(~is_remark)
    shapes, _ = pd.factorize(np.array([_shape(categories[place]) for place in places], dtype=object))
    rows = np.bincount(shapes, weights=counts[places])
    shown: list[str] = []
    is_odd = np.zeros(len(categories), dtype=bool)
    for shape in np.argsort(-rows, kind="stable"):
        alike = places[shapes == shape]
        more = [categories[place] for place in alike[:SHOWN]]
        if find_pattern(shown + more):
            shown += more
            continue
        is_odd[alike] = True
        if not shown or counts[is_odd].sum() > MOST_ODD * counts.sum():
            return np.zeros(len(categories), dtype=bool)
    return is_odd


def _shape(text: str) -> str:
    return LETTERS.sub("a", DIGITS.sub("0", text))


def sort_values(
    column: pd.Series, number_format: NumberFormat, remarks: Sequence[str] = ()
) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Read a column of n values by what is known of another one.

    Returns
    -------
    numbers : ndarray
        Those present, as `NumberFormat.read` gives them.
    states : ndarray, shape (n,)
        `PRESENT`, `MISSING`, `UNLIKE` for what cannot be read, and from `FIRST_REMARK` on the number of a
        remark. A remark that is none of `remarks` is missing; if training held odd ones, any other string is.
    """
    missing = find_missing(column)
    column = column.astype(open_dtype(column.dtype))
    states = np.where(missing, MISSING, PRESENT)
    pattern = number_format.pattern
    if pattern is None and not (is_object_dtype(column.dtype) and _has_strings(column)):
        return number_format.read(column)[0], states
    codes, values = factorize(column.astype(object), missing)
    categories = values.tolist()[: len(values) - int(missing.any())]
    texts = [value if isinstance(value, str) else "" for value in categories]
    is_string = np.array([isinstance(value, str) for value in categories], dtype=bool)
    numbers, fits = pattern.read(texts) if pattern is not None else (np.zeros(0), ~is_string)
    kinds = np.where(fits & (is_string == (pattern is not None)), PRESENT, UNLIKE)
    for place in np.flatnonzero(is_string & (kinds == UNLIKE)):
        if texts[place] in remarks:
            kinds[place] = FIRST_REMARK + list(remarks).index(texts[place])
        elif number_format.has_odd or REMARK.fullmatch(texts[place]):
            kinds[place] = MISSING
    states[~missing] = kinds[codes[~missing]]
    if pattern is None:
        return number_format.read(column[states == PRESENT])[0], states
    return numbers[codes[states == PRESENT]], states


def _has_strings(column: pd.Series) -> bool:
    inside = pd.api.types.infer_dtype(column, skipna=True)
    return inside.startswith("mixed") or inside == "string"


def find_pattern(
    texts: list[str], given: TimePattern | None = None
) -> tuple[Pattern, Pattern | None, NDArray[Any]] | None:
    """Find how different strings write numbers or times; give another way, too, and what they are."""
    if given is not None:
        read, fits = given.read(texts)
        return (given, None, read) if fits.all() else None
    if times := TimePattern.of(texts):
        return times
    if numbers := NumberPattern.of(texts):
        return numbers[0], None, numbers[1]
    return None


def _null(column: pd.Series, missing: NDArray[np.bool_]) -> Any:
    """The missing value of a column of objects."""
    return column[missing].iloc[0] if is_object_dtype(column.dtype) and missing.any() else None


def holds_strings(column: pd.Series) -> bool:
    """Tell whether a column is of strings, or of objects that are strings and numbers or times."""
    dtype = column.dtype
    if not is_object_dtype(dtype):
        is_arrow = isinstance(dtype, pd.ArrowDtype) and str(dtype.pyarrow_dtype) in ARROW_STRINGS
        return isinstance(dtype, pd.StringDtype) or is_arrow
    return _has_strings(column) and all(isinstance(value, SIMPLE) for value in column.dropna())


def read_floats(
    column: pd.Series, number_format: NumberFormat, remarks: Sequence[str] = ()
) -> NDArray[np.float64]:
    """Give n values as floats, shape (n,): times in microseconds, nan for what is no number."""
    numbers, states = sort_values(column, number_format, remarks)
    floats = np.full(len(column), np.nan)
    floats[states == PRESENT] = number_format.floats(numbers)
    return floats
