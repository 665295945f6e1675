"""Columns of classes and dtypes that few tables have, each with 240 rows, by name."""

import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.table.dtypes import N


def odd_columns() -> dict[str, pd.Series]:
    """Columns that no file would hold: what cannot be learned, and the ends of what can."""
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 5, N)
    texts = [f"{rng.integers(10**9)} sentences, of which none 😀 is like another" for _ in cells]
    return {
        "inf": pd.Series(rng.choice([1.0, np.inf, -np.inf, 2.0], N)),
        "complex": pd.Series(cells + 1j),
        "lists": pd.Series([[int(cell)] for cell in cells]),
        "dicts": pd.Series([{"a": int(cell)} for cell in cells]),
        "sets": pd.Series([{int(cell)} for cell in cells]),
        "frozensets": pd.Series([frozenset({int(cell)}) for cell in cells]),
        "arrays": pd.Series([np.arange(2) + cell for cell in cells]),
        "functions": pd.Series([len, max] * (N // 2)),
        "objects": pd.Series([object() for _ in cells]),
        "types": pd.Series([int, str] * (N // 2)),
        "frames": pd.Series([pd.Series([1, 2])] * N),
        "numpy scalars": pd.Series([np.float32(cell) for cell in cells], dtype=object),
        "numpy times": pd.Series(list(np.array(cells, dtype="M8[D]")), dtype=object),
        "numbers and strings": pd.Series([int(cell) if cell else "none" for cell in cells], dtype=object),
        "numbers and inf": pd.Series([float(cell) if cell else np.inf for cell in cells], dtype=object),
        "decimals and nan": pd.Series([decimal.Decimal("nan")] * N),
        "times and dates": pd.Series(
            [pd.Timestamp("2020-01-01"), datetime.date(2020, 1, 2)] * (N // 2), dtype=object
        ),
        "two zones": pd.Series(
            [pd.Timestamp("2020-01-01", tz="UTC"), pd.Timestamp("2020-01-01", tz="Asia/Tokyo")] * (N // 2),
            dtype=object,
        ),
        "all kinds of missing": pd.Series([None, np.nan, pd.NA, pd.NaT] * (N // 4), dtype=object),
        "sparse with holes": pd.Series(pd.arrays.SparseArray(np.where(cells > 3, np.nan, cells))),
        "sparse integers": pd.Series(pd.arrays.SparseArray(cells, fill_value=0)),
        "sparse bool": pd.Series(pd.arrays.SparseArray(cells > 3)),
        "texts": pd.Series(texts),
        "keys": pd.Series([f"id-{k:05d}" for k in rng.permutation(N)]),
        "long names": pd.Series(["x" * 5000, "y" * 5000] * (N // 2)),
        "surrogates": pd.Series(["\ud800", "\x00", "\u202e"] * (N // 3), dtype=object),
        "old times": pd.Series(pd.date_range("0001-01-01", periods=N, freq="YS", unit="s")),
        "quarters": pd.Series(pd.period_range("1990", periods=N, freq="Q")),
        "business days": pd.Series(pd.date_range("2000", periods=N, freq="B")),
        "category of times": pd.Series(pd.date_range("2000", periods=N)).astype("category"),
        "category of tuples": pd.Series([("a", 1), ("b", 2)] * (N // 2)).astype("category"),
        "category of floats": pd.Series(rng.choice([0.5, -0.0, 2.0], N)).astype("category"),
        "intervals of times": pd.Series(pd.interval_range(pd.Timestamp("2000"), periods=N)),
        "minus zero": pd.Series(rng.choice([0.0, -0.0, 1.0], N)),
        "subnormal": pd.Series(rng.choice([5e-324, 0, 1], N)),
        "both ends": pd.Series(rng.choice([-1.7e308, 1.7e308, 0.1], N)),
        "int64 ends": pd.Series(rng.choice([-(2**63), 2**63 - 1, 0], N)),
        "bool subclass": pd.Series([np.bool_(cell > 2) for cell in cells], dtype=object),
    }


class Colour(enum.Enum):
    """Values of a class of one's own."""

    RED = 1
    BLUE = 2


class Word(str):
    """Strings of a class of one's own."""


def rare_columns() -> dict[str, pd.Series]:
    """Columns of classes and dtypes that few have, and of the ends of those that all have."""
    rng = np.random.default_rng(2)
    cells = rng.integers(0, 5, N)
    days = pd.Series(pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 3000, N), unit="D"))
    hours = pd.Series(pd.date_range("2024-09-01", periods=N, freq="h", tz="UTC"))
    ends = [pd.Timestamp.min.ceil("s"), pd.Timestamp.max.floor("s"), pd.Timestamp("2020")]
    objects = {
        "uuids": [uuid.UUID(int=int(k)) for k in rng.integers(0, 2**62, N)],
        "fractions": [fractions.Fraction(int(cell), 3) for cell in cells],
        "enumeration": [list(Colour)[cell % 2] for cell in cells],
        "paths": [pathlib.PurePosixPath(f"/home/{cell}") for cell in cells],
        "addresses": [ipaddress.ip_address(int(cell)) for cell in cells],
        "words": [Word("abcde"[cell]) for cell in cells],
        "numpy strings": [np.str_("abcde"[cell]) for cell in cells],
        "byte arrays": [bytearray([cell]) for cell in cells],
        "bytes, or missing": [bytes([cell]) if cell else None for cell in cells],
        "ranges": [range(cell) for cell in cells],
        "complex objects": [complex(cell) for cell in cells],
        "decimals and infinity": [decimal.Decimal("Infinity" if not cell else int(cell)) for cell in cells],
        "decimals of all sizes": [decimal.Decimal(10) ** int(k) for k in rng.integers(-40, 40, N)],
        "decimals of 40 digits": [decimal.Decimal(f"{'7' * 40}.{cell}") for cell in cells],
        "integers of all sizes": [
            int(sign) * 3 ** int(k) for k, sign in zip(cells * 30, cells - 2, strict=True)
        ],
        "integers beyond float64": [10**400 + int(cell) for cell in cells],
        "negative integers beyond 64 bits": [-(2**65) - int(cell) for cell in cells],
        "dates of all years": [datetime.date(int(year), 12, 31) for year in rng.integers(1, 10_000, N)],
        "times with zones of their own": [
            datetime.datetime(2020, 1, 1 + cell, tzinfo=datetime.timezone.utc) for cell in cells
        ],
        "times of day with microseconds": [datetime.time(int(cell), 0, 0, int(cell) * 11) for cell in cells],
        "long timedeltas": [datetime.timedelta(days=int(cell) * 10**8) for cell in cells],
        "strings and bytes": ["a" if cell else b"a" for cell in cells],
        "nested tuples": [((int(cell), "x"), None) for cell in cells],
        "numbers as strings": [f"{value:.2f}" for value in rng.normal(size=N)],
        "percents": [f"{cell} %" for cell in cells],
        "dates as strings": days.dt.strftime("%d.%m.%Y").tolist(),
        "clock as strings": [f"{cell:02d}:30" for cell in cells],
        "one present object": [None] * (N - 1) + ["x"],
    }
    arrow = {
        "Arrow lists": pa.array([[int(cell)] for cell in cells]),
        "Arrow structs": pa.array([{"a": int(cell)} for cell in cells]),
        "Arrow maps": pa.array([[("a", int(cell))] for cell in cells], pa.map_(pa.string(), pa.int64())),
        "Arrow nulls": pa.nulls(N),
        "Arrow halves": pa.array(cells.astype(np.float16)),
        "Arrow uint64": pa.array(cells.astype(np.uint64) + np.uint64(2**63)),
        "Arrow money": pa.array([decimal.Decimal(int(cell)) / 100 for cell in cells], pa.decimal128(10, 2)),
        "Arrow decimal256": pa.array(
            [decimal.Decimal(7) ** int(cell) for cell in cells], pa.decimal256(60, 20)
        ),
        "Arrow time32": pa.array([datetime.time(int(cell)) for cell in cells], pa.time32("s")),
        "Arrow large binary": pa.array([bytes([cell]) for cell in cells], pa.large_binary()),
        "Arrow fixed binary": pa.array([bytes([cell, 1]) for cell in cells], pa.binary(2)),
        "Arrow dictionary of numbers": pa.array(cells).dictionary_encode(),
        "Arrow Santiago": pa.array(hours.tolist(), pa.timestamp("s", "America/Santiago")),
        "Arrow floats with nan": pa.array(np.where(cells, cells / 3, np.nan), from_pandas=False),
        "Arrow floats with inf": pa.array(np.where(cells, cells / 3, np.inf)),
    }
    zones = ("America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Beirut")
    return {
        **{name: pd.Series(values, dtype=object) for name, values in objects.items()},
        **{name: pd.Series(pd.arrays.ArrowExtensionArray(values)) for name, values in arrow.items()},
        **{f"hours in {zone}": hours.dt.tz_convert(zone) for zone in zones},
        "days in Santiago": hours.dt.tz_convert("America/Santiago")
        .dt.tz_localize(None)
        .dt.tz_localize("America/Santiago", ambiguous="NaT", nonexistent="NaT"),
        "category with unused levels": pd.Series(pd.Categorical(cells.astype(str), list("9876543210"))),
        "category of unused levels only": pd.Series(pd.Categorical([None] * N, ["a", "b"])),
        "ordered category of dates": days.dt.to_period("Y")
        .dt.to_timestamp()
        .astype("category")
        .cat.as_ordered(),
        "category of booleans": pd.Series(cells > 2).astype("category"),
        "category of numbers, or missing": pd.Series(np.where(cells, cells, np.nan)).astype("category"),
        "big-endian floats": pd.Series(rng.normal(size=N).astype(">f8")),
        "big-endian integers": pd.Series(cells.astype(">i4")),
        "long doubles": pd.Series(rng.normal(size=N).astype(np.longdouble)),
        "complex64": pd.Series(cells.astype(np.complex64)),
        "sparse strings": pd.Series(pd.arrays.SparseArray(np.array(list("aabca"), dtype=object)[cells])),
        "sparse, all missing": pd.Series(pd.arrays.SparseArray(np.full(N, np.nan))),
        "weeks": days.dt.to_period("W"),
        "hours as periods": days.dt.to_period("h"),
        "years as periods": pd.Series(
            pd.PeriodIndex([pd.Period(year=1 + 37 * k, freq="Y") for k in range(N)])
        ),
        "intervals closed at both ends": pd.Series(
            pd.arrays.IntervalArray.from_arrays(cells, cells + 1, closed="both")
        ),
        "intervals, or missing": pd.Series(
            pd.arrays.IntervalArray.from_arrays(cells / 2, cells / 2 + 1).take(rng.permutation(N))
        ).mask(cells == 0),
        "negative timedelta": -pd.Series(pd.to_timedelta(cells, unit="D")),
        "timedelta ends": pd.Series(
            [pd.Timedelta.min.ceil("s"), pd.Timedelta.max.floor("s"), pd.Timedelta(0)] * (N // 3)
        ),
        "ends of nanoseconds": pd.Series(pd.DatetimeIndex(ends).as_unit("ns").repeat(N // 3)),
        "year 290,000,000,000": pd.Series(np.array([0, 10**18, -(10**18)] * (N // 3)).astype("M8[s]")),
        "integers beyond 53 bits": pd.Series(2**53 + rng.integers(0, 9, N)),
        "float of one value, or inf": pd.Series(np.where(cells, 1.0, np.inf)),
        "all infinite": pd.Series(np.full(N, -np.inf)),
        "string[python] of numbers": pd.Series(cells.astype(str), dtype="string[python]"),
        "Float64 with nan": pd.Series(
            pd.arrays.FloatingArray(np.where(cells, cells / 7, np.nan), cells == 4)
        ),
    }
