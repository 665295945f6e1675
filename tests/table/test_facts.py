"""What a table holds is read once and handed on; columns of any dtype as floats; when values are equal."""

import datetime
import decimal
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import Privacy, TabGAN, load_adult
from tabgan.table import Schema, TableTransformer, suggest_constraints
from tabgan.table.columns.categories import factorize, spell, value_keys
from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.number_format import NumberFormat
from tabgan.table.columns.numbers import as_floats, family
from tabgan.table.inference import possible_kinds
from tests.table.dtypes import all_columns

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 1, "random_state": 0, "verbose": 0, "refine": False}


def test_a_fit_infers_each_kind_once_and_reads_each_column_twice_at_most():
    """Once to learn it, once to encode it."""
    adult = load_adult()
    readers = {f.__code__: f.__name__ for f in (possible_kinds, factorize, value_keys, NumberFormat._numbers)}
    calls: dict[str, Counter] = {name: Counter() for name in readers.values()}

    def count(frame, event, argument):
        if event == "call" and frame.f_code in readers:
            values = frame.f_locals
            column = (
                values["facts"].column if "facts" in values else values.get("column", values.get("present"))
            )
            if len(column) == len(adult):  # and not only its categories
                calls[readers[frame.f_code]][column.name] += 1

    sys.setprofile(count)
    try:
        TabGAN(**QUICK).fit(adult)
    finally:
        sys.setprofile(None)
    assert calls.pop("possible_kinds") == dict.fromkeys(adult, 1)
    reads = sum(calls.values(), Counter())
    assert set(reads) == set(adult)
    assert max(reads.values()) <= 2


def test_facts_are_those_of_the_column():
    for name, column in all_columns().items():
        facts = ColumnFacts(column)
        codes, categories = factorize(column)
        np.testing.assert_array_equal(facts.codes, codes, err_msg=name)
        assert value_keys(facts.categories) == value_keys(categories), name
        assert facts.categories.dtype == column.dtype
        np.testing.assert_array_equal(facts.floats, as_floats(column), err_msg=name)
        assert len(facts.categories) == len(set(facts.codes.tolist()))


def test_facts_of_columns_that_stay_are_kept():
    table = TableFacts(pd.DataFrame({"a": [1, 2], "b": [3, 4]}))
    numbers = table["a"].numbers
    other = TableFacts(table.frame.drop(columns="b").assign(c=0), table)
    assert list(other) == ["a", "c"]
    assert other["a"].numbers is numbers
    assert TableFacts.of(other) is other


@pytest.mark.parametrize(
    ("column", "floats"),
    [
        (pd.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Series([2**64 - 1], dtype="uint64"), [2.0**64]),
        (pd.Series([decimal.Decimal("1.25"), None]), [1.25, np.nan]),
        (pd.Series([decimal.Decimal("1.25")]).astype(pd.ArrowDtype(pa.decimal128(12, 2))), [1.25]),
        (
            pd.Series([decimal.Decimal(2) ** 100, None]).astype(pd.ArrowDtype(pa.decimal256(60, 20))),
            [2.0**100, np.nan],
        ),
        (pd.Series([datetime.date(9999, 12, 31), None]), [253402214400e6, np.nan]),
        (pd.Series([datetime.date(1, 1, 1)]).astype(pd.ArrowDtype(pa.date32())), [-62135596800e6]),
        (pd.Series([datetime.timedelta(days=2, microseconds=1)], dtype=object), [172800e6 + 1]),
        (pd.Series(["1970-01-02"], dtype="M8[s]"), [86400e6]),
        (pd.Series(["1970-01-02"], dtype="datetime64[ns, Asia/Tokyo]"), [86400e6 - 9 * 3600e6]),
        (pd.Series([pd.Period("1397-01", "M")]), [-18082051200e6]),
        (pd.Series([datetime.time(1)]).astype(pd.ArrowDtype(pa.time64("us"))), [3600e6]),
        (pd.Series([3, 1], dtype="category"), [3, 1]),
        (pd.Series([True, None], dtype="boolean"), [1, np.nan]),
        (pd.Series(["1.5", "x"]), [1.5, np.nan]),
    ],
)
def test_columns_as_floats(column, floats):
    np.testing.assert_array_equal(as_floats(column), np.array(floats, dtype=float))


