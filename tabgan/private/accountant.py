"""The account of privacy: what a budget of zero-concentrated differential privacy means as (epsilon, delta).

Zero-concentrated differential privacy (zCDP; Bun and Steinke 2016, *Concentrated differential privacy*) has
one number, rho, which adds up over everything that is asked of a table, also where a question depends on
earlier answers (Feldman and Zrnic 2021, *Individual privacy accounting via a Rényi filter*, section 4).
"""

from __future__ import annotations

import math

STEPS = 200  # of a bisection: more than the digits of a float64


def delta_of(rho: float, epsilon: float) -> float:
    """Give the least delta that is proven for a rho and an epsilon.

    Parameters
    ----------
    rho : float
        Of zCDP, not negative.
    epsilon : float
        Not negative.

    Returns
    -------
    float
        In [0, 1]. The bound of Canonne, Kamath and Steinke 2020, *The discrete Gaussian for differential
        privacy*, corollary 13, at its least over the order alpha of Rényi's divergence.
    """
    if rho == 0:
        return 0.0
    low, high = 1.0, (epsilon + 1) / (2 * rho) + 2  # the slope is negative at 1 and positive at the other end
    for _ in range(STEPS):
        middle = (low + high) / 2
        slope = (2 * middle - 1) * rho - epsilon + math.log1p(-1 / middle)
        low, high = (middle, high) if slope < 0 else (low, middle)
    alpha = high
    exponent = (alpha - 1) * (alpha * rho - epsilon) + alpha * math.log1p(-1 / alpha) - math.log(alpha - 1)
    return min(1.0, math.exp(exponent)) if exponent < 0 else 1.0


def epsilon_of(rho: float, delta: float) -> float:
    """Give the least epsilon that is proven for a rho and a delta, by the same bound.

    Parameters
    ----------
    rho : float
        Of zCDP, not negative.
    delta : float
        In (0, 1).

    Returns
    -------
    float
    """
    low, high = 0.0, rho + 2 * math.sqrt(rho * math.log(1 / delta))  # proposition 1.3 of Bun and Steinke
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(rho, middle) > delta else (low, middle)
    return high


def rho_of(epsilon: float, delta: float) -> float:
    """Give the greatest rho that is proven to keep within epsilon and delta.

    Parameters
    ----------
    epsilon : float
        Positive.
    delta : float
        In (0, 1).

    Returns
    -------
    float
    """
    low, high = 0.0, epsilon  # an epsilon above rho follows from any delta below 1/2
    while delta_of(high, epsilon) <= delta:
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, epsilon) <= delta else (low, middle)
    return low
