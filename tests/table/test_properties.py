"""Random columns, as hypothesis finds them: whatever is accepted comes back."""

import json
import string
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pandas.api.types import is_datetime64_dtype

from tabgan.io.json_codec import pack, unpack
from tabgan.table import Continuous, Schema, TableTransformer
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.numbers import as_floats

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)

floats = st.floats(allow_nan=False, allow_infinity=False, width=64)
tidy_floats = st.integers(-(10**9), 10**9).map(lambda number: number / 100)
integers = st.integers(-(2**63), 2**63 - 1)
values_of_any_type = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@QUICK
@given(st.lists(st.sampled_from([0, 1, -5, 2**62, -(2**63), 2**63 - 1]) | integers, min_size=2, max_size=40))
def test_repeated_integers_are_exact(values):
    column = pd.Series(values * 2, dtype="int64")  # each number at least twice: the table form
    fitted = Continuous().fit(column)
    pd.testing.assert_series_equal(fitted.inverse_transform(fitted.transform(column)), column)


@QUICK
@given(st.lists(floats | tidy_floats, min_size=2, max_size=40))
def test_repeated_floats_are_exact(values):
    column = pd.Series(values * 2, dtype="float64")
    fitted = Continuous().fit(column)
    pd.testing.assert_series_equal(fitted.inverse_transform(fitted.transform(column)), column, rtol=0, atol=0)


@QUICK
@given(
    st.lists(floats | tidy_floats | integers.map(float), min_size=1, max_size=60),
    st.sampled_from(["rank", "minmax"]),
    arrays(np.float32, 30, elements=st.floats(-1, 1, width=32)),
)
def test_decoding_rises_and_stays_within_the_range(values, method, positions):
    column = pd.Series(values)
    fitted = Continuous(method, spike_share=2).fit(column)
    decoded = fitted.inverse_transform(np.sort(positions)[:, None])
    assert decoded.is_monotonic_increasing
    assert decoded.min() >= column.min()
    assert decoded.max() <= column.max()


@QUICK
@given(st.lists(tidy_floats, min_size=1, max_size=30), st.sampled_from(["float32", "float64"]))
def test_numbers_lie_on_their_grid(values, dtype):
    numbers = np.array(values, dtype=dtype)
    grid = Grid.of(numbers.astype(float), np.dtype(dtype))
    units = grid.units(numbers.astype(float))
    np.testing.assert_array_equal(grid.numbers(units).astype(dtype), numbers)
    if grid.decimals is not None:
        assert ((units - units[0]) % grid.step == 0).all()


@settings(QUICK, max_examples=40)
@given(st.data())
def test_random_frames_come_back(data):
    n = data.draw(st.integers(2, 12))
    makers = {
        "any": st.lists(values_of_any_type, min_size=n, max_size=n),
        "text": st.lists(st.text(string.printable, max_size=3) | st.none(), min_size=n, max_size=n),
        "number": st.lists(tidy_floats | st.just(float("nan")), min_size=n, max_size=n),
        "yes": st.lists(st.booleans() | st.none(), min_size=n, max_size=n),
        "when": st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=n, max_size=n),
    }
    frame = pd.DataFrame({name: pd.Series(data.draw(maker)) for name, maker in makers.items()})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    meta, arrays_of_state = table.get_state()
    again = TableTransformer.from_state(json.loads(json.dumps(meta, allow_nan=False)), arrays_of_state)
    back = again.inverse_transform(again.transform(frame, random_state=0), random_state=0)
    assert back.dtypes.equals(frame.dtypes)
    for name in ("any", "text", "yes"):
        assert back[name].equals(frame[name]) or [*map(repr, back[name])] == [*map(repr, frame[name])]
    for name in ("number", "when"):
        assert_as_exact_as_promised(table.columns_[name], frame[name], back[name])


def assert_as_exact_as_promised(fitted, column, back):
    """See the notes of `Continuous`; the distance of neighbouring quantiles is at most the range."""
    assert back.isna().equals(column.isna())
    tolerance = step = 0.0
    if isinstance(fitted, Continuous) and column.notna().any():
        floats = as_floats(column)
        tolerance = len(column) * 2**-23 * (np.nanmax(floats) - np.nanmin(floats))
        decimals = fitted.grid_.decimals
        step = 0 if decimals is None else fitted.grid_.step / 10**decimals
        if is_datetime64_dtype(column.dtype):
            step *= pd.Timedelta(1, column.dt.unit) / pd.Timedelta(1, "us")
    error = np.nan_to_num(np.abs(as_floats(back) - as_floats(column)))
    assert (error <= (tolerance if tolerance > step else 0)).all()


@pytest.mark.parametrize("scale", [1e2, 1e8, 1e14])
@pytest.mark.parametrize("n", [10, 1000, 20_000])
def test_numbers_are_as_exact_as_promised(scale, n):
    """Prices of two decimals: all exact where float32 positions can tell them apart, near elsewhere."""
    column = pd.Series(np.round(np.random.default_rng(n).uniform(-scale, scale, n), 2))
    for method in ("rank", "minmax"):
        fitted = Continuous(method).fit(column)
        back = fitted.inverse_transform(fitted.transform(column, np.random.default_rng(0)))
        if method == "rank":
            assert_as_exact_as_promised(fitted, column, back)
        assert (np.abs(back - column) <= n * 2**-23 * 2 * scale + 0.01).all()
        if (method, scale) == ("minmax", 1e2):
            pd.testing.assert_series_equal(back, column, rtol=0, atol=0)


@QUICK
@given(st.recursive(values_of_any_type | floats | st.binary(), lambda inner: st.tuples(inner, inner)))
def test_any_value_is_plain_data_and_itself_again(value):
    again = unpack(json.loads(json.dumps(pack(value), allow_nan=False)))
    assert type(again) is type(value)
    assert repr(again) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp.min,
        pd.Timestamp.max,
        pd.Timestamp(np.datetime64(10**17, "s")),
        pd.Timestamp("2024-10-27 02:30:00+01:00").tz_convert("Europe/Berlin"),
        pd.Timedelta.min,
        pd.Timedelta.max.floor("s"),
        pd.Timedelta(np.timedelta64(10**17, "s")),
    ],
    ids=repr,
)
def test_times_of_all_ages_are_plain_data(value):
    """Pandas writes some as texts that it cannot read; files of earlier builds have such texts."""
    again = unpack(json.loads(json.dumps(pack(value))))
    assert repr(again) == repr(value)
    assert again == value
    assert again.unit == value.unit


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (["timestamp", ["2020-01-01T01:00:00+01:00", "Europe/Berlin", "us"]], "2020-01-01T00:00:00Z"),
        (["timestamp", ["2020-01-01T01:00:00", None, "ns"]], "2020-01-01T01:00:00"),
        (["timedelta", ["P1DT0H0M2S", "s"]], "1 days 00:00:02"),
    ],
)
def test_times_in_files_of_earlier_builds_are_read(data, value):
    assert unpack(data) == type(unpack(data))(value)
    assert unpack(data).unit == data[1][-1]