def test_families():
    families = {name: family(column) for name, column in all_columns().items()}
    assert (
        families["decimal"] == families["Arrow decimal128(12, 2) of decimal with missing values"] == "numbers"
    )
    assert (
        families["date objects"]
        == families["Arrow date32[day] of date objects with missing values"]
        == "times"
    )
    zoned = "Arrow timestamp[ns, tz=Europe/Berlin] of minutes in Berlin with missing values"
    assert families["minutes in Berlin"] == families[zoned] == "times with a zone"
    assert families["timedelta objects"] == families["Arrow duration[s] of timedelta"] == "lengths of time"
    assert families["bool"] == families["bool objects with missing values"] == "truth values"
    assert families["string objects"] == families["string[pyarrow]"] == "strings"
    assert {families[name] for name in ("category", "interval", "months", "mixed objects", "bytes")} == {
        "others"
    }


def test_when_values_are_equal():
    assert len(set(value_keys(pd.Series([1, 1.0, True, "1", None, np.nan], dtype=object)))) == 5
    assert value_keys(pd.Series([1.0, np.nan])) == value_keys(pd.Series([1, None], dtype="Int64"))
    same = [pd.Series([1, None]), pd.Series([1, None], dtype="Int64"), pd.Series(["1", None])]
    assert all(spell(column).tolist() == ["1", "<missing>"] for column in same)


ZONES = ["America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana"]


@pytest.mark.parametrize("zone", ZONES)
def test_zones_whose_clock_changes_at_midnight(zone):
    hours = pd.Series(pd.date_range("2024-01-01", periods=8784, freq="h", tz="UTC").tz_convert(zone))
    days = hours.dt.tz_localize(None).dt.normalize().drop_duplicates().reset_index(drop=True)
    days = days.dt.tz_localize(zone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
    for column in (hours, days):
        frame = pd.DataFrame({"t": column})
        table = TableTransformer(Schema.infer(frame)).fit(frame)
        back = table.inverse_transform(table.transform(frame, random_state=0))
        assert back["t"].dtype == column.dtype
        assert (back["t"] - column).abs().max() <= pd.Timedelta(days=1)


FAULTS = {
    "decimals": pd.Series([decimal.Decimal(i) / 100 for i in range(200)]).astype(
        pd.ArrowDtype(pa.decimal128(12, 2))
    ),
    "dates": pd.Series([datetime.date(2020, 1, 1 + i % 28) for i in range(200)]).astype(
        pd.ArrowDtype(pa.date32())
    ),
    "all years": pd.Series([datetime.date(1 + i * 50 % 9998, 12, 31) for i in range(200)]),
    "lengths": pd.Series([datetime.timedelta(minutes=i) for i in range(200)], dtype=object),
}


@pytest.mark.parametrize("name", FAULTS)
def test_columns_that_were_read_in_several_ways(name):
    frame = pd.DataFrame({name: FAULTS[name], "x": np.random.default_rng(0).integers(0, 99, 200) / 4})
    model = TabGAN(privacy=Privacy(remember="rows"), **QUICK).fit(frame)
    drawn = model.sample(20, min_distance=0.001, random_state=0)
    assert drawn[name].dtype == frame[name].dtype
    record = model.fitted_model_.privacy_record
    assert record.distances(frame).max() < 1e-3
    assert record.copies(frame).all()
    assert not record.copies(drawn).any()


def test_orders_of_arrow_columns_are_found():
    rng = np.random.default_rng(0)
    start = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 400), "D"))
    end = start + pd.to_timedelta(rng.integers(0, 30, 400), "D")
    frame = pd.DataFrame({"start": start.astype("M8[us]"), "end": end.astype("M8[us]")})
    assert list(map(str, suggest_constraints(frame))) == ["start <= end"]
    arrow = frame.astype(pd.ArrowDtype(pa.timestamp("us")))
    assert list(map(str, suggest_constraints(arrow))) == ["start <= end"]
    drawn = TabGAN(**QUICK).fit(arrow).sample(50)
    assert drawn.dtypes.equals(arrow.dtypes)
    assert (drawn["start"] <= drawn["end"]).all()


@pytest.mark.parametrize("null", [None, np.nan, pd.NA])
def test_missing_values_of_objects_stay_what_they_are(null):
    dates = pd.Series([datetime.date(2020, 1, 1 + i % 28) for i in range(60)]).mask(
        np.arange(60) % 3 == 0, null
    )
    keys = pd.Series([f"K-{i:04d}" for i in range(60)], dtype=object).mask(np.arange(60) % 4 == 0, null)
    frame = pd.DataFrame({"date": dates, "key": keys})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    assert table.schema["key"].kind == "identifier"
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    for name in frame:
        missing = back[name][frame[name].isna()]
        assert len(missing)
        assert set(map(repr, missing)) == {repr(null)}
