"""Pairs of categories that hardly any record has, though chance alone would bring many: no sample has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.adversarial.generator.calibration import Codes, Draw, Stage, Weights
from tabgan.layout import Block

EXPECTED = 5  # times the records that a value needs: so many a pair must be expected to have
MAX_WIDTH = 2000  # categories of all blocks together, above which pairs are not looked at
ROWS = 8192  # at a time


class RarePairs(Stage):
    """Rejects rows with a pair of categories of two columns that fewer than `least` training records have.

    Only pairs count of which independent columns would have five times `least`: they are impossible but for
    errors (a wife who is male) or name somebody (the one woman among the miners). Whether no record had such
    a pair or one had, samples do not tell; nor does the file, which lists them alike.

    Parameters
    ----------
    blocks : sequence of Block
    least : int, default=1
        Records that a pair needs to be drawn; 1 rejects nothing.

    Attributes
    ----------
    pairs : ndarray of int32, shape (n_pairs, 4)
        Of each, the places of the two blocks and the numbers of the two categories.
    """

    def __init__(self, blocks: Sequence[Block], least: int = 1) -> None:
        self.blocks, self.least = list(blocks), least
        self.pairs = np.zeros((0, 4), dtype=np.int32)

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Count the pairs in `real` rows."""
        places = [j for j, block in enumerate(self.blocks) if block.kind == "onehot"]
        widths = [self.blocks[j].width for j in places]
        if self.least == 1 or len(places) < 2 or sum(widths) > MAX_WIDTH:
            return
        starts = np.cumsum([0, *widths[:-1]])
        counts = np.zeros((sum(widths), sum(widths)), dtype=np.float32)
        for first in range(0, len(real), ROWS):
            positions = real[first : first + ROWS, places].astype(np.intp) + starts
            indicators = np.zeros((len(positions), len(counts)), dtype=np.float32)
            np.put_along_axis(indicators, positions, 1, axis=1)
            counts += indicators.T @ indicators
        of_category = np.diag(counts).astype(float)
        expected = np.outer(of_category, of_category) / len(real)
        owner = np.repeat(np.arange(len(places)), widths)
        found = (counts < self.least) & (expected >= EXPECTED * self.least) & (owner[:, None] < owner)
        one, other = np.nonzero(found)
        columns = [np.array(places)[owner[k]] for k in (one, other)] + [
            k - starts[owner[k]] for k in (one, other)
        ]
        of_one_column = [
            self.blocks[i].column == self.blocks[j].column for i, j in zip(*columns[:2], strict=True)
        ]
        self.pairs = np.column_stack(columns)[~np.array(of_one_column, dtype=bool)].astype(np.int32)

    def log_weight(self, codes: Codes) -> Weights:
        """Give minus infinity for rows with such a pair, shape (n,)."""
        log_weight = np.zeros(len(codes))
        for i, j in np.unique(self.pairs[:, :2], axis=0):
            of_blocks = self.pairs[(self.pairs[:, 0] == i) & (self.pairs[:, 1] == j), 2:]
            table = np.zeros((self.blocks[i].width, self.blocks[j].width))
            table[of_blocks[:, 0], of_blocks[:, 1]] = -np.inf
            log_weight += table[codes[:, i].astype(np.intp), codes[:, j].astype(np.intp)]
        return log_weight

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the pairs."""
        return {"pairs": self.pairs}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Undo `get_state`."""
        pairs = np.asarray(arrays["pairs"])
        if pairs.dtype.kind != "i" or pairs.ndim != 2 or pairs.shape[1] != 4:
            raise ValueError("it holds rare pairs that are none")
        for places, numbers in ((pairs[:, 0], pairs[:, 2]), (pairs[:, 1], pairs[:, 3])):
            for place in np.unique(places).tolist():
                block = self.blocks[place] if 0 <= place < len(self.blocks) else None
                found = numbers[places == place]
                if block is None or block.kind != "onehot" or found.min() < 0 or found.max() >= block.width:
                    raise ValueError("it holds rare pairs of categories that are not there")
        self.pairs = pairs
