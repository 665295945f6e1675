"""What is asked of sampled rows, beyond how many and from which seed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.containers import as_pandas
from tabgan.sampling.shares import Balance


@dataclass(frozen=True)
class SampleRequest:
    """The arguments of `sample` beside `n_samples` and the seed, checked as far as no model is needed.

    Parameters
    ----------
    given, balance, missing, exclude_copies, min_distance
        As in :meth:`tabgan.TabGAN.sample`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of its range, or two of them contradict each other.
    """

    given: Mapping[Hashable, Any] | str | pd.DataFrame | None = None
    balance: Balance | None = None
    missing: bool = True
    exclude_copies: bool = False
    min_distance: float = 0.0

    def __post_init__(self) -> None:
        given = as_pandas(self.given)
        object.__setattr__(self, "given", given)
        if not isinstance(given, Mapping | str | pd.DataFrame | None):
            raise TypeError(
                "given must be a mapping of column names to values, an expression, or a frame of rows to "
                f"complete, got {type(given).__name__}"
            )
        if isinstance(given, pd.DataFrame) and (self.balance is not None or not self.missing):
            raise ValueError("balance and missing have no meaning where given is a frame, row by row")
        if not 0 <= self.min_distance <= 1:
            raise ValueError(f"min_distance must lie between 0 and 1, got {self.min_distance!r}")

    def n_rows(self, n_samples: int | None) -> int:
        """Check `n_samples`; left out, it is one row, or as many as there are to complete."""
        n_given = len(self.given) if isinstance(self.given, pd.DataFrame) else None
        if n_samples is None:
            return 1 if n_given is None else n_given
        n_rows = whole_number("n_samples", n_samples, 0)
        if n_given not in (None, n_rows):
            raise ValueError(f"n_samples is {n_rows}, but given has {n_given} rows to complete; leave it out")
        return n_rows


def whole_number(name: str, value: Any, least: int) -> int:
    """Give an argument as an int, or say what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)
