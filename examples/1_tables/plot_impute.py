"""
Fill holes
==========

A fitted model fills the holes of rows: each with a draw from its conditional distribution given what the row
has. Several imputations show what the row leaves open.
"""

# %%
# A fifth of the values of adult is removed at random.

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from tabgan import TabGAN, TabGANImputer, load_adult

adult = load_adult().iloc[:2000]
removed = np.random.default_rng(0).random(adult.shape) < 0.2
rows = adult.mask(removed)

# %%
# The model learns the table with its holes, and fills them. Known values, index and dtypes stay.

model = TabGAN(max_steps=300, random_state=0, verbose=0).fit(rows)
filled = model.impute(rows, random_state=0)
filled.head()

# %%
# A single imputation has the spread of the real values, where a mean has none. Of several, the least and the
# greatest of m enclose the truth with a probability of (m - 1) / (m + 1): of 19 in nine cases out of ten.

imputations = model.impute(rows, n_imputations=19, random_state=0)
gone = rows["age"].isna()
ages = np.stack([frame.loc[gone, "age"] for frame in imputations])
truth = adult.loc[gone, "age"]
print(f"standard deviation: {truth.std():.1f} of the truth, {filled.loc[gone, 'age'].std():.1f} of one draw")
print(f"enclosed: {((ages.min(axis=0) <= truth) & (truth <= ages.max(axis=0))).mean():.0%}")

# %%
# Not every age is equally open: the draws for a husband and for a child are far apart.

drawn = pd.DataFrame(ages.T, index=truth.index)
print(drawn.groupby(rows.loc[gone, "relationship"]).mean().mean(axis=1).round(1))

# %%
# In a pipeline of scikit-learn, :class:`~tabgan.TabGANImputer` learns the training part of each fold alone.

X, y = rows.drop(columns="income"), adult["income"]
codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
pipeline = make_pipeline(
    TabGANImputer(TabGAN(max_steps=100, random_state=0, verbose=0), random_state=0).set_output(
        transform="pandas"
    ),
    make_column_transformer((codes, make_column_selector(dtype_include=object)), remainder="passthrough"),
    HistGradientBoostingClassifier(random_state=0),
)
cross_validate(pipeline, X, y, cv=3, scoring="roc_auc")["test_score"].round(3)
