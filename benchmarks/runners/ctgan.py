"""CTGAN (Xu et al. 2019, Modeling Tabular Data using Conditional GAN) of the package ctgan.

It has to be told which columns are categories; `meta` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from ctgan import CTGAN


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults where `parameters` says nothing else."""
    model = CTGAN(**parameters)
    model.set_random_state(seed)
    model.fit(train, discrete_columns=meta["categorical"])
    return model.sample, {}
