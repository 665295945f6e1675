"""Adversarial random forests of the package arfpy.

Watson et al. 2023, *Adversarial random forests for density estimation and generative modeling*. It
knows no missing values: rows that have one are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from arfpy import arf


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults; it draws from NumPy's global random state."""
    np.random.seed(seed)  # noqa: NPY002
    complete = train.dropna().reset_index(drop=True)
    text = complete.astype(dict.fromkeys(meta["categorical"], str))
    model = arf.arf(x=text.astype(dict.fromkeys(meta["numerical"], float)), verbose=False, **parameters)
    model.forde()

    def sample(n: int) -> pd.DataFrame:
        return typed(model.forge(n=n), complete, meta)

    return sample, {"rows_used": len(complete)}


def typed(rows: pd.DataFrame, train: pd.DataFrame, meta: dict[str, Any]) -> pd.DataFrame:
    """Give rows of floats and text the types of the training table."""
    columns = {}
    for name in train:
        if name in meta["categorical"]:
            values = {str(value): value for value in train[name].unique()}
            columns[name] = rows[name].astype(str).map(values).astype(train[name].dtype)
        elif pd.api.types.is_integer_dtype(train[name].dtype):
            columns[name] = rows[name].astype(float).round().astype(train[name].dtype)
        else:
            columns[name] = rows[name].astype(train[name].dtype)
    return pd.DataFrame(columns).reset_index(drop=True)
