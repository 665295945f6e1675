"""What the user declares: bounds in any form give the same column."""

import datetime

import pandas as pd
import pytest

from tabgan.private.declaration import declare


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
