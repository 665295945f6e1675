"""Between codes, one number a block, and the rows that networks see, where a category is a one-hot block."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tabgan.layout import Block


class Encoding:
    """Codes -> rows and back, on a device; one-hot blocks are nowhere else.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.
    device : torch.device
    """

    def __init__(self, blocks: Sequence[Block], device: torch.device) -> None:
        def integers(values: Sequence[int]) -> Tensor:
            return torch.tensor(values, dtype=torch.long, device=device)

        self.n_blocks, self.width = len(blocks), blocks[-1].stop if len(blocks) else 0
        scalars = [j for j, block in enumerate(blocks) if block.kind == "scalar"]
        onehots = [j for j, block in enumerate(blocks) if block.kind == "onehot"]
        self.scalars, self.positions = integers(scalars), integers([blocks[j].start for j in scalars])
        self.onehots, self.starts = integers(onehots), integers([blocks[j].start for j in onehots])
        self.groups: list[tuple[int, Tensor, Tensor]] = []  # blocks of one width, which are read together
        for width in sorted({blocks[j].width for j in onehots}):
            same = [j for j in onehots if blocks[j].width == width]
            spans = [i for j in same for i in range(blocks[j].start, blocks[j].stop)]
            self.groups.append((width, integers(same), integers(spans)))

    def rows(self, codes: Tensor) -> Tensor:
        """Codes (n, n_blocks) -> rows (n, width); a category of -1 is a block of zeros."""
        rows = torch.zeros(len(codes), self.width, device=codes.device)
        rows[:, self.positions] = codes[:, self.scalars]
        categories = codes[:, self.onehots]
        return rows.scatter_(1, categories.long().clamp_min(0) + self.starts, (categories >= 0).float())

    def codes(self, rows: Tensor) -> Tensor:
        """Rows (n, width) -> codes (n, n_blocks): scalars, and the greatest entry of each one-hot block."""
        codes = torch.empty(len(rows), self.n_blocks, device=rows.device)
        codes[:, self.scalars] = rows[:, self.positions].float()
        for width, columns, spans in self.groups:
            codes[:, columns] = rows[:, spans].unflatten(1, (len(columns), width)).argmax(-1).float()
        return codes
