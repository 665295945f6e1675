"""From encoded rows to a sampler: hold rows back, build networks, train, keep the best, calibrate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.adversarial.device import autocast, threads_for
from tabgan.adversarial.fidelity import PairFidelity
from tabgan.adversarial.heads import Block, Heads
from tabgan.adversarial.listeners import (
    CHECKED,
    History,
    NoValidation,
    Progress,
    Validation,
    in_turn,
    time_limit,
)
from tabgan.adversarial.membership import Membership
from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.sampling import Sampler
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.adversarial.training import Listener, Round, State, train

Rows = NDArray[np.float32]
STEPS_PER_ROOT = 40  # steps = STEPS_PER_ROOT * sqrt(rows) by default
MIN_STEPS, MAX_STEPS = 100, 5500  # the upper end is a matter of patience: minutes, not hours
N_CHECKS = 25
FULL_WIDTH = 1000  # positions; wider rows get fewer steps
MIN_HELD_OUT, MAX_HELD_OUT = 50, 2000
LEAST_REFINED = 1000  # rows; of fewer, trees learn the rows themselves


class NoColumns(nn.Module):
    """Both networks of a table whose columns are all constants or keys: nothing is learned of it."""

    def forward(self, points: Tensor) -> Tensor:
        """Points (n, any) -> rows (n, 0)."""
        return points[:, :0]


@dataclass(frozen=True)
class Settings:
    """How to learn; what each means stands in :class:`tabgan.TabGAN`. The estimators alone have defaults."""

    backbone: Backbone
    play: Round
    latent_dim: int
    batch_size: int
    max_steps: int | None
    learning_rate: float
    critic_learning_rate: float
    betas: tuple[float, float]
    average: float
    validation_fraction: float
    patience: int | None
    max_time: float | None
    device: torch.device
    precision: str
    refine: bool
    verbose: int


@dataclass
class Learned:
    """What training leaves: a source of rows, the networks to go on with, and the record of how it went."""

    sampler: Sampler
    state: State
    history: list[dict[str, float]]
    stop_reason: str


def learn(
    rows: Rows,
    blocks: Sequence[Block],
    settings: Settings,
    seed: np.random.SeedSequence,
    on_step: Listener | None = None,
    start: State | None = None,
) -> Learned:
    """Train on encoded `rows` (n, width), from scratch or from the networks of `start`.

    Raises
    ------
    RuntimeError
        If training diverges before there is anything to keep.
    """
    split_seed, build_seed, train_seed, check_seed, calibration_seed, refine_seed = seed.spawn(6)
    kept, held_out = _hold_out(rows, settings.validation_fraction, split_seed)
    steps = (settings.max_steps or default_steps(*kept.shape)) if len(blocks) else 0
    with seeded(seed_number(build_seed), settings.device):
        state = start or build(blocks, kept.mean(0), settings)
    batch_size = min(settings.batch_size, len(kept))
    history = History()
    validation = _validation(kept, held_out, blocks, steps, settings, history, seed_number(check_seed))
    listeners: list[Listener] = [history, validation]
    if settings.max_time is not None:
        listeners.append(time_limit(settings.max_time))
    if on_step is not None:
        listeners.append(on_step)
    reason = "interrupted; what was learned until then is kept"
    with (
        Progress(steps, history, settings.verbose > 0) as progress,
        suppress(KeyboardInterrupt),
        seeded(seed_number(train_seed), settings.device),
        threads_for(batch_size),
    ):
        reason = train(
            state,
            torch.as_tensor(kept, device=settings.device),
            play=settings.play,
            steps=steps,
            batch_size=batch_size,
            learning_rate=settings.learning_rate,
            critic_learning_rate=settings.critic_learning_rate,
            betas=settings.betas,
            average=settings.average,
            precision=settings.precision,
            on_step=in_turn([*listeners, progress]),
        )
    validation.restore_best(state)
    if not _is_finite(state):
        raise RuntimeError(f"training {reason}; nothing worth keeping was learned before")
    sampler = Sampler(state.average, state.latent_dim, blocks, settings.device, settings.precision)
    sampler.calibrate(rows, calibration_seed)
    if settings.refine and len(blocks) and len(rows) >= LEAST_REFINED:
        sampler.refine(rows, refine_seed)
    return Learned(sampler, state, history.rows, reason)


def _validation(
    kept: Rows,
    held_out: Rows,
    blocks: Sequence[Block],
    steps: int,
    settings: Settings,
    history: History,
    seed: int,
) -> NoValidation:
    """What watches the fidelity to held-out rows, if there are any."""
    if not len(held_out) or not len(blocks):
        return NoValidation()
    fidelity = PairFidelity(held_out, blocks, reference=kept, seed=seed)
    membership = Membership(kept, held_out, settings.device, settings.precision)

    def check(state: State) -> dict[str, float]:
        if not _is_finite(state):
            return dict.fromkeys(CHECKED, math.nan)
        drawn = _draw(state, fidelity.n_rows, settings.precision)
        results = fidelity(drawn), fidelity.coverage(drawn), membership(state)
        return dict(zip(CHECKED, results, strict=True))

    every = max(1, math.ceil(steps / N_CHECKS))
    return Validation(check, history, every, settings.patience, tolerance=2 * fidelity.spread)


def restore(
    blocks: Sequence[Block],
    settings: Settings,
    arrays: dict[str, NDArray[np.float32]],
    history: list[dict[str, float]],
    n_iter: int,
    stop_reason: str,
) -> Learned:
    """Put together again what a file holds: the averaged generator, with a critic that starts anew."""
    width = blocks[-1].stop if len(blocks) else 0
    with seeded(0, settings.device):
        state = build(blocks, np.zeros(width, np.float32), settings)
    sampler = Sampler(state.average, state.latent_dim, blocks, settings.device, settings.precision)
    sampler.set_state(arrays)
    state.generator.load_state_dict(state.average.state_dict())
    state.step = n_iter
    return Learned(sampler, state, history, stop_reason)


def default_steps(n_rows: int, width: int) -> int:
    """So many steps suit encoded rows: more of them hold more to learn, fewer are soon memorised.

    The time a step takes grows with the width, and that of all steps should stay within minutes.
    """
    steps = min(STEPS_PER_ROOT * math.sqrt(n_rows), MAX_STEPS) * min(1, FULL_WIDTH / width)
    return max(MIN_STEPS, round(steps))


def build(blocks: Sequence[Block], frequencies: Rows, settings: Settings) -> State:
    """New networks for a layout."""
    if not len(blocks):
        return State(NoColumns(), NoColumns(), settings.latent_dim, settings.device)
    heads = Heads(blocks, frequencies)
    scalars = torch.tensor([b.start for b in blocks if b.kind == "scalar"], dtype=torch.long)
    generator, critic = settings.backbone.build(settings.latent_dim, heads, scalars)
    return State(generator, critic, settings.latent_dim, settings.device)


def _hold_out(rows: Rows, fraction: float, seed: np.random.SeedSequence) -> tuple[Rows, Rows]:
    """Split off a random part for validation: enough to tell anything, no more than needed for that."""
    least = min(MIN_HELD_OUT, len(rows) // 5) if fraction else 0
    n_held_out = min(max(int(len(rows) * fraction), least), MAX_HELD_OUT)
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order[n_held_out:]], rows[order[:n_held_out]]


@torch.inference_mode()
def _draw(state: State, n: int, precision: str) -> Rows:
    with autocast(state.device, precision):
        drawn: Rows = state.average(state.latent(n)).float().cpu().numpy()
    return drawn


def _is_finite(state: State) -> bool:
    return all(bool(torch.isfinite(values).all()) for values in state.average.parameters())
