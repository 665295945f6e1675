"""
Classic 7: a map of flowers
===========================

The other classic generator of rows, a variational autoencoder: it learns not only to make rows, but also
where each row belongs on a map.
"""

# %%
# A latent space of two dimensions can be looked at; a small weight of the divergence gives the map more room.
# Nothing else is needed: `TabVAE` has the table's side, and the methods, of `TabGAN`.

from tabgan import TabVAE, load_iris
from tabgan.adversarial.networks import Autoencoder

flowers = load_iris()
model = TabVAE(
    backbone=Autoencoder(latent_dim=2), kl_weight=0.2, max_steps=1500, random_state=0, verbose=0
).fit(flowers)
points = model.encode(flowers)

# %%
# The model was never told that the species is what matters; yet each has a region of the map, and straight
# lines between them are right for more than nine flowers in ten.

from sklearn.linear_model import LogisticRegression

right = LogisticRegression().fit(points, flowers["species"]).score(points, flowers["species"])
print(f"species read off the map: {right:.0%}")
assert right > 0.9

# %%
# On the left the flowers, each at its point. On the right, what the decoder makes of every place of the map:
# from short petals to long ones, everything changes step by step.

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
# New flowers are decoded from standard normal points. Each cell is drawn from a distribution of its own, so
# that rows are a little noisier than real ones: the specks on the right. A GAN has no such noise.

model.sample(5, random_state=0)
