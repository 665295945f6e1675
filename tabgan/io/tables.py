"""Tables on disk, CSV and Parquet: which files a path stands for, and what is in each."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from tabgan.io.atomic import regular, replacing

ENDINGS = (".csv", ".csv.gz", ".parquet", ".pq")
CSV_HEAD = 100_000  # rows that say what the columns of a CSV file are where it is read in chunks

# What a value must look like for a CSV column to be read as more than pandas alone would make of it.
LEADING_ZERO = r"[+-]?0\d[\d.]*"
WHOLE_NUMBER = r"[+-]?\d+"
OFFSET = r"(Z|[+-]\d{2}:?\d{2})"
ISO_DATE = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?{OFFSET}?)?"


def read_table(path: str | os.PathLike[str], *, like: pd.DataFrame | None = None) -> pd.DataFrame:
    """Read a table; the ending of the name says which format it has.

    A CSV file does not say what its columns are. Beyond what pandas infers, three things are kept so that the
    table can be written back as it was: numbers with leading zeros stay strings, whole numbers with gaps
    become ``Int64`` and not floats, and columns that hold nothing but ISO 8601 dates become dates.

    Columns take the dtypes of their namesakes in `like` where their values allow it, so that two files can be
    compared although each alone could be read differently.

    Raises
    ------
    ValueError
        If the ending is not one of `ENDINGS`, or the file does not hold a table of that format.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    csv = is_csv(path)
    regular(path)
    try:
        as_text = () if like is None else columns_of_text(like)
        frame = read_csv(path, as_text) if csv else pd.read_parquet(path)
        return frame if like is None else cast_like(frame, like)
    except ValueError as error:  # of pandas, of Arrow and of the decoding of text alike
        first_line = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read as a {path.suffix} table: {first_line}") from error


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table without its index; an existing file is replaced once the new one is complete.

    Raises
    ------
    ValueError
        If the ending is not one of `ENDINGS`, or the format cannot hold the frame.
    OSError
        If the file cannot be written.
    """
    path = Path(path)
    write = frame.to_csv if is_csv(path) else frame.to_parquet
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd and not is_csv(path):
        raise ValueError(
            f"Parquet needs column names that are strings, got {odd[:5]}; rename them or write .csv"
        )
    with replacing(path) as temporary:
        write(temporary, index=False)


def read_chunks(path: Path, n_rows: int, text_columns: Collection[Hashable] = ()) -> Iterator[pd.DataFrame]:
    """Read a table in frames of at most `n_rows` rows; of a CSV file, the head says what its columns are.

    Raises
    ------
    ValueError
        If the file does not hold a table of the format that its name says.
    OSError
        If the file cannot be read.
    """
    regular(path)
    if is_csv(path):
        head = read_csv(path, text_columns, CSV_HEAD)
        as_text = dict.fromkeys(columns_of_text(head), str)
        with pd.read_csv(path, dtype=as_text, chunksize=n_rows, low_memory=False) as chunks:
            yield from (cast_like(chunk, head) for chunk in chunks)
        return
    from pyarrow.dataset import ParquetFragmentScanOptions, dataset

    # Left to itself, Arrow would have whole files in memory beforehand: 400 MiB more for a file of 300 MiB.
    options = ParquetFragmentScanOptions(pre_buffer=False)
    batches = dataset(path).to_batches(
        batch_size=n_rows, batch_readahead=1, fragment_readahead=1, fragment_scan_options=options
    )
    yield from (batch.to_pandas() for batch in batches)


def is_csv(path: Path) -> bool:
    """Tell CSV from Parquet files by their endings; raise a ValueError if one tells neither."""
    name = path.name.lower()
    if not name.endswith(ENDINGS):
        raise ValueError(f"{path} has no ending that tells its format; expected one of {', '.join(ENDINGS)}")
    return name.endswith((".csv", ".csv.gz"))


def find_files(source: Any) -> list[Path]:
    """Give the files that a path, a folder, a pattern or a list of them stands for; none for other objects.

    In a folder, names that begin with a dot or an underscore are left out, as Arrow and Spark do.
    """
    if isinstance(source, Sequence) and not isinstance(source, str):
        if not source or not all(isinstance(path, str | os.PathLike) for path in source):
            return []
        files = [file for path in source for file in find_files(path)]
    elif not isinstance(source, str | os.PathLike):
        return []
    else:
        files = _files_at(Path(source))
    endings = sorted({".csv" if is_csv(path) else ".parquet" for path in files})
    if len(endings) > 1:
        raise ValueError(f"{source} holds files of several formats, {endings}; name those that are one table")
    return files


def _files_at(path: Path) -> list[Path]:
    if path.is_dir():
        below = [file for file in sorted(path.rglob("*")) if file.name.lower().endswith(ENDINGS)]
        files = [file for file in below if not any(part[0] in "._" for part in file.relative_to(path).parts)]
    elif path.exists():
        return [path]
    else:
        files = sorted(map(Path, glob.glob(str(path), recursive=True)))
    if not files:
        raise ValueError(
            f"there is no table at {path}; expected a file, a folder or a pattern of {', '.join(ENDINGS)}"
        )
    return files


def columns_of_text(frame: pd.DataFrame) -> list[Hashable]:
    """Give the columns that hold strings."""
    return [
        name for name in frame if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name])
    ]


def cast_like(frame: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Give the columns the dtypes of their namesakes, except where the values do not fit."""
    for name in frame.columns.intersection(like.columns):
        with suppress(ValueError, TypeError):
            frame[name] = frame[name].astype(like[name].dtype)
    return frame


def read_csv(path: Path, text_columns: Collection[Hashable], n_rows: int | None = None) -> pd.DataFrame:
    """Read a CSV file twice: once as text to see how the values are written, once as what they are."""
    text = pd.read_csv(path, dtype=str, nrows=n_rows)
    if not isinstance(text.index, pd.RangeIndex):  # pandas would take the first column for an index
        raise ValueError("its rows have more fields than its first line has names")
    if text.shape[1] == 1 and (other := {";", "\t", "|"} & set(str(text.columns[0]))):
        raise ValueError(f"its fields seem to be separated by {other.pop()!r}, expected commas")
    as_text = [name for name in text if name in text_columns or text[name].str.fullmatch(LEADING_ZERO).any()]
    frame = pd.read_csv(path, dtype=dict.fromkeys(as_text, str), low_memory=False, nrows=n_rows)
    for name in frame.columns.difference(as_text, sort=False):
        written = text[name].dropna()
        if written.empty or frame[name].dtype == bool:
            continue
        if pd.api.types.is_float_dtype(frame[name]) and written.str.fullmatch(WHOLE_NUMBER).all():
            # Through float64, a large whole number would have lost its last digits.
            frame[name] = text[name].astype("Int64")
        elif _all_dates(written):
            with suppress(ValueError):  # where one only looks like a date, all stay text
                frame[name] = pd.to_datetime(frame[name], format="ISO8601")
    return frame


def _all_dates(written: pd.Series) -> bool:
    """Tell whether these strings are ISO 8601 dates of one time zone, or all without one."""
    return bool(
        written.str.fullmatch(ISO_DATE).all()
        and len(written.str.extract(f"{OFFSET}$").drop_duplicates()) == 1
    )
