"""Rows from a trained generator: in blocks with a seed each, with calibrated scalars, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tabgan.adversarial.calibration import ROUNDS, Curves, calibrate_shares, calibration_curves
from tabgan.adversarial.device import autocast, threads_for
from tabgan.adversarial.heads import Block
from tabgan.adversarial.seeding import seed_number, seeded

Rows = NDArray[np.float32]
BLOCK = 1024  # rows drawn under one seed
SHARE_ROWS, CURVE_ROWS = 12 * BLOCK, 40 * BLOCK  # drawn to measure one-way distributions


class Sampler:
    """A generator as a source of rows, always the same for the same seed.

    Parameters
    ----------
    generator : torch.nn.Module
        The averaged one, in evaluation mode.
    latent_dim : int
    blocks : sequence of Block
    device : torch.device
    precision : {"auto", "float32", "bfloat16"}
    """

    def __init__(
        self,
        generator: nn.Module,
        latent_dim: int,
        blocks: Sequence[Block],
        device: torch.device,
        precision: str,
    ) -> None:
        self.generator, self.latent_dim = generator, latent_dim
        self.device, self.precision = device, precision
        self.blocks = list(blocks)
        self.curves: Curves = {}

    def calibrate(self, real: Rows, seed: np.random.SeedSequence) -> None:
        """Give every block its real one-way distribution, see :mod:`tabgan.adversarial.calibration`.

        Parameters
        ----------
        real : ndarray of shape (n, width)
            Encoded training rows.
        seed : numpy.random.SeedSequence
        """
        seeds = seed.spawn(ROUNDS + 1)
        with torch.inference_mode():
            calibrate_shares(self.generator, lambda k: self.rows(SHARE_ROWS, seeds[k]), real)
        self.curves = calibration_curves(self.rows(CURVE_ROWS, seeds[-1]), real, self.blocks)

    def rows(self, n: int, seed: np.random.SeedSequence) -> Rows:
        """Draw encoded rows of shape (n, width): the first n of one endless sequence a seed."""
        return next(self.chunks(n, seed, n))

    def chunks(self, n: int, seed: np.random.SeedSequence, size: int) -> Iterator[Rows]:
        """The same rows, in pieces of about `size`, so that memory is bounded whatever n is."""
        blocks_each = max(1, -(-size // BLOCK))
        for start in range(0, max(n, 1), blocks_each * BLOCK):
            wanted = min(n - start, blocks_each * BLOCK)
            blocks = [self._block(child) for child in seed.spawn(max(1, -(-wanted // BLOCK)))]
            yield np.concatenate(blocks)[:wanted]

    @torch.inference_mode()
    def _block(self, seed: np.random.SeedSequence) -> Rows:
        with seeded(seed_number(seed), self.device), threads_for(1):
            latent = torch.randn(BLOCK, self.latent_dim, device=self.device)
            with autocast(self.device, self.precision):
                rows = self.generator(latent)
        drawn: Rows = rows.float().cpu().numpy()
        for position, (own, real) in self.curves.items():
            drawn[:, position] = np.interp(drawn[:, position], own, real)
        return drawn

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Weights and calibration as arrays."""
        state = {f"generator.{k}": v.float().cpu().numpy() for k, v in self.generator.state_dict().items()}
        for position, curve in self.curves.items():
            state[f"curve.{position}"] = np.stack(curve)
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        weights = {k.removeprefix("generator."): v for k, v in arrays.items() if k.startswith("generator.")}
        self.generator.load_state_dict({k: torch.from_numpy(np.array(v)) for k, v in weights.items()})
        self.curves = {
            int(k.removeprefix("curve.")): (v[0], v[1]) for k, v in arrays.items() if k.startswith("curve.")
        }
