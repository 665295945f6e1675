"""tabgan itself; nothing of the table is declared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pandas as pd

from tabgan import TabGAN
from tabgan.adversarial.generator.sampler import STAGES


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, without: Collection[str] = (), **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the given parameters of `TabGAN`; every sample starts from the same seed.

    For an ablation, the stages behind the networks that are named in `without` are left out of this process.

    Raises
    ------
    ValueError
        If there is no stage of such a name.
    """
    if unknown := set(without) - set(STAGES[True]):
        raise ValueError(
            f"no stage is named {', '.join(sorted(unknown))}; there are {', '.join(STAGES[True])}"
        )
    STAGES[True] = tuple(name for name in STAGES[True] if name not in without)
    model = TabGAN(random_state=seed, verbose=0).set_params(**parameters).fit(train)
    notes = {"steps": model.n_iter_, "stop_reason": model.stop_reason_}
    return lambda n: model.sample(n, random_state=seed), notes
