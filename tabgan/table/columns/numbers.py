"""How pandas stores the numbers of one column: out of any dtype into int64 or float64, and back into it."""

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

from tabgan.io.json_codec import pack, pack_dtype, unpack, unpack_dtype
from tabgan.table.columns.categories import find_missing

TOP_BIT = np.uint64(2**63)


@dataclass(frozen=True)
class Storage:
    """The dtype of a column whose cells are numbers or points in time.

    Parameters
    ----------
    dtype : dtype
        As pandas names it.
    form : str
        What the cells are: ``"int"``, ``"uint64"``, ``"float"``, ``"decimal"``, ``"datetime"``,
        ``"timedelta"``, ``"period"``, ``"arrow"`` (a temporal Arrow type) or, in an object column,
        ``"date"``, ``"clock datetime"``, ``"clock timedelta"`` (of the standard library).
    null : object
        The missing cell of an object column.
    places : int
        Digits after the point of a ``"decimal"``.
    local : bool
        Whether times with a zone are handled by the clock on the wall: so when all are midnights.
    """

    dtype: Any
    form: str
    null: Any = None
    places: int = 0
    local: bool = False

    @classmethod
    def of(cls, column: pd.Series) -> Storage | None:
        """Look at a column; None if it does not hold numbers."""
        form = _form(column)
        if form is None:
            return None
        missing = find_missing(column)
        present = column[~missing]
        null = column[missing].iloc[0] if is_object_dtype(column.dtype) and missing.any() else None
        exponents = [cell.as_tuple().exponent for cell in present] if form == "decimal" else []
        places = max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0)
        zoned = isinstance(column.dtype, pd.DatetimeTZDtype)
        local = zoned and bool((present.dt.normalize() == present).all())
        found = cls(column.dtype, form, null, max(0, places), local)
        try:
            found.read(column)
        except (OverflowError, decimal.InvalidOperation):  # too large for int64
            return None
        return found

    @property
    def cell(self) -> np.dtype[Any]:
        """The numpy dtype of a cell, object where there is none."""
        dense = _dense(self.dtype)
        inner = getattr(dense, "numpy_dtype", dense)
        return inner if isinstance(inner, np.dtype) else np.dtype(object)

    @property
    def precision(self) -> np.dtype[Any]:
        """The float type that holds the numbers of a float column."""
        return self.cell if self.cell.kind == "f" else np.dtype(float)

    def read(self, column: pd.Series) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Take the numbers out of a column of n cells.

        Returns
        -------
        numbers : ndarray of int64 or float64, shape (n - number of missing cells,)
            The cells that are there.
        missing : ndarray of bool, shape (n,)
        """
        missing = find_missing(column)
        return self._numbers(column[~missing]), missing

    def write(self, numbers: NDArray[Any], missing: NDArray[np.bool_]) -> pd.Series:
        """Undo `read`."""
        cells = self._cells(numbers)
        if not missing.any():
            return pd.Series(cells, dtype=self.dtype)
        places = np.where(missing, -1, np.cumsum(~missing) - 1)
        null = self.null if is_object_dtype(self.dtype) else None
        return pd.Series(
            pd.api.extensions.take(cells, places, allow_fill=True, fill_value=null), dtype=self.dtype
        )

    def _numbers(self, present: pd.Series) -> NDArray[Any]:
        """Read cells none of which is missing."""
        if self.form == "float":
            return present.to_numpy(dtype=float)
        if self.form in _CELL_TYPES:
            return np.array(present.tolist(), dtype=_CELL_TYPES[self.form]).view(np.int64)
        if self.form == "decimal":
            if not all(map(math.isfinite, present)):
                return np.array([np.inf])  # whoever wants finite numbers will refuse it
            scaled = [round(decimal.Decimal(cell).scaleb(self.places)) for cell in present]
            return np.array(scaled, dtype=np.int64)
        if self.form in ("datetime", "timedelta", "period", "arrow"):
            present = present.astype(self.dtype)  # another frame's unit or zone may differ
        if self.form == "arrow":
            return _arrow_numbers(present)
        if isinstance(self.dtype, pd.DatetimeTZDtype):
            present = present.dt.tz_localize(None) if self.local else present.dt.tz_convert(None)
        if self.form in ("datetime", "timedelta"):
            return present.to_numpy().view(np.int64)
        if self.form == "int" and pd.api.types.is_float_dtype(present.dtype):
            return present.to_numpy(dtype=float)  # as another frame may store them; the grid makes them whole
        if self.form == "uint64":  # flipping the top bit keeps the order
            return (present.to_numpy(dtype=np.uint64) ^ TOP_BIT).view(np.int64)
        if is_object_dtype(present.dtype):  # unlike `to_numpy`, this tells when a number is too large
            return np.array(present.tolist(), dtype=np.int64)
        return present.to_numpy(dtype=np.int64)

    def _cells(self, numbers: NDArray[Any]) -> Any:
        """Undo `_numbers`: an array of the column's dtype."""
        if self.form in _CELL_TYPES:
            return numbers.view(_CELL_TYPES[self.form]).astype(object)
        if self.form == "decimal":
            scaled = [decimal.Decimal(number).scaleb(-self.places) for number in numbers.tolist()]
            cells = np.array(scaled, dtype=object)
            return cells if is_object_dtype(self.dtype) else pd.array(cells, dtype=self.dtype)
        if self.form == "arrow":
            return _arrow_cells(numbers, self.dtype)
        if self.form == "period":
            return pd.PeriodIndex.from_ordinals(numbers, freq=self.dtype.freq).array  # type: ignore[attr-defined]
        if self.form in ("datetime", "timedelta"):
            return self._times(numbers)
        if self.form == "uint64":
            numbers = numbers.view(np.uint64) ^ TOP_BIT
        if isinstance(self.dtype, np.dtype):
            return numbers.astype(self.dtype)
        return pd.array(numbers.astype(self.cell), dtype=self.dtype)

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

    def to_dict(self) -> dict[str, Any]:
        """Give the storage as JSON-able data."""
        form = {"form": self.form, "places": self.places, "local": self.local}
        return {"dtype": pack_dtype(self.dtype), "null": pack(self.null), **form}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Storage:
        """Undo `to_dict`."""
        return cls(**{**data, "dtype": unpack_dtype(data["dtype"]), "null": unpack(data["null"])})


