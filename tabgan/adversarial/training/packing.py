"""Encoded rows in few bytes: levels as small integers, of which one-hot blocks are made on use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.adversarial.networks.heads import Block

Packed = NDArray[np.uint8]

# The most positions that a one-hot block may have for its level to be held by a type; the widest comes first,
# so that every number in a row of bytes stands where its type can be read.
LEVELS: dict[str, int] = {"int32": 2**31, "int16": 2**15, "uint8": 2**8}


@dataclass
class _Part:
    """Numbers of one type that lie side by side in a row of bytes, and where they go in an encoded row."""

    dtype: str
    blocks: list[Block]
    start: int
    positions: Tensor

    @property
    def stop(self) -> int:
        return self.start + len(self.blocks) * np.dtype(self.dtype).itemsize


class Packing:
    """How encoded rows lie in bytes: a scalar in four, a level in one, or as many as it needs.

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
        self.parts: list[_Part] = []
        kinds = [_dtype(block) for block in blocks]
        start = 0
        for dtype in ("float32", *LEVELS):
            if own := [block for block, kind in zip(blocks, kinds, strict=True) if kind == dtype]:
                positions = torch.tensor([block.start for block in own])
                self.parts.append(_Part(dtype, own, start, positions))
                start = self.parts[-1].stop
        self.row_bytes = -(-start // 4) * 4

    def pack(self, rows: NDArray[np.float32]) -> Packed:
        """Encoded rows (n, width) -> bytes (n, row_bytes); of a onehot block the greatest entry counts."""
        packed = np.zeros((len(rows), self.row_bytes), dtype=np.uint8)
        for part in self.parts:
            numbers = packed[:, part.start : part.stop].view(part.dtype)
            for place, block in enumerate(part.blocks):
                own = rows[:, block.start : block.stop]
                numbers[:, place] = own[:, 0] if block.kind == "scalar" else own.argmax(1)
        return packed

    def unpack(self, packed: Tensor) -> Tensor:
        """Bytes (n, row_bytes) on any device -> float32 rows (n, width) there."""
        rows = torch.zeros(len(packed), self.width, device=packed.device)
        for part in self.parts:
            numbers = packed[:, part.start : part.stop].view(getattr(torch, part.dtype))
            if part.positions.device != packed.device:
                part.positions = part.positions.to(packed.device)
            if part.dtype == "float32":
                rows[:, part.positions] = numbers
            else:
                rows.scatter_(1, numbers + part.positions, 1.0)
        return rows

    def rows(self, packed: Packed) -> NDArray[np.float32]:
        """The same for arrays."""
        found: NDArray[np.float32] = self.unpack(torch.from_numpy(packed)).numpy()
        return found

    def mean(self, packed: Packed, chunk: int = 2**16) -> NDArray[np.float32]:
        """Mean of encoded rows, shape (width,), without all of them in memory at once."""
        parts = [packed[start : start + chunk] for start in range(0, len(packed), chunk)]
        means: list[NDArray[Any]] = [self.rows(part).mean(0) for part in parts]
        if len(parts) == 1:
            return np.asarray(means[0])
        return np.average(means, axis=0, weights=[len(part) for part in parts]).astype(np.float32)


def _dtype(block: Block) -> str:
    """The least type that holds what a block says."""
    if block.kind == "scalar":
        return "float32"
    return next(name for name, most in reversed(LEVELS.items()) if block.stop - block.start <= most)
