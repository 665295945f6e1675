"""
Classic 2: fifty flowers
========================

Four measurements of fifty iris setosa, and networks that are small enough for them.
"""

# %%
# The table, and the networks of the tutorial: the numbers scaled to [-1, 1], a generator with tanh inside, a
# critic with leaky rectifiers, Adam as it is usual for GANs since DCGAN.

from tabgan import TabGAN, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.table import Continuous

flowers = load_iris()
setosa = flowers[flowers["species"] == "setosa"].drop(columns="species")

model = TabGAN(
    columns={name: Continuous("minmax", spike_share=2) for name in setosa},  # 2: no number is a state apart
    backbone=MLP(generator=(16, 32), critic=(32, 16), octaves=0, two_stage=False, activation="tanh"),
    objective="non-saturating",
    latent_dim=10,
    batch_size=50,
    learning_rate=2e-4,
    critic_learning_rate=2e-4,
    betas=(0.5, 0.999),
    max_steps=5000,
    validation_fraction=0,
    refine=False,
    random_state=0,
    verbose=0,
).fit(setosa)

# %%
# The test of Kolmogorov and Smirnov: could both tables come from one law? A small p-value would say no. (tabgan
# puts the law of every single column right after training, so that what is left to learn is how columns go
# together; large p-values are therefore no surprise.)

from scipy.stats import ks_2samp

drawn = model.sample(200)
for name in setosa:
    print(f"{name}: p = {ks_2samp(setosa[name], drawn[name]).pvalue:.2f}")

# %%
# The four histograms.

import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(1, 4, figsize=(11, 3), sharey=True, layout="constrained")
for axis, name in zip(axes, setosa, strict=True):
    edges = np.linspace(setosa[name].min() - 0.05, setosa[name].max() + 0.05, 9)
    axis.hist([setosa[name], drawn[name]], edges, density=True, label=["real", "synthetic"])
    axis.set(xlabel=name.replace("_", " ") + " [cm]", yticks=[])
axes[0].legend()
plt.show()

# %%
# None of these settings is needed: the defaults learn all three species, the names included.

everything = TabGAN(random_state=0, verbose=0).fit(flowers).sample(200)
for name in everything.columns[:4]:
    print(f"{name}: p = {ks_2samp(flowers[name], everything[name]).pvalue:.2f}")
everything["species"].value_counts()
