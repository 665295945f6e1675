"""
A synthetic iris table
======================

Fit a table of four measurements and a species, sample new flowers, and compare both.
"""

# %%
# Column types are inferred, each with a reason.

from tabgan import TabGAN, load_iris

flowers = load_iris()
model = TabGAN(random_state=0, verbose=0).fit(flowers)
print(model.schema_)
print(model.stop_reason_)

# %%
# Sample a table of the same size. It has the columns and dtypes of the real table.

synthetic = model.sample(len(flowers))
synthetic.head()

# %%
# Each species should have the location and the frequency of the real one. Fifty flowers of a species teach
# the outline of its cloud, and not its edge: a few synthetic flowers may lie between the clouds, where no
# real one is.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharex=True, sharey=True, layout="constrained")
for axis, (title, table) in zip(axes, {"real": flowers, "synthetic": synthetic}.items(), strict=True):
    for species, group in table.groupby("species"):
        axis.scatter(group["petal_length"], group["petal_width"], s=12, label=f"{species} ({len(group)})")
    axis.set(title=title, xlabel="petal length [cm]", ylabel="petal width [cm]")
    axis.legend()
plt.show()

# %%
# The fidelity on the validation set during training:

model.history_.tail()
