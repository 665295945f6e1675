"""A Gaussian copula, of the package sdv: the classical method without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer


def fit(
    train: pd.DataFrame, meta: dict[str, Any], seed: int, **parameters: Any
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit with the package's defaults; it takes no seed."""
    columns = {name: {"sdtype": "categorical"} for name in meta["categorical"]}
    columns |= {name: {"sdtype": "numerical"} for name in meta["numerical"]}
    tables = {"table": {"columns": columns}}
    model = GaussianCopulaSynthesizer(Metadata.load_from_dict({"tables": tables}), **parameters)
    model.fit({"table": train})
    return lambda n: model.sample(n)["table"], {}
