"""Models on disk: JSON and safetensors in one zip, never pickle; nothing is read before its size is known."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NoReturn, cast

import numpy as np
from safetensors.numpy import save as save_arrays

from tabgan._version import __version__
from tabgan.io.atomic import regular, replacing
from tabgan.io.remote import Place, fetched, is_elsewhere, sent, shown
from tabgan.io.tensors import read_tensors

FORMAT, FORMAT_VERSION = "tabgan-model", 6
HEADER, WEIGHTS, CHECKSUM = "model.json", "weights.safetensors", "sha256"
AGAIN = "get the file again, or fit and save the model once more"
LONGEST_HEADER, MOST_OBJECTS = 2**26, 2**21  # bytes of JSON, and lists and objects in it
END, END_64, LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), 20  # records that end a zip
LONGEST_DIRECTORY = 2**16  # bytes of the names of members

# All that zipfile and json were seen to raise over a file with damaged bytes.
UNREADABLE = (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError, struct.error)


class RefusedFileError(ValueError):
    """What is said of a model file that cannot be used; it names the file."""


class Content(dict[str, Any]):
    """A JSON object of a model file, or its arrays, by name.

    What the file lacks or holds wrongly is said in a sentence that names the file. Errors call the file by
    its `path`.
    """

    __slots__ = ("path",)

    def __init__(self, items: Mapping[str, Any], path: object) -> None:
        super().__init__(items)
        self.path = path

    def __missing__(self, key: str) -> NoReturn:
        self.refuse(f"lacks {key!r:.80}")

    def check(self, types: Mapping[str, type]) -> None:
        """Refuse the file if an entry is missing or is of another type."""
        for key, expected in types.items():
            if not isinstance(self[key], expected) or (expected is int and isinstance(self[key], bool)):
                self.refuse(f"has {key}={self[key]!r:.80}, expected a {expected.__name__}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise the error of a file that this version cannot use; `reason` is a verb with its object."""
        raise RefusedFileError(
            f"{self.path} is a model file, but it {reason}, so that this version of tabgan cannot read it; "
            "fit the model again and save it"
        )

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Say of any error in the block that the file is to blame; the error itself is the cause."""
        try:
            yield
        except RefusedFileError as error:
            if str(self.path) in str(error):
                raise
            raise RefusedFileError(f"{self.path}: {error}") from error
        except Exception as error:
            said = " ".join(str(error).split())
            reason = f"holds what cannot be used ({type(error).__name__}: {said:.160})"
            try:
                self.refuse(reason)
            except RefusedFileError as refused:
                raise refused from error

    def under(self, prefix: str) -> Content:
        """Give the entries whose names begin with `prefix`, without it."""
        entries = {key.removeprefix(prefix): self[key] for key in self if key.startswith(prefix)}
        return Content(entries, self.path)


def save_model(path: Place, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a model as one zip of ``model.json`` and ``weights.safetensors``.

    An existing file is replaced once the new one is complete. A TypeError says that JSON cannot hold the
    header, an OSError that the file cannot be written.
    """
    members = _members_of(header, arrays)
    if is_elsewhere(path):
        with sent(path) as copy, open(copy, "wb") as file:
            _write(members, file)
        return
    with replacing(Path(cast(str, path))) as temporary, open(temporary, "wb") as file:
        _write(members, file)


