"""
Predict any column
==================

A fitted model predicts each column from the others, without having been told before which one.
"""

# %%
# The model learns 3,000 rows. What it says of others is compared with boosted trees that learned the one
# column from the same rows.

from lightgbm import LGBMClassifier
from sklearn.metrics import roc_auc_score

from tabgan import TabGAN, load_adult

adult = load_adult()
train, test = adult.iloc[:3000], adult.iloc[3000:]
model = TabGAN(max_steps=300, random_state=0, verbose=0).fit(train)

# %%
# The most probable category, and the probability of each.

model.predict(test.head(), "income")

# %%

model.predict_proba(test.head(), "income").round(3)

# %%
# A number is predicted by the mean of its conditional distribution. Other columns may have holes.

model.predict(test.head().assign(occupation=None), "age").round(1)

# %%
# The area under the ROC curve of the model, and of boosted trees.

coded = adult.drop(columns="income").astype(
    dict.fromkeys(adult.select_dtypes(object).drop(columns="income"), "category")
)
trees = LGBMClassifier(random_state=0, n_jobs=1, verbose=-1).fit(coded.iloc[:3000], train["income"])
is_rich = test["income"] == ">50K"
print(f"model: {roc_auc_score(is_rich, model.predict_proba(test, 'income')['>50K']):.3f}")
print(f"trees: {roc_auc_score(is_rich, trees.predict_proba(coded.iloc[3000:])[:, 1]):.3f}")
