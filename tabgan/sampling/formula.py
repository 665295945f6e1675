"""Conditions on rows written as an expression: read as conditions on columns where they are such."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from tabgan.io.names import columns_like
from tabgan.sampling.column_conditions import AllOf, AnyOf, ColumnCondition, Not
from tabgan.sampling.grammar import Grammar
from tabgan.table.constraints.base import Mask
from tabgan.table.constraints.expression import Expression

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}  # as seen from the other side
EXAMPLES = 64  # rows on which an expression is tried


class RowCondition(Protocol):
    """A condition on rows."""

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The columns that it asks for."""
        ...

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows satisfy it, shape (n,)."""
        ...


@dataclass(frozen=True)
class OfColumn:
    """A condition on one column."""

    name: Hashable
    condition: ColumnCondition

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The column."""
        return (self.name,)

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows satisfy it."""
        return self.condition.includes(frame[self.name])


@dataclass(frozen=True)
class Combined:
    """Several conditions: all hold, or one does."""

    parts: Sequence[RowCondition]
    all_hold: bool

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The columns of all."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names))

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows satisfy it."""
        combine = np.logical_and if self.all_hold else np.logical_or
        mask: Mask = combine.reduce([part.holds(frame) for part in self.parts])
        return mask


@dataclass(frozen=True)
class Negated:
    """Another condition does not hold."""

    part: RowCondition

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The columns of the other one."""
        return self.part.names

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows satisfy it."""
        return ~self.part.holds(frame)


@dataclass(frozen=True)
class OfColumns:
    """A comparison that is worked out on whole columns, such as ``a + b > c``.

    Parameters
    ----------
    expression : Expression
    names : tuple of column names
    ordered : dict of column name to callable
        Gives values of a column in a form that can be compared.
    """

    expression: Expression
    names: tuple[Hashable, ...]
    ordered: dict[Hashable, Callable[[pd.Series], pd.Series]]

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows satisfy it; one with a missing value does not, as in pandas."""
        columns = {name: self.ordered[name](frame[name]) for name in self.names}
        return self.expression.on(pd.DataFrame(columns))


def read_formula(text: str, grammar: Grammar, examples: Callable[[], pd.DataFrame]) -> list[RowCondition]:
    """Read an expression as conditions that hold together.

    Parameters
    ----------
    text : str
        Column names (in backticks where they are no Python names), numbers and strings, comparisons, ``in`` a
        list, ``and or not & | ~``, ``+ - * / // %``. A value compared with None is missing or not.
    grammar : Grammar
    examples : callable
        Gives some rows of the table, on which comparisons of whole columns are tried.

    Returns
    -------
    list of RowCondition

    Raises
    ------
    ValueError
        If it is no expression, names an unknown column, or compares a column with what it cannot hold.
    """
    expression = Expression(text)
    if unknown := [name for name in expression.names if name not in grammar.table.columns_]:
        raise ValueError(
            f"{text!r} names {unknown[0]!r}, and there is no column {unknown[0]!r}; "
            f"{columns_like(unknown[0], grammar.table.columns_)}"
        )
    return _Reader(expression, grammar, examples).together(expression.tree)


@dataclass(frozen=True)
class _Reader:
    expression: Expression
    grammar: Grammar
    examples: Callable[[], pd.DataFrame]

    def together(self, node: ast.AST) -> list[RowCondition]:
        """Read a node as conditions that hold together."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return [condition for part in node.values for condition in self.together(part)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
            return [condition for part in (node.left, node.right) for condition in self.together(part)]
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            return [self.one(pair, False) for pair in _pairs(node)]
        return [self.one(node, False)]

    def one(self, node: ast.AST, may_be_empty: bool) -> RowCondition:
        """Read a node as one condition, which rows may never satisfy if it is a part of another."""
        is_or = isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)
        if isinstance(node, ast.BoolOp):
            return self._combined(node.values, isinstance(node.op, ast.And), may_be_empty)
        if isinstance(node, ast.BinOp) and (is_or or isinstance(node.op, ast.BitAnd)):
            return self._combined([node.left, node.right], not is_or, may_be_empty)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            part = self.one(node.operand, True)
            if not isinstance(part, OfColumn):
                return Negated(part)
            return OfColumn(part.name, self.grammar.settled(part.name, Not(part.condition), may_be_empty))
        if (name := self.expression.name(node)) is not None:
            return OfColumn(name, self.grammar.read(name, True, may_be_empty))
        if not isinstance(node, ast.Compare):
            raise ValueError(
                f"{self.expression.text!r} is not true or false of a row; compare it with something"
            )
        if len(node.ops) > 1:
            return self._combined(_pairs(node), True, may_be_empty)
        return self._comparison(node, may_be_empty)

    def _combined(self, nodes: Sequence[ast.AST], all_hold: bool, may_be_empty: bool) -> RowCondition:
        """Read several nodes as one condition: of one column, if all are conditions of the same."""
        parts = [self.one(node, True) for node in nodes]
        of_columns = [part for part in parts if isinstance(part, OfColumn)]
        if len(of_columns) < len(parts) or len({part.name for part in of_columns}) > 1:
            return Combined(parts, all_hold)
        conditions, name = [part.condition for part in of_columns], of_columns[0].name
        condition: ColumnCondition = AllOf(conditions) if all_hold else AnyOf(conditions)
        return OfColumn(name, self.grammar.settled(name, condition, may_be_empty))

    def _comparison(self, node: ast.Compare, may_be_empty: bool) -> RowCondition:
        """Read a comparison of two sides."""
        left, right = node.left, node.comparators[0]
        sign: type[ast.cmpop] = type(node.ops[0])
        if self.expression.name(left) is None and self.expression.name(right) is not None:
            left, right, sign = right, left, TURNED.get(sign, sign)
        name = self.expression.name(left)
        if name is None or (sign in (ast.In, ast.NotIn) and left is not node.left):
            return self._of_columns(node)
        try:
            value = ast.literal_eval(right)
        except ValueError:
            return self._of_columns(node)
        ends: dict[type[ast.cmpop], tuple[Any, Any, bool]] = {
            ast.Lt: (None, value, False),
            ast.LtE: (None, value, True),
            ast.Gt: (value, None, False),
            ast.GtE: (value, None, True),
        }
        if sign in ends:
            if value is None:
                raise ValueError(
                    f"{self.expression.text!r} compares {name!r} with None by order; use == or !="
                )
            low, high, closed = ends[sign]
            return OfColumn(name, self.grammar.range(name, low, high, closed, may_be_empty))
        asked = Not(value) if sign in (ast.NotEq, ast.NotIn) else value
        return OfColumn(name, self.grammar.read(name, asked, may_be_empty))

    def _of_columns(self, node: ast.expr) -> OfColumns:
        """Read anything else, and try it on some rows."""
        part = copy.copy(self.expression)
        part.tree = node
        names: tuple[Hashable, ...] = part.names
        columns = self.grammar.table.columns_
        for name in names:
            if columns[name].is_generated:
                raise self.grammar.generated(name)
        condition = OfColumns(part, names, {name: columns[name].ordered for name in names})
        try:
            condition.holds(self.examples())
        except (TypeError, ValueError, ArithmeticError, NotImplementedError) as error:
            raise ValueError(
                f"{self.expression.text!r} cannot be asked of columns of these dtypes: {error}"
            ) from error
        return condition


def _pairs(node: ast.Compare) -> list[ast.Compare]:
    """Take a chain such as ``20 < age <= 30`` apart."""
    sides = [node.left, *node.comparators]
    return [ast.Compare(sides[k], [sign], [sides[k + 1]]) for k, sign in enumerate(node.ops)]
