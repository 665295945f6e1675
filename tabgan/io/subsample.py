"""A random sample of the rows of a table of any size: files, folders of files, Dask frames."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.tables import cast_like, find_files, is_csv, parquet_batches, read_table

CSV_ROWS = 50_000  # read at a time
Index = NDArray[np.int64]


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
        sampled = _sample_dask(source, max_rows, rng)
    elif paths := find_files(source):
        csv = is_csv(paths[0])
        sampled = _sample_csv(paths, max_rows, rng, like) if csv else _sample_parquet(paths, max_rows, rng)
    else:
        return Sampled(source, len(source) if hasattr(source, "__len__") else 0)
    return sampled if like is None else Sampled(cast_like(sampled.frame, like), sampled.n_rows)


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


def _sample_parquet(paths: Sequence[Path], max_rows: int, rng: np.random.Generator) -> Sampled:
    import pyarrow as pa
    from pyarrow.dataset import dataset

    schemas: list[Any] = []
    for path in paths:
        try:
            schemas.append(dataset(path).schema)
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path} cannot be read as a parquet table: {error}") from error
        if differ := set(schemas[0].names) ^ set(schemas[-1].names):
            raise ValueError(f"{path} has other columns than {paths[0]}: they differ in {sorted(differ)}")
    schema = pa.unify_schemas(schemas, promote_options="permissive")
    table = dataset([str(path) for path in paths], schema=schema)
    n_rows = table.count_rows()
    rows, start, taken = _chosen(n_rows, max_rows, rng), 0, []
    for batch in parquet_batches(table):
        first, last = np.searchsorted(rows, [start, start + len(batch)])
        taken.append(batch.take(rows[first:last] - start))
        start += len(batch)
    return Sampled(pa.Table.from_batches(taken, table.schema).to_pandas(), n_rows)


def _sample_csv(
    paths: Sequence[Path], max_rows: int, rng: np.random.Generator, like: pd.DataFrame | None
) -> Sampled:
    """Sample rows as text, which is then read as a file."""
    reservoir, names = Reservoir(max_rows, rng), None
    for path in paths:
        try:
            for chunk in pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=CSV_ROWS):
                if not isinstance(chunk.index, pd.RangeIndex):
                    raise ValueError("its rows have more fields than its first line has names")
                names = list(chunk) if names is None else names
                if differ := set(chunk) ^ set(names):
                    raise ValueError(
                        f"it has other columns than {paths[0]}: they differ in {sorted(map(str, differ))}"
                    )
                reservoir.add(chunk[names])
        except ValueError as error:
            raise ValueError(f"{path} cannot be read as a .csv table: {error}") from error
    if names is None or (len(paths) == 1 and reservoir.n_rows <= max_rows):
        return Sampled(read_table(paths[0], like=like), reservoir.n_rows)
    with tempfile.TemporaryDirectory() as folder:
        reservoir.rows().to_csv(sample := Path(folder) / "sample.csv", index=False)
        return Sampled(read_table(sample, like=like), reservoir.n_rows)


def _sample_dask(source: Any, max_rows: int, rng: np.random.Generator) -> Sampled:
    """Two passes: one counts the rows of each partition, the other takes some."""
    import dask

    ends = np.cumsum([0, *source.map_partitions(len).compute()])
    n_rows = int(ends[-1])
    rows = _chosen(n_rows, max_rows, rng)
    partitions = zip(
        source.to_delayed(), np.split(rows, np.searchsorted(rows, ends[1:-1])), ends, strict=False
    )
    parts = [dask.delayed(_take)(part, chosen - start) for part, chosen, start in partitions if len(chosen)]
    frames = dask.compute(*parts) if parts else [source.head(0)]
    return Sampled(pd.concat(frames, ignore_index=True), n_rows)


def _chosen(n_rows: int, max_rows: int, rng: np.random.Generator) -> Index:
    """Choose at most `max_rows` of all rows, and give them in their order."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    return np.sort(rng.choice(n_rows, max_rows, replace=False, shuffle=False))


def _take(frame: pd.DataFrame, rows: Index) -> pd.DataFrame:
    return frame.take(rows)
