"""Stages of calibration: marginal distributions put right after training.

Training gets the joint distribution nearly right and leaves small errors in every single column; these can be
measured on any number of generated rows and taken away. It says nothing about the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.networks.heads import Heads
from tabgan.layout import Block, category_counts

Codes = NDArray[np.float32]
Weights = NDArray[np.float64]
Draw = Callable[[int, np.random.SeedSequence], Codes]  # as the stages before give them
SHARE_ROWS, CURVE_ROWS = 12 * 1024, 64 * 1024  # drawn to measure marginal distributions, ...
VALUES = 2**26  # ... of wide tables fewer, as many as have so many values
QUANTILES = 1001
TAIL_QUANTILES = 8  # more of them beyond the outermost, so that extremes are as rare as they should be
ENDS = 8  # of as many generated rows as there are real ones, those that get a column's extreme number
ROUNDS = 12
FLOOR = 1e-4  # share below which the share of a category is not followed


class Stage(Protocol):
    """One of the steps between the generator and the rows that are given out; this one changes nothing."""

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Compare real rows with drawn ones.

        Parameters
        ----------
        real : ndarray of shape (n, n_blocks)
            Codes of training rows.
        draw : callable
            ``draw(n, seed) -> codes`` of generated rows, as all stages before this one give them.
        seed : numpy.random.SeedSequence
        """

    def apply(self, codes: Codes) -> Codes:
        """Change rows, shape (n, n_blocks): the array that is given stays as it is."""
        return codes

    def log_weight(self, codes: Codes) -> Weights:
        """Logarithm of the probability to keep each row, shape (n,); of the rows before `apply`."""
        return np.zeros(len(codes))

    @property
    def rate(self) -> float:
        """Share of the rows that are kept, about."""
        return 1.0

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give what was learned as arrays."""
        return {}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Undo `get_state`."""
        return None


class Shares(Stage):
    """Moves the prior of every category towards where generated shares are the real ones.

    Parameters
    ----------
    heads : Heads
        Of the generator: their prior is changed in place, and kept in the generator's weights.
    blocks : sequence of Block
    """

    def __init__(self, heads: Heads, blocks: Sequence[Block]) -> None:
        self.heads, self.blocks = heads, blocks

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Move each category at its rate, and keep the best of twelve rounds."""
        heads = self.heads
        if not heads.nominal_width:
            return
        order = np.argsort(heads.order.cpu().numpy())[: heads.nominal_width]
        shares = category_counts(real, self.blocks)[order] / len(real)
        rate, before = np.full(len(order), heads.noise), np.zeros(len(order))
        best, least = heads.prior.clone(), np.inf
        for round_seed in seed.spawn(ROUNDS):
            drawn = draw(SHARE_ROWS, round_seed)
            drawn_shares = category_counts(drawn, self.blocks)[order] / len(drawn)
            error = float(np.abs(drawn_shares - shares).sum())
            if error < least:
                best, least = heads.prior.clone(), error
            # How far a category must move depends on how sure the network is: each has another rate, faster
            # while it keeps its direction, slower when it turns (Riedmiller and Braun 1993, RPROP).
            shift = np.log(shares + FLOOR) - np.log(drawn_shares + FLOOR)
            rate *= np.where(before * shift < 0, 0.4, 1.3)
            before = shift
            step = rate * shift.clip(-2, 2)
            heads.prior += torch.as_tensor(step, dtype=heads.prior.dtype, device=heads.prior.device)
        heads.prior.copy_(best)


class Curves(Stage):
    """Moves each scalar along the curve from the quantiles of generated rows to the real ones.

    Where a scalar has a one-hot block before it (it can be missing or a spike), only rows count whose scalar
    does. The least and the greatest number come eight times as often as in the real rows, so that a sample
    seldom misses the range.

    Parameters
    ----------
    blocks : sequence of Block
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.curves: dict[int, tuple[Codes, Codes]] = {}  # of the columns of codes: from where, to where

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Measure the quantiles of both."""
        width = self.blocks[-1].stop
        drawn = draw(int(np.clip(VALUES // width, SHARE_ROWS, CURVE_ROWS)), seed)
        tail = np.geomspace(1 / max(len(drawn), QUANTILES), 1 / QUANTILES, TAIL_QUANTILES)[:-1]
        levels = np.concatenate([[0], tail, np.linspace(0, 1, QUANTILES)[1:-1], 1 - tail[::-1], [1]])
        for column in (j for j, block in enumerate(self.blocks) if block.kind == "scalar"):
            generated, target = (codes[self._counts(codes, column), column] for codes in (drawn, real))
            if len(generated) > QUANTILES and len(target) > 1:
                end = min(ENDS / len(target), 1 / QUANTILES)
                of_drawn = np.sort(np.append(levels, [end, 2 * end, 1 - 2 * end, 1 - end]))
                of_real = np.interp(
                    of_drawn, [end, 2 * end, 1 - 2 * end, 1 - end], [0, 2 * end, 1 - 2 * end, 1]
                )
                quantiles = np.quantile(generated, of_drawn), np.quantile(target, of_real)
                self.curves[column] = quantiles[0].astype(np.float32), quantiles[1].astype(np.float32)

    def apply(self, codes: Codes) -> Codes:
        """Move the scalars."""
        if self.curves:
            codes = codes.copy()
        for column, (generated, real) in self.curves.items():
            codes[:, column] = np.interp(codes[:, column], generated, real)
        return codes

    def _counts(self, codes: Codes, column: int) -> NDArray[np.bool_]:
        """Tell where a scalar counts: at the first category of a one-hot block before it in its column."""
        before = self.blocks[column - 1] if column else None
        if before is None or before.kind != "onehot" or before.column != self.blocks[column].column:
            return np.ones(len(codes), dtype=bool)
        return codes[:, column - 1] == 0

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the curves."""
        return {str(column): np.stack(curve) for column, curve in self.curves.items()}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back the curves."""
        self.curves = {int(column): (curve[0], curve[1]) for column, curve in arrays.items()}
