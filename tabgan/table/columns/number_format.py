"""How a column stores its numbers: out of any dtype into int64 or float64, and back into it."""

from __future__ import annotations

import datetime
import decimal
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.number_pattern import NumberPattern
from tabgan.table.columns.time_pattern import TimePattern

Pattern = NumberPattern | TimePattern

TOP_BIT = np.uint64(2**63)
PLAIN_NUMBERS = ("int", "uint64", "float", "decimal")


@dataclass(frozen=True)
class NumberFormat:
    """How a column stores numbers or points in time.

    Parameters
    ----------
    dtype : dtype
        As pandas names it.
    content : str
        What the values are: ``"int"``, ``"uint64"``, ``"float"``, ``"decimal"``, ``"datetime"``,
        ``"timedelta"``, ``"period"``, ``"arrow"`` (a temporal Arrow type) or, in an object column,
        ``"date"``, ``"time"``, ``"clock datetime"``, ``"clock timedelta"`` (of the standard library);
        ``"written"`` as strings.
    null : object
        The missing value of an object column.
    places : int
        Digits after the point of a ``"decimal"``.
    local : bool
        Whether times with a zone are handled by the clock on the wall: so when all are midnights.
    pattern : NumberPattern, TimePattern or None
        How ``"written"`` strings are read and written.
    has_odd : bool
        Whether strings with digits stand beside the numbers that are remarks, and no numbers of this format.
    """

    dtype: Any
    content: str
    null: Any = None
    places: int = 0
    local: bool = False
    pattern: Pattern | None = None
    has_odd: bool = False

    @classmethod
    def detect(
        cls, column: pd.Series, missing: NDArray[np.bool_]
    ) -> tuple[NumberFormat, NDArray[Any]] | None:
        """Look at a column; give its format and the numbers present, or None if it does not hold numbers."""
        content = _content(column)
        if content is None:
            return None
        present = column[~missing]
        null = column[missing].iloc[0] if is_object_dtype(column.dtype) and missing.any() else None
        exponents = [value.as_tuple().exponent for value in present] if content == "decimal" else []
        places = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
        local = False
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            walls = present.dt.tz_localize(None)  # there are zones in which a day has no midnight
            local = bool((walls.dt.normalize() == walls).all())
        number_format = cls(column.dtype, content, null, max(0, places), local)
        try:
            return number_format, number_format._numbers(present)
        except (OverflowError, decimal.InvalidOperation):  # too large for int64
            return None

    @property
    def value_dtype(self) -> np.dtype[Any]:
        """The numpy dtype of a value, object where there is none."""
        dtype = dense(self.dtype)
        inner = getattr(dtype, "numpy_dtype", dtype)
        return inner if isinstance(inner, np.dtype) else np.dtype(object)

    @property
    def is_length(self) -> bool:
        """Whether the values are lengths of time."""
        return "timedelta" in self.content or "duration" in str(self.dtype)

    @property
    def is_number(self) -> bool:
        """Whether the values are plain numbers, neither times nor their lengths."""
        return self.content in PLAIN_NUMBERS or isinstance(self.pattern, NumberPattern)

    @property
    def decimals(self) -> int | None:
        """Digits after the point, where the format itself says how many at most; None if it does not."""
        if isinstance(self.pattern, NumberPattern):
            return self.pattern.places
        return self.places if self.content == "decimal" else None

    def read(self, column: pd.Series) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Take the numbers out of a column of n values: those present, and which are missing, shape (n,)."""
        missing = find_missing(column)
        return self._numbers(column[~missing]), missing

    def write(self, numbers: NDArray[Any], missing: NDArray[np.bool_]) -> pd.Series:
        """Undo `read`."""
        values = self._values(numbers)
        if not missing.any():
            return pd.Series(values, dtype=self.dtype)
        if is_object_dtype(self.dtype):
            objects = np.full(len(missing), self.null, dtype=object)
            objects[~missing] = values
            return pd.Series(objects, dtype=self.dtype)
        places = np.where(missing, -1, np.cumsum(~missing) - 1)
        return pd.Series(pd.api.extensions.take(values, places, allow_fill=True), dtype=self.dtype)

    def floats(self, numbers: NDArray[Any]) -> NDArray[np.float64]:
        """Give numbers that were read as float64, times and their lengths in microseconds."""
        if self.pattern is not None:
            return self.pattern.floats(numbers)
        if self.content == "uint64":
            return (numbers.view(np.uint64) ^ TOP_BIT).astype(float)
        if self.content == "decimal":
            return numbers / 10.0**self.places
        return numbers.astype(float) * _microseconds(self)

    def _numbers(self, present: pd.Series) -> NDArray[Any]:
        """Read values none of which is missing."""
        if self.pattern is not None:
            numbers, fits = self.pattern.read(present.tolist())
            if not fits.all():
                raise ValueError(f"column {present.name!r} holds strings that are written in another way")
            return numbers
        if self.content == "time":
            return np.array([_since_midnight(value) for value in present], dtype=np.int64)
        if self.content == "float":
            return present.to_numpy(dtype=float)
        if self.content == "clock timedelta" and any(abs(value) > _LONGEST for value in present):
            raise OverflowError("numpy would wrap it around")
        if self.content in _OBJECT_UNITS:
            return np.array(present.tolist(), dtype=_OBJECT_UNITS[self.content]).view(np.int64)
        if self.content == "decimal":
            if not all(map(math.isfinite, present)):
                return np.full(len(present), np.inf)  # whoever wants finite numbers will refuse it
            scaled = [round(decimal.Decimal(value).scaleb(self.places)) for value in present]
            return np.array(scaled, dtype=np.int64)
        if self.content in ("datetime", "timedelta", "period", "arrow"):
            present = present.astype(self.dtype)  # another frame's unit or zone may differ
        if self.content == "arrow":
            return _arrow_numbers(present)
        if isinstance(self.dtype, pd.DatetimeTZDtype):
            present = present.dt.tz_localize(None) if self.local else present.dt.tz_convert(None)
        if self.content in ("datetime", "timedelta"):
            return present.to_numpy().view(np.int64)
        if self.content == "int" and pd.api.types.is_float_dtype(present.dtype):
            return present.to_numpy(dtype=float)  # as another frame may store them; the grid makes them whole
        if self.content == "uint64":  # flipping the top bit keeps the order
            return (present.to_numpy(dtype=np.uint64) ^ TOP_BIT).view(np.int64)
        if is_object_dtype(present.dtype):  # unlike `to_numpy`, this complains of a number that is too large
            return np.array(present.tolist(), dtype=np.int64)
        return present.to_numpy(dtype=np.int64)

    def _values(self, numbers: NDArray[Any]) -> Any:
        """Undo `_numbers`: an array of the column's dtype."""
        if self.pattern is not None or self.content == "time":
            written = (
                map(_time_of_day, numbers.tolist()) if self.pattern is None else self.pattern.write(numbers)
            )
            values = np.array([*written, None], dtype=object)[:-1]
            return values if is_object_dtype(self.dtype) else pd.array(values, dtype=self.dtype)
        if self.content in _OBJECT_UNITS:
            return numbers.view(_OBJECT_UNITS[self.content]).astype(object)
        if self.content == "decimal":
            scaled = [decimal.Decimal(number).scaleb(-self.places) for number in numbers.tolist()]
            values = np.array(scaled, dtype=object)
            return values if is_object_dtype(self.dtype) else pd.array(values, dtype=self.dtype)
        if self.content == "arrow":
            return _arrow_values(numbers, self.dtype)
        if self.content == "period":
            return pd.PeriodIndex.from_ordinals(numbers, freq=self.dtype.freq).array  # type: ignore[attr-defined]
        if self.content in ("datetime", "timedelta"):
            return self._times(numbers)
        if self.content == "uint64":
            numbers = numbers.view(np.uint64) ^ TOP_BIT
        if isinstance(self.dtype, np.dtype):
            return numbers.astype(self.dtype)
        return pd.array(numbers.astype(self.value_dtype), dtype=self.dtype)

    def _times(self, numbers: NDArray[np.int64]) -> Any:
        """Points or lengths of time from their numbers."""
        if not isinstance(self.dtype, pd.DatetimeTZDtype):
            return pd.array(numbers.view(self.dtype), dtype=self.dtype)
        times = pd.DatetimeIndex(numbers.view(f"M8[{self.dtype.unit}]"))
        if not self.local:
            return times.tz_localize("UTC").tz_convert(self.dtype.tz).array
        # a midnight that the clock skips or meets twice becomes the first moment of its day
        return times.tz_localize(
            self.dtype.tz, ambiguous=np.ones(len(times), dtype=bool), nonexistent="shift_forward"
        ).array


