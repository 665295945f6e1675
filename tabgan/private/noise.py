"""Exact discrete noise: integers of the discrete Gaussian distribution, from the random bits of the system.

Noise that is drawn as floating-point numbers betrays what it was added to by its last bits (Mironov 2012, *On
significance of the least significant bits for differential privacy*). Here counts are integers and so is the
noise, and every chance is decided exactly. The sampler is algorithms 1 to 3 of Canonne, Kamath and Steinke
2020, *The discrete Gaussian for differential privacy*, for many draws at once. What it needs are coins that
show heads with a probability of exp(-x): a uniform number of 62 bits is compared with a floating-point value
of it, and where the two are nearer than any error of that value, with more bits and in rational arithmetic
until it is certain.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
BITS = 62  # of a uniform number that is compared first
SLACK = 2.0**-40  # far more than the error of a probability that is computed in float64
WORD = 8  # bytes


class Source(Protocol):
    """Where random bits come from: a function of a number of bytes."""

    def __call__(self, n: int, /) -> bytes:
        """Give n random bytes."""
        ...


def system_source(n: int, /) -> bytes:
    """Give n random bytes of the system's cryptographic generator."""
    return os.urandom(n)


def seeded_source(seed: np.random.SeedSequence) -> Source:
    """Give a source that is the same for a seed, for tests: who knows the seed can take the noise away."""
    return np.random.default_rng(seed).bytes


def words(source: Source, n: int) -> NDArray[np.uint64]:
    """Give n random words of 64 bits."""
    return np.frombuffer(source(WORD * n), dtype=np.uint64)


def uniform_integers(source: Source, n: int, bound: int) -> Integers:
    """Draw n integers that are uniform in [0, bound), by rejection; `bound` is at most 2**62."""
    mask = np.uint64((1 << (bound - 1).bit_length()) - 1)
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < n:
        more = (words(source, 2 * (n - len(drawn)) + WORD) & mask).astype(np.int64)
        drawn = np.concatenate([drawn, more[more < bound]])
    return drawn[:n]


def exponential_coins(
    source: Source, x: NDArray[Any], exactly: Callable[[int], Fraction]
) -> NDArray[np.bool_]:
    """Throw coins that show heads with a probability of exp(-x).

    Parameters
    ----------
    source : Source
    x : ndarray of shape (n,)
        Not negative, with a relative error below 1e-14.
    exactly : callable
        ``exactly(k)`` gives the k-th without an error.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    uniform = (words(source, len(x)) >> np.uint64(64 - BITS)).astype(np.int64)
    chance = np.exp(-x)
    drawn = uniform * 2.0**-BITS
    heads = drawn < chance
    for k in np.flatnonzero(np.abs(drawn - chance) < SLACK).tolist():
        heads[k] = _is_below(source, int(uniform[k]), exactly(k))
    return heads


def _is_below(source: Source, uniform: int, x: Fraction) -> bool:
    """Tell whether a number with these first bits lies below exp(-x); bits are added while it is open."""
    n_bits, digits = BITS, 40
    while True:
        with localcontext() as context:
            context.prec = digits
            value = Fraction((-Decimal(x.numerator) / Decimal(x.denominator)).exp())
        error = Fraction(1 + math.ceil(x), 10 ** (digits - 5))
        low, high = Fraction(uniform, 2**n_bits), Fraction(uniform + 1, 2**n_bits)
        if high <= value - error or low >= value + error:
            return high <= value - error
        uniform = (uniform << 64) | int.from_bytes(source(WORD), "little")
        n_bits, digits = n_bits + 64, digits + 20


def discrete_laplace(source: Source, n: int, scale: int) -> Integers:
    """Draw n integers with probabilities in proportion to exp(-|y| / scale); algorithm 2 with s = 1."""
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < n:
        tried = uniform_integers(source, 3 * (n - len(drawn)) + WORD, scale)

        def exactly(k: int, tried: Integers = tried) -> Fraction:
            return Fraction(int(tried[k]), scale)

        rest = tried[exponential_coins(source, tried / scale, exactly)]
        whole = _geometric(source, len(rest))
        magnitude = rest + scale * whole
        negative = (words(source, len(rest)) & np.uint64(1)).astype(bool)
        keep = ~(negative & (magnitude == 0))  # 0 would else be drawn twice as often
        drawn = np.concatenate([drawn, np.where(negative, -magnitude, magnitude)[keep]])
    return drawn[:n]


def _geometric(source: Source, n: int) -> Integers:
    """Count how often a coin of exp(-1) shows heads before it first shows tails, n times."""
    count = np.zeros(n, dtype=np.int64)
    going = np.arange(n)
    while len(going):
        going = going[exponential_coins(source, np.ones(len(going)), lambda _: Fraction(1))]
        count[going] += 1
    return count


def discrete_gaussian(source: Source, n: int, variance: Fraction) -> Integers:
    """Draw n integers with probabilities in proportion to exp(-y**2 / (2 variance)); algorithm 3.

    Parameters
    ----------
    source : Source
    n : int
    variance : Fraction
        Positive, at most 2**60. The standard deviation is not above its root.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    scale = math.isqrt(math.floor(variance)) + 1
    centre = variance / scale
    drawn = np.zeros(0, dtype=np.int64)
    while len(drawn) < n:
        tried = discrete_laplace(source, int(1.5 * (n - len(drawn))) + WORD, scale)
        x = (np.abs(tried) - float(centre)) ** 2 / (2 * float(variance))

        def exactly(k: int, tried: Integers = tried) -> Fraction:
            return (abs(int(tried[k])) - centre) ** 2 / (2 * variance)

        drawn = np.concatenate([drawn, tried[exponential_coins(source, x, exactly)]])
    return drawn[:n]


def exponential_mechanism(source: Source, scores: Sequence[int], epsilon: Fraction) -> int:
    """Choose one of several, with probabilities in proportion to exp(epsilon * score / 2).

    Parameters
    ----------
    source : Source
    scores : sequence of int
        One row more or less changes each by 1 at most.
    epsilon : Fraction
        The choice satisfies zCDP with ``epsilon**2 / 8`` (Cesar and Rogers 2021, *Bounding, concentrating,
        and truncating*, lemma 3.2), as it is of bounded range.

    Returns
    -------
    int
        The place of the chosen one. McSherry and Talwar 2007, *Mechanism design via differential privacy*, by
        rejection: one is drawn uniformly, and kept with exp(-epsilon (best - score) / 2).
    """
    best = max(scores)
    losses = np.array([best - score for score in scores], dtype=np.int64)
    while True:
        tried = uniform_integers(source, 4 * len(scores), len(scores))
        x = losses[tried] * float(epsilon / 2)
        kept = exponential_coins(
            source,
            x,
            lambda k, tried=tried: int(losses[tried[k]]) * epsilon / 2,  # type: ignore[misc]
        )
        if kept.any():
            return int(tried[kept.argmax()])
