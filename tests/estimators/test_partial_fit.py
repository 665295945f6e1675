"""More rows for a fitted model: new categories and ranges are learned, and nothing is forgotten."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tabgan import Privacy, TabGAN, TabVAE
from tabgan.adversarial.networks import MLP

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 60, "random_state": 0, "verbose": 0, "backbone": MLP((64, 64), (64, 64))}


def table(n, names, low, seed=0):
    """A name, and a number whose range hangs on it."""
    rng = np.random.default_rng(seed)
    code = rng.integers(len(names), size=n)
    frame = pd.DataFrame({"name": np.array(names)[code], "x": (low + code + rng.random(n)).round(3)})
    frame["kept"] = rng.choice(["yes", "no"], n, p=[0.9, 0.1])
    return frame


FIRST, SECOND = table(800, ["a", "b"], 0), table(400, ["b", "c"], 5, seed=1)


@pytest.fixture(scope="module")
def updated():
    model = TabGAN(privacy=Privacy(remember="hashes"), **QUICK).partial_fit(FIRST)
    with pytest.warns(UserWarning, match=r"name: new categories \('c', .*; x: wider range .*see `changes_`"):
        model.partial_fit(SECOND)
    return model


def test_both_halves_are_there(updated):
    """800 rows of a or b with x below 2, 400 of b or c with x from 5 on."""
    drawn, both = updated.sample(3000, random_state=0), pd.concat([FIRST, SECOND])
    shares = [frame["name"].value_counts(normalize=True) for frame in (drawn, both)]
    assert (shares[0] - shares[1]).abs().max() < 0.04
    assert abs(drawn["x"].gt(4).mean() - 1 / 3) < 0.04
    assert abs(drawn["kept"].eq("yes").mean() - 0.9) < 0.03
    of = {name: drawn.loc[drawn["name"] == name, "x"] for name in "abc"}
    assert of["a"].between(0, 1).mean() > 0.95
    assert of["c"].between(6, 7).mean() > 0.95
    assert abs(of["b"].gt(4).mean() - 1 / 3) < 0.1


def test_what_is_new_is_reported(updated):
    changes = updated.changes_.set_index(["column", "change"])
    assert changes.loc[("name", "new categories"), "new"] == "'c'"
    assert changes.loc[("name", "new categories"), "share"] == (SECOND["name"] == "c").mean()
    assert changes.loc[("x", "wider range"), "share"] == 1
    assert changes.loc[("x", "other distribution"), "share"] == 1
    assert "kept" not in changes.index.get_level_values("column")


def test_rows_are_counted_and_the_file_says_how_many(updated, tmp_path):
    assert updated.n_samples_seen_ == 1200
    updated.save(tmp_path / "m.tabgan")
    again = TabGAN.load(tmp_path / "m.tabgan")
    assert again.n_samples_seen_ == 1200
    pd.testing.assert_frame_equal(again.sample(20, random_state=0), updated.sample(20, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is new
        again.partial_fit(table(50, ["a", "b"], 0, seed=2))
    assert again.n_samples_seen_ == 1250
    assert set(again.sample(500, random_state=0)["name"]) == set("abc")
    assert again.fit(FIRST).n_samples_seen_ == 800
    assert not hasattr(again, "changes_")


def test_rows_of_all_calls_are_remembered(updated):
    record = updated.fitted_model_.privacy_record
    assert record.copies(FIRST).all()
    assert record.copies(SECOND).all()
    assert not record.copies(FIRST.assign(x=FIRST["x"] + 0.0005)).any()


def test_few_records_are_neither_forgotten_nor_learned():
    """Five rows of 'd' were enough for the model; two of 'e' are not, and are protected."""
    first = pd.concat([FIRST, FIRST.head(5).assign(name="d")], ignore_index=True)
    second = pd.concat([FIRST.head(300), FIRST.head(2).assign(name="e")], ignore_index=True)
    model = TabGAN(**QUICK).fit(first)
    with pytest.warns(UserWarning, match="that too few records hold to be learned"):
        model.partial_fit(second)
    known = model.fitted_model_.transformer.columns_["name"].categories
    assert set(known) == set("abd")
    assert set(model.sample(4000, random_state=0)["name"]) <= set("abd")
    assert (model.sample(5, given={"name": "d"}, random_state=0)["name"] == "d").all()


def test_other_columns_are_refused_and_the_model_stays(updated):
    before = updated.sample(20, random_state=3)
    for rows, complaint in [
        (SECOND.drop(columns="x"), "feature names should match"),
        (SECOND.assign(z=1), "feature names should match"),
        (SECOND.assign(x="much"), "column 'x' must hold numbers"),
        ([SECOND], "partial_fit takes a table in memory"),
    ]:
        with pytest.raises((ValueError, TypeError), match=complaint):
            updated.partial_fit(rows)
    with pytest.raises(ValueError, match="the model was fitted without y"):
        updated.partial_fit(SECOND, SECOND["x"].rename("y"))
    pd.testing.assert_frame_equal(updated.sample(20, random_state=3), before)


@pytest.mark.filterwarnings("ignore:the new rows hold")
def test_arrays_with_y_and_other_dtypes():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.integers(2, size=60)
    model = TabVAE(max_steps=20, random_state=0, verbose=0).fit(X, y)
    model.partial_fit(X + 1, y)
    drawn, labels = model.sample(30, return_X_y=True)
    assert drawn.shape == (30, 2)
    assert set(labels) <= {0, 1}
    with pytest.raises(ValueError, match="the model was fitted with y='target'"):
        model.partial_fit(X)
    frame = pd.DataFrame({"c": pd.Categorical(list("xy") * 30), "k": range(60), "one": 1, "i": y})
    model = TabGAN(**QUICK).fit(frame)
    more = frame.assign(c=pd.Categorical(list("xz") * 30), k=range(60, 120), one=[1, 2] * 30)
    more["i"] = np.where(np.arange(60) % 4 == 0, np.nan, more["i"])
    drawn = model.partial_fit(more).sample(300, random_state=0)
    assert set(drawn["c"].dtype.categories) == set("xyz")
    assert set(drawn["one"]) == {1, 2}
    assert drawn["i"].isna().any()
    assert not drawn["k"].isin(range(120)).any()


def test_constraints_are_found_again_and_networks_go_on():
    codes = {"a": 10, "b": 20}
    first, second = (
        rows.assign(code=rows["name"].map(codes)) for rows in (FIRST, table(300, ["a", "b"], 0, 2))
    )
    model = TabGAN(**QUICK).fit(first)
    found = [str(each) for each in model.fitted_model_.transformer.constraint_set_]
    assert found == ["fixed combinations of name, code"]
    step = model._state.step
    model.partial_fit(second)
    assert [str(each) for each in model.fitted_model_.transformer.constraint_set_] == found
    assert step < model._state.step <= 2 * step
    drawn = model.sample(500, random_state=0)
    assert (drawn["name"].map(codes) == drawn["code"]).all()


def test_constraints_hold_on_unless_new_rows_break_them():
    """Of few rows that obey it nothing would be discovered; what is broken is said."""
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2000, 400), unit="D")
    rows = pd.DataFrame({"start": start, "end": start + pd.to_timedelta(rng.integers(0, 30, 400), unit="D")})
    rows["pay"], rows["tax"] = (np.where(rng.random(400) < 0.3, np.nan, rng.random(400)) for _ in range(2))
    rows["tax"] = rows["tax"].where(rows["pay"].notna()).fillna(0.5).where(rows["pay"].notna())
    model = TabGAN(**QUICK).fit(rows.head(360))
    found = {str(each) for each in model.constraints_}
    assert found == {"start <= end", "pay, tax are missing together"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of wider ranges
        model.partial_fit(rows.tail(40).dropna())
    assert {str(each) for each in model.constraints_} == found
    turned = rows.tail(40).rename(columns={"start": "end", "end": "start"})[list(rows)]
    with pytest.warns(UserWarning, match=r"start, end: broken constraint \(start <= end, 9\d"):
        model.partial_fit(turned)
    assert {str(each) for each in model.constraints_} == {"pay, tax are missing together"}
    assert "broken constraint" in set(model.changes_["change"])