# what the standard library's objects are to numpy
_CELL_TYPES = {"date": "M8[D]", "clock datetime": "M8[us]", "clock timedelta": "m8[us]"}
_OBJECT_FORMS = {
    "integer": "int",
    "floating": "float",
    "mixed-integer-float": "float",
    "decimal": "decimal",
    "date": "date",
    "datetime": "clock datetime",
    "timedelta": "clock timedelta",
}


def _dense(dtype: Any) -> Any:
    """The dtype of the cells of a sparse column, any other dtype itself."""
    return dtype.subtype if isinstance(dtype, pd.SparseDtype) else dtype


def _form(column: pd.Series) -> str | None:
    """What the cells of a column are, by its dtype, or by themselves in an object column."""
    dtype = _dense(column.dtype)
    if is_object_dtype(dtype):
        form = _OBJECT_FORMS.get(pd.api.types.infer_dtype(column, skipna=True))
        zoned = form == "clock datetime" and any(cell.tzinfo for cell in column.dropna())
        timed = form == "date" and any(isinstance(cell, datetime.datetime) for cell in column.dropna())
        return None if zoned or timed else form
    if isinstance(dtype, pd.ArrowDtype) and (form := _arrow_form(dtype)):
        return form
    if isinstance(dtype, pd.PeriodDtype):
        return "period"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "datetime"
    if pd.api.types.is_timedelta64_dtype(dtype):
        return "timedelta"
    if pd.api.types.is_integer_dtype(dtype):
        return "uint64" if dtype.kind == "u" and dtype.itemsize == 8 else "int"
    return "float" if pd.api.types.is_float_dtype(dtype) else None


def _arrow_form(dtype: pd.ArrowDtype) -> str | None:
    """The form of an Arrow type that is not simply an integer or a float."""
    import pyarrow as pa

    if pa.types.is_decimal(dtype.pyarrow_dtype):
        return "decimal"
    return "arrow" if pa.types.is_temporal(dtype.pyarrow_dtype) else None


def _arrow_numbers(present: pd.Series) -> NDArray[np.int64]:
    """The integers beneath temporal Arrow cells."""
    import pyarrow as pa

    cells = pa.chunked_array(pa.array(present.array))
    width = pa.int32() if cells.type.bit_width == 32 else pa.int64()
    return cells.cast(width).to_numpy().astype(np.int64)


def _arrow_cells(numbers: NDArray[np.int64], dtype: pd.ArrowDtype) -> Any:
    """Undo `_arrow_numbers`."""
    import pyarrow as pa

    width = pa.int32() if dtype.pyarrow_dtype.bit_width == 32 else pa.int64()
    return pd.array(pa.array(numbers).cast(width).cast(dtype.pyarrow_dtype), dtype=dtype)
