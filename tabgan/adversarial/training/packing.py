"""Codes in few bytes: categories as small integers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.layout import Block, category_counts

Packed = NDArray[np.uint8]
Codes = NDArray[np.float32]

# The most categories that a block may have to be held by a type; the widest comes first, so that every number
# in a row of bytes stands where its type can be read.
CATEGORIES: dict[str, int] = {"int32": 2**31, "int16": 2**15, "uint8": 2**8}


class Packing:
    """How codes lie in bytes: a scalar in four, a category in one, or as many as it needs.

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
        self.groups: list[tuple[str, list[int], slice]] = []  # numbers of one type, which codes, their bytes
        dtypes = [_dtype(block) for block in blocks]
        start = 0
        for dtype in ("float32", *CATEGORIES):
            if columns := [j for j, other in enumerate(dtypes) if other == dtype]:
                stop = start + len(columns) * np.dtype(dtype).itemsize
                self.groups.append((dtype, columns, slice(start, stop)))
                start = stop
        self.row_bytes = -(-start // 4) * 4
        self.order = torch.tensor([j for _, columns, _ in self.groups for j in columns]).argsort()

    def pack(self, codes: Codes) -> Packed:
        """Codes (n, n_blocks), none of them -1 -> bytes (n, row_bytes)."""
        packed = np.zeros((len(codes), self.row_bytes), dtype=np.uint8)
        for dtype, columns, span in self.groups:
            packed[:, span].view(dtype)[:] = codes[:, columns]
        return packed

    def unpack(self, packed: Tensor) -> Tensor:
        """Bytes (n, row_bytes) on any device -> codes (n, n_blocks) there."""
        if not self.groups:
            return torch.zeros(len(packed), 0, device=packed.device)
        if self.order.device != packed.device:
            self.order = self.order.to(packed.device)
        numbers = [packed[:, span].view(getattr(torch, dtype)).float() for dtype, _, span in self.groups]
        return torch.cat(numbers, 1).index_select(1, self.order)

    def codes(self, packed: Packed) -> Codes:
        """The same for arrays."""
        codes: Codes = self.unpack(torch.from_numpy(packed)).numpy()
        return codes

    def frequencies(self, packed: Packed, chunk: int = 2**16) -> NDArray[np.float32]:
        """Share of each category, shape (width,) and 0 at scalars, without all codes in memory at once."""
        counts = np.zeros(self.width)
        for start in range(0, len(packed), chunk):
            counts += category_counts(self.codes(packed[start : start + chunk]), self.blocks)
        return (counts / max(1, len(packed))).astype(np.float32)


def _dtype(block: Block) -> str:
    """The smallest type that holds the values of a block."""
    if block.kind == "scalar":
        return "float32"
    return next(name for name, most in reversed(CATEGORIES.items()) if block.width <= most)
