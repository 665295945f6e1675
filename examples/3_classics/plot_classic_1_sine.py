"""
Classic 1: a sine curve
=======================

The first GAN of many tutorials: two networks learn a curve in the plane from points that lie on it.
"""

# %%
# A table of two columns. The second is the sine of the first.

import numpy as np
import pandas as pd
import torch

from tabgan import Adam, TabGAN, Validation
from tabgan.adversarial.networks import MLP

x1 = np.random.default_rng(0).uniform(0, 2 * np.pi, 1024)
curve = pd.DataFrame({"x1": x1, "x2": np.sin(x1)})

# %%
# The networks of the tutorials: multilayer perceptrons, and the non-saturating cross-entropy of the first
# paper. A callback records where 1,000 fixed latent points are mapped to.

fixed = torch.randn(1000, 2, generator=torch.Generator().manual_seed(0))
steps, film = 3000, {}


def keep(state):
    """Record the rows of the fixed latent points, scaled to [-1, 1]."""
    if state.step in (1, 50, 200, 500, 1000, steps):
        film[state.step] = state.generate(fixed).numpy()


model = TabGAN(
    columns={"*": "minmax"},
    backbone=MLP(
        (16, 32), (256, 128, 64), octaves=0, dropout=0.1, two_stage=False, activation="tanh", latent_dim=2
    ),
    objective="non-saturating",
    batch_size=256,
    optimizer=Adam(learning_rate=2e-3, critic_learning_rate=2e-3, betas=(0.5, 0.9)),
    max_steps=steps,
    validation=Validation(fraction=0),
    refine=False,
    on_step=keep,
    random_state=0,
    verbose=0,
).fit(curve)

# %%
# The same latent points during training. A colour is an angle in latent space: the plane is mapped onto the
# curve.

import matplotlib.pyplot as plt

line = np.linspace(0, 2 * np.pi, 5000)
figure, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained")
for axis, (step, rows) in zip(axes.flat, film.items(), strict=True):
    axis.plot(line / np.pi - 1, np.sin(line), color="0.85", lw=5, zorder=0)
    axis.scatter(*rows.T, c=np.arctan2(*fixed.T.numpy()), s=4, cmap="hsv")
    axis.set(title=f"step {step}", xlabel="x1, scaled", ylabel="x2, scaled")
    axis.label_outer()
plt.show()

# %%
# Samples lie on the curve, and cover it. The measures are the mean distance to the curve and the widest gap
# along x1.

from scipy.spatial import KDTree

drawn = model.sample(1000)
distance = KDTree(np.column_stack([line, np.sin(line)])).query(drawn)[0].mean()
gap = np.diff(np.sort(drawn["x1"]), prepend=0, append=2 * np.pi).max()
print(f"mean distance to the curve {distance:.3f}, widest gap {gap:.2f}")
assert distance < 0.05
assert gap < 0.2

figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
axis.plot(line, np.sin(line), color="0.85", lw=6, label="real")
axis.scatter(drawn["x1"], drawn["x2"], s=5, color="tab:blue", zorder=3, label="synthetic")
axis.set(xlabel="x1", ylabel="x2")
axis.legend()
plt.show()
