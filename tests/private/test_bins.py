"""Noisy counts of a grid that is cut."""

import numpy as np

from tabgan.private.bins import consistent


def test_counts_of_parts_and_of_the_whole_agree_better_with_the_truth_together():
    rng = np.random.default_rng(0)
    truth, times = np.array([500.0, 0, 30, 200, 7, 7, 80, 1]), 4000
    parts = truth + rng.normal(0, 10, (times, len(truth)))
    whole = truth.sum() + rng.normal(0, 10, times)
    better = np.array([consistent(*pair) for pair in zip(parts, whole, strict=True)])
    np.testing.assert_allclose(better.mean(0), truth, atol=1)  # unbiased
    assert (better - truth).std() < (parts - truth).std()
    # k counts and that of their sum, all of variance v, determine the sum with a variance of v k / (k + 1).
    expected = 10 * np.sqrt(len(truth) / (len(truth) + 1))
    np.testing.assert_allclose((better.sum(1) - truth.sum()).std(), expected, rtol=0.04)
