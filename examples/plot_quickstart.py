"""
A synthetic iris table
======================

Fit a table of four measurements and a species, draw new flowers, and look at both.
"""

# %%
# Nothing has to be declared: what each column is, tabgan infers, and says.

from tabgan import TabGAN, load_iris

flowers = load_iris()
model = TabGAN(random_state=0, verbose=0).fit(flowers)
print(model.schema_)
print(model.stop_reason_)

# %%
# Draw as many flowers as there are real ones. The columns and their dtypes are those of the real table.

synthetic = model.sample(len(flowers))
synthetic.head()

# %%
# Each species should lie where the real one does, and be as frequent.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharex=True, sharey=True, layout="constrained")
for axis, (title, table) in zip(axes, {"real": flowers, "synthetic": synthetic}.items(), strict=True):
    for species, group in table.groupby("species"):
        axis.scatter(group["petal_length"], group["petal_width"], s=12, label=f"{species} ({len(group)})")
    axis.set(title=title, xlabel="petal length [cm]", ylabel="petal width [cm]")
    axis.legend()
plt.show()

# %%
# How the fidelity to held-out flowers grew while the networks trained:

model.history_.tail()
