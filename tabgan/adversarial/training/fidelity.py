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
    """One minus the mean distance between the pairwise distributions of two sets of rows, given as codes.

    Scalars are cut into eight intervals at quantiles of the validation rows, categories are taken as they
    are, and for every pair of blocks the total variation distance of the joint tables is averaged.

    Parameters
    ----------
    validation : ndarray of shape (n, n_blocks)
    blocks : sequence of Block
        The layout of the rows; of a very wide one, a random part is compared.
    reference : ndarray of shape (m, ...), optional
        Real rows whose fidelity becomes the unit: 1 then means as near to the validation rows as real ones.
    seed : int, default=0
        For the choice of blocks and of rows.
    unpack : callable, optional
        Makes codes of some rows of `reference`, where that holds them in another form.

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
        self.columns: list[int] = []
        self.widths: list[int] = []
        self.edges: dict[int, NDArray[np.float32]] = {}
        levels = np.linspace(0, 1, BINS + 1)[1:-1]
        for column in rng.permutation(len(blocks)).tolist():
            is_scalar = blocks[column].kind == "scalar"
            width = BINS if is_scalar else blocks[column].width
            if self.columns and sum(self.widths) + width > MAX_INDICATORS:
                break
            self.columns.append(column)
            self.widths.append(width)
            if is_scalar:
                self.edges[column] = np.unique(np.quantile(validation[:, column], levels))
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

    def _joint(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """All pairwise distributions at once, as shares: shape (indicators, indicators)."""
        indicators = np.zeros((len(codes), sum(self.widths)), dtype=np.float32)
        start = 0
        for column, width in zip(self.columns, self.widths, strict=True):
            values = codes[:, column]
            places = (
                np.searchsorted(self.edges[column], values)
                if column in self.edges
                else values.astype(np.intp)
            )
            rows = np.flatnonzero(places >= 0)
            indicators[rows, start + places[rows]] = 1
            start += width
        return indicators.T @ indicators / np.float32(len(codes))

    def _similarity(self, codes: NDArray[np.float32]) -> float:
        difference = np.abs(self._joint(codes) - self.truth).sum() / 2
        return float(1 - difference / len(self.columns) ** 2)

    def coverage(self, codes: NDArray[np.float32]) -> float:
        """Share of the validation rows, by pairs of blocks, of whose kind there are some in `codes`.

        It falls when a generator collapses: of what it no longer makes, there is none.
        """
        return float((self.truth * (self._joint(codes) > 0)).sum() / self.truth.sum())

    def __call__(self, codes: NDArray[np.float32]) -> float:
        """Fidelity of `codes` (n, n_blocks) in [0, 1], by chance above it where there is a reference."""
        return float(np.maximum(0, self._similarity(codes) / self.ceiling))  # which keeps a nan
