"""Expressions of column names, as ``DataFrame.eval`` has them, but without calls: they come from files."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.numbers import widened

LONGEST, DEEPEST = 10_000, 400  # characters, and parts within parts
_ORDERS = {ast.Lt, ast.LtE, ast.Gt, ast.GtE}
_IN = (ast.In, ast.NotIn)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.And: operator.and_, ast.Or: operator.or_, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.Invert: operator.invert, ast.Not: operator.invert, ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.In: lambda values, among: _is_among(values, among),
    ast.NotIn: lambda values, among: ~_is_among(values, among),
}  # fmt: skip
_SHAPES = (
    ast.Expression, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Name, ast.Load, ast.Constant,
    ast.List, ast.Tuple,
)  # fmt: skip


class Expression:
    """An expression, read but not yet worked out.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If it is no expression, or has something in it that is not allowed: a call, an attribute, an index.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._quoted: dict[str, str] = {}
        if len(text) > LONGEST:
            raise ValueError(
                f"{text[:80]!r}... is longer than {LONGEST:,} characters; give a function of a frame"
            )
        try:
            self.tree = ast.parse(re.sub("`([^`]*)`", self._stand_in, text).strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = getattr(error, "msg", error)  # without a place, which would be that of a stand-in
            bare = re.sub("'[^']*'|\"[^\"]*\"|`[^`]*`", "", text)
            reason = f"{reason}; equal is written ==" if re.search(r"[^=<>!]=[^=]", bare) else reason
            reason = f"{reason}; write times in quotes" if re.search(r"\d{4}-\d\d", bare) else reason
            raise ValueError(f"{text!r} is no expression: {reason}") from error
        if _depth(self.tree) > DEEPEST:
            raise ValueError(
                f"{text[:80]!r}... has more than {DEEPEST} parts within parts; make it several constraints"
            )
        self._check()

    def _check(self) -> None:
        """Refuse parts that are not allowed, and constants that cannot be worked out."""
        nodes = list(ast.walk(self.tree))
        for node in nodes:
            if not isinstance(node, _SHAPES) and type(node) not in _OPERATORS:
                raise ValueError(
                    f"{self.text!r} has a {type(node).__name__} in it; an expression may have column names, "
                    "numbers, strings, arithmetic, comparisons, and, or, not, in; as a constraint, a "
                    "function of a frame can do more"
                )
            if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | None):
                raise ValueError(f"{self.text!r} has {node.value!r} in it; constants are numbers and strings")
        lists = {id(side) for node in nodes if isinstance(node, ast.Compare) for side in _lists_in(node)}
        for node in nodes:
            is_list = isinstance(node, ast.List | ast.Tuple)
            if is_list and (id(node) not in lists or _names_in(node)):
                raise ValueError(f"{self.text!r} has a list in it; lists are of constants, behind `in`")
            if isinstance(node, ast.Compare) and not _is_right(node):
                raise ValueError(f"{self.text!r} has an `in` in it that is none; write NAME in [1, 2]")
            if isinstance(node, ast.BinOp | ast.UnaryOp) and not _names_in(node):
                self._guarded(node, pd.DataFrame())

    def _stand_in(self, match: re.Match[str]) -> str:
        name = f"quoted_{len(self._quoted)}_"
        self._quoted[name] = match[1]
        return name

    def name(self, node: ast.AST) -> str | None:
        """The column that a node names, None if it is something else."""
        return self._quoted.get(node.id, node.id) if isinstance(node, ast.Name) else None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it names, in order."""
        names = [self.name(node) for node in ast.walk(self.tree)]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns of which it asks whether they are greater or less than something."""
        orders = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Compare) and set(map(type, node.ops)) & _ORDERS
        ]
        names = [self.name(side) for node in orders for side in (node.left, *node.comparators)]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def on(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Truth values for the n rows of a frame, shape (n,)."""
        value = self._guarded(self.tree, frame)
        if not isinstance(value, pd.Series) or not pd.api.types.is_bool_dtype(value.dtype):
            raise ValueError(f"{self.text!r} is not true or false of a row; compare it with something")
        return value.fillna(False).to_numpy(dtype=bool)

    def _guarded(self, node: ast.AST, frame: pd.DataFrame) -> Any:
        """Work out a part; errors, of as many kinds as pandas and Arrow have, name the expression."""
        try:
            with np.errstate(all="ignore"):
                return self._value(node, frame)
        except Exception as error:
            said = " ".join(str(error).split())
            raise ValueError(
                f"{self.text!r} cannot be worked out: {said:.200}; convert its columns"
            ) from error

    def _value(self, node: ast.AST, frame: pd.DataFrame) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return widened(frame[self.name(node)])
        if isinstance(node, ast.List | ast.Tuple):
            return [self._value(item, frame) for item in node.elts]
        if isinstance(node, ast.UnaryOp):
            operand = self._value(node.operand, frame)
            if not isinstance(node.op, ast.Not | ast.Invert):
                operand = _counted(operand)
            elif isinstance(operand, bool):
                return not operand
            return _OPERATORS[type(node.op)](operand)
        if isinstance(node, ast.BinOp):
            return self._combined(node, self._value(node.left, frame), self._value(node.right, frame))
        if isinstance(node, ast.BoolOp):
            parts = [self._value(part, frame) for part in node.values]
            return reduce(_OPERATORS[type(node.op)], parts)
        assert isinstance(node, ast.Compare)
        sides = [self._value(side, frame) for side in (node.left, *node.comparators)]
        value = True
        for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
            value = _OPERATORS[type(sign)](left, right) & value
        return value

    def _combined(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        """Work out two sides; of texts only sums, as their multiples could be of any length."""
        is_sum = isinstance(node.op, ast.Add)
        odd = [each for each in (left, right) if isinstance(each, list) or (_is_text(each) and not is_sum)]
        if odd and isinstance(node.op, _ARITHMETIC):
            raise ValueError(
                f"{self.text!r} has arithmetic with what is no number in it; numbers can be added, "
                "subtracted, multiplied and divided, and strings added"
            )
        if isinstance(node.op, _ARITHMETIC):
            left, right = _counted(left), _counted(right)
        return _OPERATORS[type(node.op)](left, right)


def _counted(value: Any) -> Any:
    """Give truth values as 0 and 1, which can be added up, and anything else as it is."""
    if not isinstance(value, pd.Series) or not pd.api.types.is_bool_dtype(value.dtype):
        return value
    return value.astype("int64" if isinstance(value.dtype, np.dtype) else "Int64")


def _is_text(value: Any) -> bool:
    """Tell whether a side holds, or may hold, strings or other things that have a length."""
    if not isinstance(value, pd.Series):
        return isinstance(value, str)
    if isinstance(value.dtype, np.dtype) and value.dtype != object:
        return False
    return any(hasattr(each, "__len__") for each in value.dropna())


def _lists_in(node: ast.Compare) -> list[ast.expr]:
    """Give the right sides of `in`."""
    return [side for sign, side in zip(node.ops, node.comparators, strict=True) if isinstance(sign, _IN)]


def _is_right(node: ast.Compare) -> bool:
    """Tell whether each `in` of a comparison has something of a row before it, and a list behind it."""
    sides = [node.left, *node.comparators]
    return all(
        _names_in(left) and isinstance(right, ast.List | ast.Tuple)
        for left, sign, right in zip(sides, node.ops, node.comparators, strict=False)
        if isinstance(sign, _IN)
    )


def _is_among(values: pd.Series, among: list[Any]) -> pd.Series:
    """Tell which values are in a list; times, in one of strings, too."""
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.isin(among)
    found = pd.Series(False, index=values.index)
    for each in among:
        found |= values == each
    return found


def _names_in(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) for part in ast.walk(node))


def _depth(tree: ast.AST) -> int:
    """Give how many parts lie within each other at most."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth
