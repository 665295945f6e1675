"""Values that repeat: categories, rare ones among them, and a missing value as a category."""

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Categorical, Constant, Discrete

RNG = np.random.default_rng(0)


def test_categories_are_sorted_and_a_missing_value_comes_last():
    fitted = Categorical().fit(pd.Series(["b", None, "a", "b"]))
    assert fitted.categories_[:2].tolist() == ["a", "b"]
    assert fitted.categories_.isna().tolist() == [False, False, True]
    assert fitted.blocks() == [("onehot", 3)]
    np.testing.assert_array_equal(fitted.transform(pd.Series(["a", None])), [[0], [2]])


def test_a_category_keeps_its_own_order():
    column = pd.Series(["low", "high"] * 5).astype(pd.CategoricalDtype(["low", "mid", "high"]))
    assert Categorical().fit(column).categories_.tolist() == ["low", "high"]


@pytest.mark.parametrize("n_categories", [300, 20_000])
def test_many_categories_take_a_bounded_width_and_keep_their_shares(n_categories):
    weights = 1 / np.arange(1, n_categories + 1)
    names = np.array([f"name {i}" for i in range(n_categories)])
    column = pd.Series(RNG.choice(names, 50_000, p=weights / weights.sum()))
    fitted = Categorical().fit(column)
    ((_, width),) = fitted.blocks()
    assert width == 256
    back = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(1))
    kept = set(fitted.categories_[:255])
    pd.testing.assert_series_equal(back[column.isin(kept)], column[column.isin(kept)])
    rare, real = back[~column.isin(kept)], column[~column.isin(kept)]
    assert set(rare) <= set(real)
    # the shares of rare categories agree within five standard errors of a binomial
    n, shares = len(real), real.value_counts(normalize=True)
    drawn = rare.value_counts(normalize=True).reindex(shares.index, fill_value=0)
    assert (np.abs(drawn - shares) < 5 * np.sqrt(shares / n) + 1 / n).all()


def test_near_unique_text_has_nothing_to_learn_and_is_drawn_from_training():
    column = pd.Series([f"text {i}" for i in range(1000)])
    fitted = Categorical().fit(column)
    assert fitted.blocks() == []
    back = fitted.inverse_transform(np.empty((500, 0), dtype=np.float32), np.random.default_rng(0))
    assert set(back) <= set(column)
    assert back.nunique() > 300


def test_missing_values_keep_their_place_among_many_categories():
    column = pd.Series([f"text {i}" for i in range(1000)]).mask(RNG.random(1000) < 0.01)
    fitted = Categorical().fit(column)
    back = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(0))
    np.testing.assert_array_equal(back.isna(), column.isna())


def test_a_new_category_is_nan_or_rare():
    fitted = Categorical().fit(pd.Series(["a", "b"] * 20))
    np.testing.assert_array_equal(fitted.transform(pd.Series(["c", "a"])), [[np.nan], [0]])
    fitted = Categorical(max_categories=2).fit(pd.Series(["a"] * 9 + ["b"] * 8 + ["c", "d"] * 2))
    assert fitted.transform(pd.Series(["new", "a"])).tolist() == [[2], [0]]


def test_a_new_number_is_the_nearest_category():
    fitted = Discrete().fit(pd.Series([1, 2, 10] * 5))
    assert fitted.transform(pd.Series([0, 5, 9.0])).tolist() == [[0], [1], [2]]
    assert np.isnan(fitted.transform(pd.Series([np.nan]))).all()
    assert (Discrete.scale, Categorical.scale) == ("numeric", "nominal")


def test_categories_of_one_frame_are_found_in_another_of_a_different_dtype():
    fitted = Categorical().fit(pd.Series(["x", "y"] * 5))
    for dtype in ("category", "string[pyarrow]", "string[python]"):
        assert fitted.transform(pd.Series(["y"], dtype=dtype)).tolist() == [[1]]


def test_a_constant_must_be_one():
    assert Constant().fit(pd.Series([3, 3])).blocks() == []
    with pytest.raises(ValueError, match="column 'x' is not constant"):
        Constant().fit(pd.Series([3, 4], name="x"))


def test_max_categories_must_be_positive():
    with pytest.raises(ValueError, match="max_categories must be positive, got 0"):
        Categorical(max_categories=0).fit(pd.Series(["a"]))
