"""A table as the matrix of numbers that some packages take, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def to_matrix(train: pd.DataFrame, meta: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Give numbers as they are, and of categories their place in the sorted ones; missing ones are NaN."""
    columns = []
    for name in train:
        if name in meta["categorical"]:
            place = pd.factorize(train[name], sort=True)[0].astype(float)
            columns.append(np.where(place < 0, np.nan, place))
        else:
            columns.append(train[name].to_numpy(dtype=float, na_value=np.nan))
    return np.column_stack(columns)


def to_table(matrix: npt.NDArray[np.float64], train: pd.DataFrame, meta: dict[str, Any]) -> pd.DataFrame:
    """Give rows of the matrix the categories and types of the training table."""
    columns = {}
    for values, name in zip(matrix.T, train, strict=True):
        if name in meta["categorical"]:
            categories = pd.factorize(train[name], sort=True)[1]
            place = np.nan_to_num(values, nan=-1).round().astype(int)
            column = pd.Series(categories.take(np.clip(place, 0, len(categories) - 1))).mask(place < 0)
        else:
            whole = pd.api.types.is_integer_dtype(train[name].dtype)
            column = pd.Series(np.round(values) if whole else values)
        columns[name] = column.astype(train[name].dtype)
    return pd.DataFrame(columns)


def kinds(train: pd.DataFrame, meta: dict[str, Any]) -> list[str]:
    """Say of each column whether it is "categorical", "integer" or "continuous"."""
    return [
        "categorical" if name in meta["categorical"]
        else "integer" if pd.api.types.is_integer_dtype(train[name].dtype)
        else "continuous"
        for name in train
    ]  # fmt: skip
