"""Traps that others fell into and that no other test stands before: table, sampling and files."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabgan import TabGAN, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.files import load_model, save_model

QUICK = {"verbose": 0, "random_state": 0, "refine": False, "backbone": MLP((8,), (8,))}


@pytest.fixture(scope="module")
def model():
    return TabGAN(max_steps=20, **QUICK).fit(load_iris())


@pytest.mark.parametrize(("batch_size", "n_rows"), [(64, 13), (500, 7), (1, 5), (7, 97), (10, 2)])
def test_any_batch_size_with_any_number_of_rows(batch_size, n_rows):
    """A batch need not divide the rows, nor be smaller than they are, nor be even."""
    rows = load_iris().sample(n_rows, random_state=0)
    assert len(TabGAN(max_steps=3, batch_size=batch_size, **QUICK).fit(rows).sample(n_rows)) == n_rows


def test_rows_drawn_one_by_one_follow_the_same_law(model):
    """Statistics of a batch would leak into its rows if sampling were not done in eval mode."""
    single = pd.concat([model.sample(1) for _ in range(60)])
    many = model.sample(5000)
    p_values = [stats.ks_2samp(single[c], many[c]).pvalue for c in many.select_dtypes("number")]
    assert min(p_values) * len(p_values) > 1e-4  # the error rate, by Bonferroni


def test_arrays_that_cannot_be_written_to_are_enough():
    """Workers of joblib hand down memory maps that are read-only."""
    X = load_iris().select_dtypes("number").to_numpy()
    X.flags.writeable = False
    model = TabGAN(max_steps=2, **QUICK).fit(X)
    assert model.sample(3).shape == X[:3].shape
    assert 0 <= model.score(X) <= 1


def test_columns_in_another_order_are_the_same_columns(model):
    """Columns that are handled side by side must not change places."""
    iris = load_iris()
    assert list(model.sample(2).columns) == list(iris.columns)
    assert model.score(iris[iris.columns[::-1]]) == model.score(iris)


def test_a_header_that_lacks_something_is_refused_with_a_sentence(model, tmp_path):
    """A file of another version of the library is no reason for a bare KeyError."""
    model.save(tmp_path / "whole.tabgan")
    header, arrays = load_model(tmp_path / "whole.tabgan")
    paths = [(key,) for key in ("parameters", "table", "form", "learned", "stream")]
    paths += [("table", key) for key in header["table"]]
    for path in paths:
        broken = json.loads(json.dumps(header))
        inner = broken
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        save_model(tmp_path / "broken.tabgan", broken, arrays)
        with pytest.raises(ValueError, match="fit the model again"):
            TabGAN.load(tmp_path / "broken.tabgan")


def test_scales_from_tiny_to_huge_side_by_side_stay_in_their_range():
    """Amounts of 1e18 beside measurements of 1e-12: neither overflows, nor is rounded to nothing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "huge": rng.normal(size=200) * 1e18,
        "tiny": rng.normal(size=200) * 1e-12,
        "tail": rng.pareto(0.5, 200),
    })  # fmt: skip
    drawn = TabGAN(max_steps=3, **QUICK).fit(frame).sample(500)
    assert (drawn.min() >= frame.min()).all()
    assert (drawn.max() <= frame.max()).all()
    assert (drawn.nunique() > 20).all()
