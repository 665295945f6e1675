"""From a table, in memory or in parts, to packed rows: a chunk at a time, and never one large matrix."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.distributed import from_first, n_processes, rank
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.io.chunks import CHUNK, Parts, is_parts, open_parts, sample_of
from tabgan.io.containers import Containers, join
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

WINDOW = 2**19  # rows of a part of the cache, about: what training has in memory at a time


class Source(Protocol):
    """A table to learn from.

    Parameters
    ----------
    table : DataFrame
        All rows, or a sample that stands for them.
    containers : Containers
        How X and y came.
    """

    table: pd.DataFrame
    containers: Containers

    @property
    def is_whole(self) -> bool:
        """Whether `table` has all rows."""

    def encode(self, transformer: TableTransformer, rng: np.random.Generator) -> PackedTable:
        """Encode and pack all rows with a fitted transformer."""


@contextmanager
def opened(X: Any, y: Any, seed: np.random.SeedSequence) -> Iterator[Source]:
    """Open the table that `fit` was given; the files of its cache are there until the block ends."""
    if not is_parts(X):
        yield InMemory(*join(X, y))
        return
    if y is not None:
        raise ValueError("y must be a column of the table where this is read in parts; leave y out")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="tabgan-", ignore_cleanup_errors=True))
        parts = open_parts(X)
        table, n_rows = from_first(lambda: sample_of(parts, np.random.default_rng(seed)))
        yield OnDisk(table, Containers(list(table.columns)), parts, n_rows, Path(folder))


def fit_transformer(
    source: Source,
    columns: Mapping[Hashable, str | ColumnType] | None,
    constraints: Sequence[Constraint | str | Callable[..., Any]] | str | None,
) -> TableTransformer:
    """Learn what the columns of a table are, which constraints hold, and how its rows are encoded.

    Parameters
    ----------
    source : Source
    columns, constraints
        As the parameters of :class:`tabgan.TabGAN`.
    """
    table = TableFacts(source.table)
    columns = dict(columns or {})
    scaling = columns.pop("*", "rank") if "*" not in source.table else "rank"
    schema = Schema.infer(table, columns, numeric=scaling)  # type: ignore[arg-type]
    if not isinstance(constraints, str):
        constraint_set = ConstraintSet(parse_constraints(constraints))
    elif source.is_whole:  # what holds in a sample need not hold in all rows
        constraint_set = discover_constraints(table, schema, columns)
    else:
        constraint_set = ConstraintSet()
    return TableTransformer(schema, constraint_set).fit(table)


@dataclass
class InMemory:
    """A table in memory."""

    table: pd.DataFrame
    containers: Containers
    is_whole: ClassVar[bool] = True

    def encode(self, transformer: TableTransformer, rng: np.random.Generator) -> PackedTable:
        """Encode it in one window, the same in all processes: each of them has all rows in memory anyway."""
        packing = Packing(tuple(transformer.layout_))
        packed = np.empty((len(self.table), packing.row_bytes), dtype=np.uint8)
        for start in range(0, len(packed), CHUNK):
            chunk = self.table.iloc[start : start + CHUNK]
            packed[start : start + CHUNK] = packing.pack(transformer.transform(chunk, random_state=rng))
        return PackedTable(packing, [packed], len(self.table))


@dataclass
class OnDisk:
    """A table that is read in parts, with a cache of its packed rows in a folder."""

    table: pd.DataFrame
    containers: Containers
    parts: Parts
    n_rows: int
    folder: Path

    @property
    def is_whole(self) -> bool:
        """Whether the sample has all rows."""
        return len(self.table) >= self.n_rows

    def encode(self, transformer: TableTransformer, rng: np.random.Generator) -> PackedTable:
        """Deal out all rows at random to windows on disk."""
        packing = Packing(tuple(transformer.layout_))
        chunks_here = islice(self.parts, rank(), None, n_processes())
        if self.n_rows <= WINDOW * n_processes():
            chunks = [self._pack(packing, transformer, rng, *chunk) for chunk in chunks_here]
            if not chunks:
                raise ValueError(
                    f"there are fewer chunks of rows than processes ({n_processes()}); take fewer"
                )
            return PackedTable(packing, [np.concatenate(chunks)], self.n_rows)
        windows = Stored(self.folder, -(-self.n_rows // (WINDOW * n_processes())), packing.row_bytes)
        with ExitStack() as stack:
            files = [stack.enter_context(open(path, "wb")) for path in windows.paths]
            for chunk in chunks_here:
                packed = self._pack(packing, transformer, rng, *chunk)
                dealt = rng.integers(len(files), size=len(packed))
                for k, file in enumerate(files):
                    file.write(packed[dealt == k].data)
        return PackedTable(packing, windows, self.n_rows)

    @staticmethod
    def _pack(
        packing: Packing,
        transformer: TableTransformer,
        rng: np.random.Generator,
        name: str,
        frame: pd.DataFrame,
    ) -> Packed:
        try:
            codes = transformer.transform(frame, random_state=rng)
            n_violations = int((~transformer.obey(frame)).sum())
        except (ValueError, TypeError) as error:
            raise type(error)(f"{name}: {error}") from error
        if n_violations:
            raise ValueError(f"{name}: {n_violations} row(s) break a constraint; mend them, or leave it out")
        return packing.pack(codes)


class Stored(Sequence[Any]):
    """PackedTable that are files: each is read when it is asked for."""

    def __init__(self, folder: Path, n: int, row_bytes: int) -> None:
        self.paths = [folder / f"{k}.rows" for k in range(n)]
        self.row_bytes = row_bytes

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, k: Any) -> Any:
        return np.fromfile(self.paths[k], dtype=np.uint8).reshape(-1, self.row_bytes)
