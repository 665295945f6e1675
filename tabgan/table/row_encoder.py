"""Fitted columns side by side: the frame that the networks see <-> one float32 matrix."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.layout import BlockKind, Layout
from tabgan.table.columns.base import ColumnType, onehot
from tabgan.table.columns.facts import TableFacts
from tabgan.table.repeats import find_repeats, is_repeated, without_repeats

OTHER_OR_SAME: list[tuple[BlockKind, int]] = [("onehot", 2)]  # before the blocks of a column that repeats


class RowEncoder:
    """Columns and their blocks, in order.

    Parameters
    ----------
    columns : dict of column name to ColumnType
        Fitted.
    repeats : dict of column name to (column name, value, value)
        Of a column that often repeats the value of another: that other one, and the least and the greatest
        value that it may take over. Such a column has one onehot block more, before the others: the value is
        another one, or the same.
    """

    def __init__(
        self, columns: dict[Hashable, ColumnType], repeats: dict[Hashable, tuple[Hashable, Any, Any]]
    ) -> None:
        self.columns = columns
        self.bounds = {name: bounds for name, (_, *bounds) in repeats.items()}
        self.repeats = {name: source for name, (source, *_) in repeats.items()}
        self.layout = Layout.from_columns((name, self.blocks(name)) for name in columns)

    @classmethod
    def fit(cls, table: TableFacts, columns: dict[Hashable, ColumnType]) -> RowEncoder:
        """Fit each of `columns` to its column of a table, shape (n, n_columns)."""
        frame = table.frame
        sources = find_repeats(frame, [name for name, column in columns.items() if column.is_continuous])
        for name, column in columns.items():
            if name in sources:
                column.fit(without_repeats(frame[name], frame[sources[name]]))
            else:
                column.fit_facts(table[name])
        present = {name: frame[name].dropna() for name in sources}
        return cls(columns, {n: (of, present[n].min(), present[n].max()) for n, of in sources.items()})

    def blocks(self, name: Hashable) -> list[tuple[BlockKind, int]]:
        """Give kind and width of each block of one column."""
        return OTHER_OR_SAME * (name in self.repeats) + self.columns[name].blocks()

    def transform(self, frame: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.float32]:
        """Encode n rows: shape (n, width), nan where a value is unlike any in training."""
        parts = [
            self.encode(name, frame[name], rng, frame[self.repeats[name]] if name in self.repeats else None)
            for name in self.columns
        ]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column of n values: shape (n, width of its blocks).

        Where it repeats `source`, its blocks hold what they hold in any other row.
        """
        part = self.columns[name].transform(column, rng)
        if name not in self.repeats:
            return part
        same = np.zeros(len(column), dtype=bool) if source is None else is_repeated(column, source)
        if not same.all():
            part[same] = part[rng.choice(np.flatnonzero(~same), same.sum())]
        else:  # the values as they are, and those that were only ever repeated, as anything
            part = np.nan_to_num(part)
        return np.column_stack([onehot(same.astype(np.intp), 2), part])

    def decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None
    ) -> dict[Hashable, pd.Series]:
        """Decode the columns `names` of encoded rows, shape (n, width)."""
        sources = [self.repeats[name] for name in names if name in self.repeats]
        needed = [name for name in self.columns if name in names or name in sources]
        parts = dict(zip(needed, self.layout.split(matrix, needed), strict=True))
        decoded = {
            name: self.columns[name].inverse_transform(part[:, 2 * (name in self.repeats) :], rng)
            for name, part in parts.items()
        }
        for name in needed:
            if name in self.repeats:
                source = decoded[self.repeats[name]]
                possible = source.between(*self.bounds[name]).fillna(False).to_numpy(dtype=bool)
                same = (parts[name][:, 1] > parts[name][:, 0]) & possible
                decoded[name] = decoded[name].where(~same, source.astype(decoded[name].dtype))
        return {name: decoded[name] for name in names}

    def feature_names(self) -> NDArray[np.object_]:
        """Name the positions of the encoded row: the column, and the place among its blocks of a onehot."""
        names = [
            f"{block.column}" if block.kind == "scalar" else f"{block.column}_{position - first}"
            for column in self.columns
            for first in [min((block.start for block in self.layout.of(column)), default=0)]
            for block in self.layout.of(column)
            for position in range(block.start, block.stop)
        ]
        return np.array(names, dtype=object)

    def unlike(self, matrix: NDArray[np.float32]) -> Mapping[Hashable, NDArray[np.intp]]:
        """Give the rows of each column in which the matrix has nan."""
        strange = np.isnan(matrix)
        parts = zip(self.columns, self.layout.split(strange, list(self.columns)), strict=True)
        return {name: np.flatnonzero(part.any(axis=1)) for name, part in parts if part.any()}
