"""
Classic 3: multiples of five
============================

A GAN for integers: the networks learn which twenty of a hundred numbers occur. A callback stops training,
and the generator is exported to a file that runs without tabgan.
"""

# %%
# Ten integers per row, all multiples of five. Every number from 0 to 99 is one position of a one-hot vector,
# even if it never occurs. That is a new column type, and takes a few lines.

import numpy as np
import pandas as pd

from tabgan import TabGAN, Validation
from tabgan.adversarial.networks import MLP
from tabgan.table import ColumnType


class Below100(ColumnType):
    """Integers from 0 to 99, each a category."""

    kinds = ("below 100",)
    scale = "numeric"

    def fit(self, column, y=None):
        """Nothing to learn."""
        return self

    def transform(self, column, rng=None):
        """Numbers, shape (n,) -> numbers of categories, shape (n, 1)."""
        return column.to_numpy(dtype=np.float32)[:, None]

    def inverse_transform(self, codes, rng=None):
        """Numbers of categories -> numbers."""
        return pd.Series(codes[:, 0].astype(int))

    def blocks(self):
        """One block of a hundred categories."""
        return [("onehot", 100)]


numbers = 5 * np.random.default_rng(0).integers(0, 20, (1000, 10))
table = pd.DataFrame(numbers, columns=[f"number {k}" for k in range(10)])

# %%
# The losses of a GAN do not say when to stop. The share of wrong numbers does: training ends after ten
# checks in a row without any. (Even at first few are wrong: the generator starts with the marginal
# frequencies of the table.)


class Patience:
    """Check the share of wrong numbers every ten steps; stop after ten checks in a row without any."""

    def __init__(self):
        self.wrong = []

    def __call__(self, state):
        """Return a reason to stop, or None."""
        if state.step % 10 == 0:
            drawn = state.generate(state.latent(400)).reshape(-1, 10, 100).argmax(-1)
            self.wrong.append(float((drawn % 5 != 0).float().mean()))
            if self.wrong[-10:] == [0] * 10:
                return f"nothing wrong since step {state.step - 90}"


patience = Patience()
model = TabGAN(
    columns={name: Below100() for name in table},
    backbone=MLP(generator=(64, 64), critic=(64, 64), two_stage=False, latent_dim=32),
    objective="non-saturating",
    batch_size=128,
    max_steps=2000,
    validation=Validation(fraction=0),
    refine=False,
    on_step=patience,
    random_state=0,
    verbose=0,
).fit(table)
print(model.stop_reason_)

# %%
# All twenty multiples of five occur, and of ten thousand numbers hardly any is another.

drawn = model.sample(1000).to_numpy()
assert set(range(0, 100, 5)) <= set(drawn.ravel().tolist())
assert (drawn % 5 != 0).mean() < 0.001

import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.3), layout="constrained")
left.plot(10 * np.arange(1, len(patience.wrong) + 1), patience.wrong)
left.set(xlabel="step", ylabel="share of wrong numbers", ylim=(0, None))
right.bar(np.arange(100), np.bincount(drawn.ravel(), minlength=100) / drawn.size, label="synthetic")
right.axhline(0.05, color="0.5", lw=1, ls="--", label="a twentieth")
right.set(xlabel="number", ylabel="share", ylim=(0, 0.08))
right.legend(loc="upper right", ncols=2)
plt.show()

# %%
# The generator alone is a function from normal points to rows. The exported file needs PyTorch, but neither
# tabgan nor the classes above. The same points give the same rows everywhere.

import subprocess
import sys
import tempfile
from pathlib import Path

import torch

elsewhere = """
import sys, torch
program, points = torch.export.load(sys.argv[1]).module(), torch.load(sys.argv[2])
print(program(points).reshape(5, 10, 100).argmax(-1).tolist())
assert "tabgan" not in sys.modules
"""
points = torch.randn(5, 32 + 10 * 100, generator=torch.Generator().manual_seed(0))

with tempfile.TemporaryDirectory() as folder:
    files = [Path(folder) / "generator.pt2", Path(folder) / "points.pt"]
    model.export(files[0])
    torch.save(points, files[1])
    here = torch.export.load(files[0]).module()(points).reshape(5, 10, 100).argmax(-1).tolist()
    command = [sys.executable, "-c", elsewhere, *files]
    there = subprocess.run(command, check=True, capture_output=True, text=True).stdout

assert there.strip() == str(here)
print(*here, sep="\n")
