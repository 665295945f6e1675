"""Fitted columns side by side: the frame that the networks see <-> one array of codes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.layout import BlockKind, Layout
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.numbers import widened
from tabgan.table.columns.protection import Protection
from tabgan.table.repeats import chain_of, find_repeats, is_repeated, without_repeats

OTHER_OR_SAME: list[tuple[BlockKind, int]] = [("onehot", 2)]  # before the blocks of a column that repeats


class RowEncoder:
    """Columns and their blocks, in order.

    Parameters
    ----------
    columns : dict of column name to ColumnType
        Fitted.
    encoded : sequence of column names
        Those of them that a row consists of; the others follow from these.
    repeats : dict of column name to (column name, value, value)
        Of a column that often repeats the value of another: that other one, and the least and the greatest
        value that it may take over. Such a column has one onehot block more, before the others: the value is
        another one, or the same.
    """

    def __init__(
        self,
        columns: dict[Hashable, ColumnType],
        encoded: Sequence[Hashable],
        repeats: dict[Hashable, tuple[Hashable, Any, Any]],
    ) -> None:
        self.columns, self.encoded, self.repeats = columns, list(encoded), repeats
        self.layout = Layout.from_columns((name, self.blocks(name)) for name in encoded)

    @classmethod
    def fit(
        cls, table: TableFacts, columns: dict[Hashable, ColumnType], others: dict[Hashable, ColumnType]
    ) -> RowEncoder:
        """Fit each of `columns` to its column of a table, shape (n, n_columns); `others` are fitted."""
        frame = table.frame
        scales = [name for name, column in columns.items() if column.is_continuous]
        plain = [name for name in scales if (reading := table[name].reading) and reading.is_plain]
        sources = find_repeats(frame, plain)
        for name, column in columns.items():
            if name in sources:
                rest = without_repeats(frame[name], frame[sources[name]])
                column.fit_facts(ColumnFacts(rest, table.least))
            else:
                column.fit_facts(table[name])
        repeats = {name: (of, *Protection(table[name]).ends) for name, of in sources.items()}
        return cls({**columns, **others}, list(columns), repeats)

    def blocks(self, name: Hashable) -> list[tuple[BlockKind, int]]:
        """Give kind and width of each block of one column."""
        return OTHER_OR_SAME * (name in self.repeats) + self.columns[name].blocks()

    def intervals(self) -> list[NDArray[np.float32] | None]:
        """Give `ColumnType.intervals` of all blocks, in order."""
        return [
            part
            for name in self.encoded
            for part in [None] * (name in self.repeats) + self.columns[name].intervals()
        ]

    def transform(self, frame: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.float32]:
        """Encode n rows: shape (n, n_blocks), nan where a value is unlike any in training."""
        codes = []
        for name in self.encoded:
            source = frame[self.repeats[name][0]] if name in self.repeats else None
            codes.append(self.encode(name, frame[name], rng, source))
        return np.concatenate(codes, axis=1, dtype=np.float32)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column of n values: shape (n, number of its blocks).

        Where it repeats `source`, its codes are those of any other row.
        """
        codes = self.columns[name].transform(column, rng)
        if name not in self.repeats:
            return codes
        same = np.zeros(len(column), dtype=bool) if source is None else is_repeated(column, source)
        if not same.all():
            codes[same] = codes[rng.choice(np.flatnonzero(~same), same.sum())]
        else:  # the values as they are, and those that were only ever repeated, as anything
            codes = np.nan_to_num(codes)
        return np.column_stack([same, codes])

    def decode(
        self, codes: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator
    ) -> dict[Hashable, pd.Series]:
        """Decode the columns `names` of n rows, shape (n, n_blocks)."""
        sources = {name: source for name, (source, *_) in self.repeats.items()}
        needed = {link for name in names for link in chain_of(name, sources)}
        decoded: dict[Hashable, pd.Series] = {}
        is_same: dict[Hashable, NDArray[np.bool_]] = {}
        for name in self.encoded:
            if name in needed:
                of_column = codes[:, self.layout.places(name)]
                if name in self.repeats:
                    is_same[name], of_column = of_column[:, 0] == 1, of_column[:, 1:]
                decoded[name] = self.columns[name].inverse_transform(of_column, rng)
        for name in sorted(is_same, key=lambda name: len(chain_of(name, sources))):  # its source comes first
            source, low, high = self.repeats[name]
            possible = widened(decoded[source]).between(low, high).fillna(False).to_numpy(dtype=bool)
            repeated = decoded[source].astype(decoded[name].dtype)
            decoded[name] = decoded[name].where(~(is_same[name] & possible), repeated)
        return {name: decoded[name] for name in names}
