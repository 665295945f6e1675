"""What a stage behind the generator is, and the one that puts the shares of categories right.

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
SHARE_ROWS = 12 * 1024  # drawn to measure the shares of categories
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

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Change rows, shape (n, n_blocks): the array that is given stays as it is."""
        return codes

    def log_weight(self, codes: Codes) -> Weights:
        """Logarithm of the probability to keep each row, shape (n,); of the rows that `apply` gives."""
        return np.zeros(len(codes))

    @property
    def keeps_categories(self) -> bool:
        """Whether `apply` never changes a category."""
        return True

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
        """Move each category at its rate, and keep the best of up to twelve rounds."""
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
            chance = np.sqrt(2 / np.pi * shares * (1 - shares) / len(drawn)).sum()
            if error <= chance:  # no more than the mean, were all shares right
                break
            # How far a category must move depends on how sure the network is: each has another rate, faster
            # while it keeps its direction, slower when it turns (Riedmiller and Braun 1993, RPROP).
            shift = np.log(shares + FLOOR) - np.log(drawn_shares + FLOOR)
            rate *= np.where(before * shift < 0, 0.4, 1.3)
            before = shift
            step = rate * shift.clip(-2, 2)
            heads.prior += torch.as_tensor(step, dtype=heads.prior.dtype, device=heads.prior.device)
        heads.prior.copy_(best)
