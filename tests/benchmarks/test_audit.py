"""The audit finds nothing in what is right, and faults in what is broken; 1 % of honest builds fail it."""

import numpy as np
import pytest

from benchmarks.audit import audit, halved_noise, proven_epsilon


@pytest.mark.parametrize("epsilon", [1, 10])
def test_an_honest_build_keeps_its_promise(epsilon):
    # the noise is fresh in each run: a second one is allowed, so that one run in 10,000 fails
    found = audit(epsilon, 600, 1000)
    assert not found.violates or not audit(epsilon, 600, 1000).violates
    assert found.proven <= epsilon


def test_the_attack_is_strong():
    found = audit(30, 600, 1000)
    assert found.proven > 1.5
    assert found.mu > 0.6 * found.most


@pytest.mark.parametrize("epsilon", [1, 10])
def test_halved_noise_is_found(epsilon):
    with halved_noise():
        found = audit(epsilon, 600, 1000)
    assert found.violates
    assert found.p_value < 1e-9


def test_halved_noise_is_found_by_the_attack_alone():
    with halved_noise():
        found = audit(10, 1000, 1000)
    assert found.mu - 3 * found.error > found.most


def test_guesses_that_are_always_right_prove_what_their_number_allows():
    there = np.arange(1000) % 2 == 0
    assert proven_epsilon(there + 0.0, there) > 4
    rng = np.random.default_rng(0)
    assert proven_epsilon(rng.normal(size=1000), there) < 0.4
