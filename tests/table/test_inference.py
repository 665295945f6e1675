"""What strings and objects are taken for: times, numbers, keys, texts, and categories only if they repeat."""

import datetime
import io
import json

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Schema, TableTransformer
from tabgan.table.columns.facts import TableFacts
from tests.table.dtypes import random_codes
from tests.table.keys import PATTERNS, keys
from tests.table.written import NUMBERS, WRITTEN, is_written, written

SIZES = [200, 1000, pytest.param(10_000, marks=pytest.mark.slow)]
RNG = np.random.default_rng(0)
SYLLABLES = ["ba", "rit", "son", "mo", "kel", "ta", "vich", "lund", "o", "hara", "de", "wen"]
NAMES = np.array(["".join(parts).capitalize() for parts in RNG.choice(SYLLABLES, (20_000, 4))])
TEXTS = {
    "surnames": lambda n: RNG.choice(NAMES[: 3 * n // 4], n),
    "366 names": lambda n: RNG.choice(NAMES[: 366 * n // 1000], n),
    "sentences": lambda n: [" ".join(words) for words in RNG.choice(NAMES, (n, 5))],
}


def infer(values, dtype=object, **columns):
    return Schema.infer(pd.DataFrame({"x": pd.Series(values, dtype=dtype)}), columns)["x"]


def through_file(frame, kind):
    """Write a frame, and read it again."""
    if kind == "csv":
        return pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype={"x": str})
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return pd.read_parquet(buffer)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("file", ["csv", "parquet"])
def test_strings_that_write_times_and_numbers_are_learned_as_such(name, n, file):
    values = written(name, n)
    frame = through_file(pd.DataFrame({"x": values}), file)
    schema = Schema.infer(TableFacts(frame, least=5))
    assert schema["x"].kind in (("continuous", "integer") if name in NUMBERS else ("datetime",))
    table = TableTransformer(schema).fit(TableFacts(frame, least=5))
    state = table.get_state()
    again = TableTransformer.from_state(json.loads(json.dumps(state[0], allow_nan=False)), state[1])
    drawn = again.inverse_transform(random_codes(table.layout_, n))["x"]
    assert drawn.dtype == frame["x"].dtype
    assert all(is_written(name, value) for value in drawn)
    assert drawn.nunique() > 20
    in_file = repr(state[0]) + "".join(array.tobytes().decode("latin-1") for array in state[1].values())
    values = [value for value in set(values) if len(value) > 5]  # shorter ones occur by chance
    assert not [value for value in values if value in in_file and value not in schema["x"].reason]


@pytest.mark.parametrize("dtype", [object, "string[python]", "string[pyarrow]", "category"])
@pytest.mark.parametrize("name", ["day first", "euros"])
def test_they_come_back_in_any_dtype_of_strings(name, dtype):
    column = pd.Series(written(name, 300)).mask(np.arange(300) % 5 == 0).astype(dtype)
    frame = pd.DataFrame({"x": column})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0))["x"]
    assert table.schema["x"].dtype == back.dtype == (object if dtype == "category" else column.dtype)
    assert back.isna().equals(column.isna())
    same = back.astype(object)[column.notna()] == column.astype(object)[column.notna()]
    assert same.mean() > 0.99  # a number in a hundred is off by one in the last decimal: float32 positions


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", PATTERNS)
def test_keys_of_any_type_are_keys(kind, n):
    values = keys(kind, n)
    column = infer(values)
    assert (column.kind, column.reason) == ("identifier", "all values differ and have one form")
    if n == 200:
        assert infer([*values[:-5], *values[:5]]).reason == "most values differ and have one form"


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("dtype", [object, "category"])
def test_what_hardly_repeats_is_text(name, n, dtype):
    column = infer(TEXTS[name](n), dtype)
    assert column.kind == "text"
    assert column.dtype == object


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (RNG.choice(NAMES[:100], 1000), "categorical"),
        (RNG.choice(["1", "2", "3"], 300), "categorical"),
        (RNG.choice(["3.9", "3.10", "3.11"], 300), "categorical"),
        (RNG.choice(["1", "2", "3", "4+"], 300), "categorical"),
        (RNG.choice([1, 2, 3, "more"], 300), "categorical"),
        (RNG.choice(["2024-01-01", "2024-02-01"], 300), "datetime"),
        ([f"{k:05d}" for k in RNG.integers(0, 40, 1000)], "categorical"),  # codes that repeat
        ([str(k) for k in RNG.integers(10_000, 99_999, 1000)], "identifier"),  # codes of one length
        ([str(k) for k in RNG.integers(0, 99_999, 1000)], "integer"),
        ([f"{k} kg" for k in RNG.integers(40, 130, 1000)], "integer"),
        ([f"C{k}" for k in RNG.permutation(1000)], "identifier"),
        ([str(k) for k in RNG.permutation(1000)], "identifier"),
        ([f"{k}.{k}.2024" for k in range(1, 13)] * 3 + ["31.2.2024"], "categorical"),  # no such day
        ([datetime.time(k % 24, k % 60) for k in range(500)], "datetime"),
    ],
)
def test_kinds(values, kind):
    assert infer(values).kind == kind


