"""
Classic 7: a variational autoencoder
====================================

The other classic generative model: it learns to generate rows, and also to encode each row as a point of the
latent space.
"""

# %%
# A latent space of two dimensions can be plotted. A small weight of the Kullback-Leibler divergence spreads
# the points. Nothing else is needed: `TabVAE` handles tables as `TabGAN` does, and has the same methods.

from tabgan import TabVAE, load_iris
from tabgan.adversarial.networks import Autoencoder

flowers = load_iris()
model = TabVAE(
    backbone=Autoencoder(latent_dim=2), kl_weight=0.2, max_steps=1500, random_state=0, verbose=0
).fit(flowers)
points = model.encode(flowers)

# %%
# To the model the species is a column like the others. Yet each has its region of the latent space, and a
# linear classifier is right for more than nine flowers in ten.

from sklearn.linear_model import LogisticRegression

right = LogisticRegression().fit(points, flowers["species"]).score(points, flowers["species"])
print(f"species predicted from the latent points: {right:.0%}")
assert right > 0.9

# %%
# On the left, the flowers at their latent points. On the right, the decoded rows of a grid of latent points:
# from short petals to long ones, the change is gradual.

import matplotlib.pyplot as plt
import numpy as np

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), sharex=True, sharey=True, layout="constrained")
for name, rows in flowers.groupby("species").indices.items():
    left.scatter(*points[rows].T, s=14, label=name)
left.legend(title="real flowers")
grid = np.stack(np.meshgrid(np.linspace(-3, 3, 50), np.linspace(-3, 3, 50)), -1).reshape(-1, 2)
length = model.decode(grid, random_state=0)["petal_length"]
shown = right.scatter(*grid.T, c=length, s=14, marker="s", cmap="viridis")
figure.colorbar(shown, label="petal length of decoded rows [cm]")
for axis in (left, right):
    axis.set(xlabel="first latent coordinate", ylabel="second", aspect="equal")
plt.show()

# %%
# New flowers are decoded from standard normal points. Each value is drawn independently, given the latent
# point, so that rows are noisier than real ones: the specks on the right. A GAN has no such noise.

model.sample(5, random_state=0)
