"""Tables (CSV, Parquet) and models (JSON and safetensors in one zip, never pickle) on disk."""

import io
import json
import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from tabgan import __version__

__all__ = [
    "cast_like", "format_of", "load_model", "pack_model", "read_table", "replacing", "save_model",
    "unpack_model", "write_table",
]  # fmt: skip

FORMAT, FORMAT_VERSION = "tabgan-model", 1
HEADER, WEIGHTS = "model.json", "weights.safetensors"

# All that zipfile, json and safetensors were seen to raise over a file with damaged bytes.
UNREADABLE = (
    zipfile.BadZipFile, SafetensorError, ValueError, EOFError, OSError, RuntimeError, NotImplementedError,
    struct.error, zlib.error,
)  # fmt: skip

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

    Parameters
    ----------
    path : str or path
        A file that ends in ``.csv``, ``.csv.gz``, ``.parquet`` or ``.pq``.
    like : pandas.DataFrame, optional
        A table whose dtypes the columns of the same names take where their values allow it, so that two files
        can be compared although each alone could be read differently.

    Returns
    -------
    pandas.DataFrame of shape (n, columns)

    Raises
    ------
    ValueError
        If the ending is none of these, or the file does not hold a table of that format.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    read, _ = format_of(path)
    try:
        return read(path, []) if like is None else cast_like(read(path, _text_columns(like)), like)
    except ValueError as error:  # of pandas, of Arrow and of the decoding of text alike
        first_line = str(error).partition("\n")[0]
        raise ValueError(f"{path} cannot be read as a {path.suffix} table: {first_line}") from error


def write_table(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table without its index; an existing file is replaced once the new one is complete.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, columns)
    path : str or path
        A file that ends in ``.csv``, ``.csv.gz``, ``.parquet`` or ``.pq``.

    Raises
    ------
    ValueError
        If the ending is none of these, or the format cannot hold the frame.
    OSError
        If the file cannot be written.
    """
    path = Path(path)
    _, write = format_of(path)
    with replacing(path) as temporary:
        write(frame, temporary)


def save_model(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write a model as one zip of ``model.json`` and ``weights.safetensors``.

    The same header and arrays give the same bytes: nothing of the time or of the machine goes into the file.

    Parameters
    ----------
    path : str or path
        An existing file is replaced once the new one is complete.
    header : mapping
        Anything that JSON can hold.
    arrays : mapping of str to ndarray
        Numbers or booleans of any shape.

    Raises
    ------
    TypeError
        If JSON cannot hold the header.
    OSError
        If the file cannot be written.
    """
    content = pack_model(header, arrays)
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(content)


def pack_model(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Give the content of the file that `save_model` writes."""
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tabgan_version": __version__,
        "model": header,
    }
    members = {
        HEADER: json.dumps(document, indent=1).encode(),
        WEIGHTS: save_arrays({name: np.asarray(array, order="C") for name, array in arrays.items()}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "x") as archive:
        for name, content in members.items():
            # A ZipInfo made by hand bears the date 1980-01-01 and not today's.
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def load_model(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `save_model` wrote. Nothing in the file is executed.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    header : dict
    arrays : dict of str to ndarray

    Raises
    ------
    ValueError
        If the file is damaged, truncated, of another kind, or of a newer format than this version reads.
    OSError
        If the file cannot be read.
    """
    return unpack_model(Path(path).read_bytes(), path)


def unpack_model(content: bytes, path: object = "the model") -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `pack_model` gave; errors speak of `path`."""
    damaged = f"{path} is damaged or incomplete; get the file again, or fit and save the model once more"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist() if name in (HEADER, WEIGHTS)}
        document = json.loads(members[HEADER]) if HEADER in members else None
        arrays = load_arrays(members[WEIGHTS]) if WEIGHTS in members else None
    except UNREADABLE as error:
        # A zip is read from its end: a truncated model looks like no zip at all, but its first bytes tell.
        raise ValueError(damaged if content.startswith(b"PK") else _not_a_model(path)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(_not_a_model(path))
    version = document.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ValueError(
            f"{path} has model format {version}, written by tabgan {document.get('tabgan_version')}; this is "
            f"tabgan {__version__}, which reads formats up to {FORMAT_VERSION}: install the newer tabgan"
        )
    if arrays is None or not isinstance(document.get("model"), dict):
        raise ValueError(damaged)
    return document["model"], arrays


def _not_a_model(path: object) -> str:
    return f"{path} is not a tabgan model; wanted a file written by TabGAN.save or `tabgan fit`"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; it takes the place of `path` only if all went well."""
    # The ending is kept because pandas compresses by it; opened by name, the file obeys the user's umask.
    temporary = path.with_name(f".{secrets.token_hex(8)}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _text_columns(frame: pd.DataFrame) -> list[Hashable]:
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
        raise ValueError(f"its fields seem to be separated by {other.pop()!r}, wanted commas")
    as_text = [name for name in text if name in text_columns or _any_match(text[name], LEADING_ZERO)]
    frame = pd.read_csv(path, dtype=dict.fromkeys(as_text, str), low_memory=False, nrows=n_rows)
    for name in frame.columns.difference(as_text, sort=False):
        written = text[name].dropna()
        if written.empty or frame[name].dtype == bool:
            continue
        if pd.api.types.is_float_dtype(frame[name]) and written.str.fullmatch(WHOLE_NUMBER).all():
            # Through float64, a large whole number would have lost its last digits.
            frame[name] = text[name].astype("Int64")
        elif _all_dates(written):
            frame[name] = _dates(frame[name])
    return frame


def _any_match(values: pd.Series, pattern: str) -> bool:
    return bool(values.str.fullmatch(pattern, na=False).any())


def _all_dates(written: pd.Series) -> bool:
    """Tell whether these strings are ISO 8601 dates of one time zone, or all without one."""
    return bool(
        written.str.fullmatch(ISO_DATE).all()
        and len(written.str.extract(f"{OFFSET}$").drop_duplicates()) == 1
    )


def _dates(values: pd.Series) -> pd.Series:
    """Turn ISO 8601 strings into datetimes; where one only looks like a date, all stay text."""
    try:
        return pd.to_datetime(values, format="ISO8601")
    except ValueError:
        return values


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False)


def _read_parquet(path: Path, text_columns: Collection[Hashable]) -> pd.DataFrame:
    return pd.read_parquet(path)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(
            f"Parquet wants column names that are strings, got {odd[:5]}; rename them or write .csv"
        )
    frame.to_parquet(path, index=False)


Reader = Callable[[Path, Collection[Hashable]], pd.DataFrame]
Writer = Callable[[pd.DataFrame, Path], None]

# ending -> (reader, writer)
TABLES: dict[str, tuple[Reader, Writer]] = {
    ".csv": (read_csv, _write_csv),
    ".csv.gz": (read_csv, _write_csv),
    ".parquet": (_read_parquet, _write_parquet),
    ".pq": (_read_parquet, _write_parquet),
}


def format_of(path: Path) -> tuple[Reader, Writer]:
    """Give what reads and writes a table of this name, or raise a ValueError if its ending is not known."""
    for ending, both in TABLES.items():
        if path.name.lower().endswith(ending):
            return both
    raise ValueError(f"{path} has no ending that tells its format; wanted one of {', '.join(TABLES)}")
