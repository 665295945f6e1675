"""UnmaskingTrees (McCarter 2024, *Unmasking trees for tabular data*) of the package utrees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from utrees import UnmaskingTrees

from benchmarks.runners.matrix import kinds, to_matrix, to_table


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults where `parameters` says nothing else."""
    model = UnmaskingTrees(random_state=seed, **parameters)
    model.fit(to_matrix(train, meta), quantize_cols=kinds(train, meta))
    return lambda n: to_table(model.generate(n), train, meta), {}
