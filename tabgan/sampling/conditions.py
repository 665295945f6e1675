"""What some cells of a row must hold: a number, one of several levels, a range, nothing at all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType
from tabgan.table.transformer import TableTransformer

WINDOW = 0.01  # scalars, from -1 to 1, that are so near count as equal to a number; the cell gets the number
SPREAD = 32  # encodings of one cell, to see how wide a stretch of scalars means the same


@dataclass(frozen=True)
class OneOf:
    """The cell holds one of `cells`, a Series in the dtype of the column."""

    cells: pd.Series
    encoded: list[NDArray[np.float32]] = field(default_factory=list, init=False, repr=False, compare=False)

    def holds(self, table: TableTransformer, name: Hashable, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        """In which encoded rows it does, or nearly so."""
        part, spans = table.codes(rows, name), table.spans(name)
        found = self._equals(table, name, rows) if name in table.repeats_ else np.zeros(len(rows), dtype=bool)
        for codes in self._codes(table, name):
            near = np.ones(len(rows), dtype=bool)
            for kind, start, stop in spans:
                own, wanted = part[:, start:stop], codes[:, start:stop]
                if kind == "onehot":
                    near &= own.argmax(1) == wanted[0].argmax()
                else:
                    near &= (own[:, 0] >= wanted.min() - WINDOW) & (own[:, 0] <= wanted.max() + WINDOW)
            found |= near
        return found

    def allow(self, table: TableTransformer, name: Hashable, allowed: NDArray[np.bool_]) -> None:
        """Forbid all levels in encoded rows, shape (width,), with which it cannot hold."""
        blocks = table.layout_.of(name)
        if name in table.repeats_ or not blocks:  # it may hold by other columns
            return
        found = self._codes(table, name)
        for block, (kind, start, stop) in zip(blocks, table.spans(name), strict=True):
            if kind == "onehot":
                wanted = [codes[0, start:stop].argmax() for codes in found]
                allowed[block.start : block.stop] = np.isin(np.arange(stop - start), wanted)

    def _codes(self, table: TableTransformer, name: Hashable) -> list[NDArray[np.float32]]:
        """Several encodings of each of the cells; they are found once."""
        if not self.encoded:
            for cell in range(len(self.cells)):
                like = pd.concat([self.cells.iloc[[cell]]] * SPREAD, ignore_index=True)
                self.encoded.append(table.encode(name, like, np.random.default_rng(0)))
        return self.encoded

    def _equals(
        self, table: TableTransformer, name: Hashable, rows: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        return np.asarray(table.decode(rows, [name])[name].isin(self.cells))

    def includes(self, cells: pd.Series) -> NDArray[np.bool_]:
        """Which cells are one of them."""
        return np.asarray(cells.isin(self.cells), dtype=bool)

    def fill(self, column: pd.Series, rng: np.random.Generator) -> pd.Series:
        """Put in what was asked for where the cell only came near to it."""
        other = ~np.asarray(column.isin(self.cells))
        if not other.any():
            return column
        if len(self.cells) > 1 and pd.api.types.is_numeric_dtype(column.dtype):
            wanted, had = (x.to_numpy(dtype=float, na_value=np.nan) for x in (self.cells, column[other]))
            place = np.nan_to_num(np.abs(had[:, None] - wanted), nan=np.inf).argmin(axis=1)
        else:
            place = rng.integers(len(self.cells), size=other.sum())
        column = column.copy()
        column[other] = self.cells.take(place).set_axis(column.index[other])
        return column


@dataclass(frozen=True)
class Between:
    """The cell lies between `low` and `high`, both included; None leaves an end open."""

    low: Any
    high: Any

    def holds(self, table: TableTransformer, name: Hashable, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        """In which encoded rows it does."""
        return self.includes(table.decode(rows, [name])[name])

    def allow(self, table: TableTransformer, name: Hashable, allowed: NDArray[np.bool_]) -> None:
        """Forbid nothing."""

    def includes(self, cells: pd.Series) -> NDArray[np.bool_]:
        """Which cells lie in the range; missing ones never do."""
        found = cells.notna()
        if self.low is not None:
            found &= cells >= self.low
        if self.high is not None:
            found &= cells <= self.high
        return found.fillna(False).to_numpy(dtype=bool)

    def fill(self, column: pd.Series, rng: np.random.Generator) -> pd.Series:
        """Nothing is to be done."""
        return column


class Conditions:
    """Conditions on columns that hold together.

    Parameters
    ----------
    table : TableTransformer
    given : mapping of column name to what its cells must hold
        A cell; a list or set of cells; a slice or ``pandas.Interval`` for a range, both ends included; None
        for a missing cell.

    Raises
    ------
    ValueError
        If a column is unknown, or no row of the training table could satisfy a condition. The message names
        the column and what it can hold.
    """

    def __init__(self, table: TableTransformer, given: Mapping[Hashable, Any]) -> None:
        self.table = table
        none = table.inverse_transform(np.zeros((0, table.layout_.width), dtype=np.float32))
        self.by_column: dict[Hashable, OneOf | Between] = {}
        for name, wanted in given.items():
            if name not in table.columns_:
                raise ValueError(f"there is no column {name!r}; the columns are {list(table.columns_)}")
            anything = isinstance(wanted, slice) and wanted == slice(None)  # but a missing value
            if table.columns_[name].is_generated and not anything:
                raise ValueError(
                    f"column {name!r} holds keys or text, which are made anew: set them after sampling"
                )
            self.by_column[name] = _condition(table, name, wanted, none[name].dtype)
        values, replaced = table.translate(
            {name: condition.includes for name, condition in self.by_column.items()}
        )
        # What encoded rows are asked: of columns that follow from another one, that one.
        self._of_rows: dict[Hashable, OneOf | Between] = {name: OneOf(v) for name, v in values.items()}
        self._of_rows |= {name: c for name, c in self.by_column.items() if name not in replaced}

    def holds(self, codes: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which rows satisfy all of them, by their codes of shape (n, n_blocks)."""
        rows = self.table.layout_.to_matrix(codes)
        found = np.ones(len(rows), dtype=bool)
        for name, condition in self._of_rows.items():
            found &= condition.holds(self.table, name, rows)
        return found

    def allowed(self) -> list[NDArray[np.bool_]]:
        """For each block, shape (width,), the categories with which all of them may hold."""
        found = np.ones(self.table.layout_.width, dtype=bool)
        for name, condition in self._of_rows.items():
            condition.allow(self.table, name, found)
        return [found[block.start : block.stop] for block in self.table.layout_]

    def satisfied(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Which rows of a table satisfy all of them."""
        found = np.ones(len(frame), dtype=bool)
        for name, condition in self.by_column.items():
            found &= condition.includes(frame[name])
        return found

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Put in the cells that were asked for where a row only came near to them."""
        filled = {name: condition.fill(frame[name], rng) for name, condition in self.by_column.items()}
        columns = [filled.get(name, frame[name]) for name in frame.columns]
        return pd.DataFrame(dict(enumerate(columns))).set_axis(frame.columns, axis=1)


def _condition(table: TableTransformer, name: Hashable, wanted: Any, dtype: Any) -> OneOf | Between:
    """Read what was given for a column."""
    if isinstance(wanted, pd.Interval):
        wanted = slice(wanted.left, wanted.right)
    if isinstance(wanted, slice):
        return _range(table.columns_[name], name, wanted, dtype)
    several = isinstance(wanted, Iterable) and not isinstance(wanted, str | bytes)
    cells = _cells(list(wanted) if several else [wanted], name, dtype)
    if not len(cells):
        raise ValueError(f"column {name!r} is given no cell to choose from")
    unknown = ~table.columns_[name].possible(cells)
    if unknown.any():
        unlike = ", ".join(map(repr, cells[unknown].tolist()))
        raise ValueError(
            f"column {name!r} held nothing like {unlike} in training, and so never will in samples"
        )
    return OneOf(cells)


def _range(column: ColumnType, name: Hashable, wanted: slice, dtype: Any) -> Between:
    """Read a range; it must hold something of the column."""
    ends = [
        None if end is None else _cells([end], name, dtype).iloc[0] for end in (wanted.start, wanted.stop)
    ]
    between = Between(*ends)
    if ends != [None, None] and isinstance(dtype, pd.CategoricalDtype) and not dtype.ordered:
        raise ValueError(
            f"column {name!r} has categories without an order, so no ranges: give a list of them"
        )
    categories, bounds = column.categories, column.bounds()
    empty = False
    if categories is not None:
        empty = not between.includes(categories).any()
    elif bounds is not None:
        empty = (ends[0] is not None and ends[0] > bounds[1]) or (ends[1] is not None and ends[1] < bounds[0])
    if empty:
        raise ValueError(f"column {name!r} held nothing in the range from {ends[0]} to {ends[1]}")
    return between


def _cells(cells: list[Any], name: Hashable, dtype: Any) -> pd.Series:
    """Cells in the dtype of their column; numbers, truth values and times may be written as text."""
    if pd.api.types.is_bool_dtype(dtype):
        cells = [{"true": True, "false": False}.get(str(cell).lower(), cell) for cell in cells]
    try:
        made = pd.Series(cells, dtype=object).astype(dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {name!r} is of dtype {dtype}, which {cells} do not fit: {error}") from error
    lost = made.isna().to_numpy() & ~pd.isna(np.array(cells, dtype=object))
    if lost.any():
        raise ValueError(
            f"column {name!r} knows no {[c for c, gone in zip(cells, lost, strict=True) if gone]}"
        )
    return made
