"""How many rows each class shall get: imbalanced-learn's strategies, and shares of a given number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Strategy = str | float | Mapping[Any, int] | Callable[[Any], Mapping[Any, int]]


def imbalanced_learn(module: str) -> Any:
    """A module of imbalanced-learn, which the conventions of oversampling are from.

    Raises
    ------
    ImportError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(f"imblearn.{module}")
    except ImportError as error:
        raise ImportError(
            "oversampling of classes needs imbalanced-learn: pip install 'tabgan-torch[augment]'"
        ) from error


def rows_to_add(strategy: Strategy, y: pd.Series) -> dict[Any, int]:
    """Say how many rows a sampling strategy asks to add to each class of `y`.

    Raises
    ------
    ValueError
        By imbalanced-learn, if there is one class only, or the strategy does not fit the classes.
    """
    return dict(imbalanced_learn("utils").check_sampling_strategy(strategy, y.to_numpy(), "over-sampling"))


def in_proportion(counts: NDArray[np.int64], n_new: int) -> NDArray[np.int64]:
    """Split `n_new` rows over classes as their counts (n_classes,) are; the largest remainders round up.

    Examples
    --------
    >>> in_proportion(np.array([70, 20, 10]), 11)
    array([8, 2, 1])
    """
    exact = counts * (n_new / counts.sum())
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: n_new - whole.sum()]] += 1
    return whole
