"""tabgan itself; nothing of the table is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from tabgan import TabGAN


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the given parameters of `TabGAN`; every sample starts from the same seed."""
    model = TabGAN(random_state=seed, verbose=0).set_params(**parameters).fit(train)
    notes = {"steps": model.n_iter_, "stop_reason": model.stop_reason_}
    return lambda n: model.sample(n, random_state=seed), notes
