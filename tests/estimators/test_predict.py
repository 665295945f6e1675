"""Columns predicted from others by a fitted model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from tabgan import TabGAN, TabVAE, load_iris

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 20, "verbose": 0, "random_state": 0}


def table(n=1500, seed=0):
    """Z is the sign of x nine times in ten; y is normal about 10 x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    z = np.where((x > 0) ^ (rng.random(n) < 0.1), "plus", "minus")
    return pd.DataFrame(
        {
            "x": x,
            "y": 10 * x + rng.normal(0, 1, n),
            "z": z,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta((100 * (x + 1)).round(), unit="D"),
            "flag": x > 0.5,
            "key": [f"k{seed}{k:06d}" for k in range(n)],
            "same": 1,
        }
    )


@pytest.fixture(scope="module")
def model():
    return TabGAN(**QUICK).fit(table())


def test_numbers_are_the_mean_and_categories_the_most_probable(model):
    rows = table(400, seed=1)
    y = model.predict(rows, "y")
    assert y.name == "y"
    assert y.index.equals(rows.index)
    # The noise has a standard deviation of 1, and y one of 5.9; half of what the mean alone would leave.
    assert np.sqrt(((y - 10 * rows["x"]) ** 2).mean()) < 2
    shares = model.predict_proba(rows[["x"]], "z")
    assert list(shares) == ["minus", "plus"]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    truth = np.where(rows["x"] > 0, 0.9, 0.1)
    assert np.abs(shares["plus"] - truth).mean() < 0.15
    predicted = model.predict(rows[["x"]], "z")
    assert (predicted == np.where(shares["plus"] > 0.5, "plus", "minus")).all()


def test_other_columns(model):
    rows = table(100, seed=1)
    days = model.predict(rows.drop(columns="day"), "day")
    assert days.dtype == rows["day"].dtype
    assert (days - rows["day"]).abs().mean() < pd.Timedelta(days=20)  # of 200
    assert model.predict(rows, "flag").dtype == bool
    assert model.predict(rows, "same").eq(1).all()
    assert model.predict_proba(rows, "same").to_numpy().tolist() == [[1.0]] * 100


def test_the_target_is_not_looked_at_and_answers_repeat(model):
    rows = table(50, seed=2)
    other = rows.assign(z="plus")
    assert model.predict(rows, "z").equals(model.predict(other, "z"))
    holes = rows.mask(np.random.default_rng(0).random(rows.shape) < 0.3)
    assert model.predict(holes, "y").equals(model.predict(holes, "y"))
    known = holes["x"].notna() | holes["day"].notna()
    assert np.sqrt(((model.predict(holes, "y") - rows["y"])[known] ** 2).mean()) < 3


def test_fit_with_y_knows_what_to_predict():
    iris = load_iris()
    model = TabVAE(**QUICK).fit(iris.iloc[:, :4].to_numpy(), iris["species"].to_numpy())
    predicted = model.predict(iris.iloc[:, :4].to_numpy())
    assert isinstance(predicted, np.ndarray)
    assert set(predicted) <= set(iris["species"])
    assert model.predict_proba(iris.iloc[:, :4].to_numpy()).shape == (150, 3)
    assert model.predict(iris.iloc[:, :4].to_numpy(), "x0").dtype == float


def test_what_cannot_be_predicted_is_refused(model):
    rows = table(5)
    with pytest.raises(NotFittedError):
        TabGAN().predict(rows, "y")
    with pytest.raises(ValueError, match="target must be the name of the column to predict"):
        model.predict(rows)
    with pytest.raises(ValueError, match=r"target must be the name of a column, one of \['x', .* got 'w'"):
        model.predict(rows, "w")
    with pytest.raises(ValueError, match="column 'key' holds keys or text"):
        model.predict(rows, "key")
    with pytest.raises(ValueError, match="column 'y' has numbers or times, and no categories"):
        model.predict_proba(rows, "y")
