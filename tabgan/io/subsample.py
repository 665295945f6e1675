"""A random sample of the rows of a table of any size: files, folders of files, Dask frames."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.tables import TABLES, cast_like, format_of, read_table

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
        file is refused; what is none of these is given back as it is.
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
        csv = ".csv" in paths[0].name.lower()
        sampled = _sample_csv(paths, max_rows, rng, like) if csv else _sample_parquet(paths, max_rows, rng)
    else:
        return Sampled(source, len(source) if hasattr(source, "__len__") else 0)
    return sampled if like is None else Sampled(cast_like(sampled.frame, like), sampled.n_rows)


def find_files(source: Any) -> list[Path]:
    """Give the files that a path, a folder, a pattern or a list of them stands for; none for other objects.

    In a folder, names that begin with a dot or an underscore are left out, as Arrow and Spark do.
    """
    if isinstance(source, Sequence) and not isinstance(source, str):
        if not source or not all(isinstance(path, str | os.PathLike) for path in source):
            return []
        found = [file for path in source for file in find_files(path)]
    elif not isinstance(source, str | os.PathLike):
        return []
    else:
        found = _files_at(Path(source))
    for path in found:
        format_of(path)
    endings = sorted({".csv" if ".csv" in path.name.lower() else ".parquet" for path in found})
    if len(endings) > 1:
        raise ValueError(f"{source} holds files of several formats, {endings}; name those that are one table")
    return found


def _files_at(path: Path) -> list[Path]:
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.name.lower().endswith(tuple(TABLES))]
        hidden = [any(part[0] in "._" for part in file.relative_to(path).parts) for file in found]
        found = [file for file, is_hidden in zip(found, hidden, strict=True) if not is_hidden]
    elif path.exists():
        return [path]
    else:
        found = sorted(map(Path, glob.glob(str(path), recursive=True)))
    if not found:
        wanted = ", ".join(TABLES)
        raise ValueError(f"there is no table at {path}; wanted a file, a folder or a pattern of {wanted}")
    return found


def _chosen(lengths: Sequence[int], max_rows: int, rng: np.random.Generator) -> list[Index]:
    """Which rows of each of several pieces are in a random sample of all, rising."""
    ends = np.cumsum([0, *lengths])
    total = int(ends[-1])
    if total <= max_rows:
        return [np.arange(length) for length in lengths]
    rows = np.sort(rng.choice(total, max_rows, replace=False, shuffle=False))
    cuts = np.searchsorted(rows, ends)
    return [rows[cuts[k] : cuts[k + 1]] - ends[k] for k in range(len(lengths))]


def _sample_parquet(paths: Sequence[Path], max_rows: int, rng: np.random.Generator) -> Sampled:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names: list[str] = []
    lengths: list[int] = []
    groups: list[tuple[Path, int]] = []
    for path in paths:
        try:
            meta, here = pq.read_metadata(path), pq.read_schema(path).names
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path} cannot be read as a parquet table: {error}") from error
        names = names or here
        if set(names) != set(here):
            differ = sorted(set(names) ^ set(here))
            raise ValueError(f"{path} has other columns than {paths[0]}: they differ in {differ}")
        lengths += [meta.row_group(k).num_rows for k in range(meta.num_row_groups)]
        groups += [(path, k) for k in range(meta.num_row_groups)]
    picked = zip(groups, _chosen(lengths, max_rows, rng), strict=True)
    parts = [table for (path, k), rows in picked for table in _read_group(path, k, rows, names)]
    if not parts:
        parts = [pq.read_schema(paths[0]).empty_table()]
    return Sampled(pa.concat_tables(parts, promote_options="permissive").to_pandas(), sum(lengths))


def _read_group(path: Path, group: int, rows: Index, names: Sequence[str]) -> Iterator[Any]:
    """Give the chosen rows of a row group, piece by piece."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not len(rows):
        return
    start = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(row_groups=[group], columns=list(names)):
            here = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(batch))] - start
            start += len(batch)
            if len(here):
                yield pa.Table.from_batches([batch]).take(here)


def _sample_csv(
    paths: Sequence[Path], max_rows: int, rng: np.random.Generator, like: pd.DataFrame | None
) -> Sampled:
    """Draw a number for each row and keep those of the least ones, as text that is then read as a file."""
    kept: pd.DataFrame | None = None
    marks, n_rows = np.zeros(0), 0
    for path in paths:
        try:
            for chunk in pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=CSV_ROWS):
                if not isinstance(chunk.index, pd.RangeIndex):
                    raise ValueError("its rows have more fields than its first line has names")
                if kept is not None and set(chunk) != set(kept):
                    differ = sorted(set(map(str, chunk)) ^ set(map(str, kept)))
                    raise ValueError(f"it has other columns than {paths[0]}: they differ in {differ}")
                n_rows += len(chunk)
                marks = np.append(marks, rng.random(len(chunk)))
                kept = chunk if kept is None else pd.concat([kept, chunk], ignore_index=True)
                if len(marks) > max_rows:
                    least = np.sort(np.argpartition(marks, max_rows)[:max_rows])
                    kept, marks = kept.take(least), marks[least]
        except ValueError as error:
            raise ValueError(f"{path} cannot be read as a .csv table: {error}") from error
    if kept is None or (len(paths) == 1 and n_rows <= max_rows):
        return Sampled(read_table(paths[0], like=like), n_rows)
    with tempfile.TemporaryDirectory() as folder:
        kept.to_csv(sample := Path(folder) / "sample.csv", index=False)
        return Sampled(read_table(sample, like=like), n_rows)


def _sample_dask(source: Any, max_rows: int, rng: np.random.Generator) -> Sampled:
    """Two passes: one counts the rows of each partition, the other takes some."""
    import dask

    lengths = [int(n) for n in source.map_partitions(len).compute()]
    picked = zip(source.to_delayed(), _chosen(lengths, max_rows, rng), strict=True)
    parts = [dask.delayed(_take)(part, rows) for part, rows in picked if len(rows)]
    frames = dask.compute(*parts) if parts else [source.head(0)]
    return Sampled(pd.concat(frames, ignore_index=True), sum(lengths))


def _take(frame: pd.DataFrame, rows: Index) -> pd.DataFrame:
    return frame.take(rows)
