"""Rows from a trained generator: in blocks with a seed each, with calibrated scalars, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.adversarial.device import autocast, threads_for
from tabgan.adversarial.generator.calibration import (
    ROUNDS,
    Curves,
    apply_curves,
    calibrate_shares,
    calibration_curves,
)
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.layout import Block
from tabgan.trees.discriminator import Discriminator

Rows = NDArray[np.float32]
Holds = Callable[[Rows], NDArray[np.bool_]]
BLOCK = 1024  # rows drawn under one seed
SHARE_ROWS, CURVE_ROWS = 12 * BLOCK, 64 * BLOCK  # drawn to measure one-way distributions, ...
CELLS = 2**26  # ... of wide tables fewer, as many as have so many cells


@dataclass(frozen=True)
class Wanted:
    """A condition on encoded rows.

    Parameters
    ----------
    holds : callable
        ``holds(rows) -> bool array``: for which rows, shape (n, width), it holds.
    allowed : ndarray of bool of shape (width,), optional
        Levels without which it cannot hold, so that no other needs to be drawn.
    """

    holds: Holds
    allowed: NDArray[np.bool_] | None = None


ANYTHING = Wanted(lambda rows: np.ones(len(rows), dtype=bool))


@dataclass
class Candidates:
    """Generated rows and what is known of them.

    Parameters
    ----------
    latent : Tensor of shape (n, latent_dim)
    rows : ndarray of shape (n, width)
    log_weight : ndarray of shape (n,)
        Logarithm of the probability to keep each row.
    kept : ndarray of bool, shape (n,)
        Whether it is kept.
    """

    latent: Tensor
    rows: Rows
    log_weight: NDArray[np.float64]
    kept: NDArray[np.bool_]

    def take(self, index: NDArray[np.intp] | slice) -> Candidates:
        """Some of them."""
        return Candidates(self.latent[index], self.rows[index], self.log_weight[index], self.kept[index])

    def replace(self, where: NDArray[np.bool_], others: Candidates) -> None:
        """Put those of `others`, as many, in the places that are true in `where`."""
        self.latent[where] = others.latent[where]
        self.rows[where] = others.rows[where]
        self.log_weight[where] = others.log_weight[where]

    @classmethod
    def concatenate(cls, parts: Sequence[Candidates]) -> Candidates:
        """All of several, in order."""
        rows, log_weight, kept = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "log_weight", "kept")
        )
        return cls(torch.cat([part.latent for part in parts]), rows, log_weight, kept)


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
        self.last_curves: Curves = {}
        self.rejection: Discriminator | None = None

    def calibrate(self, real: Rows, seed: np.random.SeedSequence) -> None:
        """Give every block its real one-way distribution (:mod:`tabgan.adversarial.generator.calibration`).

        Parameters
        ----------
        real : ndarray of shape (n, width)
            Encoded training rows.
        seed : numpy.random.SeedSequence
        """
        seeds = seed.spawn(ROUNDS + 1)
        with torch.inference_mode():
            calibrate_shares(self.generator, lambda k: self.rows(SHARE_ROWS, seeds[k]), real)
        self.curves = calibration_curves(self.rows(self._curve_rows(), seeds[-1]), real, self.blocks)

    def refine(self, real: Rows, seed: np.random.SeedSequence) -> None:
        """Let boosted trees judge what is drawn from now on, see :mod:`tabgan.trees.discriminator`.

        What they leave is calibrated once more.
        """
        draw_seed, tree_seed, curve_seed = seed.spawn(3)
        self.rejection = Discriminator.learn(real, lambda n: self.rows(n, draw_seed), self.blocks, tree_seed)
        self.last_curves = calibration_curves(self.rows(self._curve_rows(), curve_seed), real, self.blocks)

    def _curve_rows(self) -> int:
        width = sum(block.stop - block.start for block in self.blocks)
        return int(np.clip(CELLS // max(1, width), SHARE_ROWS, CURVE_ROWS))

    def rows(self, n: int, seed: np.random.SeedSequence) -> Rows:
        """Draw encoded rows of shape (n, width): the first n of one endless sequence a seed."""
        return np.concatenate(list(self.chunks(n, seed, max(n, 1))))

    def chunks(self, n: int, seed: np.random.SeedSequence, size: int) -> Iterator[Rows]:
        """The same rows, in pieces of about `size`, so that memory is bounded whatever n is."""
        rate = self.rejection.rate if self.rejection else 1.0
        left = n
        while True:
            n_blocks = max(1, math.ceil(min(left, size) / rate / BLOCK))
            _, rows, _, kept, _ = self._judged(seed.spawn(n_blocks))
            rows = apply_curves(self.last_curves, rows[kept][:left])
            yield rows
            left -= len(rows)
            if not left:
                return

    def candidates(self, seeds: Sequence[np.random.SeedSequence], wanted: Wanted) -> Candidates:
        """Draw a block a seed, leave out rows that a condition does not hold for, and say which to keep."""
        latents, rows, log_weight, kept, there = self._judged(seeds, wanted)
        latent = torch.cat(latents)[there]
        return Candidates(latent, apply_curves(self.last_curves, rows), log_weight, kept)

    def _judged(
        self, seeds: Sequence[np.random.SeedSequence], wanted: Wanted | None = None
    ) -> tuple[list[Tensor], Rows, NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp] | slice]:
        """What `candidates` holds, before the last curves; the last part says for which latent points."""
        latents, blocks, log_chances = [], [], []
        for seed in seeds:
            with seeded(seed_number(seed), self.device):
                latents.append(torch.randn(BLOCK, self.latent_dim, device=self.device))
                drawn, log_chance = self._generate(latents[-1], wanted)
                blocks.append(drawn)
                log_chances.append(log_chance)
        rows, log_chance = np.concatenate(blocks), np.concatenate(log_chances)
        there: NDArray[np.intp] | slice = slice(None)
        uniform = np.concatenate([np.random.default_rng(seed).random(BLOCK) for seed in seeds])
        if wanted is not None:
            there = np.flatnonzero(uniform < np.exp(log_chance))
            there = there[wanted.holds(apply_curves(self.last_curves, rows[there]))]
            rows, uniform = rows[there], uniform[there]
        log_weight = self._log_weight(rows) + log_chance[there]
        return latents, rows, log_weight, uniform < np.exp(log_weight), there

    def at(self, latent: Tensor, wanted: Wanted = ANYTHING) -> Candidates:
        """Give the rows at latent points, shape (n, latent_dim), by the random state that torch has.

        Those that a condition does not hold for have a log weight of minus infinity.
        """
        drawn, log_chance = self._generate(latent, wanted)
        rows = apply_curves(self.last_curves, drawn.copy())
        kept = wanted.holds(rows)
        log_weight = np.full(len(rows), -np.inf)
        log_weight[kept] = self._log_weight(drawn[kept]) + log_chance[kept]
        return Candidates(latent, rows, log_weight, kept)

    def _log_weight(self, rows: Rows) -> NDArray[np.float64]:
        if self.rejection is None or not len(rows):
            return np.zeros(len(rows))
        return self.rejection.log_weight(rows, torch.get_num_threads())

    @torch.inference_mode()
    def _generate(self, latent: Tensor, wanted: Wanted | None = None) -> tuple[Rows, NDArray[np.float64]]:
        """Rows, and the logarithm of the chance that levels came out as wanted, 0 if they were left free."""
        heads = getattr(self.generator, "heads", None)
        limits = heads.limited(wanted.allowed) if heads is not None and wanted is not None else nullcontext()
        log_chance = np.zeros(len(latent))
        with threads_for(1), autocast(self.device, self.precision), limits:
            drawn: Rows = self.generator(latent).float().cpu().numpy()
            if heads is not None and isinstance(heads.log_chance, Tensor):
                log_chance += heads.log_chance.double().cpu().numpy()
        return apply_curves(self.curves, drawn), log_chance

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Weights and calibration as arrays."""
        state = {f"generator.{k}": v.float().cpu().numpy() for k, v in self.generator.state_dict().items()}
        for name, curves in (("curve", self.curves), ("last_curve", self.last_curves)):
            state |= {f"{name}.{position}": np.stack(curve) for position, curve in curves.items()}
        if self.rejection is not None:
            state |= {f"rejection.{k}": v for k, v in self.rejection.get_state().items()}
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        parts: dict[str, dict[str, NDArray[Any]]] = {
            "generator": {}, "curve": {}, "rejection": {}, "last_curve": {},
        }  # fmt: skip
        for key, value in arrays.items():
            part, _, name = key.partition(".")
            parts[part][name] = value
        weights = {name: torch.from_numpy(np.array(value)) for name, value in parts["generator"].items()}
        self.generator.load_state_dict(weights)
        self.curves, self.last_curves = (
            {int(position): (curve[0], curve[1]) for position, curve in parts[name].items()}
            for name in ("curve", "last_curve")
        )
        if parts["rejection"]:
            self.rejection = Discriminator.from_state(parts["rejection"], self.blocks)
