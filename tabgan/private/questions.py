"""What may be asked of rows: counts of which one row more or less changes a single one, by 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tabgan.private.domain import Units

Bins = NDArray[np.intp]


@dataclass(frozen=True)
class Coder:
    """From the units of a column to its bins.

    Parameters
    ----------
    name : hashable
    n_bins : int
    bins : callable
        ``bins(units)`` of shape (n,), each between 0 and ``n_bins - 1``, or -1 where none was declared.
    """

    name: Hashable
    n_bins: int
    bins: Callable[[Units], Bins]


@dataclass(frozen=True)
class Rows:
    """The rows of a table in units; only a curator may have them.

    Parameters
    ----------
    n : int
    units : mapping of column name to ndarray of int64, shape (n,)
    """

    n: int
    units: Mapping[Hashable, Units]
    _coded: dict[int, tuple[Coder, Bins]] = field(default_factory=dict, repr=False)

    def bins(self, coder: Coder) -> Bins:
        """Give the bin of each row, shape (n,); once for all calls."""
        if id(coder) not in self._coded:
            self._coded[id(coder)] = coder, coder.bins(self.units[coder.name])
        return self._coded[id(coder)][1]


class Question(Protocol):
    """Something to be counted."""

    def count(self, rows: Rows) -> Units:
        """Count it exactly: integers of which one row more or less changes a single one, by 1."""
        ...


@dataclass(frozen=True)
class NumberOfRows:
    """How many rows there are."""

    def __str__(self) -> str:
        return "number of rows"

    def count(self, rows: Rows) -> Units:
        """Give the number, in an array."""
        return np.array([rows.n], dtype=np.int64)


@dataclass(frozen=True)
class Histogram:
    """How many values of a column lie in each of several stretches of units, which do not overlap.

    Parameters
    ----------
    name : hashable
    starts, stops : ndarray of int64, shape (k,)
        Rising.
    """

    name: Hashable
    starts: Units
    stops: Units

    def __str__(self) -> str:
        return f"histogram of {self.name!r}"

    def count(self, rows: Rows) -> Units:
        """Count them."""
        units = rows.units[self.name]
        place = np.searchsorted(self.starts, units, side="right") - 1
        inside = (place >= 0) & (units < self.stops[place])
        return np.bincount(place[inside], minlength=len(self.starts)).astype(np.int64)


@dataclass(frozen=True)
class Table:
    """How many rows there are in each bin of a table of several columns, the last running fastest.

    Parameters
    ----------
    coders : tuple of Coder
        One a column.
    """

    coders: tuple[Coder, ...]

    def __str__(self) -> str:
        return "table of " + " x ".join(repr(coder.name) for coder in self.coders)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many bins each column has."""
        return tuple(coder.n_bins for coder in self.coders)

    def count(self, rows: Rows) -> Units:
        """Count them; a row with a value that was not declared is in no bin."""
        bins = [rows.bins(coder) for coder in self.coders]
        inside = np.logical_and.reduce([part >= 0 for part in bins])
        place = np.ravel_multi_index([part[inside] for part in bins], self.shape)
        return np.bincount(place, minlength=math.prod(self.shape)).astype(np.int64)
