"""Strings that write times: every format is found, read and written; what is none is left alone."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table import Datetime, Schema, TableTransformer
from tabgan.table.columns.time_fields import FIELDS
from tabgan.table.columns.time_pattern import DATES, TimePattern
from tests.table.written import TIMES, UNPADDED, written

SOME = [
    datetime(1970, 1, 1),
    datetime(2024, 2, 29, 23, 59, 59),
    datetime(1999, 12, 31, 12),
    datetime(2000, 9, 5),
]


@pytest.mark.parametrize("name", TIMES)
def test_formats_of_strptime_are_found(name):
    texts = written(name, 300)
    found = TimePattern.of(texts)
    assert found is not None
    pattern, _, numbers = found
    assert pattern.format == TIMES[name].replace("%I:", "%I:")
    assert pattern.write(numbers) == texts
    times = [datetime.strptime(text, TIMES[name]) for text in texts]
    midnight = datetime(1900, 1, 1) if pattern.is_time_of_day else datetime(1970, 1, 1)
    expected = [(time - midnight) / timedelta(microseconds=1) for time in times]
    np.testing.assert_allclose(pattern.floats(numbers), expected, rtol=0, atol=0)


@pytest.mark.parametrize("name", UNPADDED)
def test_so_are_those_without_leading_zeros(name):
    texts = written(name, 300)
    pattern, _, numbers = TimePattern.of(texts)
    assert "%-" in pattern.format
    assert pattern.write(numbers) == texts


@pytest.mark.parametrize("form", [*DATES, "%-I:%M:%S %P", "%Y-%m-%d %H:%M:%S.%3f", "%H:%M:%S%.9f"])
def test_all_formats_write_what_they_read(form):
    pattern = TimePattern(form)
    times = np.array(SOME, dtype=f"M8[{pattern.unit}]").view(np.int64)
    texts = pattern.write(times)
    again, fits = pattern.read(texts)
    assert fits.all()
    assert pattern.write(again) == texts


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_every_day_of_the_calendar(time):
    pattern = TimePattern("%A, %-d %B %Y %I:%M:%S.%6f %p")
    text = f"{time:%A}, {time.day} {time:%B} {time.year:04d} {time:%I:%M:%S.%f %p}"
    numbers, fits = pattern.read([text])
    assert fits.all()
    assert numbers.view("M8[us]").tolist() == [time]
    assert pattern.write(numbers) == [text]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d", "2023-02-29"),
        ("%Y-%m-%d", "0000-01-01"),
        ("%Y-%m-%d", "2023-13-01"),
        ("%Y-%m-%d", "2023-1-01"),
        ("%-d.%-m.%Y", "05.3.2020"),
        ("%a %d %b %Y", "Mon 05 Mar 2024"),  # it was a Tuesday
        ("%d %b %Y", "05 MAR 2024"),
        ("%H:%M", "24:00"),
        ("%I:%M %p", "0:30 AM"),
        ("%Y-%m-%d %H:%M:%S%.6f", "2024-01-01 00:00:00.000000"),
        ("%Y-%m-%d %H:%M:%S.%9f", "2300-01-01 00:00:00.000000001"),  # beyond int64
        ("%Y-%m-%d", "٢٠٢٤-01-01"),
        ("%Y-%m-%d", "2024-01-01\n"),
    ],
)
def test_what_would_be_written_otherwise_does_not_fit(form, text):
    assert not TimePattern(form).read([text])[1].any()


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01", "01.02.2024"],
        ["2024-01-01T00:00:00+01:00", "2024-07-01T00:00:00+02:00"],
        ["552-63-9735", "101-11-1234"],
        ["113.2.201.192", "10.0.0.1"],
        ["12345678", "99999999"],
        ["10:75", "11:20"],
        ["Sun", "Mon"],
        [""],
        [],
    ],
)
def test_other_strings_have_no_pattern(texts):
    assert TimePattern.of(texts) is None


def test_days_come_first_but_where_the_second_number_never_varies():
    both = [f"{1 + k % 12:02d}/{1 + k // 12:02d}/2024" for k in range(144)]
    pattern, other, _ = TimePattern.of(both)
    assert (pattern.format, other.format) == ("%d/%m/%Y", "%m/%d/%Y")
    firsts = [f"{month:02d}/01/{year}" for month in range(1, 13) for year in range(1990, 2020)]
    pattern, other, _ = TimePattern.of(firsts)
    assert (pattern.format, other.format) == ("%m/%d/%Y", "%d/%m/%Y")
    assert TimePattern.of([*both, "25/12/2024"])[1] is None


def test_a_given_format_is_taken():
    frame = pd.DataFrame({"x": [f"{1 + k % 12:02d}/{1 + k // 12:02d}/2024" for k in range(144)]})
    columns = {"x": Datetime(format="%m/%d/%Y")}
    table = TableTransformer(Schema.infer(frame, columns)).fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0))
    pd.testing.assert_frame_equal(back, frame)
    low, high = table.columns_["x"].bounds()
    assert (low, high) == ("01/01/2024", "12/12/2024")
    months = table.columns_["x"].ordered(pd.Series(["02/01/2024", "01/12/2024"]))
    assert months.diff()[1] == -20 * 86_400e6
    odd = pd.DataFrame({"x": [f"on {d}" for d in written("ISO date", 50)]})
    table = TableTransformer(Schema.infer(odd, {"x": Datetime(format="on %Y-%m-%d")})).fit(odd)
    pd.testing.assert_frame_equal(table.inverse_transform(table.transform(odd)), odd)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("%d/%m/%Y", r"column 'x' has values that are not written as '%d/%m/%Y'"),
        ("%Q", "has no field %Q"),
        ("day", r"has fields such as %Y, got 'day'"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(form, message):
    frame = pd.DataFrame({"x": written("month first", 50)})
    with pytest.raises(ValueError, match=message):
        TableTransformer(Schema.infer(frame, {"x": Datetime(format=form)})).fit(frame)
    assert "%Q" not in {f"%{name}" for name in FIELDS}
