"""What the user declares of a table: range or categories of each column. Nothing is read from the data.

Values are handled as units: of a number, its place on a fixed grid between the bounds; of a category, its
place in the list. Each value is turned into units by itself, whatever stands in other rows and whatever dtype
the column has.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.categories import find_missing

Units = NDArray[np.int64]
OUTSIDE = -1  # the unit of a value that was not declared


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, times or lengths of time.

    Parameters
    ----------
    name : hashable
    low, high : int or float
        Times and their lengths in microseconds since 1970.
    step : int or float
        Of the grid, which begins at `low`.
    dtype : dtype
        Of samples.
    content : {"integer", "continuous", "datetime", "timedelta"}
    has_missing : bool
        Whether values may be missing; they have the unit after the last.
    is_exact : bool
        Whether all values lie on the grid. Otherwise they lie anywhere between its points.
    """

    name: Hashable
    low: Any
    high: Any
    step: Any
    dtype: Any
    content: str
    has_missing: bool
    is_exact: bool

    @cached_property
    def n_steps(self) -> int:
        """How many points the grid has."""
        return 1 + round((self.high - self.low) / self.step)

    @property
    def n_units(self) -> int:
        """How many units there are, a missing value included."""
        return self.n_steps + self.has_missing

    def units(self, column: pd.Series) -> Units:
        """Turn n values into units, shape (n,); what is beyond the bounds counts as the nearer bound."""
        missing = find_missing(column)
        numbers = self._floats(column)
        with np.errstate(invalid="ignore", over="ignore"):
            places = np.rint((np.clip(numbers, self.low, self.high) - self.low) / self.step)
        units = np.where(np.isnan(places), OUTSIDE, places).astype(np.int64)
        return np.where(missing, self.n_steps if self.has_missing else OUTSIDE, units)

    def _floats(self, column: pd.Series) -> NDArray[np.float64]:
        """Give values as float64, nan where one is none; each by itself, so that no other row has a say."""
        dtype = column.dtype
        if self.content in ("integer", "continuous"):
            if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
                return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
            read = _number
        elif self.content == "datetime":
            if pd.api.types.is_datetime64_any_dtype(dtype) and not isinstance(dtype, pd.ArrowDtype):
                return _as_floats(column.dt.tz_convert(None) if column.dt.tz else column)
            read = microseconds_of_time
        else:
            if pd.api.types.is_timedelta64_dtype(dtype) and not isinstance(dtype, pd.ArrowDtype):
                return _as_floats(column)
            read = microseconds_of_length
        return np.array([read(value) for value in column.astype(object)], dtype=np.float64)


@dataclass(frozen=True)
class Categories:
    """A column of categories.

    Parameters
    ----------
    name : hashable
    values : Series
        All categories in the dtype of samples; a missing one last, if values may be missing.
    """

    name: Hashable
    values: pd.Series

    @property
    def has_missing(self) -> bool:
        """Whether values may be missing."""
        return bool(find_missing(self.values).any())

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.values)

    @property
    def dtype(self) -> Any:
        """The dtype of samples."""
        return self.values.dtype

    def units(self, column: pd.Series) -> Units:
        """Turn n values into units, shape (n,)."""
        missing = find_missing(column)
        of_missing = self.n_units - 1 if self.has_missing else OUTSIDE
        places = {
            value: k
            for k, value in enumerate(self.values.astype(object))
            if k < self.n_units - self.has_missing
        }
        units = np.full(len(column), of_missing, dtype=np.int64)
        units[~missing] = [_place(places, value) for value in column.astype(object)[~missing]]
        return units


Column = Numbers | Categories


def _as_floats(column: pd.Series) -> NDArray[np.float64]:
    """Give times or lengths of time in microseconds."""
    floats = column.dt.as_unit("us").to_numpy().view(np.int64).astype(np.float64)
    return np.where(column.isna(), np.nan, floats)


def _number(value: Any) -> float:
    """Read a number, also one that is written; nan for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _whole(stamp: Any) -> float:
    return float(stamp.view(np.int64))


def microseconds_of_time(value: Any) -> float:
    """Read a point in time; nan for anything else. Of one without a zone it is the time in UTC."""
    try:
        stamp: Any = pd.NaT if isinstance(value, bool | Real) else pd.Timestamp(value)
        if stamp is pd.NaT:
            return math.nan
        return _whole((stamp if stamp.tz is None else stamp.tz_convert(None)).as_unit("us").asm8)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def microseconds_of_length(value: Any) -> float:
    """Read a length of time; nan for anything else."""
    try:
        length: Any = pd.NaT if isinstance(value, bool | Real) else pd.Timedelta(value)
        return math.nan if length is pd.NaT else _whole(length.as_unit("us").asm8)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _place(places: Mapping[Any, int], value: Any) -> int:
    """Give the place of a value; what has no hash was not declared."""
    try:
        return places.get(value, OUTSIDE)
    except TypeError:
        return OUTSIDE
