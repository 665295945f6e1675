"""Reports on columns of any dtype: dates of any year, Arrow types, periods, decimals, hardly any values."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import evaluate
from tabgan.evaluation.comparison import Comparison
from tabgan.table import Schema

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

RNG = np.random.default_rng(0)
N = 60
DAYS = [datetime.date(1555, 2, 17), datetime.date(2020, 1, 31), datetime.date(9999, 12, 31)]
PLACES = RNG.integers(0, 3, N)
DATES = [DAYS[place] for place in PLACES]
TIMES = [datetime.datetime.combine(day, datetime.time()) for day in DATES]
CLOCK = [datetime.time(int(place), 30) for place in PLACES]
AGES = np.array([-(10**18), 0, 10**18])[PLACES]  # seconds, of more years than microseconds can count
SPANS = [datetime.timedelta(days=200_000 * int(place)) for place in PLACES]
PRICES = [decimal.Decimal(int(place)) / 100 for place in PLACES]


def arrow(values, dtype):
    return pd.Series(pd.array(pa.array(values, dtype), dtype=pd.ArrowDtype(dtype)))


# Each holds three values at the places above, in ascending order.
COLUMNS = {
    "dates": pd.Series(DATES, dtype=object),
    "datetimes": pd.Series(TIMES, dtype=object),
    "datetime64[s]": pd.Series(np.array(TIMES, "M8[s]")),
    "days": pd.Series(pd.PeriodIndex(DATES, freq="D")),
    "months": pd.Series(pd.PeriodIndex(DATES, freq="M")),
    "timedeltas": pd.Series(SPANS, dtype=object),
    "decimals": pd.Series(PRICES, dtype=object),
    "ages of the earth": pd.Series(AGES.astype("M8[s]")),
    "lengths of ages": pd.Series(AGES.astype("m8[s]")),
    "arrow dates": arrow(DATES, pa.date32()),
    "arrow clock": arrow(CLOCK, pa.time64("us")),
    "arrow decimals": arrow(PRICES, pa.decimal128(12, 2)),
    "arrow durations": arrow(SPANS, pa.duration("us")),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_any_dtype_are_compared_as_numbers(name):
    column = COLUMNS[name]
    frame = pd.DataFrame({"c": column, "x": RNG.normal(size=N)})
    tables = Comparison({"real": frame[:40], "synthetic": frame[40:]}, Schema.infer(frame), 0)
    assert tables.numeric == ["c", "x"]
    values = np.concatenate([tables.values[part]["c"] for part in ("real", "synthetic")])
    levels, codes = np.unique(values, return_inverse=True)
    assert len(levels) == 3
    np.testing.assert_array_equal(codes, PLACES)


@pytest.mark.parametrize(
    "name", ["dates", "timedeltas", "arrow clock", "ages of the earth", "lengths of ages"]
)
def test_pages_show_columns_of_any_dtype(name):
    frame = pd.DataFrame({"c": COLUMNS[name], "x": RNG.normal(size=N)})
    report = evaluate(frame, frame[::-1], random_state=0)
    chart = next(chart for chart in report.charts["columns"] if chart["column"] == "c")
    first = {
        "dates": "1555-02-17", "timedeltas": "0:00:00", "arrow clock": "00:30:00",
        "ages of the earth": "-31688736537-03-10", "lengths of ages": "-1.157e+13 days",
    }  # fmt: skip
    assert chart["ends"][0] == first[name]
    assert sum(chart["real"]) == pytest.approx(1)
    assert chart["ends"][0] in report.to_html()


@pytest.mark.parametrize("present", [1, 3])
def test_a_column_of_hardly_any_values_does_not_stop_the_trees(present):
    rng = np.random.default_rng(present)
    sparse = np.full(50, np.nan)
    sparse[:present] = rng.normal(size=present)
    frame = pd.DataFrame({"c": sparse, "x": rng.normal(size=50), "s": rng.choice(["a", "b"], 50)})
    report = evaluate(frame, frame.sample(frac=1, random_state=0), random_state=0)
    assert {row.column for row in report.columns} == {"c", "x", "s"}


def test_a_feature_that_is_missing_throughout_predicts_nothing():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    frame = pd.DataFrame({"y": x + rng.normal(scale=0.3, size=400), "x": x, "z": rng.normal(size=400)})
    utility = evaluate(frame, frame.assign(x=np.nan), target="y", random_state=0).details["utility"]
    assert utility["real"] > 0.7
    assert utility["synthetic"] < 0.2
