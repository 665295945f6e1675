"""No two rows alike in some columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from tabgan.table.constraints.base import Constraint, Mask


@dataclass(frozen=True)
class Unique(Constraint):
    """No two rows of a sample have the same values in these columns; missing values break no constraint.

    Of rows that are alike, the first one drawn is kept.

    Parameters
    ----------
    names : column name or sequence of column names

    Examples
    --------
    >>> Unique("id").check(pd.DataFrame({"id": [7, 8, 7]})).tolist()
    [True, True, False]
    """

    names: Hashable | Sequence[Hashable]
    row_by_row: ClassVar[bool] = False

    def __post_init__(self) -> None:
        names = tuple(self.names) if isinstance(self.names, list | tuple) else (self.names,)
        object.__setattr__(self, "names", names)

    def __str__(self) -> str:
        return f"unique {', '.join(map(str, self.columns))}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """All."""
        return self.names  # type: ignore[return-value]

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Find the first of each kind."""
        return ~frame.duplicated(list(self.columns)).to_numpy(dtype=bool)
