"""Constraints that every row obeys: one file a constraint, and the table of them."""

from __future__ import annotations

from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.combinations import FixedCombinations
from tabgan.table.constraints.constant_sum import ConstantSum
from tabgan.table.constraints.inequality import Inequality
from tabgan.table.constraints.missing_together import MissingTogether
from tabgan.table.constraints.onehot import OneHotGroup
from tabgan.table.constraints.predicate import Predicate
from tabgan.table.constraints.range import Range
from tabgan.table.constraints.sums import Sum
from tabgan.table.constraints.unique import Unique

__all__ = [
    "CONSTRAINTS",
    "ConstantSum",
    "Constraint",
    "FixedCombinations",
    "Inequality",
    "MissingTogether",
    "OneHotGroup",
    "Predicate",
    "Range",
    "Sum",
    "Unique",
]

CONSTRAINTS: dict[str, type[Constraint]] = {
    constraint.__name__: constraint
    for constraint in (
        Inequality,
        Range,
        FixedCombinations,
        Sum,
        ConstantSum,
        Unique,
        OneHotGroup,
        MissingTogether,
        Predicate,
    )
}
