"""A random sample of the rows of a table of any size: files, folders of files, Dask frames, parts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.chunks import Parts, open_parts
from tabgan.io.tables import cast_like, find_files, read_table, text_columns

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

    Parameters
    ----------
    source : path, list of paths, dask.dataframe.DataFrame or anything else
        A file, a folder with files below it, or a pattern such as ``"data/*.parquet"``. A path with no such
        file is refused; anything else is given back as it is.
    max_rows : int
        Rows of the sample, which has all that there are if they are fewer, in their order.
    seed : numpy.random.SeedSequence
    like : DataFrame, optional
        Whose dtypes the columns of the same names take where their values allow it.

    Returns
    -------
    Sampled

    Raises
    ------
    ValueError
        If there is no such file, one cannot be read, their formats or their columns differ.
    """
    rng = np.random.default_rng(seed)
    if hasattr(source, "to_delayed") and hasattr(source, "npartitions"):
        frame, n_rows = _sample_dask(source, max_rows, rng)
    elif paths := find_files(source):
        reservoir = Reservoir(max_rows, rng)
        for _, chunk in open_parts(source, () if like is None else text_columns(like)):
            reservoir.add(chunk)
        frame, n_rows = reservoir.rows().reset_index(drop=True), reservoir.n_rows
        if len(paths) == 1 and n_rows <= max_rows:  # its types are clearer when it is read at once
            frame = read_table(paths[0], like=like)
    else:
        return Sampled(source, len(source) if hasattr(source, "__len__") else 0)
    return Sampled(frame if like is None else cast_like(frame, like), n_rows)


class Reservoir:
    """A random sample without replacement of rows that come frame by frame.

    Each row has a random number, and those with the least numbers stay.

    Parameters
    ----------
    max_rows : int
        Rows of the sample; twice as many are in memory.
    rng : numpy.random.Generator
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
    reservoir, witnesses = Reservoir(SAMPLE, rng), _Witnesses()
    for _, frame in parts:
        frame = frame.set_axis(pd.RangeIndex(reservoir.n_rows, reservoir.n_rows + len(frame)))
        witnesses.look(frame)
        reservoir.add(frame)
    sample = pd.concat([reservoir.rows(), *witnesses.rows()])
    sample = sample[~sample.index.duplicated()].sort_index()
    return sample.reset_index(drop=True), reservoir.n_rows


class _Witnesses:
    """Rows that show what values a column can have."""

    def __init__(self) -> None:
        self.ends: dict[tuple[Hashable, str], tuple[Any, pd.DataFrame]] = {}
        self.categories: dict[Hashable, set[Any]] = {}
        self.firsts: list[pd.DataFrame] = []

    def look(self, frame: pd.DataFrame) -> None:
        """Take note of a chunk, whose index has the numbers of its rows."""
        positions: set[int] = set()
        for name, column in frame.items():
            missing = column.isna().to_numpy()
            if missing.any() and None not in self.categories.setdefault(name, set()):
                self.categories[name].add(None)
                positions.add(int(missing.argmax()))
            if missing.all():
                continue
            if column.dtype.kind in "iufmM" and not isinstance(column.dtype, pd.CategoricalDtype):
                self._look_at_ends(frame, name, column)
            else:
                positions |= self._new_categories(name, column)
        self.firsts.append(frame.iloc[sorted(positions)])

    def rows(self) -> list[pd.DataFrame]:
        """All of them."""
        return [*self.firsts, *(row for _, row in self.ends.values())]

    def _look_at_ends(self, frame: pd.DataFrame, name: Hashable, column: pd.Series) -> None:
        for end, position in (("least", int(column.argmin())), ("greatest", int(column.argmax()))):
            value, known = column.iloc[position], self.ends.get((name, end))
            if known is None or (value < known[0] if end == "least" else value > known[0]):
                self.ends[name, end] = value, frame.iloc[[position]]

    def _new_categories(self, name: Hashable, column: pd.Series) -> set[int]:
        seen = self.categories.setdefault(name, set())
        if len(seen) > MAX_WITNESSES:
            return set()
        try:
            distinct = column.drop_duplicates().dropna()
            new = [row for row, value in distinct.items() if value not in seen]
            seen |= set(distinct)
        except TypeError:  # values that cannot be categories, of which the schema will speak
            return set()
        return {int(row) - int(column.index[0]) for row in new[:MAX_WITNESSES]}  # type: ignore[call-overload]


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
    parts = [dask.delayed(_take)(part, rows - start) for part, rows, start in partitions if len(rows)]
    frames = dask.compute(*parts) if parts else [source.head(0)]
    return pd.concat(frames, ignore_index=True), n_rows


def _take(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
    return frame.take(rows)
