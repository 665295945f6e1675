"""Models on disk: JSON and safetensors in one zip, never pickle."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from tabgan._version import __version__
from tabgan.io.atomic import replacing

FORMAT, FORMAT_VERSION = "tabgan-model", 3
HEADER, WEIGHTS = "model.json", "weights.safetensors"

# All that zipfile, json and safetensors were seen to raise over a file with damaged bytes.
UNREADABLE = (
    zipfile.BadZipFile, SafetensorError, ValueError, EOFError, OSError, RuntimeError, NotImplementedError,
    struct.error, zlib.error,
)  # fmt: skip


class Content(dict[str, Any]):
    """A JSON object of a model file, or its arrays, by name.

    What the file lacks or holds wrongly is said in a sentence that names the file. So a KeyError or TypeError
    while a model is loaded is a fault of the code, and never taken for one of the file. Errors call the file
    by its `path`.
    """

    def __init__(self, items: Mapping[str, Any], path: object) -> None:
        super().__init__(items)
        self.path = path

    def __missing__(self, key: str) -> NoReturn:
        self.refuse(f"lacks {key!r}")

    def check(self, types: Mapping[str, type]) -> None:
        """Refuse the file if an entry is missing or is of another type."""
        for key, expected in types.items():
            if not isinstance(self[key], expected):
                self.refuse(f"has {key}={self[key]!r:.80}, expected a {expected.__name__}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise the ValueError of a file that this version cannot use; `reason` is a verb with its object."""
        raise ValueError(
            f"{self.path} is a model file, but it {reason}, so that this version of tabgan cannot read it; "
            "fit the model again and save it"
        )

    def under(self, prefix: str) -> Content:
        """Give the entries whose names begin with `prefix`, without it."""
        entries = {key.removeprefix(prefix): self[key] for key in self if key.startswith(prefix)}
        return Content(entries, self.path)


def save_model(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write a model as one zip of ``model.json`` and ``weights.safetensors``.

    An existing file is replaced once the new one is complete. A TypeError says that JSON cannot hold the
    header, an OSError that the file cannot be written.
    """
    content = pack_model(header, arrays)
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(content)


def pack_model(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Give the content of the file that `save_model` writes.

    The same header and arrays give the same bytes: nothing of the time or of the machine goes into the file.
    """
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tabgan_version": __version__,
        "model": header,
        "arrays": sorted(arrays),
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


def load_model(path: str | os.PathLike[str]) -> tuple[Content, Content]:
    """Read what `save_model` wrote: the header, and the arrays by name. Nothing in the file is executed.

    Raises
    ------
    ValueError
        If the file is damaged, truncated, of another kind, or of another format than this version reads.
    OSError
        If the file cannot be read.
    """
    return unpack_model(Path(path).read_bytes(), path)


def unpack_model(content: bytes, path: object = "the model") -> tuple[Content, Content]:
    """Read what `pack_model` gave; errors speak of `path`."""
    damaged = f"{path} is damaged or incomplete; get the file again, or fit and save the model once more"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist() if name in (HEADER, WEIGHTS)}
        text = members.get(HEADER, b"null")
        document = json.loads(text, object_hook=lambda entries: Content(entries, path))
        arrays = load_arrays(members[WEIGHTS]) if WEIGHTS in members else None
    except UNREADABLE as error:
        # A zip is read from its end: a truncated model looks like no zip at all, but its first bytes tell.
        raise ValueError(damaged if content.startswith(b"PK") else _not_a_model(path)) from error
    if not isinstance(document, Content) or document.get("format") != FORMAT:
        raise ValueError(_not_a_model(path))
    _check_version(path, document.get("format_version"), document.get("tabgan_version"))
    if arrays is None or not isinstance(document.get("model"), Content):
        raise ValueError(damaged)
    document.check({"arrays": list})
    if absent := set(document["arrays"]) - set(arrays):
        document.refuse(f"lacks the arrays {sorted(absent)}")
    return document["model"], Content(arrays, path)


def _check_version(path: object, version: object, written_by: object) -> None:
    if not isinstance(version, int) or version == FORMAT_VERSION:
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
