"""Tables whose values are those of training rows, numbers a little moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def assemble(
    train: pd.DataFrame,
    donors: Mapping[str, npt.NDArray[np.intp]],
    numerical: Sequence[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Build a table whose columns take their values from the rows that `donors` numbers, n of each column."""
    columns = {
        name: moved(train[name], donors[name], rng)
        if name in numerical
        else train[name].iloc[donors[name]].reset_index(drop=True)
        for name in train
    }
    return pd.DataFrame(columns)


def moved(column: pd.Series, donors: npt.NDArray[np.intp], rng: np.random.Generator) -> pd.Series:
    """Take numbers of a column, and move each by up to half the gap to its neighbour, unless it repeats.

    Whole numbers stay whole, and missing ones missing.
    """
    drawn = column.iloc[donors].reset_index(drop=True)
    numbers = drawn.to_numpy(dtype=float, na_value=np.nan)
    values, counts = np.unique(column.dropna().to_numpy(dtype=float), return_counts=True)
    if len(values) < 2:
        return drawn
    place = np.clip(np.searchsorted(values, numbers), 0, len(values) - 1)
    shift = rng.uniform(-0.5, 0.5, len(numbers))
    neighbour = np.clip(place + np.where(shift < 0, -1, 1), 0, len(values) - 1)
    gap = np.where(counts[place] > 1, 0, np.abs(values[neighbour] - values[place]))
    numbers = numbers + shift * gap
    if (values == np.round(values)).all():
        numbers = np.round(numbers)
    return pd.Series(numbers, name=column.name).astype(column.dtype)


def codes(train: pd.DataFrame, numerical: Sequence[str]) -> npt.NDArray[np.float64]:
    """Give numbers as ranks from 0 to 1, ties in the middle, and categories as numbers; missing is -1."""
    columns = []
    for name in train:
        if name in numerical:
            columns.append(train[name].astype(float).rank(pct=True).fillna(-1).to_numpy())
        else:
            columns.append(pd.factorize(train[name], sort=True)[0].astype(float))
    return np.column_stack(columns)


def seeded(seed: int, meta: Mapping[str, Any]) -> tuple[np.random.Generator, list[str]]:
    """Give the random stream of a method, and the columns that are numbers."""
    return np.random.default_rng(seed), list(meta["numerical"])
