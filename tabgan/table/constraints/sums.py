"""A column that is the sum of others."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype

from tabgan.io.json_codec import dtype_of
from tabgan.table.columns.facts import TableFacts
from tabgan.table.constraints.base import Constraint, Mask, complete_rows, decimals_of

NEAR = 1e-9  # relative to the largest summand: what adding floats in another order may change


@dataclass(frozen=True)
class Sum(Constraint):
    """The values of `parts` add up to that of `total`; rows with a missing one break no constraint.

    The networks learn the parts, and the total is added up. Where the total is a condition of `sample`, the
    last part is what remains.

    Parameters
    ----------
    parts : sequence of column names
        Two or more columns of numbers.
    total : column name

    Examples
    --------
    >>> frame = pd.DataFrame({"net": [1.0, 2.0], "tax": [0.1, 0.2], "gross": [1.1, 2.3]})
    >>> Sum(["net", "tax"], "gross").check(frame).tolist()
    [True, False]
    """

    parts: Sequence[Hashable]
    total: Hashable

    def __post_init__(self) -> None:
        if isinstance(self.parts, str) or len(self.parts) < 2 or self.total in self.parts:
            raise ValueError(f"Sum needs a list of two or more parts and another column, got {self!r}")
        object.__setattr__(self, "parts", tuple(self.parts))

    def __str__(self) -> str:
        return f"{' + '.join(map(str, self.parts))} == {self.total}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The parts and the total."""
        return (*self.parts, self.total)

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Add up, and compare up to the rounding of floats."""
        numbers = frame[list(self.columns)].astype(float).to_numpy()
        error = np.abs(numbers[:, :-1].sum(axis=1) - numbers[:, -1])
        near = tolerance_of(frame[name].dtype for name in self.columns)
        return np.asarray(error <= near * np.abs(numbers).max(axis=1, initial=0.0))

    def learn(self, table: pd.DataFrame | TableFacts) -> Sum:
        """Remember dtype and decimals of each column."""
        table = TableFacts.of(table)
        dtypes = {name: table.frame[name].dtype for name in self.columns}
        if odd := [
            name for name, dtype in dtypes.items() if not (is_integer_dtype(dtype) or is_float_dtype(dtype))
        ]:
            raise ValueError(
                f"constraint {self}: column {odd[0]!r} is not of numbers (dtype {dtypes[odd[0]]}); "
                "convert it first"
            )
        return replace(self, learned=tuple((str(dtypes[n]), decimals_of(table, n)) for n in self.columns))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give the total, if it is missing just where a part is."""
        same = frame[self.total].notna().to_numpy(dtype=bool) == complete_rows(frame, self.parts)
        return (self.total,) if same.all() else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Leave out the total."""
        return frame.drop(columns=[self.total])

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add up."""
        return self._put(frame, self.total)

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Work out the last column that is not `fixed` from the others, in rows that do not add up."""
        free = [name for name in (*self.parts, self.total) if name not in fixed]
        wrong = ~self.check(frame)
        return self._put(frame, free[-1], wrong) if free and wrong.any() else frame

    def _put(self, frame: pd.DataFrame, name: Hashable, where: Mask | None = None) -> pd.DataFrame:
        """Work out one column from the others, in some rows or in all."""
        if name == self.total:
            values = reduce(add, (frame[part].astype(_wide(frame[part])) for part in self.parts))
        else:
            others = [part for part in self.parts if part != name]
            values = frame[self.total].astype(_wide(frame[self.total]))
            for part in others:
                values = values - frame[part]
        dtype, decimals = self.learned[self.columns.index(name)]
        rounded = (values if decimals is None else values.round(decimals)).astype(dtype_of(dtype))
        changed = frame.copy(deep=False)
        changed[name] = rounded if where is None else rounded.where(where, frame[name])
        return changed


def tolerance_of(dtypes: Iterable[Any]) -> float:
    """Give how far a sum of such columns may be off, relative to the largest summand."""
    sizes = [dtype.itemsize for dtype in dtypes if dtype.kind == "f" and dtype.itemsize < 8]
    return max([NEAR, *(4 * float(np.finfo(f"f{size}").eps) for size in sizes)])


def _wide(values: pd.Series) -> Any:
    """A type in which sums, and rounding them, do not overflow."""
    kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else ""
    return {"i": "int64", "u": "int64", "f": "float64"}.get(kind, values.dtype)
