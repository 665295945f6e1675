"""
Classic 5: digits by convolutions
=================================

The same digits by DCGAN, whose convolutions use which pixels are neighbours. Only the backbone changes.
"""

# %%
# The table of the previous example, and a classifier of digits.

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tabgan import Adam, TabGAN, Validation
from tabgan.adversarial.networks import DCGAN, MLP
from tabgan.table import Continuous

pixels, label = load_digits(return_X_y=True, as_frame=True)
pixels, label = pixels.astype(int), label.rename("label")
reader = SVC().fit(pixels, label)

# %%
# Fit it with both backbones, and sample every digit. Perceptrons see 64 unordered numbers. DCGAN has the
# objective of its paper, the perceptrons have the default objective.

networks = {
    "perceptrons": {
        "backbone": MLP(generator=(128, 256), critic=(256, 128), octaves=0, batch_norm=True, latent_dim=100),
        "max_steps": 1500,
    },
    "convolutions": {
        "backbone": DCGAN(shape=(1, 8, 8), channels=(32, 16), latent_dim=100),
        "objective": "non-saturating",
        "optimizer": Adam(betas=(0.5, 0.999)),
        "max_steps": 800,
    },
}
tables = {"real": pixels.assign(label=label)}
for name, parameters in networks.items():
    model = TabGAN(
        columns=dict.fromkeys(pixels, Continuous("minmax", spike_share=math.inf)),
        **parameters,
        batch_size=128,
        validation=Validation(fraction=0),
        refine=False,
        random_state=0,
        verbose=0,
    ).fit(pixels, label)
    drawn = pd.concat([model.sample(100, given={"label": digit}) for digit in range(10)], ignore_index=True)
    read = (reader.predict(drawn[pixels.columns]) == drawn["label"]).groupby(drawn["label"]).mean()
    print(f"{name}: {read.mean():.1%} are classified as their label, {read.min():.0%} of the worst digit")
    assert read.mean() >= 0.9
    assert read.min() > 0.5
    tables[name] = drawn

# %%
# Real digits and both kinds of synthetic ones:

figure, axes = plt.subplots(1, 3, figsize=(10, 4.4), layout="constrained")
for axis, (name, table) in zip(axes, tables.items(), strict=True):
    images = np.stack([table[table["label"] == digit].sample(8, random_state=0) for digit in range(10)])
    framed = np.pad(images[..., :64].reshape(10, 8, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1)))
    axis.imshow(framed.transpose(0, 2, 1, 3).reshape(100, 80), cmap="gray_r")
    axis.set(title=name)
    axis.set_axis_off()
plt.show()
