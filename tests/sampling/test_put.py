"""Values put into rows so that a rare condition holds: however narrow a range is, of whatever column."""

import numpy as np
import pandas as pd
import pytest

from tabgan import Not
from tabgan.sampling.column_conditions import OneOf
from tabgan.sampling.conditions import Conditions
from tabgan.table import ConstraintSet, Schema, TableTransformer
from tabgan.table.constraints import FixedCombinations, Inequality, Sum


def table(n=300, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.exponential(size=n).round(4), "cents": rng.exponential(100, n).round(2)})
    frame["hole"] = np.where(rng.random(n) < 0.7, np.nan, rng.normal(size=n))
    frame["age"] = rng.integers(18, 90, n).astype("uint8")
    frame["start"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    frame["end"] = frame["start"] + pd.to_timedelta(rng.integers(0, 90, n), unit="D")
    frame["price"] = [f"${value:,.2f}" for value in rng.exponential(1000, n)]
    frame["net"], frame["tax"] = rng.exponential(50, n).round(2), rng.exponential(9, n).round(2)
    frame["gross"] = (frame["net"] + frame["tax"]).round(2)
    frame["twin"] = np.where(rng.random(n) < 0.6, frame["x"], 1 + 8 * rng.random(n))
    frame["town"] = np.array(["Bonn", "Lyon", "Ulm"])[rng.integers(3, size=n)]
    frame["land"] = frame["town"].map({"Bonn": "DE", "Ulm": "DE", "Lyon": "FR"})
    return frame


FRAME = table()


@pytest.fixture(scope="module")
def transformer():
    constraints = [
        Inequality("start", "end"),
        Sum(["net", "tax"], "gross"),
        FixedCombinations(["town", "land"]),
    ]
    fitted = TableTransformer(Schema.infer(FRAME), ConstraintSet(constraints)).fit(FRAME)
    assert {"end", "gross", "land"} & set(fitted.encoded_) == set()
    assert "twin" in fitted.repeats_
    return fitted


def satisfying(transformer, given):
    """Put values into rows of which none satisfies a condition; give those that then do."""
    conditions = Conditions(transformer, given)
    codes = transformer.transform(FRAME, 0)
    codes = codes[~conditions.of_codes.holds(codes)]
    put = conditions.of_codes.put(codes, np.random.default_rng(0))
    put = put[conditions.of_codes.holds(put)]
    frame = conditions.fill(transformer.inverse_transform(put, 0), np.random.default_rng(0))
    frame = transformer.constraint_set_.settle(frame, list(conditions.by_column))
    return frame[conditions.satisfied(frame) & transformer.obey(frame)]


@pytest.mark.parametrize(
    "name", ["x", "cents", "hole", "age", "start", "end", "price", "net", "gross", "twin"]
)
@pytest.mark.parametrize("share", [0.0, 0.9])
def test_narrow_ranges_and_points(transformer, name, share):
    """Between two neighbours of the table, of which no row lies strictly inside, and at one of them."""
    ordered = transformer.columns_[name].ordered
    values = FRAME.loc[FRAME[name] != FRAME["x"] if name == "twin" else slice(None), name]
    values = values.dropna().drop_duplicates()
    values = values.iloc[np.argsort(ordered(values).to_numpy(), kind="stable")].tolist()
    place = round(share * (len(values) - 2))
    low, high = values[place : place + 2]
    for asked in (slice(low, high), slice(high, high), [slice(low, low)], high):
        drawn = satisfying(transformer, {name: asked, "town": "Ulm"})
        assert len(drawn), asked
        if name != "price":
            assert drawn[name].between(low, high).all()


def test_several_columns_at_once(transformer):
    given = {"x": slice(3, 3.001), "land": "FR", "gross": slice(200, 200.5), "hole": slice(1, 1.01)}
    drawn = satisfying(transformer, given)
    assert (drawn["town"] == "Lyon").all()
    assert drawn["x"].between(3, 3.001).all()
    assert (drawn["net"] + drawn["tax"]).between(199.999, 200.501).all()
    assert len(drawn)


@pytest.mark.parametrize(
    "given",
    [
        {"age": slice(30, 30)}, {"age": slice(29.5, 30.9)}, {"age": pd.Interval(30, 30, closed="both")},
        "age >= 30 and age <= 30", "29 < age <= 30", "age == 30 and age >= 30", "not (age != 30)",
        "age == 30 or age == 30",
    ],
)  # fmt: skip
def test_a_range_of_one_point_is_its_value(transformer, given):
    """So rows that come near to it get it, as where the value itself is asked for."""
    conditions = Conditions(transformer, given)
    assert not conditions.of_rows
    condition = conditions.by_column["age"]
    if isinstance(condition, OneOf):
        assert set(condition.values) == {30}
    else:
        assert condition.includes(FRAME["age"]).tolist() == FRAME["age"].eq(30).tolist()


def test_an_expression_on_one_column_is_a_condition_on_it(transformer):
    conditions = Conditions(transformer, "(age == 30 or age > 80) and not (town == 'Ulm' or town == 'Bonn')")
    assert not conditions.of_rows
    assert conditions.by_column["town"].values.tolist() == ["Lyon"]
    wanted = (FRAME["age"].eq(30) | FRAME["age"].gt(80)) & FRAME["town"].eq("Lyon")
    assert conditions.satisfied(FRAME).tolist() == wanted.tolist()


def test_a_column_that_repeats_another_may_have_its_values(transformer):
    """Its own numbers lie elsewhere; what it takes over is known nevertheless."""
    only = FRAME.loc[FRAME["twin"] == FRAME["x"], "x"].min()
    assert not transformer.columns_["twin"].possible(pd.Series([only])).any()
    conditions = Conditions(transformer, {"twin": only})
    assert conditions.satisfied(FRAME).sum() == 1
    row = FRAME[FRAME["twin"] == only]
    assert conditions.of_codes.holds(transformer.transform(row, 0)).all()
    with pytest.raises(ValueError, match="'twin' held nothing like 99"):
        Conditions(transformer, {"twin": 99.0})
    assert Conditions(transformer, {"twin": Not(only)}).satisfied(FRAME).sum() == len(FRAME) - 1
