"""How near a batch of generated rows is to the validation set, fast enough to be asked during training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block

MAX_INDICATORS = 1500  # the joint tables of all pairs hold the square of this many shares
BINS = 8
MIN_ROWS = 2000
DRAWS = 5
LEAST_CEILING = 0.001


class PairFidelity:
    """One minus the mean distance between the pairwise distributions of two sets of encoded rows.

    Scalars are cut into eight intervals at quantiles of the validation rows, one-hot blocks are taken as they
    are, and for every pair of blocks the total variation distance of the joint tables is averaged.

    Parameters
    ----------
    validation : ndarray of shape (n, width)
    blocks : sequence of Block
        The layout of the rows; of a very wide one, a random part is compared.
    reference : ndarray of shape (m, width), optional
        Real rows whose fidelity becomes the unit: 1 then means as near to the validation rows as real ones.
    seed : int, default=0
        For the choice of blocks and of rows.
    unpack : callable, optional
        Makes encoded rows of some rows of `reference`, where that holds them in another form.

    Attributes
    ----------
    spread : float
        Standard deviation of the fidelity of real rows, by the choice of rows from the reference.
    """

    def __init__(
        self,
        validation: NDArray[np.float32],
        blocks: Sequence[Block],
        reference: NDArray[Any] | None = None,
        seed: int = 0,
        unpack: Callable[[NDArray[Any]], NDArray[np.float32]] = np.asarray,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.blocks: list[Block] = []
        size = 0
        for index in rng.permutation(len(blocks)):
            size += BINS if blocks[index].kind == "scalar" else blocks[index].stop - blocks[index].start
            if self.blocks and size > MAX_INDICATORS:
                break
            self.blocks.append(blocks[index])
        levels = np.linspace(0, 1, BINS + 1)[1:-1]
        self.edges = {
            b.start: np.unique(np.quantile(validation[:, b.start], levels))
            for b in self.blocks
            if b.kind == "scalar"
        }
        self.n_rows = max(MIN_ROWS, len(validation))
        self.truth = self._joint(validation)
        self.ceiling, self.spread = 1.0, 0.0
        if reference is not None:
            self.n_rows = min(self.n_rows, len(reference))
            draws = [
                self._similarity(unpack(rng.choice(reference, self.n_rows, replace=False)))
                for _ in range(DRAWS)
            ]
            self.ceiling = max(LEAST_CEILING, float(np.mean(draws)))  # a validation row may be like no other
            self.spread = float(np.std(draws)) / self.ceiling

    def _joint(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """All pairwise distributions at once, as shares: shape (indicators, indicators)."""
        parts = []
        for b in self.blocks:
            if b.kind == "scalar":
                bins = len(self.edges[b.start]) + 1
                cut = np.searchsorted(self.edges[b.start], rows[:, b.start])
                parts.append(np.eye(bins, dtype=np.float32)[cut])
            else:
                parts.append(rows[:, b.start : b.stop])
        indicators = np.hstack(parts)
        return indicators.T @ indicators / np.float32(len(rows))

    def _similarity(self, rows: NDArray[np.float32]) -> float:
        n_blocks = len(self.blocks)
        difference = np.abs(self._joint(rows) - self.truth).sum() / 2
        return float(1 - difference / n_blocks**2)

    def coverage(self, rows: NDArray[np.float32]) -> float:
        """Share of the validation rows, by pairs of blocks, of whose kind there are some in `rows`.

        It falls when a generator collapses: of what it no longer makes, there is none.
        """
        return float((self.truth * (self._joint(rows) > 0)).sum() / self.truth.sum())

    def __call__(self, rows: NDArray[np.float32]) -> float:
        """Fidelity of `rows` (n, width) in [0, 1], by chance above it where there is a reference."""
        return float(np.maximum(0, self._similarity(rows) / self.ceiling))  # which keeps a nan
