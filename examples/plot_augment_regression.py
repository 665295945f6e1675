"""
More rows where a number is rare
================================

A regression learns least about the values that are rarest. Draw more rows that have such values.
"""

# %%
# The progression of diabetes in 442 people. Few have very low or very high values.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from tabgan import AugmentedRegressor, GANRegressionSampler

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
# In a plain pipeline :class:`~tabgan.augment.AugmentedRegressor` adds the rows within ``fit``. With
# ``amount="auto"`` it takes none unless inner cross-validation speaks for them by more than two standard
# errors.

forest = RandomForestRegressor(50, min_samples_leaf=5, random_state=0)
regressor = AugmentedRegressor(forest, alpha=1.0, cv=3, random_state=0).fit(X, y)
print(regressor.amount_)
regressor.cv_results_.round(3)
