"""
Classic 6: mode collapse and its remedies
=========================================

A generator that has found one kind of row with a high score may produce only that kind. On a ring of eight
small modes one can count how many it covers.
"""

# %%
# Eight normal distributions on a circle, and a measure of collapse: how many modes are covered (by at least
# 2 % of the rows), and what share of the rows is within three standard deviations of a mode.

import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from tabgan import Adam, TabGAN, Validation
from tabgan.adversarial.networks import MLP
from tabgan.adversarial.training.losses import (
    Objective,
    gradient_penalty,
    wasserstein_critic,
    wasserstein_generator,
)

SPREAD = 0.05
angle = np.arange(8) * np.pi / 4
centres = np.c_[np.cos(angle), np.sin(angle)]
rng = np.random.default_rng(0)
ring = pd.DataFrame(
    centres[rng.integers(8, size=4000)] + rng.normal(0, SPREAD, (4000, 2)), columns=["x", "y"]
)


def collapse(points):
    """Number of covered modes, and the share of points in one."""
    distance = np.linalg.norm(points[:, None] - centres, axis=2)
    inside = distance.min(1) < 3 * SPREAD
    share = np.bincount(distance.argmin(1)[inside], minlength=8) / len(points)
    return int((share > 0.02).sum()), float(inside.mean())


# %%
# One generator, one critic, three objectives. The plain one is the non-saturating cross-entropy of the first
# paper. The others are remedies: the Wasserstein distance with a gradient penalty, and the default of tabgan,
# which compares each real row with a generated one and penalises the gradient of the critic at both.

wasserstein = Objective(wasserstein_critic, wasserstein_generator, gradient_penalty(0.1), critic_steps=5)
plain = {"optimizer": Adam(1e-3, 4e-3, betas=(0.5, 0.99), average=0.99), "max_steps": 1500}
runs = {
    "plain": {"objective": "non-saturating", **plain},
    "Wasserstein": {
        "objective": wasserstein, "optimizer": Adam(2e-3, 4e-3, average=0.99), "max_steps": 1500,
    },
    "default": {"optimizer": Adam(1e-3, 1e-3, average=0.99), "max_steps": 3000, "batch_size": 256},
}  # fmt: skip
samples, covered = {}, {}
for name, run in runs.items():

    def keep(state, name=name):
        """Record the rows of the last step, before calibration and rejection."""
        if state.step == runs[name]["max_steps"]:
            with torch.no_grad():
                samples[name] = state.generate(state.latent(2000)).numpy()

    began = time.perf_counter()
    networks = MLP((128, 128), (128, 128), octaves=0, two_stage=False, activation="tanh", latent_dim=16)
    model = TabGAN(
        columns={"*": "minmax"}, backbone=networks, refine=False, validation=Validation(0, patience=None),
        on_step=keep, random_state=0, verbose=0, **{"batch_size": 128, **run},
    ).fit(ring)  # fmt: skip
    low, high = ring.min().to_numpy(), ring.max().to_numpy()
    samples[name] = low + (samples[name] + 1) / 2 * (high - low)
    covered[name] = collapse(samples[name])
    print(
        f"{name}: {covered[name][0]} of 8, {covered[name][1]:.0%} inside, {time.perf_counter() - began:.0f} s"
    )

# %%
# The plain objective loses modes. The Wasserstein objective and the default cover all of them. A third,
# ``objective="unrolled"``, where the generator looks five critic steps ahead, takes several times as long and
# does not help with so few steps: with the seeds 0 to 4 the plain and the unrolled objective cover 4, 4, 4, 4
# and 8 modes, the other two always 8. The paper took 25,000 steps.

figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharex=True, sharey=True, layout="constrained")
for axis, (name, points) in zip(axes, samples.items(), strict=True):
    axis.scatter(*ring.to_numpy()[:1000].T, s=4, color="0.8", linewidths=0)
    axis.scatter(*points.T, s=3, linewidths=0, alpha=0.6)
    axis.set(title=f"{name}: {covered[name][0]} of 8, {covered[name][1]:.0%} inside", aspect="equal")
    axis.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), xticks=[], yticks=[])

# %%
# For any table, ``model.history_`` has the same measure: *coverage* is the share of the validation set, by
# pairs of columns, that the generator produces at all. It falls when modes are lost.

assert covered["plain"][0] < 8
assert covered["Wasserstein"][0] == covered["default"][0] == 8
