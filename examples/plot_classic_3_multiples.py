"""
Classic 3: multiples of five
============================

A GAN for whole numbers: of a hundred, the networks must find out which twenty occur. Training stops by a
measure of one's own, and the generator goes into a file that runs where there is no tabgan.
"""

# %%
# Ten whole numbers a row, all multiples of five. The networks shall see every number from 0 to 99 as a
# position of its own, also those that never occur. That is a new type of column, and takes a few lines.

import numpy as np
import pandas as pd

from tabgan import TabGAN
from tabgan.adversarial.networks import MLP
from tabgan.table import ColumnType


class Below100(ColumnType):
    """Whole numbers from 0 to 99, each an indicator of its own."""

    kinds = ("below 100",)
    scale = "numeric"

    def fit(self, column, y=None):
        """There is nothing to learn."""
        return self

    def transform(self, column, rng=None):
        """Numbers, shape (n,) -> indicators, shape (n, 100)."""
        return np.eye(100, dtype=np.float32)[column]

    def inverse_transform(self, matrix, rng=None):
        """Indicators -> numbers."""
        return pd.Series(matrix.argmax(axis=1))

    def blocks(self):
        """One block of a hundred positions."""
        return [("onehot", 100)]


numbers = 5 * np.random.default_rng(0).integers(0, 20, (1000, 10))
table = pd.DataFrame(numbers, columns=[f"number {k}" for k in range(10)])

# %%
# How much is wrong? Stop when that has not become less for twenty looks.


class Patience:
    """Look at the share of wrong numbers every ten steps, and stop when 20 looks saw none less."""

    def __init__(self):
        self.wrong = []

    def __call__(self, state):
        """Give a reason to stop, or nothing."""
        if state.step % 10 == 0:
            drawn = state.average(state.latent(200)).reshape(-1, 10, 100).argmax(-1)
            self.wrong.append(float((drawn % 5 != 0).float().mean()))
            since = len(self.wrong) - 1 - int(np.argmin(self.wrong))
            if since == 20:
                return f"{min(self.wrong):.2%} wrong at step {state.step - 200}, and no less since"


patience = Patience()
model = TabGAN(
    columns={name: Below100() for name in table},
    backbone=MLP(generator=(64, 64), critic=(64, 64), two_stage=False),
    latent_dim=32,
    batch_size=128,
    max_steps=3000,
    validation_fraction=0,
    refine=False,
    on_step=patience,
    random_state=0,
    verbose=0,
).fit(table)
print(model.stop_reason_)

# %%
# All samples are multiples of five, and all twenty of them occur.

drawn = model.sample(1000).to_numpy()
print(f"{(drawn % 5 == 0).mean():.1%} multiples of five; found {np.unique(drawn)}")

import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3), layout="constrained")
left.plot(10 * np.arange(1, len(patience.wrong) + 1), patience.wrong)
left.set(xlabel="step", ylabel="share of wrong numbers", ylim=(0, None))
right.bar(np.arange(100), np.bincount(drawn.ravel(), minlength=100) / drawn.size, label="synthetic")
right.axhline(0.05, color="0.5", lw=1, ls="--", label="a twentieth")
right.set(xlabel="number", ylabel="share", ylim=(0, 0.08))
right.legend()
plt.show()

# %%
# A generator alone is a function from normal points to rows. Written to a file, another process can call it
# that has PyTorch, but neither tabgan nor these classes.

import subprocess
import sys
import tempfile
from pathlib import Path

elsewhere = """
import sys, torch
program = torch.export.load(sys.argv[1]).module()
points = torch.randn(5, 32 + 10 * 100, generator=torch.Generator().manual_seed(0))
print(program(points).reshape(5, 10, 100).argmax(-1).numpy())
assert "tabgan" not in sys.modules
"""
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "multiples.pt2"
    model.export(path)
    print(
        subprocess.run(
            [sys.executable, "-c", elsewhere, path], check=True, capture_output=True, text=True
        ).stdout
    )
