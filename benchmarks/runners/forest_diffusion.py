"""Forest-Flow of the package ForestDiffusion.

Jolicoeur-Martineau et al. 2024, *Generating and imputing tabular data via diffusion and flow-based
gradient-boosted trees*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from ForestDiffusion import ForestDiffusionModel

from benchmarks.runners.matrix import kinds, to_matrix, to_table


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults, one process; it draws from NumPy's global random state."""
    kind = kinds(train, meta)
    two = [train[name].nunique() == 2 for name in train]
    indexes = {
        "bin_indexes": [k for k, name in enumerate(kind) if name == "categorical" and two[k]],
        "cat_indexes": [k for k, name in enumerate(kind) if name == "categorical" and not two[k]],
        "int_indexes": [k for k, name in enumerate(kind) if name == "integer"],
    }
    model = ForestDiffusionModel(to_matrix(train, meta), seed=seed, n_jobs=1, **indexes, **parameters)
    return lambda n: to_table(model.generate(batch_size=n), train, meta), {}
