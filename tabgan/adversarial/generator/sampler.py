"""Rows from a trained generator, as codes: in batches with a seed each, calibrated, in bounded memory."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.adversarial.device import autocast, threads_for
from tabgan.adversarial.generator.calibration import Codes, Shares, Stage, Weights
from tabgan.adversarial.generator.rare_pairs import RarePairs
from tabgan.adversarial.networks.encoding import Encoding
from tabgan.adversarial.networks.heads import Generator
from tabgan.adversarial.seeding import generator_of
from tabgan.layout import Block
from tabgan.trees.atoms import Atoms, Intervals
from tabgan.trees.conditionals import Conditionals
from tabgan.trees.discriminator import Discriminator
from tabgan.trees.transport import Transport

BATCH, LEAST_BATCH = 8192, 512  # rows drawn under one seed, at most and at least, ...
VALUES = 2**23  # ... and of wide tables as many as have so many positions
MOST_BLOCKS = 100  # of a table whose conditional distributions are learned in advance, ...
MODEL_ROWS, LEARNING = 10_000, threading.Lock()  # ... else from so many rows of the model at the first use
STAGES = {  # refined or not
    False: ("shares", "marginals", "rare pairs"),
    True: ("marginals", "transport", "rare pairs", "rejection", "conditionals"),
}


@dataclass(frozen=True)
class Condition:
    """A condition on rows.

    Parameters
    ----------
    holds : callable
        ``holds(codes) -> bool array``: for which rows, codes of shape (n, n_blocks), it holds.
    allowed : sequence of bool arrays, optional
        For each block, shape (width,), the categories without which it cannot hold, so that no other needs to
        be drawn; a scalar allows all.
    places : sequence of int, optional
        The blocks that `accepts` depends on; by default all.
    accepts : callable, optional
        A part of `holds` that is quick to tell; by default all of it.
    put : callable, optional
        ``put(codes, rng) -> codes``: the same rows with values put in, block by block, for which it may hold.
    """

    holds: Callable[[Codes], NDArray[np.bool_]]
    allowed: Sequence[NDArray[np.bool_]] | None = None
    places: Sequence[int] | None = None
    accepts: Callable[[Codes], NDArray[np.bool_]] | None = None
    put: Callable[[Codes, np.random.Generator], Codes] | None = None


ANYTHING = Condition(lambda codes: np.ones(len(codes), dtype=bool))


def stages_of(generator: Generator, blocks: Sequence[Block]) -> dict[str, Stage]:
    """Give the stages behind a generator, in their order, none of which changes anything yet."""
    return {
        "shares": Shares(generator.heads, blocks),
        "marginals": Transport(blocks, predictors=0),
        "transport": Transport(blocks),
        "rare pairs": RarePairs(blocks),
        "rejection": Discriminator(blocks),
        "conditionals": Conditionals(blocks),
    }


class Sampler:
    """A generator as a source of rows, always the same for the same seed, and for many threads at once.

    Parameters
    ----------
    generator : Generator
        The averaged one, in evaluation mode.
    latent_dim : int
    blocks : sequence of Block
    device : torch.device
    precision : {"auto", "float32", "bfloat16"}
    """

    def __init__(
        self,
        generator: Generator,
        latent_dim: int,
        blocks: Sequence[Block],
        device: torch.device,
        precision: str,
    ) -> None:
        self.generator, self.latent_dim, self.blocks = generator, latent_dim, list(blocks)
        self.device, self.precision = device, precision
        self.encoding = Encoding(self.blocks, device)
        width = self.blocks[-1].stop if self.blocks else 1
        self.batch = min(BATCH, max(LEAST_BATCH, VALUES // width))
        self.stages = stages_of(generator, self.blocks)
        self._conditionals: Conditionals | None = None

    def fit(
        self,
        real: Codes,
        seed: np.random.SeedSequence,
        refine: bool,
        intervals: Intervals = (),
        least: int = 1,
        hurried: bool = False,
        lesson: Codes | None = None,
    ) -> list[str]:
        """Let each stage compare real rows with those that the stages before it give.

        Ctrl-C leaves out the stage that it comes in, and those after it, but for the one that protects
        records.

        Parameters
        ----------
        real : ndarray of shape (n, n_blocks)
            Codes of training rows.
        seed : numpy.random.SeedSequence
        refine : bool
            Whether trees move rows, and reject some.
        intervals : sequence of (ndarray of shape (k, 2) or None), optional
            Which codes of each block stand for one value, see `Atoms`.
        least : int, default=1
            Records that a pair of categories needs to be drawn, see `RarePairs`.
        hurried : bool, default=False
            Whether all stages are left out that can be.
        lesson : ndarray of shape (m, n_blocks), optional
            Rows that stand for the real ones wherever records are not counted; trees then always move rows,
            and reject some.

        Returns
        -------
        list of str
            The names of the stages that were left out.
        """
        left_out: list[str] = []
        atoms = Atoms(self.blocks, intervals)
        real = atoms.settle(real)
        wanted, learned = set(STAGES[refine]), real
        if lesson is not None:
            wanted, learned = set(STAGES[True]) - {"conditionals"}, atoms.settle(lesson)
        seeds = seed.spawn(len(self.stages))
        for (name, stage), stage_seed in zip(self.stages.items(), seeds, strict=True):
            if isinstance(stage, Transport | Conditionals):
                stage.atoms = atoms
            if isinstance(stage, Transport) and lesson is not None:
                stage.most_members = 1
            if isinstance(stage, RarePairs):
                stage.least = least
            if name not in wanted or (name == "conditionals" and len(self.blocks) > MOST_BLOCKS):
                continue
            prior = self.generator.heads.prior.clone()
            try:
                if (left_out or hurried) and not isinstance(stage, RarePairs):
                    raise KeyboardInterrupt
                with torch.inference_mode():
                    stage.fit(real if isinstance(stage, RarePairs) else learned, self.rows, stage_seed)
            except KeyboardInterrupt:
                if isinstance(stage, RarePairs):
                    stage.fit(real, self.rows, stage_seed)
                    continue
                left_out.append(name)
                self.generator.heads.prior.copy_(prior)
                self.stages[name] = stages_of(self.generator, self.blocks)[name]
        return left_out

    def rows(self, n: int, seed: np.random.SeedSequence) -> Codes:
        """Draw codes of shape (n, n_blocks): the first n of one endless sequence a seed."""
        return np.concatenate(list(self.chunks(n, seed, max(n, 1))))

    @property
    def conditionals(self) -> Conditionals:
        """What draws single blocks given all others: if `fit` left none, learned from rows of the model."""
        stage, marginals = self.stages["conditionals"], self.stages["marginals"]
        assert isinstance(stage, Conditionals)
        assert isinstance(marginals, Transport)
        if stage.is_fitted:
            return stage
        with LEARNING:
            if self._conditionals is None:
                rows_seed, seed = np.random.SeedSequence(0).spawn(2)
                learned = Conditionals(self.blocks)
                learned.atoms = marginals.atoms
                learned.fit(self.rows(MODEL_ROWS, rows_seed), self.rows, seed)
                self._conditionals = learned
            return self._conditionals

    @property
    def rate(self) -> float:
        """Share of the generated rows that all stages together keep, about."""
        return math.prod(stage.rate for stage in self.stages.values())

    def chunks(self, n: int, seed: np.random.SeedSequence, size: int) -> Iterator[Codes]:
        """Draw the same rows in pieces of about `size`, so that memory is bounded whatever n is."""
        left, rate = n, self.rate
        while True:
            n_batches = max(1, math.ceil(min(left, size) / rate / self.batch))
            codes = self.accepted(seed.spawn(n_batches), ANYTHING)[:left]
            yield codes
            left -= len(codes)
            if not left:
                return

    def accepted(self, seeds: Sequence[np.random.SeedSequence], condition: Condition) -> Codes:
        """Draw a batch a seed, and give the rows that a condition holds for and that are kept."""
        batches = []
        for seed in seeds:
            torch_rng, rng = generator_of(seed, self.device), np.random.default_rng(seed)
            latent = torch.randn(self.batch, self.latent_dim, generator=torch_rng, device=self.device)
            codes, log_weight = self._generate(latent, torch_rng, condition)
            uniform = rng.random(self.batch)
            kept = uniform < np.exp(log_weight)  # the others need not be looked at
            codes, log_weight = self._weighed(codes[kept], log_weight[kept], rng, condition)
            batches.append(codes[uniform[kept] < np.exp(log_weight)])
        return np.concatenate(batches)

    def at(self, latent: Tensor, rng: torch.Generator) -> tuple[Codes, Weights]:
        """Give the rows at latent points, shape (n, latent_dim), by noise from `rng`.

        Returns
        -------
        codes : ndarray of shape (n, n_blocks)
        log_weight : ndarray of shape (n,)
            Logarithm of the probability to keep each row.
        """
        seed = int(torch.randint(2**62, (1,), generator=rng, device=self.device))
        return self._weighed(*self._generate(latent, rng, ANYTHING), np.random.default_rng(seed), ANYTHING)

    @torch.inference_mode()
    def _generate(self, latent: Tensor, rng: torch.Generator, condition: Condition) -> tuple[Codes, Weights]:
        """Give what the generator draws, before all stages, with the weight that it says itself."""
        noise = torch.rand(len(latent), self.generator.noise_width, generator=rng, device=self.device)
        allowed = None
        if condition.allowed is not None and all(stage.keeps_categories for stage in self.stages.values()):
            allowed = self.generator.heads.allowed(condition.allowed)
        with threads_for(1), autocast(self.device, self.precision):
            rows, log_weight = self.generator.forward(latent, noise, allowed)
            codes = self.encoding.codes(rows)
        return codes.cpu().numpy(), log_weight.double().cpu().numpy()

    def _weighed(
        self, codes: Codes, log_weight: Weights, rng: np.random.Generator, condition: Condition
    ) -> tuple[Codes, Weights]:
        """Send rows through all stages; only those that the condition holds for are weighed, or kept."""
        weighed = []
        for stage in self.stages.values():
            codes = stage.apply(codes, rng)
            weighed.append(codes)
        holds = condition.holds(codes)
        log_weight = np.where(holds, log_weight, -np.inf)
        for stage, each in zip(self.stages.values(), weighed, strict=True):
            log_weight[holds] += stage.log_weight(each[holds])
        return codes, log_weight

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Weights and stages as arrays."""
        state = {f"generator.{k}": v.float().cpu().numpy() for k, v in self.generator.state_dict().items()}
        for name, stage in self.stages.items():
            state |= {f"{name}.{key}": array for key, array in stage.get_state().items()}
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Undo `get_state`."""
        by_part: dict[str, dict[str, NDArray[Any]]] = {name: {} for name in ("generator", *self.stages)}
        for key, array in arrays.items():
            part, _, name = key.partition(".")
            by_part[part][name] = array
        weights = {name: torch.from_numpy(np.array(array)) for name, array in by_part["generator"].items()}
        self.generator.load_state_dict(weights)
        for name, stage in self.stages.items():
            stage.set_state(by_part[name])
