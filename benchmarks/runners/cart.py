"""Sequential CART: each column is drawn from a leaf of one tree over the columns before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from benchmarks.runners import forests


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, *, leaf: int = 5
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit a tree a column, in the order of the table, whose leaves hold at least `leaf` rows."""
    return forests.fit(train, meta, seed, n_orders=1, n_trees=1, leaf=leaf, shuffle=False)
