"""From what a user may write for a constraint, or a file holds of one, to the constraint."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tabgan.table.constraints import CONSTRAINTS
from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.constant_sum import ConstantSum
from tabgan.table.constraints.expression import Expression
from tabgan.table.constraints.inequality import Inequality
from tabgan.table.constraints.predicate import Predicate
from tabgan.table.constraints.sums import Sum


def parse_constraints(given: Iterable[Constraint | str | Callable[..., Any]] | None) -> list[Constraint]:
    """Make constraints of what a user may write for them: constraints, expressions, functions of a frame.

    Raises
    ------
    ValueError, TypeError
        If one is none of these.
    """
    if isinstance(given, str | Constraint) or callable(given):
        raise TypeError(f"constraints are given as a list, got {given!r}; put it in brackets")
    return [_read(constraint) for constraint in given or ()]


def constraint_from_dict(data: Mapping[str, Any]) -> Constraint:
    """Undo `Constraint.to_dict`."""
    return CONSTRAINTS[data["constraint"]].from_dict(data)


def _read(given: Any) -> Constraint:
    """Of an expression such as ``a <= b`` or ``a + b == c``, make a constraint that rows can be built by."""
    if isinstance(given, Constraint):
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
            for side, parts in ((right, _summands(expression, left)), (left, _summands(expression, right))):
                number = side.value if isinstance(side, ast.Constant) else None
                is_number = isinstance(number, int | float) and not isinstance(number, bool)
                if is_number and len(set(parts)) == len(parts) > 1:
                    return ConstantSum(parts, float(str(number)))
    return Predicate(given)


def _summands(expression: Expression, tree: ast.AST) -> list[str]:
    """The columns that are added up, none if there is anything else."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        sides = [_summands(expression, side) for side in (tree.left, tree.right)]
        return sides[0] + sides[1] if all(sides) else []
    name = expression.name(tree)
    return [] if name is None else [name]
