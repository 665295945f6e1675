"""A fitted model asked about rows: holes filled."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from tabgan import Privacy, Sum, TabGAN, TabVAE, load_adult, load_iris

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 20, "verbose": 0, "random_state": 0}


def with_holes(frame, share=0.2, seed=0):
    return frame.mask(np.random.default_rng(seed).random(frame.shape) < share)


@pytest.fixture(scope="module")
def adult():
    return load_adult().iloc[:1500]


@pytest.fixture(scope="module")
def model(adult):
    return TabGAN(**QUICK).fit(adult)


def test_holes_are_filled_and_all_else_is_as_it_was(model, adult):
    rows = with_holes(adult.iloc[:300]).sample(frac=1, random_state=0)[adult.columns[::-1]]
    filled = model.impute(rows, random_state=0)
    assert filled.isna().sum().sum() == 0
    pd.testing.assert_frame_equal(filled.where(rows.notna()), rows)
    again = model.impute(rows, random_state=0)
    pd.testing.assert_frame_equal(filled, again)
    assert not model.impute(rows).equals(model.impute(rows))
    pd.testing.assert_frame_equal(model.impute(adult), adult)


def test_imputations_differ_as_far_as_the_row_leaves_open(model, adult):
    rows = adult.iloc[:200].copy()
    rows["education-num"] = np.nan  # follows from education
    rows["age"] = np.nan
    several = model.impute(rows, n_imputations=5, random_state=0)
    assert len(several) == 5
    assert all((frame["education-num"] == adult["education-num"].iloc[:200]).all() for frame in several)
    assert np.mean([several[0]["age"] != frame["age"] for frame in several[1:]]) > 0.8
    assert np.std([frame["age"].mean() for frame in several]) < 3
    husbands = rows["relationship"] == "Husband"
    children = rows["relationship"] == "Own-child"
    assert several[0]["age"][husbands].mean() > several[0]["age"][children].mean() + 10  # 44 and 25 in truth


@pytest.mark.parametrize("dtype", ["Int64", "float32", "float64", "int64[pyarrow]", "object"])
def test_numbers_keep_their_dtype(dtype):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 50, 400), "b": rng.choice(["u", "v"], 400)})
    model = TabVAE(**QUICK).fit(frame)
    rows = frame.astype({"a": "Int64"}).mask(rng.random(frame.shape) < 0.3).astype({"a": dtype})
    filled = model.impute(rows, random_state=0)
    assert filled.isna().sum().sum() == 0
    assert filled.dtypes.equals(rows.dtypes)
    numbers = filled["a"].astype(float)
    assert ((numbers == numbers.round()) & numbers.between(0, 49)).all()


def test_other_dtypes_and_columns_of_every_kind():
    rng = np.random.default_rng(1)
    n = 300
    frame = pd.DataFrame(
        {
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "zone": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 300, n), unit="h"),
            "took": pd.to_timedelta(rng.integers(0, 300, n), unit="min"),
            "size": pd.Categorical(rng.choice(["S", "M", "L"], n), ["S", "M", "L"], ordered=True),
            "flag": pd.array(rng.random(n) < 0.5, dtype="boolean"),
            "text": pd.array(rng.choice(["x", "y"], n), dtype="string"),
            "same": 7,
            "key": [f"id-{k:05d}" for k in range(n)],
            7: np.round(rng.normal(size=n), 2),
            "gone": pd.Series([None] * n, dtype=object),
        }
    )
    model = TabGAN(**QUICK).fit(frame)
    rows = with_holes(frame, 0.3)
    filled = model.impute(rows, random_state=0)
    assert filled.drop(columns="gone").isna().sum().sum() == 0
    assert filled.dtypes.equals(rows.dtypes)
    known = rows.drop(columns="gone")
    pd.testing.assert_frame_equal(filled[known.columns].where(known.notna()), known)
    assert filled["same"].eq(7).all()
    assert filled["key"].str.fullmatch(r"id-\d{5}").all()


def test_constraints_hold_of_filled_rows():
    rng = np.random.default_rng(2)
    parts = pd.DataFrame({"net": rng.integers(1, 1000, 500), "tax": rng.integers(0, 200, 500)})
    frame = parts.assign(gross=parts.sum(axis=1), kind=rng.choice(["a", "b"], 500))
    model = TabGAN(**QUICK, constraints=[Sum(["net", "tax"], "gross")]).fit(frame)
    for gone in (["gross"], ["net"], ["net", "tax"], ["net", "tax", "gross"]):
        rows = frame.copy()
        rows[gone] = np.nan
        filled = model.impute(rows, random_state=0)
        assert (filled["net"] + filled["tax"] == filled["gross"]).all()
        assert (
            filled[[c for c in frame if c not in gone]] == frame[[c for c in frame if c not in gone]]
        ).all(None)
    broken = frame.assign(net=5, tax=5, gross=4, kind=None)
    with pytest.warns(UserWarning, match=r"500 of 500 rows, filled, do not satisfy .*net \+ tax == gross"):
        filled = model.impute(broken, random_state=0)
    assert filled["kind"].notna().all()


def test_arrays_and_other_frames_come_back_as_they_came():
    polars = pytest.importorskip("polars")
    iris = load_iris()
    numbers = iris.iloc[:, :4].to_numpy()
    model = TabVAE(**QUICK).fit(numbers)
    rows = np.where(np.random.default_rng(0).random(numbers.shape) < 0.2, np.nan, numbers).astype(np.float32)
    filled = model.impute(rows)
    assert (filled.dtype, np.isnan(filled).sum()) == (np.float32, 0)
    assert (filled[~np.isnan(rows)] == rows[~np.isnan(rows)]).all()
    with pytest.raises(ValueError, match="X has 3 features, but TabVAE is expecting 4 features as input"):
        model.impute(rows[:, :3])
    frame = polars.from_pandas(iris)
    model = TabVAE(**QUICK).fit(frame)
    filled = model.impute(frame.with_columns(species=polars.lit(None, dtype=polars.String)), random_state=0)
    assert isinstance(filled, polars.DataFrame)
    assert (filled["species"].null_count(), filled["petal_width"].to_list()) == (
        0,
        iris["petal_width"].tolist(),
    )


def test_a_model_of_a_table_with_holes_fills_them():
    iris = load_iris()
    rows = with_holes(iris)
    model = TabGAN(**{**QUICK, "max_steps": 300}).fit(rows)
    filled = model.impute(rows, n_imputations=9, random_state=0)
    assert all(frame.isna().sum().sum() == 0 for frame in filled)
    gone = rows["petal_length"].isna()
    middle = pd.concat([frame["petal_length"] for frame in filled], axis=1).mean(axis=1)
    # The mean of the column is off by its standard deviation, 1.77; models of four seeds are by 0.77 to 0.96.
    assert np.sqrt(((middle - iris["petal_length"])[gone] ** 2).mean()) < 1.2


def test_what_was_never_seen_stays_and_says_nothing(model, adult):
    rows = adult.iloc[:20].copy()
    rows["occupation"] = "Astronaut"
    rows["age"] = np.nan
    filled = model.impute(rows, random_state=0)
    assert (filled["occupation"] == "Astronaut").all()
    assert filled["age"].notna().all()


def test_columns_may_be_absent(model, adult):
    rows = adult[["age", "income"]].iloc[:20].mask(np.eye(20, 2, dtype=bool))
    filled = model.impute(rows, random_state=0)
    assert list(filled) == ["age", "income"]
    assert filled.notna().all(None)


def test_what_cannot_be_asked_is_refused(model, adult):
    with pytest.raises(NotFittedError):
        TabGAN().impute(adult)
    with pytest.raises(ValueError, match="n_imputations must be at least 1, got 0"):
        model.impute(adult, n_imputations=0)
    with pytest.raises(ValueError, match="there is no column 'wings'"):
        model.impute(adult.assign(wings=None))
    with pytest.raises(ValueError, match="'age'"):
        model.impute(adult.assign(age="very old", sex=None))


def test_protected_values_stay_out():
    frame = pd.DataFrame({"a": ["x"] * 200 + ["secret"], "b": np.arange(201) % 7})
    model = TabGAN(**QUICK, privacy=Privacy(protect=3)).fit(frame)
    filled = model.impute(pd.DataFrame({"a": [None] * 100, "b": np.arange(100) % 7}), random_state=0)
    assert set(filled["a"]) == {"x"}
