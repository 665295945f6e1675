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

from tabgan.io.subsample import Reservoir
from tabgan.io.tables import find_files, read_chunks

CHUNK = 2**16  # rows in memory at a time
SAMPLE = 200_000  # rows from which columns and their encodings are learned
MAX_WITNESSES = 1000  # categories of a column that are in the sample for sure

Chunk = tuple[str, pd.DataFrame]


@dataclass(frozen=True)
class Parts:
    """A table that is read from its start whenever it is iterated over: chunks, with the name of their part.

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


def _read(path: Path) -> Iterator[Chunk]:
    """Read a file in chunks, whose name is its path."""
    try:
        yield from ((str(path), frame) for frame in read_chunks(path, CHUNK))
    except (ValueError, OSError, EOFError) as error:  # of pandas, of Arrow and of the decoding of text alike
        first_line = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read: {first_line}; mend it or leave it out") from error


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
