"""What every constraint is: its columns, a check of rows, and for some a way to build rows that obey."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import TableFacts

Self = TypeVar("Self", bound="Constraint")
Mask = NDArray[np.bool_]
Includes = Callable[[pd.Series], Mask]  # of n values, which a condition includes


@dataclass(frozen=True)
class Constraint:
    """Something that is true of every row.

    A constraint implements `columns`, and `holds` or `check`. One that rows can be built by also implements
    the others: the networks then see ``forward(frame)``, in which no row can break it, and samples pass
    `backward`.

    Parameters
    ----------
    evidence : str
        How strongly the data support it, as `suggest_constraints` says.
    learned : object
        What `learn` took from the training table.
    """

    row_by_row: ClassVar[bool] = True  # whether other rows have no say in whether one obeys
    settles: ClassVar[bool] = False  # whether `settle` alone makes rows obey, of columns all learned
    evidence: str = field(default="", kw_only=True, compare=False, repr=False)
    learned: Any = field(default=None, kw_only=True, compare=False, repr=False)

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The columns it speaks of."""
        raise NotImplementedError

    def check(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows obey, shape (n,); a missing value in one of its columns breaks nothing."""
        mask = np.ones(len(frame), dtype=bool)
        complete = complete_rows(frame, self.columns)
        mask[complete] = self.holds(frame[complete])
        return mask

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Tell it of n rows without a missing value in its columns, shape (n,)."""
        raise NotImplementedError

    def learn(self: Self, table: pd.DataFrame | TableFacts) -> Self:
        """Give the constraint with what it needs to know of the training table."""
        return self

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give the columns that are not learned, as `backward` derives them; none if that cannot be."""
        return ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Drop the derived columns, possibly put one in their place; the other columns stay as they are."""
        return frame

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Undo `forward`."""
        return frame

    @property
    def is_exact(self) -> bool:
        """Whether `backward` surely undoes `forward`, so that it need not be tried on the training table."""
        return False

    def translate(self, conditions: Mapping[Hashable, Includes]) -> dict[Hashable, pd.Series]:
        """Give what conditions on its columns come down to: values of the one column learned for all."""
        return {}

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Correct rows that break it, where that can be, without a touch of the columns in `fixed`."""
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able data."""
        return {"constraint": type(self).__name__, **{key: pack(value) for key, value in vars(self).items()}}

    @classmethod
    def from_dict(cls: type[Self], data: Mapping[str, Any]) -> Self:
        """Undo `to_dict`."""
        return cls(**{name: unpack(value) for name, value in data.items() if name != "constraint"})


@dataclass(frozen=True)
class Comparison(Constraint):
    """A constraint that asks which of two values is greater."""

    @property
    def compared(self) -> tuple[Hashable, ...]:
        """The columns whose values it compares as they are."""
        raise NotImplementedError


@dataclass(frozen=True)
class ColumnGroup(Constraint):
    """A constraint on two or more columns that have the same part in it."""

    names: Sequence[Hashable]

    def __post_init__(self) -> None:
        if isinstance(self.names, str) or len(set(self.names)) < 2:
            name = type(self).__name__
            raise ValueError(f"{name} needs a list of two or more columns, got {self.names!r}")
        object.__setattr__(self, "names", tuple(self.names))

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """All."""
        return tuple(self.names)


def complete_rows(frame: pd.DataFrame, columns: Collection[Hashable]) -> Mask:
    """Tell which rows have no missing value in these columns."""
    mask = np.ones(len(frame), dtype=bool)
    for name in columns:
        mask &= ~find_missing(frame[name])
    return mask


def new_name(text: str, frame: pd.DataFrame) -> str:
    """Give a name that no column has."""
    while text in frame.columns:
        text += "'"
    return text


def decimals_of(table: TableFacts, name: Hashable) -> int | None:
    """Digits after the point of a column of floats, None if there are too many or it is of something else."""
    facts = table[name]
    dtype = facts.column.dtype
    if not isinstance(dtype, np.dtype) or dtype.kind != "f" or not len(facts.numbers):
        return None
    return facts.grid.decimals
