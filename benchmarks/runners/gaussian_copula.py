"""A Gaussian copula of all columns: normal scores with one correlation matrix, and the real marginals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from benchmarks.runners.values import assemble, codes, seeded


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit the correlation of normal scores; equal values share an interval of scores at random."""
    rng, numerical = seeded(seed, meta)
    n_rows = len(train)
    known = codes(train, numerical)
    ties = rng.random(known.shape)
    orders = [np.lexsort((tie, column)) for tie, column in zip(ties.T, known.T, strict=True)]
    ranks = np.column_stack([np.argsort(order) for order in orders])
    scores = ndtri((ranks + 0.5) / n_rows)
    correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))

    def sample(n: int) -> pd.DataFrame:
        normal = rng.multivariate_normal(np.zeros(len(orders)), correlation, size=n, method="eigh")
        places = np.minimum((ndtr(normal) * n_rows).astype(np.intp), n_rows - 1)
        donors = {
            name: order[place] for name, order, place in zip(train, orders, places.T, strict=True)
        }  # fmt: skip
        return assemble(train, donors, numerical, rng)

    return sample, {}
