"""Arrays out of the format of safetensors: views are checked against the file before anything is copied."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_INDEX, MOST_TENSORS = 2**26, 2**20  # bytes, and entries
DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2", "U32": "<u4", "I32": "<i4",
    "F32": "<f4", "U64": "<u8", "I64": "<i8", "F64": "<f8",
}  # fmt: skip


def read_tensors(content: bytes) -> dict[str, NDArray[Any]]:
    """Undo ``safetensors.numpy.save``.

    Raises
    ------
    ValueError
        If the content is not whole: the arrays must fill it, one behind the other, without a gap.
    """
    length = int.from_bytes(content[:8], "little")
    if length > min(LONGEST_INDEX, len(content) - 8):
        raise ValueError("the index of the arrays is longer than they are")
    text = content[8 : 8 + length]
    if text.count(b"{") > MOST_TENSORS or text.count(b"[") > 2 * MOST_TENSORS:
        raise ValueError("there are too many arrays")
    index = json.loads(text, object_pairs_hook=_only_once)
    if not isinstance(index, dict):
        raise ValueError("the arrays have no index")
    position, views = 8 + length, {}
    for name, entry in sorted(index.items(), key=_start):
        dtype, shape, start, stop = _entry(entry)
        n_bytes = math.prod(shape) * dtype.itemsize
        if 8 + length + start != position or stop - start != n_bytes or position + n_bytes > len(content):
            raise ValueError(f"the array {name!r} does not lie where it should")
        views[name] = np.frombuffer(content, dtype, math.prod(shape), position).reshape(shape)
        position += n_bytes
    if position != len(content):
        raise ValueError("there is more than the arrays")
    return {name: view.astype(view.dtype.newbyteorder("=")) for name, view in views.items()}


def _start(item: tuple[str, Any]) -> tuple[int, int]:
    _, _, start, stop = _entry(item[1])
    return start, stop


def _entry(entry: Any) -> tuple[np.dtype[Any], list[int], int, int]:
    """Give dtype, shape, and where an array begins and ends; refuse what is no entry of an index."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{entry!r:.80} is no entry of an array")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ValueError(f"arrays of {dtype!r:.80} are not read")
    if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2 or len(shape) > 8:
        raise ValueError(f"{entry!r:.80} has no shape and no place")
    if not all(type(number) is int and 0 <= number < 2**62 for number in [*shape, *offsets]):
        raise ValueError(f"{entry!r:.80} has an impossible shape or place")
    return np.dtype(DTYPES[dtype]), shape, offsets[0], offsets[1]


def _only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a name comes twice")
    return entries
