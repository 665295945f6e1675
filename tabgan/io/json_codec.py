"""Values, dtypes and short series as plain data that JSON can hold, and back; nothing is ever unpickled."""

from __future__ import annotations

import base64
import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def pack(value: Any) -> Any:
    """Put a value, a dtype, a short series, or a list or dict of such into JSON-able form.

    Strings, booleans, integers and finite floats stand for themselves; anything else becomes a list
    ``[tag, content]``.

    Raises
    ------
    TypeError
        If values of this type cannot be stored.
    """
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64 | np.timedelta64):
        value = float(value) if isinstance(value, np.longdouble) else value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else ["float", str(value)]
    for tag, (kind, write, _) in _TAGS.items():
        if isinstance(value, kind):
            return [tag, write(value)]
    raise TypeError(
        f"a value of type {type(value).__name__} cannot be stored in a model file; "
        "turn it into a string or a number first"
    )


def unpack(data: Any) -> Any:
    """Undo `pack`."""
    if not isinstance(data, list):
        return data
    tag, content = data
    return _TAGS[tag][2](content)


def dtype_of(name: str) -> Any:
    """Give the dtype of a name out of a file; none whose elements have a width that the file says."""
    dtype = pd.api.types.pandas_dtype(name)
    if isinstance(dtype, np.dtype) and dtype.kind not in "biufcmMO":
        raise ValueError(f"{name!r} is no dtype of a column")
    return dtype


def _write_dtype(dtype: Any) -> Any:
    """Put a pandas or numpy dtype into JSON-able form."""
    if isinstance(dtype, pd.CategoricalDtype):
        if dtype.categories is None:
            raise TypeError("a category dtype without categories cannot be stored")
        return {"categories": _write_series(pd.Series(dtype.categories)), "ordered": bool(dtype.ordered)}
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow as pa

        schema = pa.schema([("column", dtype.pyarrow_dtype)])
        return {"arrow": base64.b64encode(schema.serialize().to_pybytes()).decode()}
    if isinstance(dtype, pd.StringDtype):
        return {"string": dtype.storage, "nullable": dtype.na_value is pd.NA}
    if isinstance(dtype, pd.SparseDtype):
        return {"sparse": str(dtype.subtype), "fill": pack(dtype.fill_value)}
    return str(dtype)


def _read_dtype(data: Any) -> Any:
    """Undo `_write_dtype`."""
    if isinstance(data, str):
        return dtype_of(data)
    if "categories" in data:
        return pd.CategoricalDtype(pd.Index(_read_series(data["categories"])), ordered=data["ordered"])
    if "arrow" in data:
        import pyarrow as pa

        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(data["arrow"])))
        return pd.ArrowDtype(schema.field(0).type)
    if "sparse" in data:
        return pd.SparseDtype(data["sparse"], unpack(data["fill"]))
    if data["nullable"]:
        return pd.StringDtype(data["string"])
    return pd.StringDtype(data["string"], na_value=np.nan)


def _write_series(values: pd.Series) -> dict[str, Any]:
    """Put a short series, its dtype included, into JSON-able form."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return {"dtype": _write_dtype(values.dtype), "codes": values.cat.codes.tolist()}
    return {"dtype": _write_dtype(values.dtype), "values": [pack(value) for value in values.astype(object)]}


def _read_series(data: dict[str, Any]) -> pd.Series:
    """Undo `_write_series`."""
    dtype = _read_dtype(data["dtype"])
    if "codes" in data:
        return pd.Series(pd.Categorical.from_codes(data["codes"], dtype=dtype))
    values = np.empty(len(data["values"]), dtype=object)
    for i, value in enumerate(data["values"]):  # element by element: numpy would unfold tuples
        values[i] = unpack(value)
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return pd.Series(values, dtype=object)
    if isinstance(dtype, pd.SparseDtype):
        return pd.Series(pd.arrays.SparseArray(values.astype(dtype.subtype), dtype=dtype))
    return pd.Series(list(values), dtype=dtype)


def _write_timestamp(stamp: pd.Timestamp) -> list[Any]:
    """Write a point in time as its number of units since 1970: pandas reads the texts of few years only."""
    return [int(stamp.to_datetime64().astype(np.int64)), str(stamp.tz) if stamp.tz else None, stamp.unit]


def _read_timestamp(data: list[Any]) -> pd.Timestamp:
    number, zone, unit = data
    if isinstance(number, str):  # as earlier builds wrote it
        stamp = pd.Timestamp(number)
        return (stamp.tz_convert(zone) if zone else stamp).as_unit(unit)
    stamp = pd.Timestamp(np.datetime64(number, unit))
    return stamp.tz_localize("UTC").tz_convert(zone) if zone else stamp


def _write_timedelta(length: pd.Timedelta) -> list[Any]:
    return [int(length.to_timedelta64().astype(np.int64)), length.unit]


def _read_timedelta(data: list[Any]) -> pd.Timedelta:
    number, unit = data
    if isinstance(number, str):
        return pd.Timedelta(number).as_unit(unit)
    return pd.Timedelta(np.timedelta64(number, unit))


# tag -> (type, write, read); the first type that fits is taken, so a subclass stands before its parent
_TAGS: dict[str, tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "NA": (type(pd.NA), str, lambda _: pd.NA),
    "NaT": (type(pd.NaT), str, lambda _: pd.NaT),
    "float": (float, str, float),
    "tuple": (tuple, lambda v: [pack(part) for part in v], lambda d: tuple(unpack(part) for part in d)),
    "frozenset": (frozenset, lambda v: [pack(part) for part in v], lambda d: frozenset(map(unpack, d))),
    "timestamp": (pd.Timestamp, _write_timestamp, _read_timestamp),
    "timedelta": (pd.Timedelta, _write_timedelta, _read_timedelta),
    "datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "time": (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    "duration": (
        datetime.timedelta,
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda d: datetime.timedelta(*d),
    ),
    "numpy datetime": (
        np.datetime64,
        lambda v: [str(v), np.datetime_data(v)[0]],
        lambda d: np.datetime64(*d),
    ),
    "period": (pd.Period, lambda v: [str(v), v.freqstr], lambda d: pd.Period(d[0], freq=d[1])),
    "interval": (
        pd.Interval,
        lambda v: [pack(v.left), pack(v.right), v.closed],
        lambda d: pd.Interval(unpack(d[0]), unpack(d[1]), d[2]),
    ),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "complex": (complex, str, complex),
    "dtype": (np.dtype | pd.api.extensions.ExtensionDtype, _write_dtype, _read_dtype),
    "series": (pd.Series, _write_series, _read_series),
    "list": (list, lambda v: [pack(part) for part in v], lambda d: [unpack(part) for part in d]),
    "dict": (
        dict,
        lambda v: [[pack(key), pack(part)] for key, part in v.items()],
        lambda d: {unpack(key): unpack(part) for key, part in d},
    ),
}
