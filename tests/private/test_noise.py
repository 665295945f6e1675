"""Noise is distributed as it says, whatever path its coins take. Each test fails once in 10,000 seeds."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from tabgan.private import noise
from tabgan.private.noise import (
    discrete_gaussian,
    discrete_laplace,
    exponential_coins,
    exponential_mechanism,
    seeded_source,
    system_source,
    uniform_integers,
)

RARE = 1e-4


def source(seed=0):
    return seeded_source(np.random.SeedSequence(seed))


def p_value(drawn, mass):
    """Give that of a chi-squared test of integers against a symmetric mass function, up to a constant."""
    values = np.arange(-2000, 2001)
    shares = mass(values.astype(float))
    shares /= shares.sum()
    inner = shares * len(drawn) >= 10
    counts = np.array([(drawn == value).sum() for value in values[inner]])
    observed = np.append(counts, len(drawn) - counts.sum())
    expected = np.append(shares[inner], 1 - shares[inner].sum()) * len(drawn)
    if expected[-1] < 5:
        observed, expected = observed[:-1], expected[:-1] * observed[:-1].sum() / expected[:-1].sum()
    return stats.chisquare(observed, expected).pvalue


@pytest.mark.parametrize(
    "variance", [Fraction(1, 10), Fraction(1), Fraction(7, 3), Fraction(90), Fraction(8_000)]
)
def test_discrete_gaussian(variance):
    drawn = discrete_gaussian(source(), 40_000, variance)
    assert len(drawn) == 40_000
    assert p_value(drawn, lambda y: np.exp(-(y**2) / (2 * float(variance)))) > RARE


@pytest.mark.parametrize("scale", [1, 3, 40])
def test_discrete_laplace(scale):
    drawn = discrete_laplace(source(), 40_000, scale)
    assert p_value(drawn, lambda y: np.exp(-np.abs(y) / scale)) > RARE


def test_of_the_system():
    drawn = discrete_gaussian(system_source, 20_000, Fraction(50))
    assert p_value(drawn, lambda y: np.exp(-(y**2) / 100)) > RARE
    assert (discrete_gaussian(system_source, 50, Fraction(10**6)) != drawn[:50]).any()


def test_with_every_coin_decided_in_rational_arithmetic(monkeypatch):
    quick = discrete_gaussian(source(), 300, Fraction(30))
    monkeypatch.setattr(noise, "SLACK", 2.0)  # no floating-point value is trusted
    exact = discrete_gaussian(source(), 300, Fraction(30))
    assert (quick == exact).all()


def test_bits_are_added_until_a_coin_is_certain():
    x = Fraction(1, 3)
    chance = np.exp(-1 / 3)
    first = int(chance * 2**noise.BITS)  # so near that 62 bits do not tell
    bits = iter([b"\x00" * 8, b"\xff" * 8])
    below = noise._is_below(lambda n: next(bits), first - 2**12, x)
    above = noise._is_below(lambda n: next(bits), first + 2**12, x)
    assert (below, above) == (True, False)


def test_coins():
    x = np.repeat([0.0, 0.5, 3.0], 30_000)
    heads = exponential_coins(source(), x, lambda k: Fraction(x[k])).reshape(3, -1).sum(1)
    assert heads[0] == 30_000
    for n, chance in zip(heads[1:], np.exp([-0.5, -3.0]), strict=True):
        assert stats.binomtest(int(n), 30_000, chance).pvalue > RARE


def test_uniform_integers():
    drawn = uniform_integers(source(), 30_000, 7)
    assert stats.chisquare(np.bincount(drawn, minlength=7)).pvalue > RARE
    assert (uniform_integers(source(), 10, 1) == 0).all()


def test_exponential_mechanism():
    scores, epsilon = [3, 5, 0, 5], Fraction(3, 4)
    bits = source()
    chosen = np.bincount([exponential_mechanism(bits, scores, epsilon) for _ in range(4000)], minlength=4)
    shares = np.exp(float(epsilon) * np.array(scores) / 2)
    assert stats.chisquare(chosen, 4000 * shares / shares.sum()).pvalue > RARE
