"""What is promised: epsilon, delta, the unit of protection, what is not covered, and the ledger behind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from tabgan.private.accountant import epsilon_of
from tabgan.private.curator import Line

UNIT = "one row: tables that differ by one row more or less are hardly distinguished"
NOT_COVERED = (
    "the names of columns, and their bounds, categories, dtypes and constraints, which the user declared",
    "the choice of parameters, and other fits of the same rows: their budgets add up",
    "persons with several rows: k rows of one cost k times epsilon, and more in delta",
    "figures that compare samples with real rows, such as those of evaluate",
)


@dataclass(frozen=True)
class Guarantee:
    """Differential privacy of a fitted model, and so of all that is made of it.

    Parameters
    ----------
    epsilon, delta : float
        What was spent, as (epsilon, delta)-differential privacy.
    rho : float
        The same in zero-concentrated differential privacy.
    noise : {"system", "random_state"}
        Where it came from. Noise of a known seed protects nothing.
    ledger : tuple of Line
        All uses of the data.
    """

    epsilon: float
    delta: float
    rho: float
    noise: str
    ledger: tuple[Line, ...]

    @classmethod
    def of(cls, ledger: Sequence[Line], delta: float, noise: str) -> Guarantee:
        """Add up a ledger."""
        rho = sum(line.rho for line in ledger)
        return cls(epsilon_of(rho, delta), delta, rho, noise, tuple(ledger))

    def statement(self) -> dict[str, Any]:
        """Give all but the ledger as JSON-able data."""
        return {
            "epsilon": self.epsilon,
            "delta": self.delta,
            "rho": self.rho,
            "unit": UNIT,
            "noise": self.noise,
            "not_covered": list(NOT_COVERED),
        }

    def to_frame(self) -> pd.DataFrame:
        """Give the ledger as a table, a row a use of the data."""
        return pd.DataFrame(
            [asdict(line) for line in self.ledger], columns=[each.name for each in fields(Line)]
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as JSON-able data; a choice has no sigma."""
        lines = [
            [None if value != value else value for value in asdict(line).values()] for line in self.ledger
        ]
        return {
            **self.statement(),
            "ledger": {"columns": [each.name for each in fields(Line)], "lines": lines},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Guarantee:
        """Undo `to_dict`."""
        names = data["ledger"]["columns"]
        ledger = []
        for values in data["ledger"]["lines"]:
            line: dict[str, Any] = dict(zip(names, values, strict=True))
            ledger.append(Line(**{**line, "sigma": math.nan if line["sigma"] is None else line["sigma"]}))
        return cls(data["epsilon"], data["delta"], data["rho"], data["noise"], tuple(ledger))
