"""Models on disk: JSON and safetensors in one zip, never pickle."""

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from tabgan._version import __version__
from tabgan.io.atomic import replacing

__all__ = ["load_model", "pack_model", "save_model", "unpack_model"]

FORMAT, FORMAT_VERSION = "tabgan-model", 1


HEADER, WEIGHTS = "model.json", "weights.safetensors"


# All that zipfile, json and safetensors were seen to raise over a file with damaged bytes.
UNREADABLE = (
    zipfile.BadZipFile, SafetensorError, ValueError, EOFError, OSError, RuntimeError, NotImplementedError,
    struct.error, zlib.error,
)  # fmt: skip


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
