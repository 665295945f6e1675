"""What every rule is: columns it speaks of, a check of rows, and for some a way to build rows that obey."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack

Self = TypeVar("Self", bound="Constraint")
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Constraint:
    """Something that is true of every row.

    A rule implements `columns` and `check`. One that rows can be built by also implements the others: the
    networks then see `forward(frame)`, in which no row can break the rule, and samples pass `backward`.

    Parameters
    ----------
    evidence : str
        How strongly the data support it, as `suggest_constraints` found.
    learned : object
        What `learn` took from the training table.
    """

    row_by_row: ClassVar[bool] = True  # whether other rows have no say in whether one obeys
    evidence: str = field(default="", kw_only=True, compare=False, repr=False)
    learned: Any = field(default=None, kw_only=True, compare=False, repr=False)

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The columns it speaks of."""
        raise NotImplementedError

    def check(self, frame: pd.DataFrame) -> Mask:
        """Which of n rows obey, shape (n,)."""
        raise NotImplementedError

    def learn(self: Self, frame: pd.DataFrame) -> Self:
        """Give the rule with what it needs to know of the training table."""
        return self

    def hides(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Columns that need not be learned because `backward` makes them; none if it should not be used."""
        return ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the frame without the columns that it hides, possibly with one in their place."""
        return frame

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Undo `forward`."""
        return frame

    def tell(self, includes: Mapping[Hashable, Callable[[pd.Series], Mask]]) -> dict[Hashable, pd.Series]:
        """What conditions on some of its columns come down to: cells of the one that is learned for all."""
        return {}

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Put right what can be, without a touch of the columns in `fixed`."""
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able data."""
        return {
            "rule": type(self).__name__,
            **{item.name: pack(getattr(self, item.name)) for item in fields(self)},
        }

    @classmethod
    def from_dict(cls: type[Self], data: Mapping[str, Any]) -> Self:
        """Undo `to_dict`."""
        return cls(**{name: unpack(value) for name, value in data.items() if name != "rule"})


def complete_rows(frame: pd.DataFrame, columns: Collection[Hashable]) -> Mask:
    """Which rows have no missing cell in these columns."""
    found: Mask = frame[list(columns)].notna().to_numpy(dtype=bool).all(axis=1)
    return found


def true_where(cells: pd.Series) -> Mask:
    """A column of truth values as an array; missing ones count as false."""
    return cells.fillna(False).to_numpy(dtype=bool)


def keys(frame: pd.DataFrame, columns: Collection[Hashable]) -> list[tuple[Any, ...]]:
    """The cells of each row as a tuple of plain values; a missing one is None."""
    lists = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in columns]
    return list(zip(*lists, strict=True))


def new_name(text: str, frame: pd.DataFrame) -> str:
    """A name that no column has."""
    while text in frame.columns:
        text += "'"
    return text
