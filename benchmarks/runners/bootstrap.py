"""A copy: training rows drawn with replacement, to show what figures a copy gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Nothing is learned."""
    rng = np.random.default_rng(seed)

    def sample(n: int) -> pd.DataFrame:
        return train.iloc[rng.integers(len(train), size=n)].reset_index(drop=True)

    return sample, {}
