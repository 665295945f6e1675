"""Rows drawn from forests: dependent, exact where numbers repeat, and groups of those that do not."""

import numpy as np
import pytest

from tabgan.layout import Layout
from tabgan.trees.forest import ConditionalForest
from tests.trees.test_transport import INTERVALS, LAYOUT, table


@pytest.fixture(scope="module")
def real():
    return table(600, 0)


@pytest.fixture(scope="module")
def forest(real):
    return ConditionalForest().fit(real, LAYOUT, np.random.default_rng(0), INTERVALS)


def test_rows_have_the_dependence_of_the_table(forest):
    rows = forest.sample(6000, np.random.default_rng(1))
    z, missing, x, y, one = rows.T
    # shares of 600 real rows have a standard error of at most 0.02
    assert np.abs(np.bincount(z.astype(int)) / 6000 - [0.5, 0.3, 0.2]).max() < 0.08
    assert ((z == 2) == (missing == 1)).mean() > 0.97
    away = (missing == 0) & (np.abs(x) > 0.1)
    assert np.abs(y - 0.8 * x)[away].mean() < 0.15  # 0.04 in real rows, 0.5 in shuffled ones
    assert abs(y[missing == 1].mean() + 0.8) < 0.05
    assert not one.any()


def test_repeated_numbers_fill_their_interval_and_others_move(forest, real):
    x = forest.sample(6000, np.random.default_rng(1))[:, 2]
    inside = x[np.abs(x) <= 0.1]
    assert len(inside) > 600
    assert len(np.unique(inside)) > 0.9 * len(inside)  # spread again, as the encoding does
    assert np.isin(x, real[:, 2]).mean() < 0.02


def test_numbers_that_repeat_come_out_as_they_are():
    """Without intervals: 0.5 occurs often, and the others once."""
    rng = np.random.default_rng(0)
    y = np.where(rng.random(300) < 0.3, 0.5, rng.uniform(-1, 0, 300)).astype(np.float32)
    layout = Layout.from_columns([("y", [("scalar", 1)])])
    drawn = ConditionalForest().fit(y[:, None], layout, rng).sample(3000, rng)[:, 0]
    assert abs((drawn == 0.5).mean() - (y == 0.5).mean()) < 0.05  # six standard errors
    # the greatest of the others are drawn as groups of at least five
    assert ((drawn != 0.5) & (drawn > 0.02)).mean() < 0.01


def test_numbers_follow_others_within_large_leaves():
    """Leaves of a sixth of the rows: y moves with x inside them, as steps would not."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 600)
    y = 0.8 * x + rng.normal(0, 0.02, 600)
    codes = np.column_stack([x, y]).astype(np.float32)
    layout = Layout.from_columns([("x", [("scalar", 1)]), ("y", [("scalar", 1)])])
    drawn = ConditionalForest(100).fit(codes, layout, rng).sample(4000, rng)
    assert np.std(drawn[:, 1] - 0.8 * drawn[:, 0]) < 0.06  # a leaf spans 0.3 of x: 0.08 without slopes


def test_whole_numbers_follow_others_within_large_leaves():
    """Each of 40 numbers has an interval of codes, as in a column of whole numbers: none is a spike."""
    rng = np.random.default_rng(0)
    edges = np.linspace(-1, 1, 41, dtype=np.float32)
    x = rng.integers(40, size=600)
    y = np.clip(x + rng.integers(-1, 2, size=600), 0, 39)
    codes = np.column_stack([edges[part] + rng.random(600) / 20 for part in (x, y)]).astype(np.float32)
    layout = Layout.from_columns([("x", [("scalar", 1)]), ("y", [("scalar", 1)])])
    intervals = [np.column_stack([edges[:-1], np.nextafter(edges[1:], np.float32(-1))])] * 2
    drawn = ConditionalForest(100).fit(codes, layout, rng, intervals).sample(4000, rng)
    apart = np.diff((drawn + 1) * 20, axis=1)
    assert np.std(apart) < 1.6  # 0.9 in real rows, 4.3 where such numbers have no slopes


def test_other_numbers_stay_out_of_the_intervals_of_repeated_ones():
    """Half of the rows hold one number, whose interval lies amid the others: a share of it is not theirs."""
    rng = np.random.default_rng(0)
    others = rng.uniform(0.5, 1, 100) * rng.choice([-1, 1], 100)
    y = np.append(np.zeros(100), others).astype(np.float32)[:, None]
    layout = Layout.from_columns([("y", [("scalar", 1)])])
    interval = [np.array([[-0.5, 0.5]], dtype=np.float32)]
    drawn = ConditionalForest().fit(y, layout, rng, interval).sample(4000, rng)[:, 0]
    assert abs((np.abs(drawn) < 0.5).mean() - 0.5) < 0.04  # five standard errors


def test_the_same_seed_gives_the_same_rows_and_the_leaf_is_a_dial(real):
    def nearest(min_leaf):
        rng = np.random.default_rng(3)
        rows = ConditionalForest(min_leaf).fit(real, LAYOUT, rng, INTERVALS).sample(500, rng)
        assert np.isfinite(rows).all()
        return rows, np.abs(rows[:, None, 2:4] - real[None, :, 2:4]).sum(axis=2).min(axis=1)[rows[:, 0] < 2]

    (first, small), (again, _), (_, large) = nearest(3), nearest(3), nearest(60)
    assert np.array_equal(first, again)
    assert small.mean() < large.mean()


@pytest.mark.parametrize("n", [1, 2, 10])
def test_few_rows_are_enough_and_none_is_refused(n):
    rng = np.random.default_rng(0)
    rows = ConditionalForest().fit(table(n, 0), LAYOUT, rng, INTERVALS).sample(20, rng)
    assert rows.shape == (20, 5)
    assert np.isfinite(rows).all()
    with pytest.raises(ValueError, match="at least one row"):
        ConditionalForest().fit(table(0, 0), LAYOUT, rng)


def test_numbers_that_few_rows_hold_are_kept_apart_if_asked_for():
    """Amounts that people choose, among others: hardly any is drawn if the number moves along a slope."""
    rng = np.random.default_rng(0)
    codes = rng.uniform(-1, 1, (600, 2)).astype(np.float32)
    chosen = rng.random(600) < 0.15
    codes[chosen, 1] = rng.choice(np.float32([-0.5, 0.1, 0.7]), chosen.sum())
    layout = Layout.from_columns([("x", [("scalar", 1)]), ("y", [("scalar", 1)])])
    shares = []
    for spike in (0.2, 0.0):
        forest = ConditionalForest(20, n_trees=5, spike=spike).fit(codes, layout, np.random.default_rng(1))
        drawn = forest.sample(4000, np.random.default_rng(2))
        shares.append(np.isin(drawn[:, 1], np.float32([-0.5, 0.1, 0.7])).mean())
    assert shares[0] < 0.1
    assert abs(shares[1] - 0.15) < 0.04