def test_categories_in_which_hardly_anything_repeats_are_none():
    days = pd.Series(written("day first", 500), dtype="category")
    assert infer(days, "category").kind == "datetime"
    assert infer(RNG.permutation(500), "category").kind == "identifier"
    assert infer(RNG.choice(NAMES[:30], 500), "category").kind == "categorical"
    with pytest.warns(UserWarning, match=r"'x' is declared categorical.*\(\d+ occur once\)"):
        declared = infer(days, "category", x="categorical")
    assert declared.kind == "categorical"
    assert declared.dtype == days.dtype


def test_the_reason_says_how_it_is_written():
    assert infer(written("month name", 200)).reason == "points in time, written as %d %b %Y"
    assert infer(written("time of day", 200)).reason == "times of day, written as %H:%M"
    assert infer(written("euros", 200)).reason == "numbers with 2 decimals, written like 1,234.50 EUR"
    ambiguous = [f"{1 + k % 12:02d}/{1 + k // 12 % 12:02d}/2024" for k in range(144)]
    assert infer(ambiguous).reason == (
        "points in time, written as %d/%m/%Y; if it is %m/%d/%Y, which fits as well, give "
        "columns={'x': Datetime(format='%m/%d/%Y')}"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [pd.Timestamp(k, unit="D", tz=zone) for k in range(50) for zone in ("UTC", "Asia/Tokyo")],
            r"column 'x' holds objects \(of type Timestamp\).*pd.to_datetime\(column, utc=True\)",
        ),
        ([k if k % 2 else str(k) for k in range(100)], r"of type int, str.*values of one type, or declare"),
        ([(k,) for k in range(100)], "of type tuple.*values of one type"),
    ],
)
def test_objects_that_hardly_repeat_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        infer(values)


def test_times_with_several_offsets_are_refused():
    """As a summer time writes them: they were taken for keys, and had 31st of September."""
    rng = np.random.default_rng(0)
    times = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500_000, 300), unit="min"))
    local = times.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    frame = pd.DataFrame({"when": local.map(lambda time: time.isoformat())})
    said = r"'when' holds times with several offsets from UTC \(\+01:00, \+02:00\); convert .* utc=True"
    for declared in (None, {"when": "datetime"}):
        with pytest.raises(ValueError, match=said):
            Schema.infer(frame, declared)
    assert Schema.infer(frame, {"when": "text"})["when"].kind == "text"
    with pytest.raises(ValueError, match=said):
        Schema.infer(pd.concat([frame, pd.DataFrame({"when": ["unknown"] * 9})], ignore_index=True))
    hours = [f"{k % 4 + 8:02}:{k % 60:02}-{k % 9 + 12}:{k * 7 % 60:02}" for k in range(240)]
    assert Schema.infer(pd.DataFrame({"open": hours}))["open"].kind == "identifier"
    one = pd.DataFrame({"when": local.dt.tz_convert("Asia/Tokyo").map(lambda time: time.isoformat())})
    assert Schema.infer(one)["when"].kind == "datetime"
