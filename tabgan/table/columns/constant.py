"""Columns in which nothing varies: one value in every row, or no value in any."""

from __future__ import annotations

from tabgan.table.columns.categorical import Categorical
from tabgan.table.columns.facts import ColumnFacts


class Constant(Categorical):
    """One value, or missing, in every row: no block, nothing to learn."""

    kinds = ("constant", "missing")

    def __init__(self) -> None:
        super().__init__()

    def fit_facts(self, facts: ColumnFacts) -> Constant:
        """Remember the value.

        Raises
        ------
        ValueError
            If there is more than one.
        """
        if (n_values := len(facts.categories)) > 1:
            raise ValueError(
                f"column {facts.column.name!r} is not constant, it holds {n_values} values; say another kind"
            )
        super().fit_facts(facts)
        return self
