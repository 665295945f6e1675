"""
Did synthetic rows help?
========================

Compare real rows only with repeated rows, SMOTE and tabgan by cross-validation, and let an estimator choose
by itself how many synthetic rows it takes.
"""

# %%
# Wine of three kinds, one of them rare.

import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tabgan import AugmentedClassifier, augmentation_report

X, y = load_wine(return_X_y=True, as_frame=True)
rare = np.flatnonzero(y == 2)[12:]
X, y = X.drop(index=rare).reset_index(drop=True), y.drop(index=rare).reset_index(drop=True)
estimator = make_pipeline(StandardScaler(), LogisticRegression())

# %%
# Each split makes its synthetic rows from its own training part; the scores are those of real rows that
# nobody saw. The test of the differences knows that training parts overlap.

report = augmentation_report(X, y, estimator, n_splits=3, n_repeats=1, random_state=0, verbose=0)
print(report)

# %%
# An interval that reaches over zero means: no difference was found.

report.plot()

# %%
# In a plain scikit-learn pipeline no step may add rows. :class:`~tabgan.augment.AugmentedClassifier` adds
# them within its own ``fit``, and chooses how many by an inner cross-validation in which none is a choice,
# too.

classifier = AugmentedClassifier(estimator, scoring="balanced_accuracy", cv=3, random_state=0).fit(X, y)
print(classifier.amount_, classifier.n_synthetic_)
classifier.cv_results_.round(3)
