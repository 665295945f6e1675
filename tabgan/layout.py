"""The narrow waist: which stretch of an encoded row belongs to which column, and of what kind it is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, overload

import numpy as np
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack

BlockKind = Literal["scalar", "onehot"]


@dataclass(frozen=True)
class Block:
    """A stretch of every encoded row.

    Parameters
    ----------
    column : hashable
        Name of the column it belongs to.
    kind : {"scalar", "onehot"}
        One number in [-1, 1], or indicators of which exactly one is 1.
    start, stop : int
        Its positions in the row, `stop` not included.
    """

    column: Hashable
    kind: BlockKind
    start: int
    stop: int

    @property
    def width(self) -> int:
        """Number of positions."""
        return self.stop - self.start


class Layout(Sequence[Block]):
    """Blocks that lie side by side and fill an encoded row of `width` positions; never changed once made.

    Parameters
    ----------
    blocks : iterable of Block
        The first starts at 0, each other where the one before it stops.

    Raises
    ------
    ValueError
        If the blocks leave a gap, overlap, or one is of an unknown kind.

    Examples
    --------
    >>> layout = Layout.from_columns([("age", [("scalar", 1)]), ("sex", [("onehot", 2)])])
    >>> layout.width, layout.of("sex")
    (3, (Block(column='sex', kind='onehot', start=1, stop=3),))
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = tuple(blocks)
        position = 0
        for block in self._blocks:
            if block.start != position or block.stop <= position:
                raise ValueError(f"blocks must lie side by side, but {block} does not start at {position}")
            if block.kind not in get_args(BlockKind):
                raise ValueError(f"a block is a 'scalar' or a 'onehot', got {block}")
            if block.kind == "scalar" and block.width != 1:
                raise ValueError(f"a scalar block holds one position, got {block}")
            position = block.stop
        self._width = position

    @classmethod
    def from_columns(cls, columns: Iterable[tuple[Hashable, Iterable[tuple[BlockKind, int]]]]) -> Layout:
        """Lay out columns one after the other, each given as its name and its (kind, width) pairs."""
        blocks, position = [], 0
        for name, pieces in columns:
            for kind, width in pieces:
                blocks.append(Block(name, kind, position, position + width))
                position += width
        return cls(blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Block, ...]: ...
    def __getitem__(self, index: int | slice) -> Block | tuple[Block, ...]:
        return self._blocks[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self._blocks == other._blocks

    def __hash__(self) -> int:
        return hash(self._blocks)

    def __repr__(self) -> str:
        return f"Layout({len(self)} blocks, width {self.width})"

    @property
    def width(self) -> int:
        """Number of positions of an encoded row."""
        return self._width

    def of(self, column: Hashable) -> tuple[Block, ...]:
        """Give the blocks of one column, in order; none for a column that carries no information."""
        return tuple(block for block in self if block.column == column)

    def split(self, matrix: NDArray[Any], columns: Sequence[Hashable]) -> list[NDArray[Any]]:
        """Cut encoded rows, shape (n, width), into the part of each of `columns`: views, in that order."""
        spans: dict[Hashable, slice] = {}
        for block in self:
            first = spans[block.column].start if block.column in spans else block.start
            spans[block.column] = slice(first, block.stop)
        return [matrix[:, spans.get(column, slice(0, 0))] for column in columns]

    def to_codes(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give encoded rows, shape (n, width), as codes: one number a block.

        Returns
        -------
        ndarray of shape (n, n_blocks)
            A scalar as it is; of a onehot block, the number of its category, or -1 where there is none.
        """
        codes = np.empty((len(matrix), len(self)), dtype=np.float32)
        for place, block in enumerate(self):
            values = matrix[:, block.start : block.stop]
            if block.kind == "scalar":
                codes[:, place] = values[:, 0]
            else:
                codes[:, place] = np.where(values.any(axis=1), values.argmax(axis=1), -1)
        return codes

    def to_matrix(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Undo `to_codes`: codes, shape (n, n_blocks), as encoded rows of shape (n, width)."""
        matrix = np.zeros((len(codes), self.width), dtype=np.float32)
        for place, block in enumerate(self):
            if block.kind == "scalar":
                matrix[:, block.start] = codes[:, place]
            else:
                rows = np.flatnonzero(codes[:, place] >= 0)
                matrix[rows, block.start + codes[rows, place].astype(np.intp)] = 1
        return matrix

    def to_dict(self) -> dict[str, Any]:
        """Give the layout as JSON-able data."""
        return {"blocks": [[pack(block.column), block.kind, block.width] for block in self]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Layout:
        """Undo `to_dict`."""
        return cls.from_columns((unpack(column), [(kind, width)]) for column, kind, width in data["blocks"])


def category_counts(codes: NDArray[np.float32], blocks: Sequence[Block]) -> NDArray[np.float64]:
    """Count the rows of each category.

    Parameters
    ----------
    codes : ndarray of shape (n, n_blocks)
    blocks : sequence of Block

    Returns
    -------
    ndarray of shape (width,)
        By positions of the encoded row; 0 at scalars.
    """
    counts = np.zeros(blocks[-1].stop if len(blocks) else 0)
    for place, block in enumerate(blocks):
        if block.kind == "onehot":
            categories = codes[:, place].astype(np.intp)
            counts[block.start : block.stop] = np.bincount(categories, minlength=block.width)
    return counts
