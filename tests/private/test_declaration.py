"""What the user declares: bounds in any form give the same column."""

import datetime
import warnings

import pandas as pd
import pytest

from tabgan.private.declaration import declare
from tabgan.private.warning import warn_of_rounding


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        (("2020-01-31", "2021-01-31"), (datetime.date(2020, 1, 31), datetime.date(2021, 1, 31))),
        (
            ("2020-01-31 12:30", "2020-02-01T08:00"),
            (pd.Timestamp("2020-01-31 12:30"), pd.Timestamp("2020-02-01 08:00")),
        ),
        (
            ("2020-01-31 12:30Z", "2020-02-01 08:00Z"),
            (pd.Timestamp("2020-01-31 12:30Z"), pd.Timestamp("2020-02-01 08:00Z")),
        ),
        (("2020-01-31", "2021-01-31", None), (datetime.date(2020, 1, 31), datetime.date(2021, 1, 31), None)),
    ],
)
def test_times_may_be_written(written, ends):
    of_strings, of_times = (declare(["day"], {"day": bounds}, {}, {}) for bounds in (written, ends))
    assert of_strings == of_times
    assert of_strings[0].content == "datetime"


@pytest.mark.parametrize(
    ("bounds", "dtypes", "content"),
    [
        ((0, 1), {}, "integer"),
        ((0.0, 1.0), {}, "continuous"),
        ((0, 1, 0.01), {}, "continuous"),
        ((0, 1), {"x": "float64"}, "continuous"),
        ((0, 1, 1), {"x": "float64"}, "integer"),
        ((0, 1, None), {"x": "float64"}, "integer"),  # as whole numbers are stored, some of them missing
    ],
)
def test_whole_bounds_make_whole_numbers_unless_the_dtype_says_otherwise(bounds, dtypes, content):
    (column,) = declare(["x"], {"x": bounds}, {}, dtypes)
    assert column.content == content


@pytest.mark.parametrize(
    ("stored", "declared", "n"), [("float64", {}, 1), ("int64", {}, 0), ("float32", {"x": "int8"}, 0)]
)
def test_floats_that_become_whole_numbers_are_warned_of(stored, declared, n):
    columns = declare(["x"], {"x": (0, 5)}, {}, declared)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_rounding(columns, {"x": stored}, declared)
    assert len(caught) == n
    assert all("(0.0, 5.0)" in str(one.message) for one in caught)
