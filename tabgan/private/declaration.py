"""What the user declares of a table, read and checked before any look at it."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.containers import Containers
from tabgan.io.names import columns_like
from tabgan.io.tables import ISO_DATE
from tabgan.private.domain import (
    Categories,
    Column,
    Numbers,
    microseconds_of_length,
    microseconds_of_time,
)
from tabgan.table import Constraint, FixedCombinations, Sum
from tabgan.table.columns.categories import find_missing

FINEST = 2**31  # steps between the bounds of numbers without a step
MOST_STEPS = 2**52  # which float64 tells apart
SECOND = 10**6  # microseconds


def declare(
    names: Iterable[Hashable],
    bounds: Mapping[Hashable, Any],
    categories: Mapping[Hashable, Any],
    dtypes: Mapping[Hashable, Any],
) -> list[Column]:
    """Read what the user declares of the columns `names`.

    Parameters
    ----------
    names : iterable of hashable
        Of all columns, in order.
    bounds : mapping of column name to (low, high) or (low, high, step)
        With None among them, values may be missing. Under "*" may stand the bounds of all other columns.
    categories : mapping of column name to a sequence of values
        With None among them, values may be missing.
    dtypes : mapping of column name to dtype
        Of samples; by default they follow from bounds and categories.

    Raises
    ------
    ValueError, TypeError
        If a column is declared twice, not at all or wrongly; all such columns are named.
    """
    names = list(names)
    unknown = [name for name in (*bounds, *categories, *dtypes) if name not in names and name != "*"]
    if unknown:
        raise ValueError(
            f"{_listed(unknown)} is declared, but no such column is there; {columns_like(unknown[0], names)}"
        )
    if both := [name for name in names if name in bounds and name in categories]:
        raise ValueError(f"{_listed(both)} has bounds and categories; give either")
    rest = bounds.get("*") if "*" not in names else None
    lacking = [name for name in names if name not in categories and name not in bounds]
    if lacking and rest is None:
        raise ValueError(
            f"{_listed(lacking)}: neither bounds nor categories are given. They must come from you, not from "
            "the table: bounds={'age': (0, 120)} for numbers and times, categories={'sex': ['female', "
            "'male']} for others, with None among them where values may be missing. Drop keys and texts"
        )
    columns: list[Column] = []
    for name in names:
        if name in categories:
            columns.append(_categories(name, categories[name], dtypes.get(name)))
        else:
            columns.append(_numbers(name, bounds.get(name, rest), dtypes.get(name)))
    return columns


def _categories(name: Hashable, given: Any, dtype: Any) -> Categories:
    """Read the categories of one column."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f"column {name!r}: categories must be a list of values, got {given!r}")
    values = list(given)
    gone = [bool(np.ndim(value) == 0 and pd.isna(value)) for value in values]
    present = [value for value, missing in zip(values, gone, strict=True) if not missing]
    if len(present) < 2 and not (present and any(gone)):
        raise ValueError(
            f"column {name!r}: two categories at least are needed, got {values}; drop a constant"
        )
    try:
        n_different = len(set(present))
    except TypeError as error:
        raise TypeError(f"column {name!r}: a category is of a type that has no hash: {error}") from error
    if n_different < len(present):
        raise ValueError(f"column {name!r}: some categories are given twice (1, 1.0 and True are the same)")
    series = pd.Series(present + [None] * any(gone), dtype=object).infer_objects()
    try:
        series = series if dtype is None else series.astype(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {name!r}: the categories do not fit the dtype {dtype}: {error}") from error
    if find_missing(series).sum() != any(gone):
        raise ValueError(f"column {name!r}: the dtype {dtype} cannot hold all categories; give another")
    return Categories(name, series)


def _numbers(name: Hashable, given: Any, dtype: Any) -> Numbers:
    """Read the bounds of one column."""
    wanted = "bounds must be (low, high) or (low, high, step), with None beside them if values may be missing"
    if not isinstance(given, tuple | list):
        raise TypeError(f"column {name!r}: {wanted}, got {given!r}")
    parts = [part for part in given if part is not None]
    has_missing = len(parts) < len(given)
    if len(parts) not in (2, 3) or len(given) > len(parts) + 1:
        raise ValueError(f"column {name!r}: {wanted}, got {given!r}")
    low, high, *step = parts
    low, high = (_time_of(name, end) if isinstance(end, str) else end for end in (low, high))
    if isinstance(low, datetime.date | np.datetime64) or isinstance(high, datetime.date | np.datetime64):
        column = _times(name, low, high, step, has_missing, dtype)
    elif isinstance(low, datetime.timedelta | np.timedelta64):
        column = _lengths(name, low, high, step, has_missing, dtype)
    else:
        column = _plain(name, low, high, step, has_missing, dtype)
    if not column.low < column.high:
        raise ValueError(f"column {name!r}: the lower bound must lie below the upper one, got {given!r}")
    if not 0 < column.step <= column.high - column.low:
        raise ValueError(f"column {name!r}: the step must be positive and within the bounds, got {given!r}")
    if column.n_steps > MOST_STEPS:
        raise ValueError(
            f"column {name!r}: from bound to bound there are {column.n_steps:,} steps; give a larger one"
        )
    return column


def _time_of(name: Hashable, written: str) -> datetime.date:
    """Read a day, or a point in time, by ISO 8601."""
    if re.fullmatch(ISO_DATE, written):
        with suppress(ValueError):
            stamp: datetime.datetime = pd.Timestamp(written)
            return stamp.date() if len(written) == len("2020-01-31") else stamp
    raise ValueError(
        f"column {name!r}: bounds must be finite numbers or times, such as '2020-01-31' or "
        f"'2020-01-31 12:30', got {written!r}"
    )


def _plain(name: Hashable, low: Any, high: Any, step: list[Any], has_missing: bool, dtype: Any) -> Numbers:
    for part in (low, high, *step):
        if isinstance(part, bool) or not isinstance(part, Real | Decimal) or not math.isfinite(part):
            raise ValueError(f"column {name!r}: bounds must be finite numbers or times, got {part!r}")
    whole = all(isinstance(part, Integral) for part in (low, high, *step))
    if dtype is not None and not pd.api.types.is_numeric_dtype(dtype):
        raise ValueError(f"column {name!r}: bounds that are numbers do not fit the dtype {dtype}")
    is_float = dtype is not None and pd.api.types.is_float_dtype(dtype)
    if dtype is None:
        dtype = np.dtype("int64") if whole and not has_missing else np.dtype("float64")
    if whole and (step or has_missing or not is_float):  # floats may be whole numbers, some of them missing
        least = step[0] if step else 1
        return Numbers(name, int(low), int(high), int(least), dtype, "integer", has_missing, True)
    low, high = float(low), float(high)
    least = float(step[0]) if step else (high - low) / FINEST
    return Numbers(name, low, high, least, dtype, "continuous", has_missing, bool(step))


def _times(name: Hashable, low: Any, high: Any, step: list[Any], has_missing: bool, dtype: Any) -> Numbers:
    ends = [pd.Timestamp(part) for part in (low, high)]
    if ends[0].tz != ends[1].tz:
        raise ValueError(
            f"column {name!r}: one bound has another time zone than the other, got {low!r}, {high!r}"
        )
    if dtype is None:
        dtype = np.dtype("M8[us]") if ends[0].tz is None else pd.DatetimeTZDtype("us", ends[0].tz)
    whole = [microseconds_of_time(end) for end in ends]
    days = not isinstance(low, datetime.datetime | np.datetime64)
    least = microseconds_of_length(step[0]) if step else (86_400 * SECOND if days else SECOND)
    return Numbers(name, int(whole[0]), int(whole[1]), int(least), dtype, "datetime", has_missing, True)


def _lengths(name: Hashable, low: Any, high: Any, step: list[Any], has_missing: bool, dtype: Any) -> Numbers:
    low, high, least = (
        int(microseconds_of_length(part)) for part in (low, high, *(step or [pd.Timedelta("1s")]))
    )
    return Numbers(name, low, high, least, dtype or np.dtype("m8[us]"), "timedelta", has_missing, True)


def check_constraints(constraints: Sequence[Constraint], names: pd.Index) -> list[Constraint]:
    """Refuse constraints that learn from the table, or speak of columns that are not there."""
    for constraint in constraints:
        if isinstance(constraint, FixedCombinations | Sum):
            raise ValueError(
                f"constraint {constraint} would be learned from the table, outside the budget; leave it "
                "out, and derive the column from the others in samples"
            )
        if absent := [name for name in constraint.columns if name not in names]:
            raise ValueError(
                f"constraint {constraint}: there is no column {absent[0]!r}; {columns_like(absent[0], names)}"
            )
    return list(constraints)


def declared_containers(containers: Containers, columns: Sequence[Column]) -> Containers:
    """Take the dtypes of arrays from what was declared, as those of the data depend on single values."""
    dtypes = {column.name: column.dtype for column in columns}

    def of(names: Sequence[Hashable]) -> str:
        kinds = {getattr(dtypes[name], "kind", "O") for name in names}
        return "float64" if kinds <= set("iufb") else "object"

    X_dtype = None if containers.X_dtype is None else of(containers.features)
    y_dtype = containers.y_dtype
    if y_dtype is not None and containers.target is not None:
        dtype = dtypes[containers.target]
        y_dtype = str(dtype) if isinstance(dtype, np.dtype) else "object"
    return replace(containers, X_dtype=X_dtype, y_dtype=y_dtype)


def _listed(names: list[Hashable]) -> str:
    return ("column " if len(names) == 1 else "columns ") + ", ".join(map(repr, names))
