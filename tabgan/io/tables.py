"""Tables on disk: which files a path stands for, and what is in each."""

from __future__ import annotations

import codecs
import glob
import os
import re
import zipfile
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tabgan.io.atomic import regular, replacing
from tabgan.io.formats import (
    KNOWN,
    SEPARATORS,
    format_of,
    has_format,
    read_in_chunks,
    read_whole,
    write_whole,
)
from tabgan.io.remote import Place, fetched, is_elsewhere, sent

CSV_HEAD = 100_000  # rows that say what the columns of a CSV file are where it is read in chunks

# What a value must look like for a CSV column to be read as more than pandas alone would make of it.
UNEVEN = r"Expected (\d+) fields in line (\d+), saw (\d+)\s*"
LEADING_ZERO = r"[+-]?0\d[\d.]*"
WHOLE_NUMBER = r"[+-]?\d+"
OFFSET = r"(Z|[+-]\d{2}:?\d{2})"
ISO_DATE = rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?{OFFSET}?)?"


def read_table(
    path: Place,
    *,
    like: pd.DataFrame | None = None,
    sep: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read a table; the ending of the name says which format it has.

    CSV, TSV, JSON lines, Parquet, Feather and, with openpyxl, Excel; text also compressed.

    A CSV file does not say what its columns are. Beyond what pandas infers, three things are kept so that the
    table can be written back as it was: numbers with leading zeros stay strings, whole numbers with gaps
    become ``Int64`` and not floats, and columns that hold nothing but ISO 8601 dates become dates.

    Columns take the dtypes of their namesakes in `like` where their values allow it, so that two files can be
    compared although each alone could be read differently.

    Parameters
    ----------
    path : str, path or open file
        Also a URL of fsspec, such as "s3://bucket/rows.csv". Where an open file has no name that tells the
        format, its first bytes do, and all else is taken for CSV.
    like : DataFrame, optional
    sep : str, optional
        What separates the fields of a CSV file, by default a comma; of a TSV file, a tabulator.
    encoding : str, optional
        Of a CSV or TSV file, by default UTF-8.

    Raises
    ------
    ValueError
        If the ending tells no format, the file does not hold a table of that format, or `sep` or `encoding`
        are given for one that has none.
    OSError
        If the file cannot be read.
    """
    if is_elsewhere(path):
        with fetched(path) as copy:
            return read_table(copy, like=like, sep=sep, encoding=encoding)
    path = Path(cast(str, path))
    found = format_of(path)
    _check_layout(path, found, sep, encoding)
    regular(path)
    try:
        as_text = () if like is None else columns_of_text(like)
        if found in SEPARATORS:
            frame = read_csv(path, as_text, sep=sep or SEPARATORS[found], encoding=encoding)
        else:
            frame = read_whole(path)
        return frame if like is None else cast_like(frame, like)
    except (ValueError, LookupError, zipfile.BadZipFile) as error:  # of pandas, Arrow, and decoding alike
        raise ValueError(f"{path} cannot be read as a {path.suffix} table: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Say in one line why a file cannot be read; what pandas finds in a CSV file, in words of the file."""
    if isinstance(error, UnicodeDecodeError):
        return f"it is not written in {error.encoding}; name another (encoding='latin-1', --encoding)"
    if isinstance(error, pd.errors.EmptyDataError):
        return "it is empty"
    said = str(error).partition("\n")[0].partition("C error: ")
    reason = said[2] or said[0]
    if uneven := re.fullmatch(UNEVEN, reason):
        expected, line, found = uneven.groups()
        return (
            f"line {line} has {found} fields, and those before it {expected}; put a field that holds the "
            "separator in double quotes, or mend the line"
        )
    if "EOF inside string" in reason:
        return "a double quote is never closed; close it, or write it twice where it is part of a value"
    return reason


def write_table(
    frame: pd.DataFrame, path: Place, *, sep: str | None = None, encoding: str | None = None
) -> None:
    """Write a table without its index; an existing file is replaced once the new one is complete.

    A URL has the ending of its format; an open file without a name that tells one gets CSV.

    Raises
    ------
    ValueError
        If the ending tells no format, or the format cannot hold the frame.
    OSError
        If the file cannot be written.
    """
    if is_elsewhere(path):
        with sent(path) as copy:
            write_table(frame, copy, sep=sep, encoding=encoding)
        return
    path = Path(cast(str, path))
    found = format_of(path)
    _check_layout(path, found, sep, encoding)
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd and found in ("parquet", "feather"):
        raise ValueError(
            f"{found.capitalize()} needs column names that are strings, got {odd[:5]}; rename them or write "
            ".csv"
        )
    with replacing(path) as temporary:
        write_whole(frame, temporary, path, sep, encoding)


def _check_layout(path: Path, found: str, sep: str | None, encoding: str | None) -> None:
    if found not in SEPARATORS and (sep or encoding):
        raise ValueError(
            f"{path} is no CSV or TSV file, and has no separator and no encoding; leave them out"
        )
    if sep is not None and len(sep) != 1:
        raise ValueError(f"a separator is one character, got {sep!r}")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise ValueError(f"{encoding!r} is no encoding; utf-8, latin-1 and utf-16 are some") from error


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
    found = format_of(path)
    if found not in SEPARATORS:
        yield from read_in_chunks(path, n_rows)
        return
    sep = SEPARATORS[found]
    head = read_csv(path, text_columns, CSV_HEAD, sep=sep)
    as_text = dict.fromkeys(columns_of_text(head), str)
    with pd.read_csv(path, dtype=as_text, chunksize=n_rows, low_memory=False, sep=sep) as chunks:
        yield from (cast_like(chunk, head) for chunk in chunks)


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
    formats = sorted({format_of(path) for path in files})
    if len(formats) > 1:
        raise ValueError(f"{source} holds files of several formats, {formats}; name those that are one table")
    return files


def _files_at(path: Path) -> list[Path]:
    if path.is_dir():
        below = [file for file in sorted(path.rglob("*")) if has_format(file)]
        files = [file for file in below if not any(part[0] in "._" for part in file.relative_to(path).parts)]
    elif path.exists():
        return [path]
    else:
        files = sorted(map(Path, glob.glob(str(path), recursive=True)))
    if not files:
        raise ValueError(f"there is no table at {path}; expected a file, a folder or a pattern of {KNOWN}")
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


def read_csv(
    path: Path,
    text_columns: Collection[Hashable],
    n_rows: int | None = None,
    *,
    sep: str = ",",
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read a CSV file twice: once as text to see how the values are written, once as what they are."""
    layout: dict[str, Any] = {"sep": sep, "encoding": encoding, "nrows": n_rows}
    text = pd.read_csv(path, dtype=str, **layout)
    if text.shape[1] == 1 and (other := {",", ";", "\t", "|"} & set(str(text.columns[0]))):
        raise ValueError(
            f"its fields seem to be separated by {other.pop()!r}, expected {sep!r}; sep= says so"
        )
    if not isinstance(text.index, pd.RangeIndex):  # pandas would take the first column for an index
        raise ValueError("its rows have more fields than its first line has names")
    if any(str(name).rpartition(".")[2].isdecimal() for name in text):  # as pandas renames what repeats
        names = pd.read_csv(path, dtype=str, header=None, **layout | {"nrows": 1}).iloc[0]
        if repeated := list(names[names.duplicated() & names.notna()].unique()):
            raise ValueError(f"its first line has columns of the same name: {repeated}; rename them")
    as_text = [name for name in text if name in text_columns or text[name].str.fullmatch(LEADING_ZERO).any()]
    frame = pd.read_csv(path, dtype=dict.fromkeys(as_text, str), low_memory=False, **layout)
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
