"""The stage of boosted trees: rows are kept with a probability that rises with how real they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.generator.calibration import Codes, Draw, Stage, Weights
from tabgan.layout import Block
from tabgan.trees.discriminator import Discriminator


class Rejection(Stage):
    """Rejection by a :class:`~tabgan.trees.discriminator.Discriminator`; unfitted, it keeps all rows.

    Parameters
    ----------
    blocks : sequence of Block
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.discriminator: Discriminator | None = None

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Train the trees to tell drawn rows from real ones."""
        draw_seed, tree_seed = seed.spawn(2)
        self.discriminator = Discriminator.learn(real, lambda n: draw(n, draw_seed), self.blocks, tree_seed)

    def log_weight(self, codes: Codes) -> Weights:
        """Logarithm of the probability to keep each row, shape (n,)."""
        if self.discriminator is None or not len(codes):
            return np.zeros(len(codes))
        return self.discriminator.log_weight(codes, torch.get_num_threads())

    @property
    def rate(self) -> float:
        """Share of the rows that are kept, about."""
        return self.discriminator.rate if self.discriminator is not None else 1.0

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the trees and terms, if there are any."""
        return self.discriminator.get_state() if self.discriminator is not None else {}

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take them back."""
        self.discriminator = Discriminator.from_state(arrays, self.blocks) if arrays else None
