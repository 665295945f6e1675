"""Rules that every row obeys: one file a rule, and the table of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tabgan.table.expression import Expression
from tabgan.table.rule import Rule
from tabgan.table.rules.bounds import Range
from tabgan.table.rules.combinations import FixedCombinations
from tabgan.table.rules.inequality import Inequality
from tabgan.table.rules.onehot import OneHotGroup
from tabgan.table.rules.predicate import Predicate
from tabgan.table.rules.sums import Sum
from tabgan.table.rules.unique import Unique

__all__ = [
    "RULES",
    "FixedCombinations",
    "Inequality",
    "OneHotGroup",
    "Predicate",
    "Range",
    "Rule",
    "Sum",
    "Unique",
    "read_rules",
    "rule_from_dict",
]


def read_rules(given: Iterable[Rule | str | Callable[..., Any]] | None) -> list[Rule]:
    """Make rules of what a user may write for them: rules, expressions, functions of a frame.

    Raises
    ------
    ValueError, TypeError
        If one is none of these.
    """
    if isinstance(given, str | Rule) or callable(given):
        raise TypeError(f"constraints are given as a list, got {given!r}; put it in brackets")
    return [_read(rule) for rule in given or ()]


def rule_from_dict(data: Mapping[str, Any]) -> Rule:
    """Undo `Rule.to_dict`."""
    return RULES[data["rule"]].from_dict(data)


def _read(given: Any) -> Rule:
    """An expression that says ``a <= b`` or ``a + b == c`` is a rule that rows can be built by."""
    if isinstance(given, Rule):
        return given
    if not isinstance(given, str):
        return Predicate(given)
    expression = Expression(given)
    tree = expression.tree
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        left, sign, right = tree.left, tree.ops[0], tree.comparators[0]
        low, high = expression.name(left), expression.name(right)
        if low is not None and high is not None and isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            strict = isinstance(sign, ast.Lt | ast.Gt)
            rising = isinstance(sign, ast.Lt | ast.LtE)
            return Inequality(low, high, strict) if rising else Inequality(high, low, strict)
        if isinstance(sign, ast.Eq):
            for total, parts in ((high, _summands(expression, left)), (low, _summands(expression, right))):
                if total is not None and len(set(parts)) == len(parts) > 1 and total not in parts:
                    return Sum(parts, total)
    return Predicate(given)


def _summands(expression: Expression, tree: ast.AST) -> list[str]:
    """The columns that are added up, none if there is anything else."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        sides = [_summands(expression, side) for side in (tree.left, tree.right)]
        return sides[0] + sides[1] if all(sides) else []
    name = expression.name(tree)
    return [] if name is None else [name]


RULES: dict[str, type[Rule]] = {
    rule.__name__: rule
    for rule in (Inequality, Range, FixedCombinations, Sum, Unique, OneHotGroup, Predicate)
}
