"""Calibration of scalars: the real quantiles, and ends that samples seldom miss."""

from dataclasses import dataclass

import numpy as np

from tabgan.adversarial.generator.calibration import ENDS, apply_curves, calibration_curves


@dataclass(frozen=True)
class Scalar:
    column: str = "x"
    kind: str = "scalar"
    start: int = 0
    stop: int = 1


def test_generated_scalars_get_the_real_quantiles_and_reach_the_real_ends():
    rng = np.random.default_rng(0)
    real = rng.uniform(-0.9, 1, (6000, 1)).astype(np.float32)
    drawn = rng.normal(0, 0.2, (126_000, 1)).clip(-1, 1).astype(np.float32)
    curves = calibration_curves(drawn[:66_000], real, [Scalar()])
    moved = apply_curves(curves, drawn[66_000:])
    levels = np.linspace(0, 1, 101)[1:-1]
    # the standard error of a quantile of 6,000 uniform rows is at most 0.012
    assert np.abs(np.quantile(moved, levels) - np.quantile(real, levels)).max() < 0.04
    # ten times as many rows as real ones: 50 at each end; four standard errors, those of the curve included
    for end in (real.min(), real.max()):
        assert abs((moved == end).sum() - 10 * ENDS) < 4 * np.sqrt(10 * ENDS * (1 + 10 / 11))
