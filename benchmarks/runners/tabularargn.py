"""TabularARGN, the autoregressive network of the package mostlyai-engine; nothing of the table is declared.

Its value protection is on by default and stays on: rare categories and extreme numbers are replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from mostlyai.engine import TabularARGN


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults where `parameters` says nothing else."""
    model = TabularARGN(random_state=seed, **parameters)
    model.fit(train)
    return lambda n: model.sample(n_samples=n), {}
