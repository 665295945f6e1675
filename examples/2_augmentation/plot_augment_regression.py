"""
Oversampling for regression
===========================

A regression learns least about rare values of the target. Sample more rows that have such values.
"""

# %%
# The progression of diabetes in 442 people. Very low and very high values are rare.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from tabgan import AugmentedRegressor, GANRegressionSampler, Privacy, TabGAN

X, y = load_diabetes(return_X_y=True, as_frame=True)
sampler = GANRegressionSampler(amount=0.5, alpha=1.0, random_state=0)
X_more, y_more = sampler.fit_resample(X, y)
new = y_more.iloc[len(y) :]

figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
bins = np.linspace(0, 370, 25)
axes.hist([y, new], bins, stacked=True, label=[f"real ({len(y)})", f"synthetic ({len(new)})"])
axes.set(xlabel="progression", ylabel="people")
axes.legend()
plt.show()

# %%
# In a scikit-learn pipeline, :class:`~tabgan.augment.AugmentedRegressor` adds the rows within ``fit``. With
# ``amount="auto"`` it adds none unless the gain in inner cross-validation exceeds two standard errors. That
# takes seven models, here with a quarter of the usual steps.

model = TabGAN(max_steps=200, privacy=Privacy(protect=None), verbose=0)
forest = RandomForestRegressor(50, min_samples_leaf=5, random_state=0)
regressor = AugmentedRegressor(forest, alpha=1.0, model=model, cv=3, random_state=0).fit(X, y)
print(regressor.amount_)
regressor.cv_results_.round(3)
