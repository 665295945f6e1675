"""What a user is warned of after a fit: by noisy counts alone, so that warnings cost no privacy."""

from __future__ import annotations

import warnings
from collections.abc import Container, Hashable, Iterable, Mapping
from typing import Any

import pandas as pd

from tabgan.private.domain import Column, Numbers
from tabgan.private.measurement import Measurement

# standard deviations, and share of the rows, from which undeclared values are spoken of
SURE, MANY = 4.0, 0.01


def warn(measured: Measurement, noise: str) -> None:
    """Warn, by noisy counts, of values that were not declared; and of noise that protects nothing."""
    if noise == "random_state":
        warnings.warn(
            "the noise of this model comes from random_state: it can be drawn again and taken away, so that "
            'nothing is protected; fit with noise="system" before anything is given out',
            UserWarning, stacklevel=3,
        )  # fmt: skip
    for column in measured.columns:
        if column.outside > max(SURE * column.sigma, MANY * measured.n_rows):
            warnings.warn(
                f"column {column.coder.name!r}: about {column.outside:,.0f} of {measured.n_rows:,.0f} rows "
                "(noisy counts) hold values that were not declared, and are in none of its tables; add "
                "these, or None if values may be missing",
                UserWarning, stacklevel=3,
            )  # fmt: skip


def warn_of_rounding(
    columns: Iterable[Column], stored: Mapping[Hashable, Any], declared: Container[Hashable]
) -> None:
    """Warn of columns stored as floats whose bounds say that they are whole, if no dtype is declared."""
    for column in columns:
        if not isinstance(column, Numbers) or column.content != "integer" or column.has_missing:
            continue
        if column.name not in declared and pd.api.types.is_float_dtype(stored[column.name]):
            warnings.warn(
                f"column {column.name!r} is stored as {stored[column.name]}, and bounds that are whole "
                f"numbers make whole numbers of it; for others write bounds={{{column.name!r}: "
                f"({column.low}.0, {column.high}.0)}}, or declare its dtype",
                UserWarning, stacklevel=3,
            )  # fmt: skip
