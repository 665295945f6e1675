"""The accountant against published values, brute force and the exact curve of the Gaussian mechanism."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from tabgan.private.accountant import delta_of, epsilon_of, rho_of

# rho, delta -> epsilon of dp-accounting 0.6.0: RdpAccountant(orders=1 + np.geomspace(1e-3, 1e5, 4000)), after
# compose(GaussianDpEvent(1 / math.sqrt(2 * rho))), by get_epsilon(delta).
DP_ACCOUNTING = {
    (1e-4, 1e-9): 0.07436290154941533,
    (1e-3, 1e-9): 0.24511976809988759,
    (0.0125, 1e-9): 0.910107941437345,
    (0.0125, 1e-5): 0.615742427440612,
    (0.1, 1e-9): 2.715486011798407,
    (1.0, 1e-9): 9.5214856563987,
    (3.0, 1e-5): 13.77445946124527,
}


@pytest.mark.parametrize(("rho", "delta"), DP_ACCOUNTING)
def test_as_dp_accounting(rho, delta):
    # its orders are a grid: ours may be lower by the fineness of that
    epsilon = epsilon_of(rho, delta)
    assert DP_ACCOUNTING[rho, delta] * (1 - 1e-4) < epsilon <= DP_ACCOUNTING[rho, delta]


@pytest.mark.parametrize("rho", [1e-5, 1e-2, 0.3, 5])
@pytest.mark.parametrize("epsilon", [0.05, 1, 8])
def test_no_order_gives_less(rho, epsilon):
    alpha = 1 + np.geomspace(1e-6, 1e8, 200_001)
    logarithm = (alpha - 1) * (alpha * rho - epsilon) - np.log(alpha - 1) + alpha * np.log1p(-1 / alpha)
    assert delta_of(rho, epsilon) <= min(1.0, np.exp(min(logarithm.min(), 0)) * (1 + 1e-9))


@pytest.mark.parametrize("rho", [1e-4, 0.0149, 0.5, 2])
def test_above_what_the_gaussian_mechanism_reaches_and_not_far_above(rho):
    # Balle and Wang 2018, theorem 8: the exact delta of a Gaussian mechanism
    mu = math.sqrt(2 * rho)
    for delta in (1e-5, 1e-9):
        epsilon = epsilon_of(rho, delta)
        exact = norm.cdf(mu / 2 - epsilon / mu) - math.exp(epsilon) * norm.cdf(-mu / 2 - epsilon / mu)
        assert 0 < exact < delta
        lower = 0.85 * epsilon
        nearer = norm.cdf(mu / 2 - lower / mu) - math.exp(lower) * norm.cdf(-mu / 2 - lower / mu)
        assert nearer > delta


@pytest.mark.parametrize("epsilon", [1e-3, 0.3, 1, 10, 100])
@pytest.mark.parametrize("delta", [1e-12, 1e-9, 1e-5])
def test_there_and_back(epsilon, delta):
    rho = rho_of(epsilon, delta)
    assert delta_of(rho, epsilon) <= delta
    assert epsilon_of(rho, delta) == pytest.approx(epsilon, rel=1e-9)
    assert delta_of(rho * 1.001, epsilon) > delta


def test_nothing_costs_nothing():
    assert delta_of(0, 0.1) == 0
    assert epsilon_of(1e-300, 1e-9) < 1e-100
