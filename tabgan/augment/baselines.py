"""What tabgan's rows are compared with: real rows repeated, and SMOTE where imbalanced-learn is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from tabgan.augment.containers import Table, Target
from tabgan.augment.source import rarity, topped_up
from tabgan.augment.strategy import rows_to_add

Seed = int | np.random.RandomState | None
NEIGHBORS = 5


def has_imblearn() -> bool:
    """Whether imbalanced-learn is installed."""
    return find_spec("imblearn") is not None


class RowRepeater(BaseEstimator):
    """Bring all classes to the size of the largest by repeating rows at random."""

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """X and y with rows repeated below them."""
        table = Table.of(X)
        target = Target.of(y, table, nominal=True)
        classes, codes = np.unique(target.values.to_numpy(), return_inverse=True)
        wanted = rows_to_add("auto", classes, codes, y)
        new, labels = topped_up({}, wanted, table, target, check_random_state(self.random_state))
        return table.with_rows(new), target.with_values(labels)


class RareRepeater(BaseEstimator):
    """Repeat half as many rows as there are, those with a rare y more often."""

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """X and y with rows repeated below them."""
        table = Table.of(X)
        target = Target.of(y, table, nominal=False)
        rng = check_random_state(self.random_state)
        weights = rarity(target.values, alpha=1.0)(target.values)
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
        from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

        table = Table.of(X)
        target = Target.of(y, table, nominal=True)
        is_number = [is_numeric_dtype(d) and not is_bool_dtype(d) for d in table.frame.dtypes]
        numbers = table.frame.columns[is_number]
        names = [place for place, number in enumerate(is_number) if not number]
        mean, scale = table.frame[numbers].mean(), table.frame[numbers].std().replace(0, 1)
        standard = table.frame.astype(dict.fromkeys(numbers, float))
        standard[numbers] = (standard[numbers] - mean) / scale
        k = min(NEIGHBORS, int(target.values.value_counts().min()) - 1)
        settings = {"k_neighbors": k, "random_state": self.random_state}
        if not names:
            smote = SMOTE(**settings)
        else:
            smote = SMOTEN(**settings) if not len(numbers) else SMOTENC(names, **settings)
        more, labels = smote.fit_resample(standard, target.values)
        new = more.iloc[len(standard) :].copy()
        new[numbers] = new[numbers].astype(float) * scale + mean
        for name in numbers:
            if table.frame[name].dtype.kind in "iu":
                new[name] = new[name].round()
        return table.with_rows(new), target.with_values(labels.iloc[len(standard) :])
