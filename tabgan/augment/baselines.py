"""The baselines that tabgan is compared with: SMOTE for mixed columns, and rare rows repeated."""

from __future__ import annotations

from typing import Any

import numpy as np
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from tabgan.augment.containers import New, Rows, Seed
from tabgan.augment.resampler import Resampler, imbalanced_learn
from tabgan.augment.source import rarity

NEIGHBORS = 5


class RareRepeater(Resampler):
    """Repeat half as many rows as there are, those with a rare y more often."""

    NOMINAL = False

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        weights = rarity(rows.target, rows.target, alpha=1.0)
        n = len(rows.frame)
        chosen = rng.choice(n, round(0.5 * n), p=weights / weights.sum())
        return rows.frame.iloc[chosen], rows.target.iloc[chosen]


class Smote(Resampler):
    """SMOTE, or SMOTENC where there are categories, of imbalanced-learn on standardised numbers.

    Distances between columns of different units mean little, so numbers are standardised on the way in and
    put back on the way out. A class of up to five rows has fewer neighbours; a class of one row is an error.
    """

    NOMINAL = True

    def __init__(self, random_state: Seed = None) -> None:
        self.random_state = random_state

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        is_number = np.array([is_numeric_dtype(d) and not is_bool_dtype(d) for d in rows.frame.dtypes])
        numbers = rows.frame.columns[is_number]
        mean, scale = rows.frame[numbers].mean(), rows.frame[numbers].std().replace(0, 1)
        standard = rows.frame.astype(dict.fromkeys(numbers, float))
        standard[numbers] = (standard[numbers] - mean) / scale
        k = min(NEIGHBORS, int(rows.target.value_counts().min()) - 1)
        parameters: dict[str, Any] = {"k_neighbors": k, "random_state": rng}
        if is_number.any() and not is_number.all():
            parameters["categorical_features"] = np.flatnonzero(~is_number)
        name = "SMOTE" if is_number.all() else "SMOTENC" if is_number.any() else "SMOTEN"
        smote = getattr(imbalanced_learn("over_sampling"), name)(**parameters)
        more, labels = smote.fit_resample(standard, rows.target)
        new = more.iloc[len(standard) :].copy()
        new[numbers] = new[numbers].astype(float) * scale + mean
        for name in numbers:
            if rows.frame[name].dtype.kind in "iu":
                new[name] = new[name].round()
        return new, labels.iloc[len(standard) :]
