"""What the values of one column may be: some of several, in a range, missing or not, and what is built so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from tabgan.table.columns.categories import find_missing, value_keys
from tabgan.table.columns.numbers import as_floats
from tabgan.table.constraints.base import Mask


class ColumnCondition(Protocol):
    """A condition on the values of a column."""

    def includes(self, column: pd.Series) -> Mask:
        """Tell which of n values satisfy it, shape (n,)."""
        ...


@dataclass(frozen=True)
class OneOf:
    """The value is one of `values`, a Series in the dtype of the column."""

    values: pd.Series

    def includes(self, column: pd.Series) -> Mask:
        """Tell which of n values are among them; 1, 1.0 and True differ in a column of objects."""
        missing = find_missing(column)
        known = set(value_keys(self.values))
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
            present: list[Any] = [key for key in known if key is not None]
            return np.isin(column.to_numpy(), present)
        keys = value_keys(column)
        return np.fromiter(
            ((key in known) for key in keys), dtype=bool, count=len(keys)
        ) & ~missing | missing & (None in known)

    def fill(self, column: pd.Series, rng: np.random.Generator) -> pd.Series:
        """Put in one of them where a value is none: the nearest number, or any by chance."""
        other = ~self.includes(column)
        if not other.any():
            return column
        place = rng.integers(len(self.values), size=other.sum())
        if len(self.values) > 1 and pd.api.types.is_numeric_dtype(column.dtype):
            distance = np.abs(as_floats(column[other])[:, None] - as_floats(self.values))
            place = np.nan_to_num(distance, nan=np.inf).argmin(axis=1)
        both = pd.concat([column, self.values.astype(column.dtype)], ignore_index=True)
        places = np.arange(len(column))
        places[other] = len(column) + place
        return both.iloc[places].set_axis(column.index)


@dataclass(frozen=True)
class Between:
    """The value lies between two ends; None leaves one open.

    Parameters
    ----------
    low, high : object
        In the form in which values are compared.
    with_low, with_high : bool
        Whether the ends belong to it.
    ordered : callable
        Gives n values in a form that can be compared with both.
    """

    low: Any
    high: Any
    with_low: bool
    with_high: bool
    ordered: Callable[[pd.Series], pd.Series]

    def includes(self, column: pd.Series) -> Mask:
        """Tell which of n values lie in the range; missing ones never do."""
        mask = ~find_missing(column)
        values = comparable(self.ordered(column[mask]))
        inside = np.ones(len(values), dtype=bool)
        if self.low is not None:
            inside &= np.asarray(values >= self.low if self.with_low else values > self.low, dtype=bool)
        if self.high is not None:
            inside &= np.asarray(values <= self.high if self.with_high else values < self.high, dtype=bool)
        mask[mask] = inside
        return mask

    def within(self, other: Between) -> Between | None:
        """Give what lies in both ranges; None if nothing can."""
        low, with_low, high, with_high = self.low, self.with_low, self.high, self.with_high
        if other.low is not None and (low is None or other.low >= low):
            low, with_low = other.low, other.with_low and (with_low or other.low != low)
        if other.high is not None and (high is None or other.high <= high):
            high, with_high = other.high, other.with_high and (with_high or other.high != high)
        if (
            low is not None
            and high is not None
            and (low > high or (low == high and not (with_low and with_high)))
        ):
            return None
        return Between(low, high, with_low, with_high, self.ordered)


@dataclass(frozen=True)
class Missing:
    """The value is missing, or it is not."""

    is_missing: bool

    def includes(self, column: pd.Series) -> Mask:
        """Tell which of n values are so."""
        return find_missing(column) == self.is_missing


@dataclass(frozen=True)
class Not:
    """What does not satisfy another condition, as in ``given={"workclass": Not("Private")}``.

    Parameters
    ----------
    condition : object
        Anything that a column can be given: a value, a list, a range, None for a missing value. What is
        missing is not "Private"; it is not excluded.

    Examples
    --------
    >>> Not([1, 2])
    Not(condition=[1, 2])
    """

    condition: Any

    def includes(self, column: pd.Series) -> Mask:
        """Tell which of n values do not satisfy the other one."""
        return ~np.asarray(self.condition.includes(column), dtype=bool)


@dataclass(frozen=True)
class AnyOf:
    """One of several conditions holds."""

    parts: Sequence[ColumnCondition]

    def includes(self, column: pd.Series) -> Mask:
        """Tell for which of n values one does."""
        mask: Mask = np.logical_or.reduce([part.includes(column) for part in self.parts])
        return mask


@dataclass(frozen=True)
class AllOf:
    """Several conditions hold together."""

    parts: Sequence[ColumnCondition]

    def includes(self, column: pd.Series) -> Mask:
        """Tell for which of n values all do."""
        mask: Mask = np.logical_and.reduce([part.includes(column) for part in self.parts])
        return mask


def parts_of(condition: ColumnCondition) -> list[ColumnCondition]:
    """Give the conditions that one is put together from."""
    if isinstance(condition, AllOf | AnyOf):
        return [part for each in condition.parts for part in parts_of(each)]
    return [condition]


def of_single_values(conditions: Mapping[Hashable, ColumnCondition]) -> list[Hashable]:
    """Give the columns of which single values are asked for, and not a range or any that is not missing."""
    return [name for name, condition in conditions.items() if isinstance(condition, OneOf)]


def comparable(values: pd.Series) -> Any:
    """Give values, none of them missing, as an array that can be compared: of numbers, of times, of objects.

    Numbers of half precision are doubled, so that an end is not rounded to theirs.
    """
    if isinstance(values.dtype, pd.SparseDtype):
        values = values.astype(values.dtype.subtype)
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        return values.to_numpy()
    if pd.api.types.is_float_dtype(dtype):
        return values.to_numpy(dtype=np.float64)
    if (isinstance(dtype, np.dtype) and dtype.kind in "mM") or isinstance(dtype, pd.DatetimeTZDtype):
        return values
    objects = np.empty(len(values), dtype=object)
    objects[:] = values.astype(object).tolist()
    return objects
