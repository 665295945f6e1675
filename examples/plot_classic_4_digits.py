"""
Classic 4: digits by perceptrons
================================

An image is a row of numbers, and a label one more column: draw digits by their label.
"""

# %%
# Scikit-learn's digits: 1,797 images of 8 x 8 pixels from 0 to 16. Any other square images do, too: as a
# script, ``--data mnist.parquet`` takes a table of pixels and a column "label".

import argparse
import math

import pandas as pd
import torch
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tabgan import TabGAN
from tabgan.adversarial.networks import MLP
from tabgan.table import Continuous

parser = argparse.ArgumentParser()
parser.add_argument("--data", help="parquet file of pixels and a label, instead of the bundled digits")
path = parser.parse_args().data
digits = (
    pd.read_parquet(path) if path else load_digits(as_frame=True).frame.rename(columns={"target": "label"})
)
pixels, label = digits.drop(columns="label").astype(int), digits["label"]
side = math.isqrt(pixels.shape[1])

# %%
# Every pixel is a number scaled to [-1, 1], also one that is always black. The generator draws a label first
# and then, knowing it, the pixels. Ten fixed latent points show now and then how far it is.

fixed = torch.randn(10, 100, generator=torch.Generator().manual_seed(0))
film = {}


def keep(state):
    """Draw the fixed latent points now and then."""
    if state.step in (50, 200, 500, 1000, 2000):
        film[state.step] = state.average(fixed)[:, : side**2].reshape(-1, side, side).numpy()


large = side > 8
model = TabGAN(
    columns=dict.fromkeys(pixels, Continuous("minmax", spike_share=math.inf)),
    backbone=MLP(
        generator=(256, 512, 1024) if large else (128, 256),
        critic=(512, 256) if large else (256, 128),
        octaves=0,
        batch_norm=True,
    ),
    latent_dim=100,
    batch_size=128,
    max_steps=20000 if large else 2000,
    validation_fraction=0,
    refine=False,
    on_step=keep,
    random_state=0,
    verbose=0,
).fit(pixels, label)

# %%
# The same ten latent points while the networks learn.

import matplotlib.pyplot as plt


def show(rows):
    """Draw rows of images, each with a word before it."""
    _, axes = plt.subplots(len(rows), 10, figsize=(8, 0.8 * len(rows)), layout="constrained")
    for line, (word, images) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(line, images, strict=True):
            axis.imshow(image, cmap="gray_r")
            axis.set(xticks=[], yticks=[])
        line[0].set_ylabel(word, rotation=0, ha="right", va="center")
    plt.show()


show({f"step {step}": images for step, images in film.items()})

# %%
# Ten of each digit. A classifier that was trained on real digits should read them as they were asked for.

drawn = pd.concat([model.sample(100, given={"label": digit}) for digit in range(10)], ignore_index=True)
reader = SVC(gamma="scale").fit(pixels[:5000], label[:5000])
read = reader.predict(drawn[pixels.columns]) == drawn["label"]
print(f"read as asked for: {read.mean():.1%}; by digit: {read.groupby(drawn['label']).mean().to_dict()}")

images = drawn[pixels.columns].to_numpy().reshape(10, 100, side, side)
show({str(digit): images[digit, :10] for digit in range(10)})