def pack_model(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Give the content of the file that `save_model` writes.

    The same header and arrays give the same bytes: nothing of the time or of the machine goes into the file.
    """
    file = io.BytesIO()
    _write(_members_of(header, arrays), file)
    return file.getvalue()


def _members_of(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """Give the content of both members of the zip, the checksum in the first one."""
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tabgan_version": __version__,
        "model": header,
        "arrays": sorted(arrays),
    }
    weights = save_arrays({name: np.asarray(array, order="C") for name, array in arrays.items()})
    text = json.dumps(document | {CHECKSUM: _checksum(document, weights)}, indent=1).encode()
    if _is_too_large(text):
        raise ValueError("what the model has learned of its columns is too much for a model file")
    return {HEADER: text, WEIGHTS: weights}


def _write(members: Mapping[str, bytes], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            # A ZipInfo made by hand bears the date 1980-01-01 and not today's.
            archive.writestr(zipfile.ZipInfo(name), content)


def _checksum(document: Mapping[str, Any], weights: bytes) -> str:
    """Give what tells this content from any other, however the JSON is laid out."""
    content = {key: value for key, value in document.items() if key != CHECKSUM}
    return sha256(json.dumps(content).encode() + b"\n" + weights).hexdigest()


def _is_too_large(text: bytes) -> bool:
    """Tell whether JSON could take more memory than any model needs."""
    return len(text) > LONGEST_HEADER or text.count(b"{") + text.count(b"[") > MOST_OBJECTS


def load_model(path: Place) -> tuple[Content, Content]:
    """Read what `save_model` wrote: the header, and the arrays by name. Nothing in the file is executed.

    Raises
    ------
    ValueError
        If the file is damaged, truncated, changed, of another kind, or of another format than this version
        reads.
    OSError
        If the file cannot be read.
    """
    with reading(path) as content:
        return content


@contextmanager
def reading(path: Place) -> Iterator[tuple[Content, Content]]:
    """Read as `load_model` does; if the checksum does not fit, say so after all other complaints."""
    where = fetched(path) if is_elsewhere(path) else nullcontext(Path(cast(str, path)))
    with where as local, open(regular(local), "rb") as file:
        header, arrays, is_whole = _read(file, shown(path))
    yield header, arrays
    if not is_whole:
        raise RefusedFileError(
            f"{shown(path)} was changed after it was saved: its checksum does not fit; {AGAIN}"
        )


def unpack_model(content: bytes) -> tuple[Content, Content]:
    """Read what `pack_model` gave."""
    header, arrays, _ = _read(io.BytesIO(content), "the model")
    return header, arrays


def _read(file: IO[bytes], path: object) -> tuple[Content, Content, bool]:
    """Give header and arrays, and whether they are what the checksum is of; errors speak of `path`."""
    damaged = f"{path} is damaged or incomplete; {AGAIN}"
    try:
        members = _read_members(file)
        text = members.get(HEADER, b"null")
        document = None if _is_too_large(text) else json.loads(text, object_hook=lambda v: Content(v, path))
    except UNREADABLE as error:
        # A zip is read from its end: a truncated model looks like no zip at all, but its first bytes tell.
        file.seek(0)
        raise ValueError(damaged if file.read(2) == b"PK" else _not_a_model(path)) from error
    if not isinstance(document, Content) or document.get("format") != FORMAT:
        raise ValueError(_not_a_model(path))
    _check_version(path, document.get("format_version"), document.get("tabgan_version"))
    if WEIGHTS not in members or not isinstance(document.get("model"), Content):
        raise ValueError(damaged)
    try:
        arrays = read_tensors(members[WEIGHTS])
    except UNREADABLE as error:
        raise ValueError(damaged) from error
    document.check({"arrays": list, CHECKSUM: str})
    if absent := {name for name in document["arrays"] if isinstance(name, str)} - set(arrays):
        document.refuse(f"lacks the arrays {sorted(absent)}")
    is_whole = document[CHECKSUM] == _checksum(document, members[WEIGHTS])
    return document["model"], Content(arrays, path), is_whole


def _read_members(file: IO[bytes]) -> dict[str, bytes]:
    """Read what a model consists of out of a zip, unless it is longer than the file says, or comes twice."""
    size = _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if info.filename in (HEADER, WEIGHTS)]
        for info in infos:
            if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                raise ValueError(f"{info.filename} is compressed")
            if info.file_size > size:
                raise ValueError(f"{info.filename} is said to be longer than the file")
        if len({info.filename for info in infos}) < len(infos):
            raise ValueError("it has a member twice")
        return {info.filename: archive.read(info) for info in infos}


def _check_directory(file: IO[bytes]) -> int:
    """Refuse a zip of many members before they are listed; give the size of the file in bytes."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END.size))
    end = END.unpack(file.read(END.size))
    length = end[5]
    if size > END.size + LOCATOR + END_64.size:
        file.seek(size - END.size - LOCATOR - END_64.size)
        longer = END_64.unpack(file.read(END_64.size))
        if file.read(4) == b"PK\6\7":  # as of files of more than 4 GB
            length = longer[8]
    if end[0] != b"PK\5\6" or length > LONGEST_DIRECTORY:
        raise ValueError("it does not end as a model file does")
    return size


def _check_version(path: object, version: object, written_by: object) -> None:
    if type(version) is not int:
        raise ValueError(_not_a_model(path))
    if version == FORMAT_VERSION:
        return
    written = f"{path} was written by tabgan {written_by} in model format {version}"
    if version < FORMAT_VERSION:
        raise ValueError(f"{written}, too old for this version: fit the model again and save it")
    raise ValueError(
        f"{written}; this is tabgan {__version__}, which reads format {FORMAT_VERSION}: install the "
        "newer tabgan"
    )


def _not_a_model(path: object) -> str:
    return f"{path} is not a tabgan model; expected a file written by TabGAN.save or `tabgan fit`"
