"""From a table, in memory or in parts, to packed rows: a chunk at a time, and never one large matrix."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.distributed import from_first, n_processes, rank
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.io.chunks import Chunk, Parts, is_parts, open_parts
from tabgan.io.containers import Containers, join
from tabgan.io.subsample import sample_of
from tabgan.table import (
    ColumnType,
    Constraint,
    ConstraintSet,
    Schema,
    TableTransformer,
    discover_constraints,
    parse_constraints,
)
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.protection import least_records

WINDOW = 2**19  # rows of a part of the cache, about: what training has in memory at a time


@dataclass
class Source:
    """A table to learn from.

    Parameters
    ----------
    table : DataFrame
        All rows, or a sample that stands for them.
    containers : Containers
        How X and y came.
    chunks : iterable of (str, DataFrame)
        The rows that this process encodes, with names for errors: of a table in memory all, else its share.
    n_rows : int
        Rows of the whole table.
    folder : Path, optional
        Where packed rows may be kept; None for a table in memory.
    """

    table: pd.DataFrame
    containers: Containers
    chunks: Iterable[Chunk]
    n_rows: int
    folder: Path | None = None

    @property
    def is_whole(self) -> bool:
        """Whether `table` has all rows."""
        return len(self.table) >= self.n_rows

    def encode(self, transformer: TableTransformer, rng: np.random.Generator) -> PackedTable:
        """Encode and pack the rows; many that are read in parts are dealt out to windows on disk."""
        packing = Packing(tuple(transformer.layout_))
        intervals = transformer.encoder_.intervals()
        packed = (packing.pack(self._codes(transformer, rng, *chunk)) for chunk in self.chunks)
        n_windows = -(-self.n_rows // (WINDOW * n_processes()))
        if self.folder is None or n_windows == 1:
            window = self._in_one_window(packed, packing.row_bytes)
            return PackedTable(packing, [window], self.n_rows, intervals, transformer.least_)
        windows = Stored(self.folder, n_windows, packing.row_bytes)
        with ExitStack() as stack:
            files = [stack.enter_context(open(path, "wb")) for path in windows.paths]
            for rows in packed:
                dealt = rng.integers(n_windows, size=len(rows))
                for k, file in enumerate(files):
                    file.write(rows[dealt == k].data)
        return PackedTable(packing, windows, self.n_rows, intervals, transformer.least_)

    def _codes(
        self, transformer: TableTransformer, rng: np.random.Generator, name: str, frame: pd.DataFrame
    ) -> NDArray[np.float32]:
        try:
            if self.folder is not None:  # of a table in memory, the constraints have looked at all rows
                transformer.constraint_set_.refuse_broken(frame)
            return transformer.transform(frame, random_state=rng)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{name}: {error}") from error

    def _in_one_window(self, packed: Iterable[Packed], row_bytes: int) -> Packed:
        window, n_rows = np.empty((self.n_rows, row_bytes), dtype=np.uint8), 0
        for rows in packed:
            window[n_rows : n_rows + len(rows)] = rows
            n_rows += len(rows)
        if not n_rows:
            raise ValueError(f"there are fewer chunks of rows than processes ({n_processes()}); take fewer")
        return window[:n_rows]


@contextmanager
def opened(X: Any, y: Any, seed: np.random.SeedSequence) -> Iterator[Source]:
    """Open the table that `fit` was given; the files of its cache are there until the block ends."""
    if not is_parts(X):
        table, containers = join(X, y)
        yield Source(table, containers, Parts(lambda: iter([("the table", table)])), len(table))
        return
    if y is not None:
        raise ValueError("y must be a column of the table where this is read in parts; leave y out")
    with TemporaryDirectory(prefix="tabgan-", ignore_cleanup_errors=True) as folder:
        parts = open_parts(X)
        table, n_rows = from_first(lambda: sample_of(parts, np.random.default_rng(seed)))
        share = islice(parts, rank(), None, n_processes())
        yield Source(table, Containers(list(table.columns)), share, n_rows, Path(folder))


def fit_transformer(
    source: Source,
    columns: Mapping[Hashable, str | ColumnType] | None,
    constraints: Sequence[Constraint | str | Callable[..., Any]] | str | None,
    protect: int | str | None,
    declared: Collection[Hashable] | None = None,
) -> TableTransformer:
    """Learn what the columns of a table are, which constraints hold, and how its rows are encoded.

    Constraints are not looked for in columns that are `declared`, by default all of `columns`.
    """
    least = least_records(source.n_rows) if protect == "auto" else int(protect or 1)
    table = TableFacts(source.table, least=least)
    columns = dict(columns or {})
    scaling = columns.pop("*", "rank") if "*" not in source.table else "rank"
    schema = Schema.infer(table, columns, numeric=scaling)  # type: ignore[arg-type]
    if not isinstance(constraints, str):
        constraint_set = ConstraintSet(parse_constraints(constraints))
    elif source.is_whole:  # what holds in a sample need not hold in all rows
        constraint_set = discover_constraints(table, schema, columns if declared is None else declared)
    else:
        constraint_set = ConstraintSet()
    return TableTransformer(schema, constraint_set).fit(table)


class Stored(Sequence[Any]):
    """Windows of packed rows that are files: each is read when it is asked for."""

    def __init__(self, folder: Path, n: int, row_bytes: int) -> None:
        self.paths = [folder / f"{k}.rows" for k in range(n)]
        self.row_bytes = row_bytes

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, k: Any) -> Any:
        return np.fromfile(self.paths[k], dtype=np.uint8).reshape(-1, self.row_bytes)
