"""SMOTE as a synthesiser: rows between a training row and one of its nearest neighbours.

(Chawla et al. 2002, *SMOTE: synthetic minority over-sampling technique*, of all rows, the target included.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from benchmarks.runners.values import seeded


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, *, n_neighbours: int = 5
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Find the neighbours by standardised numbers and one-hot categories; draw a category of either row."""
    rng, numerical = seeded(seed, meta)
    numbers = train[numerical].astype(float)
    scaled = ((numbers - numbers.mean()) / numbers.std().replace(0, 1)).fillna(0)
    rest = [name for name in train if name not in numerical]
    spread = (
        pd.get_dummies(train[rest].astype(str)).astype(float) if rest else pd.DataFrame(index=train.index)
    )
    space = np.hstack([scaled.to_numpy(), spread.to_numpy()])
    k = min(n_neighbours, len(train) - 1)
    neighbours = NearestNeighbors(n_neighbors=k).fit(space).kneighbors(return_distance=False)

    def sample(n: int) -> pd.DataFrame:
        first = rng.integers(len(train), size=n)
        second = neighbours[first, rng.integers(k, size=n)]
        share = rng.random(n)
        columns = {}
        for name in train:
            if name in numerical:
                values = numbers[name].to_numpy()
                between = values[first] + share * (values[second] - values[first])
                whole = pd.api.types.is_integer_dtype(train[name].dtype)
                columns[name] = pd.Series(np.round(between) if whole else between).astype(train[name].dtype)
            else:
                nearer = np.where(share < 0.5, first, second)
                columns[name] = train[name].iloc[nearer].reset_index(drop=True)
        return pd.DataFrame(columns)

    return sample, {}
