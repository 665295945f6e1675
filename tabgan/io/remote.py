"""Tables and models that are elsewhere: URLs of fsspec, and files that are open, such as standard input.

They are copied into a local file, or out of one, so that all other code knows local files alone.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.parse import urlsplit

from tabgan.io.formats import has_format

Place = str | os.PathLike[str] | IO[Any]

# How files begin, and the endings that they would have; all else is CSV.
BEGINNINGS = {
    b"PAR1": ".parquet",
    b"ARROW1": ".feather",
    b"PK\x03\x04": ".xlsx",
    b"\x1f\x8b": ".csv.gz",
    b"BZh": ".csv.bz2",
    b"\xfd7zXZ": ".csv.xz",
    b"\x28\xb5\x2f\xfd": ".csv.zst",
    b"{": ".jsonl",
}
BLOCK = 2**20  # bytes


def is_elsewhere(place: Any) -> bool:
    """Tell a URL or an open file from a local path, and from all that is none."""
    return _is_url(place) or _is_open(place)


def shown(place: Any) -> str:
    """What messages call a place."""
    if not _is_open(place):
        return str(place)
    name = getattr(place, "name", None)
    return name if isinstance(name, str) else "the open file"


@contextmanager
def fetched(place: Any) -> Iterator[Path]:
    """Give a local copy of what is elsewhere, for the time of the block; its errors name the place.

    A table has the ending of its place's name, or one that its first bytes tell.

    Raises
    ------
    ValueError
        If the package that such URLs need is not installed.
    OSError
        If it cannot be read.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "table")
        with _opened(place, "rb") as source, open(path, "wb") as copy:
            while block := source.read(BLOCK):
                copy.write(block.encode() if isinstance(block, str) else block)
        path = path.rename(path.with_name(_name_of(place) or f"table{_ending_of(path)}"))
        try:
            yield path
        except (ValueError, OSError) as error:
            if str(path) not in str(error):
                raise
            kind = ValueError if isinstance(error, ValueError) else OSError
            raise kind(str(error).replace(str(path), shown(place))) from error


@contextmanager
def sent(place: Any) -> Iterator[Path]:
    """Give a local path to write to; what it holds then goes to the place, if all went well.

    Its name has the ending of the place's, or that of CSV.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, _name_of(place) or "table.csv")
        yield path
        with open(path, "rb") as copy, _opened(place, "wb") as target:
            if isinstance(target, io.TextIOBase):
                target.write(path.read_text(encoding="utf-8"))
            else:
                shutil.copyfileobj(copy, target, BLOCK)
            target.flush()


def standard(place: Any, *, is_input: bool) -> Any:
    """Turn ``-`` into standard input or output; all else stays as it is."""
    if str(place) != "-":
        return place
    stream = sys.stdin if is_input else sys.stdout
    return getattr(stream, "buffer", stream)


def _is_url(place: Any) -> bool:
    return isinstance(place, str) and "://" in place


def _is_open(place: Any) -> bool:
    return not isinstance(place, str | os.PathLike) and hasattr(place, "read") and hasattr(place, "write")


@contextmanager
def _opened(place: Any, mode: str) -> Iterator[Any]:
    """Open a URL; an open file stays open."""
    if _is_open(place):
        yield place
        return
    import fsspec

    try:
        with fsspec.open(place, mode) as file:
            yield file
    except OSError:
        raise
    except (ValueError, ImportError) as error:  # of a protocol that fsspec does not know, or not without more
        raise ValueError(f"{place}: {error}") from error
    except Exception as error:  # each file system has errors of its own
        raise OSError(f"{place} cannot be opened: {type(error).__name__}: {error}") from error


def _name_of(place: Any) -> str | None:
    """The last part of a name that tells the format of a table."""
    name = Path(urlsplit(place).path if _is_url(place) else shown(place)).name
    if _is_url(place) and not name:
        name = Path(place).name  # as of memory://table.csv, where it stands for a host
    return name if has_format(Path(name)) else None


def _ending_of(path: Path) -> str:
    with open(path, "rb") as file:
        head = file.read(16).lstrip()
    return next((ending for begin, ending in BEGINNINGS.items() if head.startswith(begin)), ".csv")
