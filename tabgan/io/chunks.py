"""Tables too large for memory: read in chunks, as often as needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from tabgan.io.remote import is_elsewhere
from tabgan.io.tables import find_files, read_chunks, reason_of

CHUNK = 2**16  # rows in memory at a time

Chunk = tuple[str, pd.DataFrame]


@dataclass(frozen=True)
class Parts:
    """A table that is read from its start whenever it is iterated over: chunks, with their part's name."""

    read: Callable[[], Iterator[Chunk]]

    def __iter__(self) -> Iterator[Chunk]:
        first: pd.DataFrame | None = None
        n_rows = 0
        for name, frame in self.read():
            first = frame if first is None else first
            _check(name, frame, first)
            n_rows += len(frame)
            if not frame.columns.equals(first.columns):  # a copy, only if the order is another
                frame = frame[list(first.columns)]
            for start in range(0, len(frame), CHUNK):
                yield name, frame.iloc[start : start + CHUNK]
        if not n_rows:
            raise ValueError("the table has no rows; give one that has some")


def is_parts(X: Any) -> bool:
    """Whether `X` is a table in parts: paths, a dataset of Arrow, frames, or a function that gives frames.

    What is at a URL is read at once.
    """
    if is_elsewhere(X):
        return False
    if isinstance(X, str | os.PathLike) or hasattr(X, "scanner") or callable(X):
        return True
    return isinstance(X, Sequence) and len(X) > 0 and all(isinstance(part, pd.DataFrame) for part in X)


def open_parts(X: Any, text_columns: Collection[Hashable] = ()) -> Parts:
    """Take whatever `is_parts` knows for a table in parts, or a list of paths.

    Columns of CSV files in `text_columns` are read as text.

    Raises
    ------
    ValueError
        If no file is there, or one is neither CSV nor Parquet.
    """
    if paths := find_files(X):
        return Parts(lambda: (chunk for path in paths for chunk in _read(path, text_columns)))
    if hasattr(X, "scanner"):
        return Parts(lambda: (("the dataset", batch.to_pandas()) for batch in X.to_batches(batch_size=CHUNK)))
    return Parts(lambda: ((f"part {k}", part) for k, part in zip(count(), X() if callable(X) else X)))


def _read(path: Path, text_columns: Collection[Hashable]) -> Iterator[Chunk]:
    """Read a file in chunks, whose name is its path."""
    try:
        yield from ((str(path), frame) for frame in read_chunks(path, CHUNK, text_columns))
    except (ValueError, OSError, EOFError) as error:  # of pandas, of Arrow and of the decoding of text alike
        raise ValueError(f"{path} cannot be read: {reason_of(error)}; mend it or leave it out") from error


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
