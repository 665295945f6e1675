"""A random sample of the rows of a table of any size: files, folders of files, Dask frames, parts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tabgan.io.chunks import Parts, open_parts
from tabgan.io.tables import cast_like, columns_of_text, find_files, read_table

SAMPLE = 200_000  # rows from which columns and their encodings are learned
MAX_WITNESSES = 1000  # categories of a column that are in the sample for sure


class Sampled(NamedTuple):
    """Rows of a table, and how many it has."""

    frame: Any
    n_rows: int


def sample_rows(
    source: Any, max_rows: int, seed: np.random.SeedSequence, like: pd.DataFrame | None = None
) -> Sampled:
    """Read a table, or of a large one a random sample without replacement, in bounded memory.

    A `source` is a file, a folder with files below it, a pattern such as ``"data/*.parquet"``, a list of
    these, or a Dask frame; a path with no such file is refused with a ValueError, and anything else is given
    back as it is. The sample has all rows if they are at most `max_rows`, in their order. Columns take the
    dtypes of their namesakes in `like` where their values allow it.
    """
    rng = np.random.default_rng(seed)
    if hasattr(source, "to_delayed") and hasattr(source, "npartitions"):
        frame, n_rows = _sample_dask(source, max_rows, rng)
    elif paths := find_files(source):
        reservoir = Reservoir(max_rows, rng)
        for _, chunk in open_parts(source, () if like is None else columns_of_text(like)):
            reservoir.add(chunk)
        frame, n_rows = reservoir.rows().reset_index(drop=True), reservoir.n_rows
        if len(paths) == 1 and n_rows <= max_rows:  # its types are clearer when it is read at once
            frame = read_table(paths[0], like=like)
    else:
        return Sampled(source, len(source) if hasattr(source, "__len__") else 0)
    return Sampled(frame if like is None else cast_like(frame, like), n_rows)


class Reservoir:
    """A random sample without replacement of rows that come frame by frame.

    Each row has a random number, and those with the `max_rows` least numbers stay. Twice as many rows are in
    memory.
    """

    def __init__(self, max_rows: int, rng: np.random.Generator) -> None:
        self.max_rows, self.rng = max_rows, rng
        self.n_rows, self.limit = 0, np.inf
        self.frames: list[pd.DataFrame] = []
        self.numbers = np.zeros(0)

    def add(self, frame: pd.DataFrame) -> None:
        """Let the rows of a frame take part."""
        self.n_rows += len(frame)
        numbers = self.rng.random(len(frame))
        self.frames.append(frame[numbers < self.limit])
        self.numbers = np.append(self.numbers, numbers[numbers < self.limit])
        if len(self.numbers) > 2 * self.max_rows:
            self.rows()

    def rows(self) -> pd.DataFrame:
        """Give the sample of all rows until now, in their order and with their index."""
        rows = pd.concat(self.frames)
        if len(rows) > self.max_rows:
            self.limit = float(np.partition(self.numbers, self.max_rows)[self.max_rows])
            rows, self.numbers = rows[self.numbers < self.limit], self.numbers[self.numbers < self.limit]
        self.frames = [rows]
        return rows


def sample_of(parts: Parts, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """Read a table through once; give a sample that stands for it, and its number of rows.

    The sample has `SAMPLE` rows at random. Beside these it has, of each column, rows with the least and the
    greatest number, with a missing value and with each category, a thousand at most; so that nothing that
    comes later in the table is unlike all in the sample.
    """
    reservoir, witnesses = Reservoir(SAMPLE, rng), pd.DataFrame()
    for _, frame in parts:
        frame = frame.set_axis(pd.RangeIndex(reservoir.n_rows, reservoir.n_rows + len(frame)))
        witnesses = _witnesses(pd.concat([witnesses, frame]) if len(witnesses) else frame)
        reservoir.add(frame)
    sample = pd.concat([reservoir.rows(), witnesses])
    sample = sample[~sample.index.duplicated()].sort_index()
    return sample.reset_index(drop=True), reservoir.n_rows


def _witnesses(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the first rows that have an extreme number, a missing value or another category in a column."""
    positions: set[int] = set()
    for _, column in frame.items():
        missing = column.isna().to_numpy()
        positions.update(np.flatnonzero(missing)[:1])
        if missing.all():
            continue
        if column.dtype.kind in "iufmM" and not isinstance(column.dtype, pd.CategoricalDtype):
            positions |= {int(column.argmin()), int(column.argmax())}
        else:
            with suppress(TypeError):  # values that cannot be categories, of which the schema will speak
                positions.update(np.flatnonzero(~column.duplicated() & ~missing)[:MAX_WITNESSES])
    return frame.iloc[sorted(positions)]


def _sample_dask(source: Any, max_rows: int, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """Two passes: one counts the rows of each partition, the other takes some."""
    import dask

    ends = np.cumsum([0, *source.map_partitions(len).compute()])
    n_rows = int(ends[-1])
    rows = np.arange(n_rows)
    if n_rows > max_rows:
        rows = np.sort(rng.choice(n_rows, max_rows, replace=False, shuffle=False))
    chosen = np.split(rows, np.searchsorted(rows, ends[1:-1]))
    partitions = zip(source.to_delayed(), chosen, ends, strict=False)
    take = dask.delayed(pd.DataFrame.take)
    parts = [take(part, rows - start) for part, rows, start in partitions if len(rows)]
    frames = dask.compute(*parts) if parts else [source.head(0)]
    return pd.concat(frames, ignore_index=True), n_rows
