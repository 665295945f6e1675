"""One grammar of conditions: every form on every dtype, against what Python says of each value."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from tabgan import Not
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.grammar import Grammar
from tabgan.table import Schema, TableTransformer
from tabgan.table.columns.categories import find_missing
from tests.table.dtypes import all_columns

COLUMNS = all_columns()
UNORDERED = ("bool", "category", "interval", "mixed", "one, True", "bytes", "dictionary")


def fitted(frame):
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    return table, table.inverse_transform(table.transform(frame, 0), 0)


def same(one, other):
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("name", COLUMNS)
def test_every_form_on_every_dtype(name):
    """A value, a list, not, missing, a range with both ends, without, or with one: row by row."""
    table, frame = fitted(pd.DataFrame({"c": COLUMNS[name]}))
    column, grammar, values = frame["c"], Grammar(table), frame["c"].astype(object).tolist()
    if table.columns_["c"].is_generated:
        with pytest.raises(ValueError, match="holds keys or text, newly generated"):
            grammar.read("c", values[0])
        return
    missing = find_missing(column)
    present = [value for value, gone in zip(values, missing, strict=True) if not gone]
    included = lambda asked: grammar.read("c", asked).includes(column).tolist()  # noqa: E731
    if not missing.all():
        assert included(slice(None)) == (~missing).tolist()
        one, other = present[0], present[len(present) // 2]
        assert included(one) == [same(value, one) for value in values]
        assert included([one, other]) == [same(value, one) or same(value, other) for value in values]
        if len(set(map(str, present))) > 1 or missing.any():
            assert included(Not(one)) == [not same(value, one) for value in values]
    if missing.any():
        assert included(None) == missing.tolist()
        assert included([None]) == missing.tolist()
        assert missing.all() or included(Not(None)) == (~missing).tolist()
    else:
        with pytest.raises(ValueError, match="held nothing like None in training, it has no missing values"):
            grammar.read("c", None)
    if missing.all() or any(part in name for part in UNORDERED) or isinstance(present[0], bool):
        return
    low, high = sorted([one, other])
    inside = [not gone and low <= value <= high for value, gone in zip(values, missing, strict=True)]
    assert included(slice(low, high)) == inside
    above = [not gone and value >= low for value, gone in zip(values, missing, strict=True)]
    assert included(slice(low, None)) == above
    assert included([slice(None, low), high]) == [
        not gone and (value <= low or value == high) for value, gone in zip(values, missing, strict=True)
    ]
    if isinstance(low, pd.Timestamp | pd.Timedelta | int | float) and low < high:
        between = pd.Interval(low, high, closed="neither")
        open_ended = [not gone and low < value < high for value, gone in zip(values, missing, strict=True)]
        if any(open_ended):
            assert included(between) == open_ended
    if low < high and "string" not in name:
        with pytest.raises(ValueError, match="is reversed"):
            grammar.read("c", slice(high, low))


GRADES = ["low", "mid", "high"]
WHOLE = pd.Series(np.arange(240) % 50)
FRAME = pd.DataFrame({
    "k": WHOLE, "u": (WHOLE + 50).astype("uint8"), "few": WHOLE % 4, "yes": WHOLE % 2 == 0,
    "cents": (WHOLE / 100 + 0.5).round(2), "half": (WHOLE / 4).astype("float16"),
    "money": [decimal.Decimal(int(v)) / 4 for v in WHOLE],
    "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(WHOLE, unit="D"),
    "sex": np.where(WHOLE % 3 == 0, "Female", "Male"),
    "work": np.where(WHOLE % 5 == 0, None, np.where(WHOLE % 2, "Private", "State")),
    "x y": WHOLE + 0.5, "band": pd.cut(WHOLE, [-1, 10, 30, 50]),
    "grade": pd.Categorical(np.array(GRADES)[WHOLE % 3], GRADES, ordered=True),
    "price": [f"${v * 100:,}.00" for v in WHOLE],
})  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return fitted(FRAME)[0]


@pytest.mark.parametrize(
    ("given", "satisfied"),
    [
        ({"u": slice(90, 300)}, FRAME["u"] >= 90),
        ({"u": "90"}, FRAME["u"] == 90),
        ({"k": slice(2.5, 3.5)}, FRAME["k"] == 3),
        ({"k": pd.Interval(2, 4)}, FRAME["k"].isin([3, 4])),
        ({"k": pd.Interval(45, np.inf)}, FRAME["k"] > 45),
        ({"k": [3, slice(7, 9), "12"]}, FRAME["k"].isin([3, 7, 8, 9, 12])),
        ({"k": range(5)}, FRAME["k"] < 5),
        ({"few": slice(1.5, None)}, FRAME["few"] >= 2),
        ({"half": slice(0.3, 0.6)}, FRAME["half"] == 0.5),
        ({"money": slice(1, "1.5")}, FRAME["money"].between(1, decimal.Decimal("1.5"))),
        ({"day": slice("2020-01-05 12:00", datetime.date(2020, 1, 7))}, FRAME["k"].isin([5, 6])),
        ({"work": Not("Private")}, FRAME["work"] != "Private"),
        ({"work": Not([None, "State"])}, FRAME["work"] == "Private"),
        ({"work": [None, "State"], "sex": "Male"}, FRAME["work"].ne("Private") & FRAME["sex"].eq("Male")),
        ({"band": pd.Interval(10, 30)}, FRAME["k"].between(11, 30)),
        ({"grade": slice("mid", None)}, FRAME["grade"] >= "mid"),
        ({"price": slice(1000, "$2,000.00")}, FRAME["k"].between(10, 20)),
        ("k > 30 and sex == 'Female'", (FRAME["k"] > 30) & (FRAME["sex"] == "Female")),
        ("10 < k <= 20 or yes", ((FRAME["k"] > 10) & (FRAME["k"] <= 20)) | FRAME["yes"]),
        ("(not k > 30) and few in [1, 2]", ~(FRAME["k"] > 30) & FRAME["few"].isin([1, 2])),
        ("~(yes) and `x y` < 20 and 5 <= k", ~FRAME["yes"] & (FRAME["x y"] < 20) & (FRAME["k"] >= 5)),
        ("k + few > 40 and work != None", (FRAME["k"] + FRAME["few"] > 40) & FRAME["work"].notna()),
        ("work == None or price >= 4000", FRAME["work"].isna() | (FRAME["k"] >= 40)),
        ("k % 7 == 3", FRAME["k"] % 7 == 3),
        ("u > 300 or k == 7", FRAME["k"] == 7),
    ],
)  # fmt: skip
def test_what_it_means(table, given, satisfied):
    conditions = Conditions(table, given)
    assert conditions.satisfied(FRAME).tolist() == satisfied.tolist()
    codes = table.transform(FRAME, 0)  # codes may be near misses, which are then put in
    holds = conditions.of_codes.holds(codes)
    assert holds[satisfied].all()
    filled = conditions.fill(table.inverse_transform(codes[holds], 0), np.random.default_rng(0))
    assert conditions.satisfied(filled).all()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"u": 300}, "column 'u' holds values of dtype uint8, not 300; it knows 50 to 99"),
        ({"u": slice(300, 400)}, "column 'u' held nothing in the range from 300 to 400; it knows 50 to 99"),
        ({"k": slice(9, 3)}, "the range of column 'k' is reversed, from 9 to 3; swap its ends"),
        ({"k": slice(2.2, 2.8)}, "column 'k' held nothing in the range from 2.2 to 2.8"),
        ({"k": pd.Interval(3, 4, closed="neither")}, "'k' held nothing in the range above 3 below 4"),
        ({"cents": slice(0.501, 0.509)}, "'cents' held nothing in the range"),
        ({"k": slice(0, 10, 2)}, "a range has two ends and no step"),
        ({"k": slice(np.nan, 3)}, "nan is no end of a range; leave an end open by None"),
        ({"k": slice("a", 3)}, "'k' holds whole numbers, and the range from 'a' to 3 is of other values"),
        ({"few": slice(1.2, 1.8)}, "'few' held nothing in the range from 1.2 to 1.8; it knows 0, 1, 2, 3"),
        ({"few": slice(3, 1)}, "the range of column 'few' is reversed"),
        ({"yes": slice(False, True)}, "'yes' holds True and False, which have no ranges"),
        ({"yes": None}, "'yes' held nothing like None in training, it has no missing values"),
        ({"band": slice(10, 30)}, "'band' holds bands, which have no ranges; give a list of them"),
        ({"band": pd.Interval(10, 40)}, r"like Interval\(10, 40.*did you mean Interval\(10, 30"),
        ({"grade": slice("mid", "top")}, "'grade' held nothing like 'top'"),
        ({"sex": Not(["Male", "Female"])}, "'sex' held nothing else in training; it knows"),
        ({"sex": {"Male": 1}}, "give a value, a list or a range"),
        ({"day": slice(3, 9)}, "'day' holds times, and the range from 3 to 9 is of other values"),
        ({"money": "much"}, "'money' holds numbers, not 'much'"),
        ("sex == 'Femal'", "'sex' held nothing like 'Femal' .* did you mean 'Female'"),
        ("yes == 'no' or k > 3", "'yes' holds True and False, not 'no'"),
        ("k == 2.5", "'k' holds whole numbers, not 2.5"),
        ("k > 99", "'k' held nothing in the range above 99"),
        ("k > None", "compares 'k' with None by order; use == or !="),
        ("age > 3", "names 'age', and there is no column 'age'"),
        ("grad == 'low'", r"there is no column 'grad'; did you mean 'grade'\?"),
        ({"grad": "low"}, r"there is no column 'grad'; did you mean 'grade'\?"),
        ("sex + 1 > 2", "cannot be asked of columns of these dtypes"),
        ("k + 1", "is not true or false of a row; compare it with something"),
        ("k.mean() > 3", "has a Call in it|has an? Attribute in it"),
        ("few == 1 and few == 2", "no value of column 'few' satisfies all that is given"),
        ("k > 30 and k < 20", "no value of column 'k' satisfies all that is given"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_drawn(table, given, complaint):
    with pytest.raises(ValueError, match=complaint):
        Conditions(table, given)


def test_two_numbers_that_are_no_values_may_be_meant_as_a_range():
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=200).round(3)})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    with pytest.raises(ValueError, match=r"nothing like -90.*; for what lies between, give slice\(-90, 90\)"):
        Grammar(table).read("x", (-90, 90))
    with pytest.raises(ValueError, match=r"nothing like 90 in training, [^;]*; it knows [^;]*$"):
        Grammar(table).read("x", (90, -90))


WRITTEN = pd.DataFrame(
    {
        "betrag": [f"{k:,}".replace(",", ".") + ",50" for k in range(100, 3100, 10)],
        "price": [f"{k:,}.50 USD" for k in range(100, 3100, 10)],
        "plain": [f"{k},5" for k in range(100, 400)],
        "discount": ["0 %", "5 %", "10 %", "12 %", "20 %", "20 %"] * 50,
        "level": ["low", "high", "mid"] * 100,
    }
)


@pytest.fixture(scope="module")
def written():
    return Grammar(fitted(WRITTEN)[0])


@pytest.mark.parametrize(
    ("name", "end", "n_from"),
    [
        ("betrag", "1.500,50", 160), ("betrag", "1.500", 160), ("betrag", "1500", 160),
        ("betrag", 1500.5, 160), ("betrag", "1.5", 300), ("betrag", "1,500.50", None),
        ("price", "1,500.50 USD", 160), ("price", "1,500", 160), ("price", "1500.5", 160),
        ("price", "1.500,5", None),
        ("plain", "200,5", 200), ("plain", "200.5", 200), ("plain", "200", 200),
        ("discount", "5 %", 250), ("discount", "12 %", 150), ("discount", "7", 200), ("discount", "x", None),
        ("level", "low", 200),
    ],
)  # fmt: skip
def test_numbers_in_strings_are_compared_as_what_they_say(written, name, end, n_from):
    """By letters, "5 %" would be above "12 %"; and 1.500 is no 1.5 where a point stands between thousands."""
    if n_from is None:
        with pytest.raises(ValueError, match=f"column {name!r} holds .*and the range .* is of other values"):
            written.read(name, slice(end, None))
        return
    assert written.read(name, slice(end, None)).includes(WRITTEN[name]).sum() == n_from
    if name == "discount" and end == "5 %":
        assert written.read(name, slice("5 %", "12 %")).includes(WRITTEN[name]).sum() == 150
        with pytest.raises(ValueError, match="is reversed, from '12 %' to '5 %'"):
            written.read(name, slice("12 %", "5 %"))


@pytest.mark.parametrize("time", ["2023-03-26 02:30", "2023-10-29 02:30"])
def test_an_hour_that_comes_twice_or_never_needs_an_offset(time):
    times = pd.date_range("2023-01-01", periods=9000, freq="h", tz="Europe/Berlin")
    grammar = Grammar(fitted(pd.DataFrame({"t": times[::9]}))[0])
    for asked in (time, slice(time, None)):
        with pytest.raises(
            ValueError, match=r"'t' holds .*show 2023-\d\d-\d\d 02:30 twice or never \(add an offset"
        ):
            grammar.read("t", asked)
    assert grammar.read("t", slice(f"{time}+02:00", None)).includes(pd.Series(times)).any()
