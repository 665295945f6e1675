"""
Balance classes in a pipeline of imbalanced-learn
=================================================

Few people in a small census table have a high income. Add synthetic rows of them in a pipeline, so that the
test rows stay real and unseen, and measure whether it helped.
"""

# %%
# 250 people: numbers, categories, and some missing ages.

import warnings

import matplotlib.pyplot as plt
import pandas as pd
from imblearn.pipeline import Pipeline
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tabgan import GANOverSampler, load_adult

people = load_adult().sample(250, random_state=0)
X = people[["age", "education", "marital-status", "hours-per-week", "sex"]].copy()
X.loc[X.index[::10], "age"] = None
y = people["income"]
y.value_counts()

# %%
# The sampler alone: the real rows come first. The synthetic rows have the same columns and dtypes, and
# missing values as well.

sampler = GANOverSampler(random_state=0)
X_more, y_more = sampler.fit_resample(X, y)
print(sampler.sampling_strategy_, sampler.n_synthetic_)
pd.concat([X_more, y_more], axis=1).tail()

# %%
# In a pipeline it comes before the encoder, which is fitted to real and synthetic rows. Each fold of a
# cross-validation fits its own TabGAN to its training rows.

encoder = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object)),
    (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
)
steps = [("encode", encoder), ("classify", LogisticRegression(max_iter=1000))]
pipelines = {
    "real rows only": Pipeline(steps),
    "balanced by tabgan": Pipeline([("balance", GANOverSampler(random_state=0)), *steps]),
    "weighted classes": Pipeline(
        [steps[0], ("classify", LogisticRegression(max_iter=1000, class_weight="balanced"))]
    ),
}
metrics = ["balanced_accuracy", "roc_auc"]
figure, axes = plt.subplots(1, 2, figsize=(9, 2.4), sharey=True, layout="constrained")
for name, pipeline in pipelines.items():
    scores = cross_validate(pipeline, X, y, cv=3, scoring=metrics)
    for axis, metric in zip(axes, metrics, strict=True):
        values = scores[f"test_{metric}"]
        print(f"{name}: {metric} {values.mean():.3f} ± {values.std():.3f}")
        axis.errorbar(values.mean(), name, xerr=values.std(), fmt="o", color="tab:blue")
        axis.set(xlabel=metric.replace("_", " "), xlim=(0.5, 1))
plt.show()

# %%
# Balanced classes move the decision threshold, which balanced accuracy rewards. Class weights do so, too, and
# cost nothing. The area under the ROC curve does not depend on a threshold: it shows whether the rows add
# anything beyond that.
#
# A class of a few rows cannot be learned. By default its rows are repeated, with a warning;
# ``small_classes="error"`` raises an error.

tiny = pd.concat([X[y == "<=50K"], X[y == ">50K"].head(3)])
labels = y.loc[tiny.index]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    GANOverSampler(random_state=0).fit_resample(tiny, labels)
print(caught[-1].message)
