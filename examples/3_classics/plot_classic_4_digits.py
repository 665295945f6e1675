"""
Classic 4: digits by perceptrons
================================

An image is a row of numbers, and its label is one more column: sample digits conditioned on their label.
"""

# %%
# The digits of scikit-learn: 1,797 images of 8 x 8 pixels from 0 to 16. MNIST works, too: run the script with
# ``--data mnist.parquet``, a table of pixels and a column "label".

import argparse
import math

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tabgan import TabGAN, Validation
from tabgan.adversarial.networks import MLP
from tabgan.table import Continuous

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="parquet file of pixels and a label, instead of the bundled digits")
path = parser.parse_args().data
digits = pd.read_parquet(path) if path else load_digits(as_frame=True).frame
digits = digits.rename(columns={"target": "label"})
pixels, label = digits.drop(columns="label").astype(int), digits["label"]
side, large = math.isqrt(pixels.shape[1]), pixels.shape[1] > 64

# %%
# Every pixel is a number scaled to [-1, 1], even if it is white in all images. The generator samples a label
# first and then the pixels given the label. Ten fixed latent points show the progress.

fixed = torch.randn(10, 100, generator=torch.Generator().manual_seed(0))
film = {}


def keep(state):
    """Record the images of the fixed latent points at some steps."""
    if state.step in (50, 200, 500, 1000, 2000, 20000):
        film[f"step {state.step}"] = state.generate(fixed)[:, : side**2].reshape(-1, side, side).numpy()


model = TabGAN(
    columns=dict.fromkeys(pixels, Continuous("minmax", spike_share=math.inf)),
    backbone=MLP(
        generator=(256, 512, 1024) if large else (128, 256),
        critic=(512, 256) if large else (256, 128),
        octaves=0,
        batch_norm=True,
        latent_dim=100,
    ),
    batch_size=128,
    max_steps=20000 if large else 2000,
    validation=Validation(fraction=0),
    refine=False,
    on_step=keep,
    random_state=0,
    verbose=0,
).fit(pixels, label)

# %%
# The same ten latent points during training.

import matplotlib.pyplot as plt


def show(lines, white, black):
    """Plot lines of ten images, each with a label."""
    framed = [np.pad(images, ((0, 0), (1, 1), (1, 1)), constant_values=white) for images in lines.values()]
    height, (rows, columns) = side + 2, (len(lines), 10)
    sheet = np.stack(framed).transpose(0, 2, 1, 3).reshape(rows * height, columns * height)
    axis = plt.figure(figsize=(6, 0.58 * rows), layout="constrained").gca()
    axis.imshow(sheet, cmap="gray_r", vmin=white, vmax=black)
    axis.set(xticks=[], yticks=(np.arange(rows) + 0.5) * height, yticklabels=lines)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    plt.show()


never = (pixels.max() == 0).to_numpy().reshape(side, side)
show({word: np.where(never, -1, images) for word, images in film.items()}, -1, 1)

# %%
# A hundred of each digit. A classifier trained on real digits should predict the label that they were
# conditioned on.

drawn = pd.concat([model.sample(100, given={"label": digit}) for digit in range(10)], ignore_index=True)
reader = SVC().fit(pixels[:5000], label[:5000])
read = (reader.predict(drawn[pixels.columns]) == drawn["label"]).groupby(drawn["label"]).mean()
print(f"classified as their label: {read.mean():.1%}, of the worst digit {read.min():.0%}")
assert read.mean() >= 0.9
assert read.min() > 0.5

images = drawn[pixels.columns].to_numpy().reshape(10, 100, side, side)
show({str(digit): images[digit, :10] for digit in range(10)}, 0, pixels.max(axis=None))
