"""The narrow waist: which blocks a row consists of, to which column each belongs, and of what kind it is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, overload

import numpy as np
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack

BlockKind = Literal["scalar", "onehot"]


@dataclass(frozen=True)
class Block:
    """One code of every row, and the positions that it takes in what networks see.

    Parameters
    ----------
    column : hashable
        Name of the column it belongs to.
    kind : {"scalar", "onehot"}
        One number in [-1, 1]; or the number of a category, from 0 on, which networks see as indicators of
        which exactly one is 1.
    start, stop : int
        Its positions in the rows of networks, `stop` not included.
    """

    column: Hashable
    kind: BlockKind
    start: int
    stop: int

    @property
    def width(self) -> int:
        """Number of positions: of categories, or 1."""
        return self.stop - self.start


@dataclass(frozen=True, init=False, repr=False)
class Layout(Sequence[Block]):
    """Blocks that lie side by side and fill a row of `width` positions; never changed once made.

    Between the wings of the package, rows run as codes: float32, shape (n, n_blocks), one number a block.

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

    blocks: tuple[Block, ...]
    _places: dict[Hashable, slice] = field(compare=False)

    def __init__(self, blocks: Iterable[Block]) -> None:
        object.__setattr__(self, "blocks", tuple(blocks))
        places: dict[Hashable, slice] = {}
        position = 0
        for place, block in enumerate(self.blocks):
            if block.start != position or block.stop <= position:
                raise ValueError(f"blocks must lie side by side, but {block} does not start at {position}")
            if block.kind not in get_args(BlockKind):
                raise ValueError(f"a block is a 'scalar' or a 'onehot', got {block}")
            if block.kind == "scalar" and block.width != 1:
                raise ValueError(f"a scalar block holds one position, got {block}")
            position = block.stop
            first = places[block.column].start if block.column in places else place
            places[block.column] = slice(first, place + 1)
        object.__setattr__(self, "_places", places)

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
        return len(self.blocks)

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Block, ...]: ...
    def __getitem__(self, index: int | slice) -> Block | tuple[Block, ...]:
        return self.blocks[index]

    def __repr__(self) -> str:
        return f"Layout({len(self)} blocks, width {self.width})"

    @property
    def width(self) -> int:
        """Number of positions of a row that networks see."""
        return self.blocks[-1].stop if self.blocks else 0

    def places(self, column: Hashable) -> slice:
        """Give the places of one column's blocks; none for a column that carries no information."""
        return self._places.get(column, slice(0, 0))

    def of(self, column: Hashable) -> tuple[Block, ...]:
        """Give the blocks of one column, in order."""
        return self.blocks[self.places(column)]

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
        By positions of the rows that networks see; 0 at scalars.
    """
    counts = np.zeros(blocks[-1].stop if len(blocks) else 0)
    for place, block in enumerate(blocks):
        if block.kind == "onehot":
            categories = codes[:, place].astype(np.intp)
            counts[block.start : block.stop] = np.bincount(categories, minlength=block.width)
    return counts
