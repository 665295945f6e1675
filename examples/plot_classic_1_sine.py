"""
Classic 1: a sine curve
=======================

The first GAN of many tutorials: two networks learn a curve in the plane from points that lie on it.
"""

# %%
# A table of two columns, of which the second is the sine of the first.

import numpy as np
import pandas as pd
import torch

from tabgan import TabGAN
from tabgan.adversarial.networks import MLP

x1 = np.random.default_rng(0).uniform(0, 2 * np.pi, 1024)
curve = pd.DataFrame({"x1": x1, "x2": np.sin(x1)})

# %%
# The networks as in a tutorial: plain perceptrons, and the non-saturating cross-entropy of the first paper.
# A function that is called after each step keeps an eye on 500 fixed latent points: where do they go?

fixed = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
steps, film = 4000, {}


def keep(state):
    """Remember the rows of the fixed latent points, in the networks' own coordinates, [-1, 1]."""
    if state.step in (20, 200, 500, 1000, 2000, steps):
        film[state.step] = state.average(fixed).numpy()


model = TabGAN(
    numeric="minmax",
    backbone=MLP(generator=(16, 32), critic=(256, 128, 64), octaves=0, dropout=0.3, two_stage=False),
    objective="non-saturating",
    latent_dim=2,
    batch_size=128,
    learning_rate=1e-3,
    critic_learning_rate=1e-3,
    betas=(0.9, 0.999),
    max_steps=steps,
    validation_fraction=0,
    refine=False,
    on_step=keep,
    random_state=0,
    verbose=0,
).fit(curve)

# %%
# The same 500 latent points while the networks learn, coloured by their first coordinate.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained")
for axis, (step, rows) in zip(axes.flat, film.items(), strict=True):
    axis.plot(np.linspace(-1, 1, 200), np.sin(np.linspace(0, 2 * np.pi, 200)), color="0.8", lw=4, zorder=0)
    axis.scatter(*rows.T, c=fixed[:, 0], s=6, cmap="viridis", vmin=-2, vmax=2)
    axis.set(title=f"step {step}", xlim=(-1.1, 1.1), ylim=(-1.15, 1.15))
figure.supxlabel("x1, scaled")
figure.supylabel("x2, scaled")
plt.show()

# %%
# Samples lie on the curve, and everywhere on it.

drawn = model.sample(1000)
distance = np.abs(drawn["x2"] - np.sin(drawn["x1"])).mean()
print(f"mean distance to the curve, measured upright: {distance:.3f}")

figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
axis.plot(
    np.linspace(0, 2 * np.pi, 200), np.sin(np.linspace(0, 2 * np.pi, 200)), color="0.8", lw=5, label="real"
)
axis.scatter(drawn["x1"], drawn["x2"], s=5, color="tab:blue", label="synthetic")
axis.set(xlabel="x1", ylabel="x2")
axis.legend()
plt.show()
