"""The stage that moves scalars: the real quantiles, and ends that samples seldom miss."""

import numpy as np

from tabgan.adversarial.generator.calibration import ENDS, Curves
from tabgan.layout import Layout


def test_generated_scalars_get_the_real_quantiles_and_reach_the_real_ends():
    rng = np.random.default_rng(0)
    real = rng.uniform(-0.9, 1, (6000, 1)).astype(np.float32)
    drawn = rng.normal(0, 0.2, (126_000, 1)).clip(-1, 1).astype(np.float32)
    curves = Curves(Layout.from_columns([("x", [("scalar", 1)])]))
    curves.fit(real, lambda n, seed: drawn[:66_000], np.random.SeedSequence(0))
    moved = curves.apply(drawn[66_000:])
    levels = np.linspace(0, 1, 101)[1:-1]
    # the standard error of a quantile of 6,000 uniform rows is at most 0.012
    assert np.abs(np.quantile(moved, levels) - np.quantile(real, levels)).max() < 0.04
    # ten times as many rows as real ones: 50 at each end; four standard errors, those of the curve included
    for end in (real.min(), real.max()):
        assert abs((moved == end).sum() - 10 * ENDS) < 4 * np.sqrt(10 * ENDS * (1 + 10 / 11))
    again = Curves(curves.blocks)
    again.set_state(curves.get_state())
    assert np.array_equal(again.apply(drawn), curves.apply(drawn))


def test_only_scalars_that_count_are_measured():
    """A scalar after a one-hot block of its column counts where that is at its first category."""
    rng = np.random.default_rng(0)
    layout = Layout.from_columns([("x", [("onehot", 2), ("scalar", 1)])])

    def codes(low, high):
        state = rng.integers(0, 2, 20_000)
        return np.column_stack([state, np.where(state == 0, rng.uniform(low, high, 20_000), -1)])

    curves = Curves(layout)
    curves.fit(codes(0, 1), lambda n, seed: codes(0, 0.5), np.random.SeedSequence(0))
    moved = curves.apply(np.array([[0, 0.25], [1, 0.25]], dtype=np.float32))
    assert np.allclose(moved, [[0, 0.5], [1, 0.5]], atol=0.02)
