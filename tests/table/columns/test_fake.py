"""Values made up by Faker, in place of a column's own."""

import builtins

import numpy as np
import pandas as pd
import pytest

from tabgan import Fake, TabGAN, load
from tabgan.table import Schema

RNG = np.random.default_rng(0)
NAMES = pd.Series(RNG.choice([f"Person {k}" for k in range(40)], 300), name="x").mask(RNG.random(300) < 0.2)


def codes(n):
    return np.zeros((n, 1), dtype=np.float32)


def test_without_faker_the_error_says_what_to_install(monkeypatch):
    find = builtins.__import__

    def without(name, *rest, **more):
        if name == "faker":
            raise ImportError(name)
        return find(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert Schema.infer(NAMES.to_frame(), {"x": Fake()})["x"].kind == "fake"
    with pytest.raises(ImportError, match=r"pip install 'tabgan-torch\[fake\]'"):
        Fake().fit(NAMES)


def test_a_seed_gives_the_same_values():
    pytest.importorskip("faker")
    fitted = Fake("name", locale="de_DE").fit(NAMES)
    made = fitted.inverse_transform(codes(100), np.random.default_rng(0))
    pd.testing.assert_series_equal(made, fitted.inverse_transform(codes(100), np.random.default_rng(0)))
    assert (made != fitted.inverse_transform(codes(100), np.random.default_rng(1))).any()
    assert made.nunique() > 90
    assert made.str.contains(" ").all()


@pytest.mark.parametrize("provider", ["name", "boolean"])
def test_consistent_values_repeat_as_often(provider):
    pytest.importorskip("faker")
    column = NAMES if provider == "name" else NAMES.astype(object)
    made = Fake(provider, consistent=True).fit(column).inverse_transform(codes(240), np.random.default_rng(0))
    # The training column has 40 names in some 240 rows; their number varies by less than 3.
    assert made.nunique() == (pytest.approx(40, abs=8) if provider == "name" else 2)


def test_where_faker_runs_dry_strings_get_a_number():
    pytest.importorskip("faker")
    column = pd.Series([f"m{k}" for k in range(60)])
    made = (
        Fake("month_name", consistent=True).fit(column).inverse_transform(codes(60), np.random.default_rng(0))
    )
    assert made.is_unique


@pytest.mark.parametrize(
    ("fake", "column", "message"),
    [
        (Fake("nonsense"), NAMES, "column 'x': Faker has no provider 'nonsense' for the locale 'en_US'"),
        (Fake(locale="xx_YY"), NAMES, "column 'x': Faker has no provider 'name' for the locale 'xx_YY'"),
        (Fake(), pd.Series([1.5, 2.5], name="x"), "column 'x' of dtype float64 cannot hold"),
    ],
)
def test_what_cannot_be_is_said_before_training(fake, column, message):
    pytest.importorskip("faker")
    with pytest.raises(ValueError, match=message):
        fake.fit(column)


@pytest.mark.slow
def test_a_model_with_fakes_is_saved(tmp_path):
    pytest.importorskip("faker")
    frame = NAMES.to_frame().assign(y=RNG.normal(size=300))
    gan = TabGAN(columns={"x": Fake("company")}, max_steps=3, random_state=0, verbose=0).fit(frame)
    gan.save(tmp_path / "model.tabgan")
    drawn = gan.sample(50, random_state=0)
    pd.testing.assert_frame_equal(load(tmp_path / "model.tabgan").sample(50, random_state=0), drawn)
    assert not set(drawn["x"].dropna()) & set(NAMES)
    assert 0 < drawn["x"].isna().mean() < 1
