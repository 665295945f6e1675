"""Whole tables there and back: names, state, values never seen, own column types, speed."""

import json
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tabgan.datasets import load_adult, load_iris
from tabgan.table import Schema, TableTransformer

RNG = np.random.default_rng(0)
MIXED = pd.DataFrame(
    {
        "size": np.round(RNG.lognormal(size=300), 2),
        "color": RNG.choice(["red", "green", None], 300),
        "key": [f"k{i}" for i in range(300)],
        "same": 1,
        "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 900, 300), unit="D"),
    }
)


def fit(frame, **options):
    return TableTransformer(Schema.infer(frame, **options)).fit(frame)


@pytest.mark.parametrize("load", [load_adult, load_iris])
@pytest.mark.parametrize("numeric", ["rank", "minmax"])
def test_real_tables_come_back(load, numeric):
    frame = load()
    table = fit(frame, numeric=numeric)
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    inexact = ["fnlwgt"] if "fnlwgt" in frame else []  # 28,000 different numbers up to 1.5 million
    pd.testing.assert_frame_equal(back.drop(columns=inexact), frame.drop(columns=inexact))
    for name in inexact:
        assert back[name].dtype == frame[name].dtype
        assert np.abs(back[name] - frame[name]).max() < 1e-3 * frame[name].std()


@pytest.mark.parametrize(
    "names",
    [
        [0, 1, 2],
        ["index", "target", "x y"],
        [None, 1.5, ("t", 1)],
        [("a", 1), ("a", 2), ("b", 1)],
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["upper", None]),
        pd.Index(["a", "b", "c"], name="columns"),
        pd.Index(["a", "b", "c"], dtype="string"),
        pd.DatetimeIndex(["2020-01-01", "2020-01-02", "2020-01-03"]),
    ],
)
def test_any_names(names):
    frame = MIXED[["size", "color", "when"]].copy()
    frame.columns = names
    meta, arrays = fit(frame).get_state()
    table = TableTransformer.from_state(json.loads(json.dumps(meta)), arrays)
    back = table.inverse_transform(table.transform(frame, random_state=0))
    pd.testing.assert_frame_equal(back, frame)
    pd.testing.assert_index_equal(back.columns, frame.columns, exact=True)


@pytest.mark.parametrize("name", MIXED)
def test_a_table_of_one_column(name):
    frame = MIXED[[name]]
    table = fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    assert back.dtypes.equals(frame.dtypes)
    if name != "key":
        pd.testing.assert_frame_equal(back, frame)


def test_the_index_of_the_frame_plays_no_part():
    frame = MIXED.set_index(pd.Index([7] * 300))
    back = fit(frame).inverse_transform(fit(MIXED).transform(frame, random_state=0), random_state=0)
    pd.testing.assert_frame_equal(back.drop(columns="key"), MIXED.drop(columns="key"))


def test_two_rows_are_enough_and_none_are_decoded_to_none():
    frame = MIXED.iloc[:2]
    table = fit(frame)
    assert table.inverse_transform(np.empty((0, len(table.layout_)))).dtypes.equals(frame.dtypes)
    assert table.transform(frame.iloc[:0]).shape == (0, len(table.layout_))


def test_state_holds_all_that_was_learned():
    table = fit(MIXED)
    meta, arrays = table.get_state()
    again = TableTransformer.from_state(json.loads(json.dumps(meta, allow_nan=False)), arrays)
    assert again.layout_ == table.layout_
    assert json.dumps(again.get_state()[0]) == json.dumps(meta)
    codes = table.transform(MIXED, random_state=0)
    np.testing.assert_array_equal(again.transform(MIXED, random_state=0), codes)
    pd.testing.assert_frame_equal(*(t.inverse_transform(codes, random_state=1) for t in (table, again)))
    assert {array.dtype.kind for array in arrays.values()} <= set("fiu")


def test_keys_of_training_are_not_in_the_state():
    meta, _ = fit(MIXED).get_state()
    assert "k123" not in json.dumps(meta)


def test_seeds():
    table = fit(MIXED)
    first, second, other = (table.transform(MIXED, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(table.transform(MIXED, random_state=rng), first)


def test_values_unlike_any_in_training():
    table = fit(MIXED)
    for name, value, message in [
        ("color", "blue", "column 'color' has 300 .*'blue'"),
        ("size", np.nan, "column 'size' has 300 .*nan"),
        ("size", np.inf, "column 'size' has 300 .*inf"),
        ("when", pd.NaT, "column 'when' has 300 .*NaT"),
    ]:
        frame = MIXED.assign(**{name: pd.Series([value] * 300).astype(MIXED[name].dtype)})
        with pytest.raises(ValueError, match=message):
            table.transform(frame)
        ignored = table.transform(frame, random_state=0, unseen="ignore")
        assert (ignored[:, table.layout_.places(name)] == (-1 if name == "color" else 0)).all()


def test_frames_with_other_columns_are_refused():
    with pytest.raises(ValueError, match="lacks columns: 'size'"):
        fit(MIXED).transform(MIXED.drop(columns="size"))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.zeros((3, 1)), r"must be of shape \(n, 3\), got \(3, 1\)"),
        (np.zeros(3), r"must be of shape \(n, 3\), got \(3,\)"),
        (np.full((3, 3), np.nan), "must be finite"),
    ],
)
def test_codes_that_do_not_fit_are_refused(codes, message):
    with pytest.raises(ValueError, match=message):
        fit(MIXED).inverse_transform(codes)


def test_codes_out_of_range_are_decoded_as_the_nearest():
    table = fit(MIXED)
    codes = table.transform(MIXED, random_state=0)
    codes[0], codes[1] = 7, -7
    back = table.inverse_transform(codes, random_state=0)
    assert back["size"][:2].tolist() == [MIXED["size"].max(), MIXED["size"].min()]
    assert back["when"][:2].tolist() == [MIXED["when"].max(), MIXED["when"].min()]
    assert back["color"].isna()[0]  # the last category
    assert back["color"][1] == "green"
    pd.testing.assert_frame_equal(back[["size", "color"]][2:], MIXED[["size", "color"]][2:])


def test_it_is_a_scikit_learn_transformer():
    table = fit(MIXED)
    assert table.n_features_in_ == 5
    assert table.feature_names_in_.tolist() == list(MIXED)
    assert table.get_feature_names_out().tolist() == ["size", "color", "when"]
    with pytest.raises(NotFittedError):
        clone(table).transform(MIXED)


def test_it_is_fast():
    frame = pd.concat([load_adult()] * 6, ignore_index=True)  # 30,000 rows
    table = fit(frame)
    times = [time.process_time()]
    codes = table.transform(frame, random_state=0)
    times.append(time.process_time())
    table.inverse_transform(np.concatenate([codes] * 3), random_state=0)
    times.append(time.process_time())
    assert np.diff(times).max() < 2  # a tenth of that on a quiet machine


def test_many_columns():
    frame = pd.DataFrame(RNG.integers(0, 3, (200, 2000)))
    table = fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0))
    pd.testing.assert_frame_equal(back, frame)
