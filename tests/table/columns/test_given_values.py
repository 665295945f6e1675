"""Values as a user writes them: each is a value of its column, exactly, or refused in one sentence."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Schema, TableTransformer
from tabgan.table.columns.given_values import GivenValues
from tests.table.dtypes import all_columns
from tests.table.odd_dtypes import odd_columns, rare_columns

DATES = "ordered category of dates"
BOOLS = "bool subclass"
COLUMNS = {**all_columns(), DATES: rare_columns()[DATES], BOOLS: odd_columns()[BOOLS]}


def reader_of(column):
    frame = pd.DataFrame({"c": column})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    inside = table.inverse_transform(table.transform(frame, 0), 0)["c"]
    return GivenValues("c", table.columns_["c"], inside.dtype), inside


def typed(values):
    return [None if pd.isna(value) else (type(value), value) for value in values]


@pytest.mark.parametrize("name", COLUMNS)
def test_what_a_column_held_it_can_be_given(name):
    reader, inside = reader_of(COLUMNS[name])
    if reader.column.is_generated:
        return
    given = inside.head(40)
    read = reader.read(given.tolist())
    assert repr(read.dtype) == repr(given.dtype)
    assert typed(read.astype(object)) == typed(given.astype(object))
    assert len(reader.read([])) == 0


def test_whole_numbers_of_arrow_beyond_those_with_a_sign():
    """PyArrow compares a column of them with no number of Python that is greater than 2**63."""
    values = pd.Series(np.uint64(2**63) + np.arange(0, 700, 7, dtype=np.uint64), dtype="uint64[pyarrow]")
    frame = pd.DataFrame({"c": values})
    table = TableTransformer(Schema.infer(frame, {"c": "continuous"})).fit(frame)
    reader = GivenValues("c", table.columns_["c"], values.dtype)
    assert reader.read([2**63 + 14]).tolist() == [2**63 + 14]
    with pytest.raises(ValueError, match="held nothing like 7 in training"):
        reader.read([7])


@pytest.mark.parametrize("name", [name for name in COLUMNS if "mixed" not in name and "one," not in name])
def test_text_says_it_as_well(name):
    """As on a command line; of objects of several types, text is one of them."""
    reader, inside = reader_of(COLUMNS[name])
    if reader.column.is_generated or any(isinstance(value, bytes) for value in inside):
        return
    present = [value for value in inside.head(20).tolist() if not pd.isna(value)]
    assert typed(reader.read([str(value) for value in present]).astype(object)) == typed(
        reader.read(present).astype(object)
    )


WHOLE = pd.Series(np.arange(240) % 50)
FEW = pd.Series(np.arange(240) % 4)
YES = pd.Series(np.arange(240) % 2 == 0)
CENTS = pd.Series(np.arange(240) / 100)
DAYS = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(240), unit="D"))


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        (WHOLE, 2.5, "column 'c' holds whole numbers, not 2.5; it knows 0 to 49"),
        (WHOLE, "2.5", "holds whole numbers, not '2.5'"),
        (WHOLE, True, "holds whole numbers, not True"),
        (WHOLE, 99, "held nothing like 99 in training"),
        (WHOLE, np.inf, "holds finite whole numbers, not inf"),
        (WHOLE, None, "held nothing like None in training, it has no missing values"),
        (WHOLE.astype("float64"), 2.5, "holds whole numbers, not 2.5"),
        (WHOLE.astype("Int8"), 2.5, "holds whole numbers, not 2.5"),
        (WHOLE.astype("uint8"), 300, "holds values of dtype uint8, not 300"),
        (WHOLE.astype("uint8"), -1, "holds values of dtype uint8, not -1"),
        (WHOLE * 6, 7, "holds numbers 6 apart, not 7"),
        (FEW, 2.9, r"held nothing like 2.9 in training, .*; it knows 0, 1, 2, 3$"),
        (FEW, True, "holds numbers, not True"),
        *[(YES, value, "holds True and False, not") for value in ("no", "0", "off", 2, "maybe", "")],
        (YES, None, "held nothing like None in training, it has no missing values"),
        (YES.astype("boolean"), "no", "holds True and False, not 'no'"),
        (CENTS, 0.125, "holds numbers of at most 2 decimals, not 0.125"),
        (CENTS.map(lambda v: decimal.Decimal(f"{v:.2f}")), 0.125, "holds numbers of at most 2 decimals"),
        (DAYS, "2020-03-04 05:00", "holds times 1 days 00:00:00 apart"),
        (DAYS, 17, "holds times, not 17"),
        (DAYS, "soon", "holds times, not 'soon'"),
        (DAYS.dt.date, datetime.datetime(2020, 3, 4, 5), "holds dates without a time of day"),
        (DAYS.dt.tz_localize("UTC"), 17, "holds times in the zone UTC, not 17"),
        (pd.Series(["Male", "Female"] * 120), "Femal", "did you mean 'Female'"),
        (pd.Series(["Male", "Female"] * 120), "male", r"did you mean 'Male' or 'Female'\?"),
        (pd.Series(["1", "2"] * 120), 1, r"did you mean '1'\?"),
        (pd.cut(WHOLE, [-1, 20, 50]), pd.Interval(0, 20), "did you mean Interval"),
    ],
)  # fmt: skip
def test_what_it_never_held_is_refused(column, value, complaint):
    with pytest.raises(ValueError, match=complaint):
        reader_of(column)[0].read([value])


def test_equal_values_of_other_types_are_accepted():
    for column, given, expected in [
        (WHOLE, [2.0, np.int8(3), "4", decimal.Decimal(5)], [2, 3, 4, 5]),
        (FEW.astype("Int64"), [2.0, np.float32(3)], [2, 3]),
        (YES, [1, 0.0, "true", "FALSE", np.True_], [True, False, True, False, True]),
        (CENTS.astype("float16"), [0.1], [np.float16(0.1)]),
        (CENTS.astype("Float32"), [0.1], [np.float32(0.1)]),
        (DAYS.dt.date, ["2020-03-04", pd.Timestamp("2020-03-05")],
         [datetime.date(2020, 3, 4), datetime.date(2020, 3, 5)]),
        (DAYS.dt.tz_localize("UTC"), [datetime.date(2020, 3, 4)], [pd.Timestamp("2020-03-04", tz="UTC")]),
        (DAYS.dt.to_period("D"), ["2020-03-04"], [pd.Period("2020-03-04", "D")]),
        (CENTS.map("${:.2f}".format), [1.25, "$0.50"], ["$1.25", "$0.50"]),
        (DAYS.dt.strftime("%d/%m/%Y"), [datetime.date(2020, 3, 4)], ["04/03/2020"]),
    ]:  # fmt: skip
        assert reader_of(column)[0].read(given).tolist() == expected


def test_one_true_and_one_point_zero_are_three_values():
    reader = reader_of(COLUMNS["one, True and 1.0"])[0]
    assert typed(reader.read([True, 1.0, 1])) == [(bool, True), (float, 1.0), (int, 1)]
    assert reader.is_value(1.0)
    assert reader_of(COLUMNS["mixed objects"])[0].is_value((1, 2))
    assert not reader_of(WHOLE)[0].is_value((1, 2))
