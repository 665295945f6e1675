"""What a user is warned of after a fit: by noisy counts alone, so that warnings cost no privacy."""

from __future__ import annotations

import warnings

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
