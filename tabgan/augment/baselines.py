"""The baselines that tabgan is compared with: SMOTE for mixed columns, and rare rows repeated."""

from __future__ import annotations

from typing import Any

import numpy as np
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from tabgan.augment.containers import Table, Target
from tabgan.augment.source import rarity_weight
from tabgan.augment.strategy import imbalanced_learn

Seed = int | np.random.RandomState | None
NEIGHBORS = 5


class RareRepeater(BaseEstimator):
    """Repeat half as many rows as there are, those with a rare y more often."""

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """X and y with rows repeated below them."""
        table = Table.of(X)
        target = Target.of(y, table, nominal=False)
        rng = check_random_state(self.random_state)
        weights = rarity_weight(target.values, alpha=1.0)(target.values)
        n = len(table.frame)
        chosen = rng.choice(n, round(0.5 * n), p=weights / weights.sum())
        return table.with_rows(table.frame.iloc[chosen]), target.with_values(target.values.iloc[chosen])


class Smote(BaseEstimator):
    """SMOTE, or SMOTENC where there are categories, of imbalanced-learn on standardised numbers.

    Distances between columns of different units mean little, so numbers are standardised on the way in and
    put back on the way out. A class of up to five rows has fewer neighbours; a class of one row is an error.
    """

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """X and y with interpolated rows below them."""
        samplers = imbalanced_learn("over_sampling")
        table = Table.of(X)
        target = Target.of(y, table, nominal=True)
        is_number = [is_numeric_dtype(d) and not is_bool_dtype(d) for d in table.frame.dtypes]
        numbers = table.frame.columns[is_number]
        categorical = [place for place, number in enumerate(is_number) if not number]
        mean, scale = table.frame[numbers].mean(), table.frame[numbers].std().replace(0, 1)
        standard = table.frame.astype(dict.fromkeys(numbers, float))
        standard[numbers] = (standard[numbers] - mean) / scale
        k = min(NEIGHBORS, int(target.values.value_counts().min()) - 1)
        parameters: dict[str, Any] = {"k_neighbors": k, "random_state": self.random_state}
        if categorical and len(numbers):
            parameters["categorical_features"] = categorical
        smote = getattr(samplers, "SMOTE" if not categorical else "SMOTENC" if len(numbers) else "SMOTEN")(
            **parameters
        )
        more, labels = smote.fit_resample(standard, target.values)
        new = more.iloc[len(standard) :].copy()
        new[numbers] = new[numbers].astype(float) * scale + mean
        for name in numbers:
            if table.frame[name].dtype.kind in "iu":
                new[name] = new[name].round()
        return table.with_rows(new), target.with_values(labels.iloc[len(standard) :])
