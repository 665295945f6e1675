"""
Classic 5: digits by convolutions
=================================

The same digits by DCGAN: networks that know which pixels are neighbours. Only the backbone changes.
"""

# %%
# Every pixel has to be a number, also one that is always black; see the example before this one.

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tabgan import TabGAN
from tabgan.adversarial.networks import DCGAN, MLP
from tabgan.table import Continuous

pixels, label = load_digits(return_X_y=True, as_frame=True)
pixels, label = pixels.astype(int), label.rename("label")
reader = SVC(gamma="scale").fit(pixels, label)

# %%
# Fit the same table with either backbone, and ask for every digit.

backbones = {
    "perceptrons": MLP(generator=(128, 256), critic=(256, 128), octaves=0, batch_norm=True),
    "convolutions": DCGAN(shape=(1, 8, 8), channels=(64, 32)),
}
drawn = {}
for name, backbone in backbones.items():
    model = TabGAN(
        columns=dict.fromkeys(pixels, Continuous("minmax", spike_share=math.inf)),
        backbone=backbone,
        latent_dim=100,
        batch_size=128,
        betas=(0.5, 0.999),
        max_steps=1500,
        validation_fraction=0,
        refine=False,
        random_state=0,
        verbose=0,
    ).fit(pixels, label)
    drawn[name] = pd.concat([model.sample(100, given={"label": d}) for d in range(10)], ignore_index=True)
    read = reader.predict(drawn[name][pixels.columns]) == drawn[name]["label"]
    print(f"{name}: {read.mean():.1%} are read as the digit that was asked for")

# %%
# Real digits, and both kinds of drawn ones: which are which?

drawn = {"real": pixels.assign(label=label), **drawn}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
for axis, (name, table) in zip(axes, drawn.items(), strict=True):
    rows = [table[table["label"] == digit].iloc[:8] for digit in range(10)]
    images = np.stack(rows)[..., :64].reshape(10, 8, 8, 8)
    axis.imshow(images.transpose(0, 2, 1, 3).reshape(80, 64), cmap="gray_r")
    axis.set(title=name, xticks=[], yticks=[])
plt.show()
