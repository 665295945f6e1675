"""Rows to complete: known values, dtypes and index stay; every hole that the model can fill is filled."""

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN
from tabgan.sampling import model as fitted_model
from tabgan.table.columns.categories import find_missing
from tests.table.dtypes import all_columns

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 20, "random_state": 0, "verbose": 0}


def table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"k": rng.integers(0, 50, n), "few": rng.integers(0, 4, n)})
    frame["s"] = rng.choice(list("abc"), n)
    frame["x"] = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    frame["yes"] = rng.random(n) < 0.4
    frame["band"] = pd.cut(frame["k"], [-1, 10, 30, 50])
    return frame


@pytest.fixture(scope="module")
def model():
    return TabGAN(**QUICK).fit(table())


def holes_in(frame, seed=1, share=0.3):
    """Whole numbers with holes become floats, as they do in pandas; truth values become objects."""
    is_hole = np.random.default_rng(seed).random(frame.shape) < share
    return frame.mask(is_hole).set_index(
        pd.Index([f"row {k}" for k in range(len(frame))], name="id")
    ), is_hole


@pytest.mark.parametrize("form", ["as pandas has them", "nullable", "objects"])
def test_holes_are_filled_and_what_is_known_stays(model, form):
    given, is_hole = holes_in(table().head(60))
    given = {"nullable": pd.DataFrame.convert_dtypes, "objects": lambda f: f.astype(object)}.get(
        form, lambda f: f
    )(given)
    before = given.copy(deep=True)
    drawn = model.sample(given=given, random_state=0)
    pd.testing.assert_frame_equal(given, before)
    pd.testing.assert_index_equal(drawn.index, given.index)
    pd.testing.assert_series_equal(drawn.dtypes, table().dtypes)
    known = ~is_hole & table().head(60).notna().to_numpy()
    for place, name in enumerate(drawn):
        assert drawn[name].notna().all()
        assert (drawn[name].to_numpy() == table()[name].head(60).to_numpy())[known[:, place]].all()


def test_frames_with_no_column_no_value_or_no_row(model):
    assert model.sample(given=pd.DataFrame(index=["a", "b"])).index.tolist() == ["a", "b"]
    drawn = model.sample(given=pd.DataFrame({"x": [np.nan] * 30, "s": [None] * 30}), random_state=0)
    assert drawn[["x", "s"]].notna().all(axis=None)
    assert model.sample(given=table().head(0)).shape == (0, 6)


def test_columns_that_are_absent_may_be_missing_as_in_any_sample(model):
    drawn = model.sample(given=table().head(200)[["s"]], random_state=0)
    assert 0.1 < drawn["x"].isna().mean() < 0.5


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"k": [3, 2.5]}, "column 'k' holds whole numbers, not 2.5"),
        ({"s": ["a", "z"]}, "column 's' held nothing like 'z'"),
        ({"yes": [True, "no"]}, "column 'yes' holds True and False, not 'no'"),
        ({"x": ["wide"]}, "column 'x' holds numbers, not 'wide'"),
        ({"m": [1]}, "there is no column 'm'; the columns are"),
    ],
)
def test_values_that_a_column_cannot_have_are_refused(model, given, complaint):
    with pytest.raises(ValueError, match=complaint):
        model.sample(given=pd.DataFrame(given))


def test_values_that_cannot_be_compared_are_refused(model):
    with pytest.raises(TypeError, match="column 's' is given nested or strange objects; turn them"):
        model.impute(pd.DataFrame({"s": [["a"], None]}))


def test_what_is_filled_in_hangs_on_what_is_known():
    """The number is 10, 20 or 30 by the letter, with a spread of 1."""
    rng = np.random.default_rng(0)
    place = rng.integers(3, size=600)
    frame = pd.DataFrame({"s": np.array(list("abc"))[place], "x": 10 * place + rng.normal(10, 1, 600)})
    model = TabGAN(max_steps=300, random_state=0, verbose=0, refine=False).fit(frame)
    drawn = model.sample(given=frame[["s"]], random_state=0)
    near = model.sample(2000, random_state=1)
    for letter in "abc":
        one, other = (rows.loc[rows["s"] == letter, "x"] for rows in (drawn, near))
        assert abs(one.median() - other.median()) < 1
    assert np.corrcoef(drawn["x"], frame["x"])[0, 1] > 0.6
    letters = model.sample(given=frame[["x"]], random_state=0)["s"]
    assert (letters == frame["s"]).mean() > 0.6


def test_numbers_further_out_than_any_that_is_learned_stay(model):
    """Training rows among them: the outermost are protected, and yet they can be completed."""
    frame = table()[["x", "s"]]
    ends = frame.loc[[frame["x"].idxmin(), frame["x"].idxmax()]]
    drawn = model.sample(given=ends.assign(s=None), random_state=0)
    assert drawn["x"].equals(ends["x"])


def test_every_dtype_with_holes(monkeypatch):
    monkeypatch.setattr(fitted_model, "POOL", 1500)
    columns = all_columns()
    names = list(columns)
    for start in range(0, len(names), 35):
        frame = pd.DataFrame({name: columns[name] for name in names[start : start + 35]})
        model = TabGAN(**{**QUICK, "max_steps": 2}, refine=False, constraints=None).fit(frame)
        rows = frame.head(30)
        given = holes_in(rows.astype(object))[0]
        drawn = model.sample(given=given, random_state=0)
        for name, dtype in model.sample(0).dtypes.items():
            assert repr(drawn[name].dtype) == repr(dtype), name
            known = given[name].notna().to_numpy()
            pairs = zip(drawn[name][known].astype(object), rows[name][known].astype(object), strict=True)
            assert all(type(one) is type(other) and one == other for one, other in pairs), name
            assert not find_missing(drawn[name]).any() or find_missing(frame[name]).all(), name


def test_a_given_number_out_of_range_stays_also_where_it_is_part_of_a_sum():
    """Training rows among them: the outermost are protected, and what they add up to lies out of range."""
    rng = np.random.default_rng(0)
    net = np.round(rng.lognormal(3.5, 1, 300), 2)
    frame = pd.DataFrame({"net": net, "tax": np.round(net * 0.19, 2), "kind": rng.choice(["a", "b"], 300)})
    frame.loc[5, "net"] = 5000.0
    frame["total"] = (frame["net"] + frame["tax"]).round(2)
    model = TabGAN(**QUICK).fit(frame)
    assert [str(constraint) for constraint in model.constraints_] == ["net + tax == total"]
    assert model.sample(given=frame.loc[[5]]).loc[5, "total"] == frame.loc[5, "total"]
    for given in ({"net": [2000.0]}, {"total": [2000.0]}, {"net": [-5.0], "tax": [1.0]}):
        drawn = model.sample(given=pd.DataFrame(given), random_state=0)
        for name, (value,) in given.items():
            assert drawn.loc[0, name] == value
        assert np.isclose(drawn["net"] + drawn["tax"], drawn["total"]).all()
    with pytest.raises(RuntimeError, match="no completion that satisfies"):
        model.sample(given=pd.DataFrame({"net": [2000.0], "tax": [1.0], "total": [7.0]}))
