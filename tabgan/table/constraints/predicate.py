"""Any condition on a row: an expression of column names, or a function of a frame."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.table.constraints.base import Comparison, Mask
from tabgan.table.constraints.expression import Expression


@dataclass(frozen=True)
class Predicate(Comparison):
    """Any condition on a row. Rows that do not fulfil it are left out.

    Parameters
    ----------
    condition : str or callable
        An expression such as ``"age >= 18 or income == 0"``, as ``DataFrame.eval`` reads it: column names (in
        backticks where they are no Python names), numbers and strings, ``+ - * / // %``, comparisons, ``in``
        a list, ``and or not & | ~``; rows with a missing value in one of its columns break no constraint. Or
        a function of a frame of n rows that gives n truth values, which no model file can hold.

    Examples
    --------
    >>> Predicate("2 * a < b or a == 0").check(pd.DataFrame({"a": [1, 2, 0], "b": [3, 3, 0]})).tolist()
    [True, False, True]
    """

    condition: str | Callable[[pd.DataFrame], Any]

    def __post_init__(self) -> None:
        if isinstance(self.condition, str):
            Expression(self.condition)  # refuses what it cannot read
        elif not callable(self.condition):
            raise TypeError(f"a predicate is an expression or a function, got {self.condition!r}")

    def __str__(self) -> str:
        is_text = isinstance(self.condition, str)
        return str(self.condition) if is_text else getattr(self.condition, "__name__", repr(self.condition))

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """Those that the expression names; of a function nothing is known."""
        return Expression(self.condition).names if isinstance(self.condition, str) else ()

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """Those of the expression."""
        return Expression(self.condition).compared if isinstance(self.condition, str) else ()

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Work out the expression, or call the function."""
        if isinstance(self.condition, str):
            return Expression(self.condition).on(frame)
        mask = np.asarray(self.condition(frame))
        if mask.shape != (len(frame),) or mask.dtype != bool:
            raise ValueError(
                f"constraint {self} must give one truth value a row, shape ({len(frame)},), "
                f"got {mask.dtype} of shape {mask.shape}"
            )
        return mask

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able data.

        Raises
        ------
        ValueError
            If it is a function.
        """
        if not isinstance(self.condition, str):
            raise ValueError(
                f"constraint {self} is a Python function; a model file holds no code, so such a model cannot "
                "be saved: write the constraint as an expression, or fit without it and filter the samples"
            )
        return super().to_dict()
