"""The trees after the networks: a planted fault of the joint distribution goes, marginal ones stay."""

import numpy as np
import pytest
from scipy import stats

from tabgan.layout import Block, Layout
from tabgan.trees.discriminator import ACCEPTED, LOST, Discriminator, _ceiling

LAYOUT = tuple(Layout([Block("a", "onehot", 0, 3), Block("x", "scalar", 3, 4), Block("y", "scalar", 4, 5)]))


def rows(n, seed, dependence):
    """Codes: three categories, 60, 30 and 10 %, and two uniform scalars that depend on each other, too."""
    rng = np.random.default_rng(seed)
    level = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    normal = rng.multivariate_normal([0, 0], [[1, dependence], [dependence, 1]], n)
    normal[level == 2, 1] *= np.sign(1 - 2 * dependence)
    return np.column_stack([level, 2 * stats.norm.cdf(normal) - 1]).astype(np.float32)


def learned(real, seed, dependence):
    discriminator = Discriminator(LAYOUT)
    discriminator.fit(real, lambda n, _: rows(n, seed, dependence), np.random.SeedSequence(3))
    return discriminator


@pytest.fixture(scope="module")
def real():
    return rows(6000, 0, 0.8)


@pytest.fixture(scope="module")
def discriminator(real):
    return learned(real, 1, 0.4)


def kept(discriminator, n=60_000, seed=2):
    drawn = rows(n, seed, 0.4)
    return drawn[np.random.default_rng(seed + 1000).random(n) < np.exp(discriminator.log_weight(drawn))]


def test_a_planted_fault_is_taken_away(real, discriminator):
    def dependence(table):
        return np.corrcoef(table[table[:, 0] < 2][:, 1:].T)[0, 1]

    before, after, truth = dependence(rows(60_000, 2, 0.4)), dependence(kept(discriminator)), dependence(real)
    assert abs(before - truth) > 0.35
    assert abs(after - truth) < 0.2  # two rows in five are kept, too many to take all of it away


def test_marginal_distributions_stay(discriminator):
    """At a level of 0.1 % each; the truth is what the rows before had, too."""
    left = kept(discriminator)
    counts = np.bincount(left[:, 0].astype(int))
    assert stats.chisquare(counts, np.array([0.6, 0.3, 0.1]) * len(left)).pvalue > 0.001
    sample = left[:3000]
    for column in (1, 2):
        assert stats.kstest(sample[:, column], stats.uniform(-1, 2).cdf).pvalue > 0.001


def test_no_fewer_rows_are_kept_than_promised(discriminator):
    share = len(kept(discriminator)) / 60_000
    assert share == pytest.approx(discriminator.rate, abs=0.01)
    assert discriminator.rate >= ACCEPTED - 0.01


def test_where_there_is_nothing_to_find_most_rows_stay(real):
    discriminator = learned(real, 3, 0.8)
    assert discriminator.trees.num_trees() < 50
    assert discriminator.rate > 0.6


@pytest.mark.parametrize("spread", [0.0, 1e-12, 1e-4, 0.01, 1.0, 5.0])
def test_the_ceiling_cuts_off_as_much_as_it_may_however_much_weights_differ(spread):
    """Down to weights that hardly differ, of which nothing is to be cut off."""
    weights = spread * np.random.default_rng(0).normal(size=5000)
    ceiling = _ceiling(weights)
    share = np.exp(np.minimum(weights - ceiling, 0)).mean()
    assert weights.min() <= ceiling <= weights.max()
    assert share >= 1 - LOST or spread >= 0.01
    assert share > 0.3


def test_its_state_holds_all_of_it(discriminator):
    back = Discriminator(LAYOUT)
    back.set_state(discriminator.get_state())
    drawn = rows(5000, 4, 0.4)
    assert (back.log_weight(drawn) == discriminator.log_weight(drawn)).all()
    assert back.rate == discriminator.rate
