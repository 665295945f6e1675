"""Traps that others fell into and that no other test stands before: table, sampling and files."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sklearn.base import clone

from tabgan import TabGAN, load_iris
from tabgan.adversarial.networks import MLP

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

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


NAMES = {"first": list("abc"), "middle": list("pqr"), "last": list("xyz")}


@pytest.fixture(scope="module")
def planted():
    """Three columns of names, a number that sums them up, and holes that go together and with a name."""
    rng = np.random.default_rng(0)
    n = 3000
    codes = {name: rng.choice(3, n, p=[0.5, 0.35, 0.15]) for name in NAMES}
    frame = pd.DataFrame({name: np.array(NAMES[name])[code] for name, code in codes.items()})
    frame.insert(1, "number", codes["first"] + 3 * codes["middle"] + 9 * codes["last"] + rng.random(n))
    holes = rng.random(n) < np.array([0.05, 0.2, 0.6])[codes["last"]]
    frame["weight"], frame["height"] = (np.where(holes, np.nan, rng.normal(size=n)) for _ in range(2))
    frame.loc[~holes & (rng.random(n) < 0.05), "height"] = np.nan
    model = TabGAN(random_state=0, verbose=0, max_steps=450, backbone=MLP((64, 64), (64, 64)))
    return frame, model.fit(frame)


@pytest.mark.parametrize("name", NAMES)
def test_the_condition_is_on_the_column_that_was_asked_for(planted, name):
    """The rows have the name, and the other columns are those of rows that happen to have it."""
    _, model = planted
    many = model.sample(20_000, random_state=5)
    p_values = []
    for level in NAMES[name]:
        drawn, others = model.sample(1500, given={name: level}, random_state=0), many[many[name] == level]
        assert (drawn[name] == level).all()
        p_values.append(stats.ks_2samp(drawn["number"], others["number"]).pvalue)
        for other in NAMES.keys() - {name}:
            counts = [
                rows[other].value_counts().reindex(NAMES[other], fill_value=0) for rows in (drawn, others)
            ]
            p_values.append(stats.chi2_contingency(counts).pvalue)
    assert min(p_values) * len(p_values) > 1e-4  # the error rate, by Bonferroni


def test_cells_that_are_missing_together_stay_missing_together(planted):
    """And where they are missing hangs on another column, as it does in training."""
    frame, model = planted
    drawn = model.sample(8000, random_state=1)
    for figure in (
        lambda rows: rows["weight"].isna().mean(),
        lambda rows: rows["height"].isna().mean(),
        lambda rows: (rows["weight"].isna() & rows["height"].isna()).mean(),
        lambda rows: (rows["weight"].isna() & rows["height"].notna()).mean(),
    ):
        assert figure(drawn) == pytest.approx(figure(frame), abs=0.05)  # an error of 0.009, and a bias
    for level in NAMES["last"]:
        rates = [rows["weight"].isna()[rows["last"] == level].mean() for rows in (drawn, frame)]
        assert rates[0] == pytest.approx(rates[1], abs=0.12)  # four errors of at most 0.024, and a bias


def test_joblib_takes_a_fitted_model_along(model, tmp_path):
    """All of it: a pickle of a model whose weights lie elsewhere can sample nothing."""
    import joblib

    joblib.dump(model, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib")
    pd.testing.assert_frame_equal(again.sample(20, random_state=0), model.sample(20, random_state=0))
    pd.testing.assert_frame_equal(again.sample(20), pickle.loads(pickle.dumps(model)).sample(20))


def test_a_file_from_another_device_loads_here(model, tmp_path):
    """The device of the machine that fitted is no part of a file, even if its parameters name one."""
    fitted = clone(model).set_params(device="cpu").fit(load_iris())
    fitted.device = "cuda:3"
    fitted.save(tmp_path / "there.tabgan")
    loaded = TabGAN.load(tmp_path / "there.tabgan", device="cpu")
    assert loaded.fitted_model_.sampler.device.type == "cpu"
    assert loaded.device == "cpu"
    fitted.device = "cpu"
    pd.testing.assert_frame_equal(loaded.sample(20), fitted.sample(20))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_a_model_fitted_on_cuda_samples_on_the_cpu(tmp_path):
    fitted = TabGAN(max_steps=20, device="cuda", **QUICK).fit(load_iris())
    assert fitted.sample(50, random_state=0).equals(fitted.sample(50, random_state=0))
    fitted.save(tmp_path / "cuda.tabgan")
    loaded = TabGAN.load(tmp_path / "cuda.tabgan", device="cpu")
    assert len(loaded.sample(50)) == 50
    assert {weight.device.type for weight in loaded.fitted_model_.sampler.generator.parameters()} == {"cpu"}
