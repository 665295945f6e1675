"""Pairs of categories that hardly any record has, though chance alone would bring many: no sample has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tabgan.adversarial.generator.calibration import Codes, Draw, Stage, Weights
from tabgan.layout import Block

EXPECTED = 5  # times the records that a value needs: so many a pair must be expected to have
MAX_WIDTH = 2000  # categories of all blocks together, above which pairs are not looked at
ROWS = 8192  # at a time
RATE_ROWS = 2048  # drawn to see how many have no such pair
LEAST_RATE = 0.1  # of rows without such a pair, below which rows are mended before they are rejected
ROUNDS = 50  # of mending


class RarePairs(Stage):
    """Rejects rows with a pair of categories of two columns that fewer than `least` training records have.

    Only pairs count of which independent columns would have five times `least`: they are impossible but for
    errors (a wife who is male) or name somebody (the one woman among the miners). Whether no record had such
    a pair or one had, samples do not tell; nor does the file, which lists them alike.

    Of many columns nearly every row has some such pair, and hardly a row would be left. Where fewer than
    `LEAST_RATE` are, categories are exchanged for others of their column first.

    Parameters
    ----------
    blocks : sequence of Block
    least : int, default=1
        Records that a pair needs to be drawn; 1 rejects nothing.

    Attributes
    ----------
    pairs : ndarray of int32, shape (n_pairs, 4)
        Of each, the places of the two blocks and the numbers of the two categories.
    mends : bool
        Whether rows are mended.
    """

    def __init__(self, blocks: Sequence[Block], least: int = 1) -> None:
        self.blocks, self.least = list(blocks), least
        self.pairs = np.zeros((0, 4), dtype=np.int32)
        self.mends = False

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Count the pairs in `real` rows."""
        places = [j for j, block in enumerate(self.blocks) if block.kind == "onehot"]
        widths = [self.blocks[j].width for j in places]
        self.mends = False
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
        rows = draw(RATE_ROWS, seed) if len(one) else real[:0]
        self.pairs = np.column_stack(columns)[~np.array(of_one_column, dtype=bool)].astype(np.int32)
        self.mends = len(rows) > 0 and bool(np.isfinite(self.log_weight(rows)).mean() < LEAST_RATE)

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Exchange categories until no pair is left, or for some rounds, where that is needed."""
        if not self.mends or not len(codes):
            return codes
        codes = codes.copy()
        places = np.array([j for j, block in enumerate(self.blocks) if block.kind == "onehot"])
        widths = np.array([self.blocks[j].width for j in places])
        starts = np.cumsum([0, *widths[:-1]])
        partners = self._partners(places, starts, int(widths.sum()))
        rows, donors = np.arange(len(codes)), codes.copy()
        for _ in range(ROUNDS):
            positions = codes[np.ix_(rows, places)].astype(np.intp) + starts
            ends = np.arange(len(rows) + 1) * len(places)
            shape = (len(rows), len(partners.indptr) - 1)
            present = csr_matrix((np.ones(positions.size), positions.ravel(), ends), shape)
            met = np.asarray((present @ partners).todense())  # of each category, partners in the row
            n_met = np.take_along_axis(met, positions, axis=1)
            bad = n_met.any(axis=1)
            rows, n_met, met = rows[bad], n_met[bad], met[bad]
            if not len(rows):
                break
            # rather those that go with few others, and not all at once: of the two of a pair, one is enough
            chosen = 2 * rng.random(n_met.shape) * n_met.max(axis=1, keepdims=True) < n_met
            row, place = np.nonzero(chosen)
            other = donors[rng.integers(len(donors), size=len(row)), places[place]]
            fits = met[row, starts[place] + other.astype(np.intp)] < n_met[row, place]
            codes[rows[row[fits]], places[place[fits]]] = other[fits]
        return codes

    @property
    def keeps_categories(self) -> bool:
        """Whether `apply` never changes a category."""
        return not self.mends

    def _partners(self, places: NDArray[np.intp], starts: NDArray[np.intp], n: int) -> Any:
        """Give the pairs as a sparse, symmetric matrix between the n categories of all blocks."""
        place = np.searchsorted(places, self.pairs[:, :2])
        one, other = (starts[place] + self.pairs[:, 2:]).T
        both = np.concatenate([one, other]), np.concatenate([other, one])
        return csr_matrix((np.ones(len(both[0])), both), (n, n))

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
        """Give the pairs, and whether rows are mended."""
        return {"pairs": self.pairs, "mends": np.array(self.mends)}

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
        self.pairs, self.mends = pairs, bool(arrays.get("mends", False))
