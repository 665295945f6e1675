"""The trees after the networks: a planted fault of the joint law goes, one-way distributions stay."""

import numpy as np
import pytest
from scipy import stats

from tabgan.layout import Block, Layout
from tabgan.trees.discriminator import ACCEPTED, Discriminator, features

LAYOUT = tuple(Layout([Block("a", "onehot", 0, 3), Block("x", "scalar", 3, 4), Block("y", "scalar", 4, 5)]))


def rows(n, seed, dependence):
    """Three levels, 60, 30 and 10 %, and two uniform scalars that move with each other and with the level."""
    rng = np.random.default_rng(seed)
    level = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    normal = rng.multivariate_normal([0, 0], [[1, dependence], [dependence, 1]], n)
    normal[level == 2, 1] *= np.sign(1 - 2 * dependence)
    return np.column_stack([np.eye(3)[level], 2 * stats.norm.cdf(normal) - 1]).astype(np.float32)


@pytest.fixture(scope="module")
def real():
    return rows(6000, 0, 0.8)


@pytest.fixture(scope="module")
def rejection(real):
    return Discriminator.learn(real, lambda n: rows(n, 1, 0.4), LAYOUT, np.random.SeedSequence(0))


def kept(rejection, n=60_000, seed=2):
    drawn = rows(n, seed, 0.4)
    return drawn[np.random.default_rng(seed + 1000).random(n) < np.exp(rejection.log_weight(drawn))]


def test_a_planted_fault_is_taken_away(real, rejection):
    def dependence(table):
        return np.corrcoef(table[table[:, 2] < 0.5][:, 3:].T)[0, 1]

    before, after, truth = dependence(rows(60_000, 2, 0.4)), dependence(kept(rejection)), dependence(real)
    assert abs(before - truth) > 0.35
    assert abs(after - truth) < 0.2  # two rows in five are kept, too many to take all of it away


def test_one_way_distributions_stay(rejection):
    """At a level of 0.1 % each; the truth is what the rows before had, too."""
    left = kept(rejection)
    counts = left[:, :3].sum(0)
    assert stats.chisquare(counts, np.array([0.6, 0.3, 0.1]) * len(left)).pvalue > 0.001
    sample = left[:3000]
    for position in (3, 4):
        assert stats.kstest(sample[:, position], stats.uniform(-1, 2).cdf).pvalue > 0.001


def test_no_fewer_rows_are_kept_than_promised(rejection):
    share = len(kept(rejection)) / 60_000
    assert share == pytest.approx(rejection.rate, abs=0.01)
    assert rejection.rate >= ACCEPTED - 0.01


def test_where_there_is_nothing_to_find_most_rows_stay(real):
    rejection = Discriminator.learn(real, lambda n: rows(n, 3, 0.8), LAYOUT, np.random.SeedSequence(0))
    assert rejection.trees.num_trees() < 50
    assert rejection.rate > 0.6


def test_its_state_holds_all_of_it(rejection):
    back = Discriminator.from_state(rejection.get_state(), LAYOUT)
    drawn = rows(5000, 4, 0.4)
    assert (back.log_weight(drawn) == rejection.log_weight(drawn)).all()
    assert back.rate == rejection.rate


def test_features_have_one_column_a_block(real):
    found = features(real, LAYOUT)
    assert (found[:, 0] == real[:, :3].argmax(1)).all()
    assert (found[:, 1:] == real[:, 3:]).all()
