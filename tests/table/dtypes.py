"""Columns of every dtype that a DataFrame holds, each with 240 rows, by name."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from tabgan.layout import Layout

N = 240


def with_missing(column: pd.Series, null: object = None) -> pd.Series:
    """Make every fifth value missing."""
    return column.mask(np.arange(len(column)) % 5 == 0, null)


def _numbers(rng: np.random.Generator) -> dict[str, pd.Series]:
    whole = rng.integers(0, 120, N)
    money = np.round(rng.lognormal(3, 1, N), 2)
    columns = {}
    for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        columns[name] = pd.Series(whole, dtype=name)
        columns[name.replace("u", "U").replace("i", "I")] = with_missing(
            pd.Series(whole, dtype=name.replace("uint", "UInt").replace("int", "Int")), pd.NA
        )
    for name in ("float16", "float32", "float64", "Float32", "Float64"):
        columns[name] = pd.Series(money).astype("float16" if name == "float16" else "float64").astype(name)
        columns[f"{name} with missing values"] = with_missing(
            columns[name], pd.NA if name[0] == "F" else np.nan
        )
    columns["huge int64"] = pd.Series(rng.choice(rng.integers(2**61, 2**62, 60), N))
    columns["huge uint64"] = pd.Series(rng.choice(rng.integers(2**63, 2**64 - 1, 60, dtype=np.uint64), N))
    columns["huge Int64 with missing values"] = with_missing(columns["huge int64"].astype("Int64"), pd.NA)
    columns["int objects"] = with_missing(pd.Series(whole.tolist(), dtype=object))
    columns["integers beyond 64 bits"] = pd.Series([2**70 + int(i) % 7 for i in whole], dtype=object)
    columns["decimal"] = pd.Series([decimal.Decimal(f"{value:.2f}") for value in money])
    columns["decimal with missing values"] = with_missing(columns["decimal"])
    columns["few decimals"] = pd.Series([decimal.Decimal(int(i) % 4) / 4 for i in whole])
    columns["sparse"] = pd.Series(pd.arrays.SparseArray(np.where(whole < 90, 0.0, money)))
    columns["thirds"] = pd.Series(whole / 3)
    columns["tiny"] = pd.Series(rng.normal(size=N) * 1e-12)
    columns["e308"] = pd.Series(rng.uniform(-1, 1, N) * 1.7e308)
    return columns


def _values(rng: np.random.Generator) -> dict[str, pd.Series]:
    words = pd.Series(rng.choice(["a", "B", "", " ", "😀", "0311", "nan", "None", "ä\tü"], N), dtype=object)
    yes = pd.Series(rng.random(N) < 0.3)
    mixed = np.array([1, "1", 1.5, True, (1, 2), "x", None], dtype=object)
    columns = {
        "bool": yes,
        "bool objects with missing values": with_missing(yes.astype(object)),
        "boolean with missing values": with_missing(yes.astype("boolean"), pd.NA),
        "string objects": words,
        "string objects with None": with_missing(words),
        "string objects with nan": with_missing(words, np.nan),
        "string[python]": with_missing(words.astype("string[python]"), pd.NA),
        "string[pyarrow]": with_missing(words.astype("string[pyarrow]"), pd.NA),
        "category": with_missing(words.astype("category"), np.nan),
        "ordered category": pd.Series(rng.choice(["low", "high"], N)).astype(
            pd.CategoricalDtype(["never", "low", "high"], ordered=True)
        ),
        "category of numbers": pd.Series(rng.choice([3, 1], N)).astype("category"),
        "category of intervals": pd.cut(pd.Series(rng.normal(size=N)), 4),
        "interval": pd.Series(pd.arrays.IntervalArray.from_breaks(range(5)).take(rng.integers(0, 4, N))),
        "mixed objects": pd.Series(rng.choice(mixed, N), dtype=object),
        "one, True and 1.0": pd.Series([1, True, 1.0] * (N // 3), dtype=object),
        "bytes": pd.Series([b"a", b"\xff"] * (N // 2)),
        "time of day": pd.Series([datetime.time(int(hour)) for hour in rng.integers(0, 24, N)]),
    }
    return columns


def _times(rng: np.random.Generator) -> dict[str, pd.Series]:
    days = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, N), unit="D"))
    minutes = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 10**6, N), unit="min"))
    lengths = pd.Series(pd.to_timedelta(rng.integers(0, 10**6, N), unit="s"))
    berlin = minutes.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    columns = {
        "dates": days,
        "dates with missing values": with_missing(days, pd.NaT),
        "minutes": minutes,
        **{f"minutes in {unit}": minutes.dt.as_unit(unit) for unit in ("s", "ms", "us")},
        "minutes in Berlin": berlin,
        "minutes in Berlin with missing values": with_missing(berlin, pd.NaT),
        "dates in Berlin": days.dt.tz_localize("Europe/Berlin"),
        "half hours off": minutes.dt.tz_localize("+05:30"),
        "timedelta": lengths,
        "timedelta with missing values": with_missing(lengths, pd.NaT),
        "months": days.dt.to_period("M"),
        "days as periods, with missing values": with_missing(days.dt.to_period("D"), pd.NaT),
        "date objects": days.dt.date,
        "date objects with missing values": with_missing(days.dt.date),
        "datetime objects": pd.Series(minutes.astype("M8[us]").to_numpy().astype(object), dtype=object),
        "timedelta objects": pd.Series(lengths.astype("m8[us]").to_numpy().astype(object), dtype=object),
    }
    return columns


def _nothing_varies() -> dict[str, pd.Series]:
    values = [7, 1e300, "x", True, pd.Timestamp("2020-01-01"), decimal.Decimal("1.50"), 2**64 - 1]
    columns = {f"constant {value!r}": pd.Series([value] * N) for value in values}
    columns["constant category"] = pd.Series(["x"] * N).astype(pd.CategoricalDtype(["w", "x"]))
    for name in (
        "float32",
        "Int64",
        "boolean",
        "string",
        "category",
        "M8[ns]",
        "datetime64[ns, UTC]",
        "object",
    ):
        null = (
            np.nan if name in ("float32", "category") else pd.NaT if "64[" in name or "M8" in name else None
        )
        columns[f"all missing {name}"] = pd.Series([null] * N, dtype=name)
    columns["one number, or missing"] = pd.Series([5.0, np.nan] * (N // 2))
    columns["one string, or missing"] = pd.Series(["x", None] * (N // 2))
    columns["one date, or missing"] = pd.Series([pd.Timestamp("2020-01-01"), pd.NaT] * (N // 2))
    columns["one category, or missing"] = with_missing(pd.Series(["x"] * N, dtype="category"), np.nan)
    return columns


def _arrow(columns: dict[str, pd.Series]) -> dict[str, pd.Series]:
    types = {
        "Int64": pa.int64(),
        "huge Int64 with missing values": pa.int64(),
        "Float64 with missing values": pa.float64(),
        "Float32": pa.float32(),
        "boolean with missing values": pa.bool_(),
        "string[pyarrow]": pa.large_string(),
        "minutes": pa.timestamp("us"),
        "minutes in Berlin with missing values": pa.timestamp("ns", "Europe/Berlin"),
        "date objects with missing values": pa.date32(),
        "date objects": pa.date64(),
        "decimal with missing values": pa.decimal128(12, 2),
        "timedelta": pa.duration("s"),
        "time of day": pa.time64("us"),
        "bytes": pa.binary(),
    }
    found = {
        f"Arrow {kind} of {name}": columns[name].astype(pd.ArrowDtype(kind)) for name, kind in types.items()
    }
    words = pa.array(columns["string objects"].tolist()).dictionary_encode()
    return {**found, "Arrow dictionary": pd.Series(pd.arrays.ArrowExtensionArray(words))}


def all_columns() -> dict[str, pd.Series]:
    rng = np.random.default_rng(0)
    columns = {**_numbers(rng), **_values(rng), **_times(rng), **_nothing_varies()}
    return {**columns, **_arrow(columns)}


def random_codes(layout: Layout, n: int) -> np.ndarray:
    """Give n rows such as a generator makes, shape (n, len(layout))."""
    codes = np.random.default_rng(0).uniform(-1, 1, (n, len(layout)))
    for place, block in enumerate(layout):
        if block.kind == "onehot":
            codes[:, place] = np.random.default_rng(place).integers(block.width, size=n)
    return codes.astype(np.float32)
