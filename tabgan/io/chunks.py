"""Tables too large for memory: read in chunks, as often as needed, and a sample that stands for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.subsample import find_files
from tabgan.io.tables import cast_like, read_csv

CHUNK = 2**16  # rows in memory at a time
CSV_HEAD = 100_000  # rows of a CSV file that say what its columns are
SAMPLE = 200_000  # rows from which columns and their encodings are learned
MAX_WITNESSES = 1000  # levels of a column that are in the sample for sure

Chunk = tuple[str, pd.DataFrame]


@dataclass(frozen=True)
class Parts:
    """A table that is read anew each time it is iterated over: in chunks, with the name of their part.

    Parameters
    ----------
    read : callable
        ``read() -> iterator of (name, frame)``.
    """

    read: Callable[[], Iterator[Chunk]]

    def __iter__(self) -> Iterator[Chunk]:
        first: pd.DataFrame | None = None
        for name, frame in self.read():
            first = frame if first is None else first
            _check(name, frame, first)
            for start in range(0, len(frame), CHUNK):
                yield name, frame[list(first.columns)].iloc[start : start + CHUNK]
        if first is None:
            raise ValueError("the table has no parts; give at least one")


def is_parts(X: Any) -> bool:
    """Whether `X` is a table in parts: paths, a dataset of Arrow, frames, or a function that gives frames."""
    if isinstance(X, str | os.PathLike) or hasattr(X, "scanner") or callable(X):
        return True
    return isinstance(X, Sequence) and len(X) > 0 and all(isinstance(part, pd.DataFrame) for part in X)


def open_parts(X: Any) -> Parts:
    """Take whatever `is_parts` knows for a table in parts.

    Raises
    ------
    ValueError
        If no file is there, or one is neither CSV nor Parquet.
    """
    if isinstance(X, str | os.PathLike):
        paths = find_files(X)
        return Parts(lambda: (chunk for path in paths for chunk in _read(path)))
    if hasattr(X, "scanner"):
        return Parts(lambda: (("the dataset", batch.to_pandas()) for batch in X.to_batches(batch_size=CHUNK)))
    return Parts(lambda: ((f"part {k}", part) for k, part in zip(count(), X() if callable(X) else X)))


def sample_of(parts: Parts, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """Read a table through once; give a sample that stands for it, and its number of rows.

    The sample has the rows with the `SAMPLE` least of random numbers, one a row. Beside these it has, of each
    column, rows with the least and the greatest number, with a missing cell and with each level, a thousand
    at most; so that nothing that comes later in the table is unlike all in the sample.
    """
    kept: list[pd.DataFrame] = []
    keys, limit, n_rows = np.zeros(0), np.inf, 0
    witnesses = _Witnesses()
    for _, frame in parts:
        frame = frame.set_axis(pd.RangeIndex(n_rows, n_rows + len(frame)))
        n_rows += len(frame)
        witnesses.look(frame)
        drawn = rng.random(len(frame))
        kept.append(frame[drawn < limit])
        keys = np.append(keys, drawn[drawn < limit])
        if len(keys) > 2 * SAMPLE:
            kept, keys, limit = _least(kept, keys)
    kept, keys, limit = _least(kept, keys)
    sample = pd.concat([*kept, *witnesses.rows()])
    sample = sample[~sample.index.duplicated()].sort_index()
    return sample.reset_index(drop=True), n_rows


class _Witnesses:
    """Rows that show what cells a column can have."""

    def __init__(self) -> None:
        self.ends: dict[tuple[Hashable, str], tuple[Any, pd.DataFrame]] = {}
        self.levels: dict[Hashable, set[Any]] = {}
        self.firsts: list[pd.DataFrame] = []

    def look(self, frame: pd.DataFrame) -> None:
        """Take note of a chunk, whose index has the numbers of its rows."""
        places: set[int] = set()
        for name, column in frame.items():
            missing = column.isna().to_numpy()
            if missing.any() and None not in self.levels.setdefault(name, set()):
                self.levels[name].add(None)
                places.add(int(missing.argmax()))
            if missing.all():
                continue
            if column.dtype.kind in "iufmM" and not isinstance(column.dtype, pd.CategoricalDtype):
                self._look_at_ends(frame, name, column)
            else:
                places |= self._new_levels(name, column)
        self.firsts.append(frame.iloc[sorted(places)])

    def rows(self) -> list[pd.DataFrame]:
        """All of them."""
        return [*self.firsts, *(row for _, row in self.ends.values())]

    def _look_at_ends(self, frame: pd.DataFrame, name: Hashable, column: pd.Series) -> None:
        for end, place in (("least", int(column.argmin())), ("greatest", int(column.argmax()))):
            value, known = column.iloc[place], self.ends.get((name, end))
            if known is None or (value < known[0] if end == "least" else value > known[0]):
                self.ends[name, end] = value, frame.iloc[[place]]

    def _new_levels(self, name: Hashable, column: pd.Series) -> set[int]:
        seen = self.levels.setdefault(name, set())
        if len(seen) > MAX_WITNESSES:
            return set()
        try:
            different = column.drop_duplicates().dropna()
            new = [place for place, cell in different.items() if cell not in seen]
            seen |= set(different)
        except TypeError:  # cells that cannot be levels, of which the schema will speak
            return set()
        return {int(place) - int(column.index[0]) for place in new[:MAX_WITNESSES]}  # type: ignore[call-overload]


def _least(kept: list[pd.DataFrame], keys: np.ndarray) -> tuple[list[pd.DataFrame], np.ndarray, float]:
    """Keep the rows with the least keys, and say what a key must now be below."""
    if len(keys) <= SAMPLE:
        return kept, keys, np.inf
    limit = float(np.partition(keys, SAMPLE)[SAMPLE])
    return [pd.concat(kept)[keys < limit]], keys[keys < limit], limit


def _read(path: Path) -> Iterator[Chunk]:
    """Read a file in chunks."""
    try:
        for frame in _read_csv(path) if ".csv" in path.name.lower() else _read_parquet(path):
            yield str(path), frame
    except (ValueError, OSError, EOFError) as error:  # of pandas, of Arrow and of the decoding of text alike
        first_line = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read: {first_line}; mend it or leave it out") from error


def _read_parquet(path: Path) -> Iterator[pd.DataFrame]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=CHUNK):
            yield batch.to_pandas()


def _read_csv(path: Path) -> Iterator[pd.DataFrame]:
    head = read_csv(path, [], CSV_HEAD)
    as_text = {name: str for name in head if head[name].dtype == object}
    with pd.read_csv(path, dtype=as_text, chunksize=CHUNK, low_memory=False) as chunks:
        for chunk in chunks:
            yield cast_like(chunk, head)


def _check(name: str, frame: Any, first: pd.DataFrame) -> None:
    """Refuse a part whose columns are not those of the first."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame, got {type(frame).__name__}")
    absent = [column for column in first if column not in frame]
    unknown = [column for column in frame if column not in first]
    if absent or unknown:
        raise ValueError(
            f"{name} has other columns than the first part: it lacks {absent}, and has {unknown} beside the "
            "others; make them alike"
        )
    for column in first:
        was, now = first[column], frame[column]
        if _is_number(was) != _is_number(now) and was.notna().any() and now.notna().any():
            raise ValueError(
                f"{name}: column {column!r} is of dtype {now.dtype}, and in the first part of dtype "
                f"{was.dtype}; make them alike"
            )


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


__all__ = ["CHUNK", "Parts", "is_parts", "open_parts", "sample_of"]
