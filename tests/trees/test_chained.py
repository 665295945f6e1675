"""Each column given all others: holes filled as known distributions ask for."""

import numpy as np
import pytest
from scipy import stats

from tabgan.layout import Layout
from tabgan.trees.chained import ChainedForests

LAYOUT = Layout.from_columns([("x", [("scalar", 1)]), ("y", [("scalar", 1)]), ("z", [("onehot", 3)])])


def table(n, seed):
    """Y is normal about x / 2, and z tells the third in which x lies, nine times in ten."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    y = x / 2 + rng.normal(0, 0.1, n)
    z = np.where(rng.random(n) < 0.9, np.floor((x + 1) * 1.5), rng.integers(3, size=n))
    return np.column_stack([x, y, z]).astype(np.float32)


def fitted(codes, missing=None):
    missing = np.zeros(codes.shape, dtype=bool) if missing is None else missing
    return ChainedForests(LAYOUT, [[0], [1], [2]], np.random.SeedSequence(0)).fit(codes, missing)


def holes(n, column):
    missing = np.zeros((n, 3), dtype=bool)
    missing[:, column] = True
    return missing


@pytest.fixture(scope="module")
def forests():
    return fitted(table(20_000, 0))


def test_draws_are_spread_as_the_truth_is(forests):
    other, rng = table(2000, 1), np.random.default_rng(0)
    drawn, _ = forests.draw(other, holes(2000, 1), rng, copies=19)
    # The truth has each rank among 19 draws of its own distribution equally often. The 1 % point of chi2 with
    # 19 degrees is 36; trees of finite rows may double it.
    ranks = (drawn[:, :, 1] < other[:, 1]).sum(axis=0)
    assert stats.chisquare(np.bincount(ranks, minlength=20)).statistic < 72
    assert drawn[:, :, [0, 2]] == pytest.approx(np.tile(other[:, [0, 2]], (19, 1, 1)))


def test_numbers_and_categories_have_the_means_of_their_distribution(forests):
    other = table(2000, 2)
    means = forests.mean(other, 1, forests.table[:, [1]].astype(float))[:, 0]
    assert np.sqrt(np.mean((means - other[:, 0] / 2) ** 2)) < 0.04  # the noise is 0.1
    shares = forests.mean(other, 2, (forests.table[:, [2]] == np.arange(3)).astype(float))
    assert shares.sum(axis=1) == pytest.approx(1)
    # The third of x has a share of 0.9 + 0.1 / 3; by it, one in 15 is wrong. 3 standard errors of 2,000 rows.
    assert (shares.argmax(axis=1) == other[:, 2]).mean() > 0.933 - 0.017


def test_a_row_of_which_nothing_is_known_is_any_row(forests):
    drawn, _ = forests.draw(np.zeros((3000, 3), dtype=np.float32), np.ones((3000, 3), dtype=bool),
                            np.random.default_rng(0))  # fmt: skip
    # Kolmogorov-Smirnov at 0.1 %, Bonferroni over two columns.
    real = table(3000, 3)
    assert min(stats.ks_2samp(drawn[0, :, k], real[:, k]).pvalue for k in (0, 1)) > 0.0005
    assert np.corrcoef(drawn[0, :, 0], drawn[0, :, 1])[0, 1] == pytest.approx(0.945, abs=0.02)


def test_holes_of_the_table_itself_say_nothing():
    codes, rng = table(20_000, 0), np.random.default_rng(0)
    missing = rng.random(codes.shape) < 0.2
    spoiled = np.where(missing, 2.0, codes).astype(np.float32)  # no code is 2
    spoiled[:, 2] = np.minimum(spoiled[:, 2], 2)
    forests = fitted(spoiled, missing)
    assert forests.table[:, :2].max() < 2
    other = table(2000, 1)
    means = forests.mean(other, 1, forests.table[:, [1]].astype(float))[:, 0]
    assert np.sqrt(np.mean((means - other[:, 0] / 2) ** 2)) < 0.05


def test_the_same_seed_draws_the_same(forests):
    again = fitted(table(20_000, 0))
    other = table(50, 1)
    missing = np.random.default_rng(0).random((50, 3)) < 0.5
    one, two = (f.draw(other, missing, np.random.default_rng(0))[0] for f in (forests, again))
    assert (one == two).all()
    assert (one[0][~missing] == other[~missing]).all()


def test_a_column_without_any_value_is_refused():
    with pytest.raises(ValueError, match="the column at 1 has no value in any of 100 rows"):
        fitted(table(100, 0), holes(100, 1))