_LONGEST = datetime.timedelta(microseconds=2**63 - 1)
_OBJECT_UNITS = {"date": "M8[D]", "clock datetime": "M8[us]", "clock timedelta": "m8[us]"}  # to numpy
_OBJECT_CONTENT = {
    "integer": "int",
    "floating": "float",
    "mixed-integer-float": "float",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "datetime": "clock datetime",
    "timedelta": "clock timedelta",
}


def _since_midnight(time: datetime.time) -> int:
    """Give a time of day in microseconds."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 10**6 + time.microsecond


def _time_of_day(microseconds: int) -> datetime.time:
    """Undo `_since_midnight`."""
    return (datetime.datetime.min + datetime.timedelta(microseconds=microseconds)).time()


def dense(dtype: Any) -> Any:
    """The dtype of the values of a sparse column, any other dtype itself."""
    return dtype.subtype if isinstance(dtype, pd.SparseDtype) else dtype


def open_dtype(dtype: Any) -> Any:
    """A dtype that holds other values, too: objects in place of categories, any other dtype itself."""
    return np.dtype(object) if isinstance(dtype, pd.CategoricalDtype) else dtype


def _content(column: pd.Series) -> str | None:
    """What the values of a column are, by its dtype, or by themselves in an object column."""
    dtype = dense(column.dtype)
    if is_object_dtype(dtype):
        content = _OBJECT_CONTENT.get(pd.api.types.infer_dtype(column, skipna=True))
        zoned = content in ("clock datetime", "time") and any(value.tzinfo for value in column.dropna())
        timed = content == "date" and any(isinstance(v, datetime.datetime) for v in column.dropna())
        return None if zoned or timed else content
    if isinstance(dtype, pd.ArrowDtype) and (content := _arrow_content(dtype)):
        return content
    if isinstance(dtype, pd.PeriodDtype):
        return "period"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "datetime"
    if pd.api.types.is_timedelta64_dtype(dtype):
        return "timedelta"
    if pd.api.types.is_integer_dtype(dtype):
        return "uint64" if dtype.kind == "u" and dtype.itemsize == 8 else "int"
    return "float" if pd.api.types.is_float_dtype(dtype) else None


def _microseconds(of: NumberFormat) -> float:
    """What a number that was read has to be multiplied by: 1 if it is not of a time."""
    if of.content in PLAIN_NUMBERS:
        return 1.0
    unit = "us"  # of clocks, and of periods that `as_floats` has turned into such
    if of.content == "date":
        unit = "D"
    elif of.content == "arrow":
        days = {"date32[day][pyarrow]": "D", "date64[ms][pyarrow]": "ms"}
        unit = days.get(str(of.dtype)) or of.dtype.pyarrow_dtype.unit
    elif of.content in ("datetime", "timedelta"):
        unit = of.dtype.unit if isinstance(of.dtype, pd.DatetimeTZDtype) else np.datetime_data(of.dtype)[0]
    return {"D": 86_400e6, "s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit]


def _arrow_content(dtype: pd.ArrowDtype) -> str | None:
    """The content of an Arrow type that is not simply an integer or a float."""
    import pyarrow as pa

    if pa.types.is_decimal(dtype.pyarrow_dtype):
        return "decimal"
    return "arrow" if pa.types.is_temporal(dtype.pyarrow_dtype) else None


def _arrow_numbers(present: pd.Series) -> NDArray[np.int64]:
    """The integers beneath temporal Arrow values."""
    import pyarrow as pa

    values = pa.chunked_array(pa.array(present.array))
    width = pa.int32() if values.type.bit_width == 32 else pa.int64()
    return values.cast(width).to_numpy().astype(np.int64)


def _arrow_values(numbers: NDArray[np.int64], dtype: pd.ArrowDtype) -> Any:
    """Undo `_arrow_numbers`."""
    import pyarrow as pa

    width = pa.int32() if dtype.pyarrow_dtype.bit_width == 32 else pa.int64()
    return pd.array(pa.array(numbers).cast(width).cast(dtype.pyarrow_dtype), dtype=dtype)
