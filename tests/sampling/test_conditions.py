"""Conditional sampling: exactly n rows, all satisfy it, and the others follow the real conditional law."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabgan import TabGAN, load_adult
from tabgan.adversarial.generator.latent_walk import COMMON, rows_given
from tabgan.adversarial.generator.sampler import Wanted
from tabgan.adversarial.networks import MLP

NAMES = np.array(["a", "b", "c", "rare"])
SHARES = np.array([0.5, 0.3, 0.19, 0.01])


def table(n=4000, seed=0):
    """A name, a number in a range of its own for each name, a number with holes, a sum of money."""
    rng = np.random.default_rng(seed)
    code = rng.choice(4, n, p=SHARES)
    code[:5] = [0, 1, 2, 3, 3]
    frame = pd.DataFrame({"name": NAMES[code], "x": code + rng.random(n)})
    frame["hole"] = np.where(rng.random(n) < 0.2 + 0.15 * code, np.nan, rng.normal(size=n))
    frame["kids"] = rng.poisson(code)
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    return frame


@pytest.fixture(scope="module")
def model():
    return TabGAN(random_state=0, verbose=0, max_steps=500, backbone=MLP((128, 128), (128, 128))).fit(table())


@pytest.mark.parametrize(
    "given",
    [
        {"name": "b"},
        {"name": ["a", "c"], "kids": 1},
        {"x": slice(0.5, 1.5)},
        {"x": slice(None, 1)},
        {"x": pd.Interval(1.2, 1.4)},
        {"x": 1.25},
        {"hole": None},
        {"name": "a", "hole": None, "kids": {0, 1}},
        {"when": slice("2021-01-01", "2021-06-30")},
        {"when": pd.Timestamp("2021-03-04")},
        {"name": "rare"},
    ],
)
@pytest.mark.parametrize("n", [0, 1, 700])
def test_all_rows_satisfy_it(model, given, n):
    drawn = model.sample(n, given=given, random_state=1)
    assert len(drawn) == n
    pd.testing.assert_series_equal(drawn.dtypes, table().dtypes)
    for name, wanted in given.items():
        cells = drawn[name]
        if wanted is None:
            assert cells.isna().all()
        elif isinstance(wanted, pd.Interval):
            assert cells.between(wanted.left, wanted.right).all()
        elif isinstance(wanted, slice):
            assert (cells >= (cells.min() if wanted.start is None else wanted.start)).all()
            assert (cells <= wanted.stop).all()
        else:
            assert cells.isin(list(wanted) if isinstance(wanted, list | set) else [wanted]).all()


def test_the_others_follow_their_law_under_the_condition(model):
    """Against real rows of that name. 900 steps leave a few per cent; without the condition it is 0.5."""
    real = table(40_000, seed=1)
    for name in ("b", "c"):
        drawn = model.sample(2000, given={"name": name}, random_state=2)
        wanted = real[real["name"] == name]
        assert stats.ks_2samp(drawn["x"], wanted["x"]).statistic < 0.15
        assert abs(drawn["hole"].isna().mean() - wanted["hole"].isna().mean()) < 0.12


@pytest.mark.parametrize("limited", [False, True])
def test_walks_give_what_rejection_gives(model, limited):
    """The walks of a rare condition against plain rejection from the same generator, two samples a column."""
    sampler = model._learned.sampler
    position = model._transformer.layout_.of("name")[0]
    rare = position.start + sorted(NAMES).index("rare")
    drawn = [sampler.rows(100_000, np.random.SeedSequence(k)) for k in range(2)]
    by_rejection = np.concatenate([rows[rows[:, rare] == 1] for rows in drawn])
    assert 100 < len(by_rejection) < COMMON * 200_000
    allowed = np.ones(by_rejection.shape[1], dtype=bool)
    allowed[position.start : position.stop] = np.arange(position.start, position.stop) == rare
    wanted = Wanted(lambda rows: rows[:, rare] == 1, allowed if limited else None)
    walked, _ = rows_given(sampler, 4000, wanted, np.random.SeedSequence(5))
    assert len(walked) == 4000
    assert len(np.unique(walked, axis=0)) > 3980  # two rows at the ends of their columns may be equal
    for block in model._transformer.layout_:
        if block.kind == "scalar":
            distance = stats.ks_2samp(walked[:, block.start], by_rejection[:, block.start]).statistic
            assert distance < 0.1  # rows of one walk depend on each other: some 500 count
        else:
            shares = [rows[:, block.start : block.stop].mean(0) for rows in (walked, by_rejection)]
            assert np.abs(np.subtract(*shares)).max() < 0.08


def test_the_same_seed_gives_the_same_rows(model):
    first, again, other = (model.sample(50, given={"name": "rare"}, random_state=k) for k in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nme": "a"}, "no column 'nme'"),
        ({"name": "d"}, "'name' held nothing like 'd'"),
        ({"x": 99.0}, "'x' held nothing like 99.0"),
        ({"x": None}, "'x' held nothing like nan"),
        ({"x": "wide"}, "'x' is of dtype float64"),
        ({"kids": 99}, "'kids' held nothing like 99"),
        ({"name": []}, "no value to choose"),
        ({"x": slice(50, 60)}, "'x' held nothing in the range"),
        ({"kids": slice(-9, -5)}, "'kids' held nothing in the range"),
    ],
)
def test_what_can_never_be_is_refused(model, given, message):
    with pytest.raises(ValueError, match=message):
        model.sample(5, given=given)


def test_what_hardly_ever_is_says_so(model, monkeypatch):
    monkeypatch.setattr("tabgan.adversarial.generator.latent_walk.EFFORT", 10_000)
    with pytest.raises(RuntimeError, match=r"generated rows satisfy .* too few"):
        model.sample(5, given={"name": "rare", "x": slice(0, 0.01), "kids": 0})


def test_rows_are_completed_one_for_one(model):
    given = table(300, seed=7)[["name", "hole"]]
    drawn = model.sample(given=given, random_state=0)
    assert list(drawn.columns) == list(table().columns)
    assert (drawn["name"] == given["name"]).all()
    told = given["hole"].notna()
    assert (drawn["hole"][told] == given["hole"][told]).all()
    right = np.floor(drawn["x"]).clip(0, 3).astype(int) == [list(NAMES).index(k) for k in given["name"]]
    assert right.mean() > 0.85
    assert model.sample(given=given.iloc[:0]).shape == (0, 5)
    with pytest.raises(ValueError, match="leave it out"):
        model.sample(5, given=given)
    with pytest.raises(ValueError, match="held nothing like"):
        model.sample(given=pd.DataFrame({"name": ["a", "z"]}))


def test_rows_without_missing_cells(model):
    drawn = model.sample(300, missing=False, random_state=0)
    assert len(drawn) == 300
    assert drawn.notna().all(axis=None)
    assert model.sample(20, missing=False, given={"hole": None})["hole"].isna().all()
    assert model.sample(300, random_state=0)["hole"].isna().any()


def test_balance_gives_each_level_its_share(model):
    drawn = model.sample(401, balance="name", random_state=0)
    assert sorted(drawn["name"].value_counts()) == [100, 100, 100, 101]
    with pytest.raises(ValueError, match="column of categories"):
        model.sample(10, balance="x")


def test_levels_without_a_position_of_their_own_can_be_given():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"city": [f"c{int(k)}" for k in rng.exponential(200, 4000)], "x": rng.random(4000)})
    model = TabGAN(random_state=0, verbose=0, max_steps=50, refine=False).fit(frame)
    once = frame["city"].value_counts().index[-1]
    assert (model.sample(20, given={"city": once})["city"] == once).all()


def test_a_saved_model_answers_the_same(model, tmp_path):
    model.save(tmp_path / "m.tabgan")
    again = TabGAN.load(tmp_path / "m.tabgan")
    pd.testing.assert_frame_equal(
        again.sample(100, given={"name": "rare"}, random_state=0),
        model.sample(100, given={"name": "rare"}, random_state=0),
    )


def test_arrays_name_their_columns_by_place():
    X = load_adult().head(600)[["age", "hours-per-week"]].to_numpy()
    model = TabGAN(random_state=0, verbose=0, max_steps=30).fit(X)
    assert (model.sample(9, given={"x0": slice(30, 40)})[:, 0] <= 40).all()
