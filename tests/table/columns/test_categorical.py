"""Values that repeat: levels, rare ones among them, and missing cells as a level."""

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Categorical, Constant, Discrete

RNG = np.random.default_rng(0)


def test_levels_are_sorted_and_missing_cells_come_last():
    fitted = Categorical().fit(pd.Series(["b", None, "a", "b"]))
    assert fitted.categories_[:2].tolist() == ["a", "b"]
    assert fitted.categories_.isna().tolist() == [False, False, True]
    assert fitted.blocks() == [("onehot", 3)]
    np.testing.assert_array_equal(fitted.transform(pd.Series(["a", None])), [[1, 0, 0], [0, 0, 1]])


def test_a_category_keeps_its_own_order():
    column = pd.Series(["low", "high"] * 5).astype(pd.CategoricalDtype(["low", "mid", "high"]))
    assert Categorical().fit(column).categories_.tolist() == ["low", "high"]


@pytest.mark.parametrize("n_levels", [300, 20_000])
def test_many_levels_take_a_bounded_width_and_keep_their_shares(n_levels):
    weights = 1 / np.arange(1, n_levels + 1)
    levels = np.array([f"level {i}" for i in range(n_levels)])
    column = pd.Series(RNG.choice(levels, 50_000, p=weights / weights.sum()))
    fitted = Categorical().fit(column)
    ((_, width),) = fitted.blocks()
    assert width == 256
    back = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(1))
    kept = set(fitted.categories_[:255])
    pd.testing.assert_series_equal(back[column.isin(kept)], column[column.isin(kept)])
    rare, real = back[~column.isin(kept)], column[~column.isin(kept)]
    assert set(rare) <= set(real)
    # the shares of rare levels agree within five standard errors of a binomial
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


def test_missing_cells_keep_their_place_among_many_levels():
    column = pd.Series([f"text {i}" for i in range(1000)]).mask(RNG.random(1000) < 0.01)
    fitted = Categorical().fit(column)
    back = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(0))
    np.testing.assert_array_equal(back.isna(), column.isna())


def test_a_new_level_is_nan_or_rare():
    fitted = Categorical().fit(pd.Series(["a", "b"] * 20))
    np.testing.assert_array_equal(fitted.transform(pd.Series(["c", "a"])), [[np.nan, np.nan], [1, 0]])
    fitted = Categorical(max_levels=2).fit(pd.Series(["a"] * 9 + ["b"] * 8 + ["c", "d"] * 2))
    assert fitted.transform(pd.Series(["new", "a"])).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_new_number_is_the_nearest_level():
    fitted = Discrete().fit(pd.Series([1, 2, 10] * 5))
    assert fitted.transform(pd.Series([0, 5, 9.0])).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert np.isnan(fitted.transform(pd.Series([np.nan]))).all()
    assert (Discrete.scale, Categorical.scale) == ("numeric", "nominal")


def test_levels_of_one_frame_are_found_in_another_of_a_different_dtype():
    fitted = Categorical().fit(pd.Series(["x", "y"] * 5))
    for dtype in ("category", "string[pyarrow]", "string[python]"):
        assert fitted.transform(pd.Series(["y"], dtype=dtype)).tolist() == [[0, 1]]


def test_a_constant_must_be_one():
    assert Constant().fit(pd.Series([3, 3])).blocks() == []
    with pytest.raises(ValueError, match="column 'x' is not constant"):
        Constant().fit(pd.Series([3, 4], name="x"))


def test_max_levels_must_be_positive():
    with pytest.raises(ValueError, match="max_levels must be positive, got 0"):
        Categorical(max_levels=0).fit(pd.Series(["a"]))
