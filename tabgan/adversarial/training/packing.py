"""Encoded rows in few bytes: categories as small integers, of which one-hot blocks are made on use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.layout import Block

Packed = NDArray[np.uint8]

# The most positions that a one-hot block may have for its category to be held by a type; the widest comes
# first, so that every number in a row of bytes stands where its type can be read.
CATEGORIES: dict[str, int] = {"int32": 2**31, "int16": 2**15, "uint8": 2**8}


@dataclass
class _Group:
    """Numbers of one type that lie side by side in a row of bytes, and where they go in an encoded row."""

    dtype: str
    blocks: list[Block]
    start: int
    positions: Tensor

    @property
    def stop(self) -> int:
        return self.start + len(self.blocks) * np.dtype(self.dtype).itemsize


class Packing:
    """How encoded rows lie in bytes: a scalar in four, a category in one, or as many as it needs.

    A float32 matrix needs four bytes for every position of a one-hot block. What is drawn is the same, bit by
    bit, whichever of the two the rows are kept in.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.

    Attributes
    ----------
    width : int
        Positions of an encoded row.
    row_bytes : int
        Bytes of a packed row, a multiple of four.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks)
        self.width = blocks[-1].stop if len(blocks) else 0
        self.groups: list[_Group] = []
        kinds = [_dtype(block) for block in blocks]
        start = 0
        for dtype in ("float32", *CATEGORIES):
            if same := [block for block, kind in zip(blocks, kinds, strict=True) if kind == dtype]:
                positions = torch.tensor([block.start for block in same])
                self.groups.append(_Group(dtype, same, start, positions))
                start = self.groups[-1].stop
        self.row_bytes = -(-start // 4) * 4

    def pack(self, rows: NDArray[np.float32]) -> Packed:
        """Encoded rows (n, width) -> bytes (n, row_bytes); of a onehot block the greatest entry counts."""
        packed = np.zeros((len(rows), self.row_bytes), dtype=np.uint8)
        for group in self.groups:
            numbers = packed[:, group.start : group.stop].view(group.dtype)
            for place, block in enumerate(group.blocks):
                values = rows[:, block.start : block.stop]
                numbers[:, place] = values[:, 0] if block.kind == "scalar" else values.argmax(1)
        return packed

    def unpack(self, packed: Tensor) -> Tensor:
        """Bytes (n, row_bytes) on any device -> float32 rows (n, width) there."""
        rows = torch.zeros(len(packed), self.width, device=packed.device)
        for group in self.groups:
            numbers = packed[:, group.start : group.stop].view(getattr(torch, group.dtype))
            if group.positions.device != packed.device:
                group.positions = group.positions.to(packed.device)
            if group.dtype == "float32":
                rows[:, group.positions] = numbers
            else:
                rows.scatter_(1, numbers + group.positions, 1.0)
        return rows

    def rows(self, packed: Packed) -> NDArray[np.float32]:
        """The same for arrays."""
        rows: NDArray[np.float32] = self.unpack(torch.from_numpy(packed)).numpy()
        return rows

    def mean(self, packed: Packed, chunk: int = 2**16) -> NDArray[np.float32]:
        """Mean of encoded rows, shape (width,), without all of them in memory at once."""
        chunks = [packed[start : start + chunk] for start in range(0, len(packed), chunk)]
        means: list[NDArray[Any]] = [self.rows(chunk).mean(0) for chunk in chunks]
        if len(chunks) == 1:
            return np.asarray(means[0])
        return np.average(means, axis=0, weights=list(map(len, chunks))).astype(np.float32)


def _dtype(block: Block) -> str:
    """The smallest type that holds the values of a block."""
    if block.kind == "scalar":
        return "float32"
    return next(name for name, most in reversed(CATEGORIES.items()) if block.stop - block.start <= most)
