"""Columns that repeat another: found, encoded as a state, and exactly the same again after decoding."""

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Schema, TableTransformer
from tabgan.table.repeats import find_repeats, is_repeated
from tests.table.dtypes import random_codes


def bills(n=3000, seed=0, paid=0.3):
    rng = np.random.default_rng(seed)
    bill = np.round(rng.lognormal(6, 1, n), 2)
    payment = np.where(rng.random(n) < paid, bill, np.round(rng.lognormal(4, 1, n), 2))
    payment[rng.random(n) < 0.2] = 0
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    end = start + pd.to_timedelta(rng.choice([0, 1, 2, 9], n), unit="D")
    return pd.DataFrame({"bill": bill, "payment": payment, "start": start, "end": end, "again": bill})


def test_they_are_found_by_dtype_and_by_uncommon_values():
    frame = bills()
    assert find_repeats(frame, list(frame)) == {"payment": "bill", "again": "bill", "end": "start"}
    rng = np.random.default_rng(0)
    zeros = pd.DataFrame({k: np.where(rng.random(3000) < 0.8, 0, rng.random(3000)) for k in "ab"})
    assert find_repeats(zeros, ["a", "b"]) == {}  # two thirds of the values are equal, all of them zeros
    assert find_repeats(frame, []) == {}


@pytest.mark.parametrize("dtype", ["float64", "Float64", "float64[pyarrow]"])
def test_repeated_values_come_back_exactly(dtype):
    frame = bills().astype({"bill": dtype, "payment": dtype, "again": dtype})
    frame.loc[::7, ["bill", "payment"]] = None
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    for name, source in table.repeats_.items():
        same = is_repeated(frame[name], frame[source])
        assert same.mean() > 0.15
        assert (is_repeated(back[name], back[source]) >= same).all()
        assert (back[name].isna() == frame[name].isna()).all()
        assert back[name].dtype == frame[name].dtype


def test_the_scalar_says_nothing_where_the_value_repeats():
    frame = bills()[["bill", "payment"]]
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    codes = table.transform(frame, random_state=0)
    bill, state, payment = codes.T
    same = state == 1
    assert (same == is_repeated(frame["payment"], frame["bill"])).all()
    assert abs(np.corrcoef(bill[same], payment[same])[0, 1]) < 0.12  # four standard errors


def test_state_and_names_hold_them():
    frame = bills()
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    again = TableTransformer.from_state(*table.get_state())
    codes = table.transform(frame, random_state=0)
    pd.testing.assert_frame_equal(again.inverse_transform(codes), table.inverse_transform(codes))
    assert len(set(table.get_feature_names_out())) == codes.shape[1]


def test_rows_that_all_repeat_can_be_encoded():
    frame = bills()
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    few = frame[frame["payment"] == frame["bill"]].head(3)
    back = table.inverse_transform(table.transform(few, random_state=0))
    assert (back["payment"] == back["bill"]).all()


def test_a_copy_never_leaves_the_range_of_its_column():
    frame = bills()[["bill", "payment"]]
    frame.loc[frame["payment"] > 1500, "payment"] = 1500.0
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    drawn = table.inverse_transform(random_codes(table.layout_, 20_000))
    assert drawn["bill"].max() > 3000
    assert drawn["payment"].max() <= 1500


def test_fractions_repeat_whole_numbers():
    """A column of integers cannot take up a fraction, so that it is the other that repeats."""
    rng = np.random.default_rng(0)
    most = rng.integers(0, 10**6, 3000)
    least = np.where(rng.random(3000) < 0.5, most, (most * rng.random(3000)).round(2))
    frame = pd.DataFrame({"least": least.astype("float32"), "most": most, "byte": rng.integers(0, 200, 3000)})
    frame["byte"] = frame["byte"].astype("uint8")
    frame["same"] = np.where(rng.random(3000) < 0.3, frame["byte"], rng.integers(0, 9999, 3000))
    assert find_repeats(frame, list(frame)) == {"least": "most", "same": "byte"}
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    assert back.dtypes.equals(frame.dtypes)
    for name, source in table.repeats_.items():
        assert (is_repeated(back[name], back[source]) >= is_repeated(frame[name], frame[source])).all()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_a_chain_of_repeats_comes_back(order):
    rng = np.random.default_rng(0)
    months = [np.round(rng.lognormal(6, 1, 3000), 2)]
    for _ in range(3):
        months.append(np.where(rng.random(3000) < 0.1, months[-1], np.round(rng.lognormal(6, 1, 3000), 2)))
    frame = pd.DataFrame({f"month {k}": months[k] for k in order})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    pairs = {frozenset(pair) for pair in table.repeats_.items()}
    assert pairs == {frozenset({f"month {k}", f"month {k + 1}"}) for k in range(3)}
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    for name, source in table.repeats_.items():
        assert (is_repeated(back[name], back[source]) >= is_repeated(frame[name], frame[source])).all()
        column = table.decode(table.transform(frame, random_state=0), name)
        assert (is_repeated(column, back[source]) >= is_repeated(frame[name], frame[source])).all()
