"""Expressions of column names, as ``DataFrame.eval`` has them, but without calls: they come from files."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_, ast.And: operator.and_, ast.Or: operator.or_, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.Invert: operator.invert, ast.Not: operator.invert, ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.In: lambda values, among: values.isin(among), ast.NotIn: lambda values, among: ~values.isin(among),
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
        try:
            self.tree = ast.parse(re.sub("`([^`]*)`", self._stand_in, text).strip(), mode="eval").body
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError(f"{text!r} is no expression: {error}") from error
        for node in ast.walk(self.tree):
            if not isinstance(node, _SHAPES) and type(node) not in _OPERATORS:
                raise ValueError(
                    f"{text!r} has a {type(node).__name__} in it; a constraint may have column names, "
                    "numbers, strings, arithmetic, comparisons, and, or, not, in; for more, give a function "
                    "of a frame"
                )

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

    def on(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Truth values for the n rows of a frame, shape (n,)."""
        value = self._value(self.tree, frame)
        if not isinstance(value, pd.Series) or not pd.api.types.is_bool_dtype(value.dtype):
            raise ValueError(f"{self.text!r} is not true or false of a row; compare it with something")
        return value.fillna(False).to_numpy(dtype=bool)

    def _value(self, node: ast.AST, frame: pd.DataFrame) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return frame[self.name(node)]
        if isinstance(node, ast.List | ast.Tuple):
            return [self._value(item, frame) for item in node.elts]
        if isinstance(node, ast.UnaryOp):
            return _OPERATORS[type(node.op)](self._value(node.operand, frame))
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](self._value(node.left, frame), self._value(node.right, frame))
        if isinstance(node, ast.BoolOp):
            parts = [self._value(part, frame) for part in node.values]
            value = parts[0]
            for part in parts[1:]:
                value = _OPERATORS[type(node.op)](value, part)
            return value
        assert isinstance(node, ast.Compare)
        sides = [self._value(side, frame) for side in (node.left, *node.comparators)]
        value = True
        for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
            value = _OPERATORS[type(sign)](left, right) & value
        return value
