"""From encoded rows to a sampler: hold rows back, build networks, train, keep the best, calibrate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.device import autocast, threads_for
from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.networks.building import build_networks
from tabgan.adversarial.networks.heads import Block
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.adversarial.training.batches import Batches, Windows
from tabgan.adversarial.training.callbacks import (
    CHECKED,
    History,
    NoValidation,
    Progress,
    Validation,
    in_turn,
    time_limit,
)
from tabgan.adversarial.training.checkpoint import SAVES, Checkpoint, Stateful
from tabgan.adversarial.training.distributed import (
    agreed,
    from_first,
    n_processes,
    own_seed,
    rank,
    take_from_first,
)
from tabgan.adversarial.training.fidelity import PairFidelity
from tabgan.adversarial.training.loop import make_optimizers, train
from tabgan.adversarial.training.membership import ROWS as MEMBERS
from tabgan.adversarial.training.membership import Membership
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.adversarial.training.state import Callback, Optimizers, State, TrainingStep

Rows = NDArray[np.float32]
STEPS_PER_ROOT = 40  # steps = STEPS_PER_ROOT * sqrt(rows) by default
MIN_STEPS, MAX_STEPS = 100, 5500  # the upper end is a matter of patience: minutes, not hours
N_CHECKS = 25
FULL_WIDTH = 1000  # positions; wider rows get fewer steps
MIN_HELD_OUT, MAX_HELD_OUT = 50, 2000
SAMPLE_ROWS, SAMPLE_CELLS = 200_000, 50_000_000  # at most, of the real rows that calibration looks at
LEAST_REFINED = 1000  # rows; of fewer, trees learn the rows themselves


@dataclass(frozen=True)
class Settings:
    """How to learn; what each means stands in :class:`tabgan.TabGAN`. The estimators alone have defaults."""

    backbone: Backbone
    play: TrainingStep
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
    table: Windows,
    settings: Settings,
    seed: np.random.SeedSequence,
    on_step: Callback | None = None,
    start: State | None = None,
    checkpoint: Checkpoint | None = None,
) -> Learned:
    """Train on an encoded `table`, from scratch or from the networks of `start`, or where `checkpoint` left.

    In a process group, each process has rows of its own and takes a part of every batch; all end alike.

    Raises
    ------
    RuntimeError
        If training diverges before there is anything to keep.
    """
    split_seed, build_seed, train_seed, check_seed, *sampler_seeds = seed.spawn(7)
    packing, first = table.packing, table.parts[0]
    kept, held_out = _hold_out(first, settings.validation_fraction, split_seed)
    steps = from_first(lambda: _steps(table.n_rows - len(held_out), packing, settings))
    with seeded(seed_number(build_seed), settings.device):
        state = start or build(packing.blocks, packing.mean(kept), settings)
    take_from_first([state.generator, state.critic, state.average])
    history = History()
    validation = _validation(kept, held_out, packing, steps, settings, history, seed_number(check_seed))
    watchers: list[Callback] = [history, validation]
    if settings.max_time is not None:
        watchers.append(time_limit(settings.max_time))
    if on_step is not None:
        watchers.append(on_step)
    parts: dict[str, Stateful] = {
        "batches": Batches(table, kept, settings.device), "history": history, "validation": validation,
    }  # fmt: skip
    with seeded(seed_number(own_seed(train_seed)), settings.device):
        reason = _play(state, parts, watchers, steps, len(kept), settings, checkpoint)
    validation.restore_best(state)
    take_from_first([state.average])
    if not _is_finite(state):
        raise RuntimeError(f"training {reason}; nothing worth keeping was learned before")
    sampler = _calibrated(state, first, packing, settings, sampler_seeds)
    return Learned(sampler, state, from_first(lambda: history.rows), reason)


def _play(
    state: State,
    parts: dict[str, Any],
    watchers: list[Callback],
    steps: int,
    n_rows: int,
    settings: Settings,
    checkpoint: Checkpoint | None,
) -> str:
    """Train from the beginning or from a checkpoint; gives the reason why it ended."""
    reason = "interrupted; what was learned until then is kept"
    players = make_optimizers(state, settings.learning_rate, settings.critic_learning_rate, settings.betas)
    batch_size = min(math.ceil(settings.batch_size / n_processes()), n_rows)
    begin = 0
    if checkpoint is not None and steps:
        begin = checkpoint.resume(state, players, parts)
        watchers = [*watchers, _saving(checkpoint, players, parts, state.step - begin, steps)]
    shown = settings.verbose > 0 and rank() == 0
    with (
        Progress(begin, steps, parts["history"], shown) as progress,
        suppress(KeyboardInterrupt),
        threads_for(batch_size),
    ):
        reason = train(
            state,
            parts["batches"],
            players,
            play=settings.play,
            begin=begin,
            steps=steps,
            batch_size=batch_size,
            average=settings.average,
            precision=settings.precision,
            on_step=agreed(in_turn([*watchers, progress])),
        )
    return reason


def _calibrated(
    state: State,
    first: Packed,
    packing: Packing,
    settings: Settings,
    seeds: Sequence[np.random.SeedSequence],
) -> Sampler:
    """Make the averaged generator a source of rows, by the real rows of the first process."""
    sampler = Sampler(state.average, state.latent_dim, packing.blocks, settings.device, settings.precision)
    calibration_seed, refine_seed, part_seed = seeds

    def finish() -> dict[str, NDArray[Any]]:
        rows = _part(first, packing, part_seed)
        sampler.calibrate(rows, calibration_seed)
        if settings.refine and packing.blocks and len(rows) >= LEAST_REFINED:
            sampler.refine(rows, refine_seed)
        return sampler.get_state() if n_processes() > 1 else {}

    found = from_first(finish)
    if rank():
        sampler.set_state(found)
    return sampler


def _steps(n_rows: int, packing: Packing, settings: Settings) -> int:
    """How many steps to take: none if there is nothing to learn."""
    return (settings.max_steps or default_steps(n_rows, packing.width)) if packing.blocks else 0


def _saving(
    checkpoint: Checkpoint, players: Optimizers, parts: dict[str, Stateful], before: int, steps: int
) -> Callback:
    """Save now and then; `before` this run, networks that are trained on had taken so many steps."""
    every = max(1, math.ceil(steps / SAVES))

    def on_step(state: State) -> None:
        step = state.step - before
        if step % every == 0 or step == steps:
            checkpoint.save(step, state, players, parts)

    return on_step


def _validation(
    kept: Packed,
    held_out: Packed,
    packing: Packing,
    steps: int,
    settings: Settings,
    history: History,
    seed: int,
) -> NoValidation:
    """What watches the fidelity to held-out rows, if there are any."""
    if not len(held_out) or not packing.blocks:
        return NoValidation()
    held_rows = packing.rows(held_out)
    fidelity = PairFidelity(held_rows, packing.blocks, reference=kept, seed=seed, unpack=packing.rows)
    members = packing.rows(kept[:MEMBERS])
    membership = Membership(members, held_rows, settings.device, settings.precision)

    def check(state: State) -> dict[str, float]:
        if not _is_finite(state):
            return dict.fromkeys(CHECKED, math.nan)
        drawn = _draw(state, fidelity.n_rows, settings.precision)
        results = fidelity(drawn), fidelity.coverage(drawn), membership(state)
        return dict(zip(CHECKED, results, strict=True))

    every = max(1, math.ceil(steps / N_CHECKS))
    return Validation(check, history, every, settings.patience, tolerance=2 * fidelity.spread)


def restore(sampler: Sampler, settings: Settings, n_iter: int) -> State:
    """Networks to go on with, where a file has only the averaged generator: the critic starts anew."""
    with seeded(0, settings.device):
        state = build(sampler.blocks, None, settings)
    for network in (state.generator, state.average):
        network.load_state_dict(sampler.generator.state_dict())
    state.step = n_iter
    return state


def default_steps(n_rows: int, width: int) -> int:
    """So many steps suit encoded rows: more of them hold more to learn, fewer are soon memorised.

    The time a step takes grows with the width, and that of all steps should stay within minutes.
    """
    steps = min(STEPS_PER_ROOT * math.sqrt(n_rows), MAX_STEPS) * min(1, FULL_WIDTH / width)
    return max(MIN_STEPS, round(steps))


def build(blocks: Sequence[Block], frequencies: Rows | None, settings: Settings) -> State:
    """New networks for a layout."""
    networks = build_networks(settings.backbone, settings.latent_dim, blocks, frequencies)
    return State(*networks, settings.latent_dim, settings.device)


def _hold_out(rows: Packed, fraction: float, seed: np.random.SeedSequence) -> tuple[Packed, Packed]:
    """Split off a random part for validation: enough to tell anything, no more than needed for that."""
    least = min(MIN_HELD_OUT, len(rows) // 5) if fraction else 0
    n_held_out = min(max(int(len(rows) * fraction), least), MAX_HELD_OUT)
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order[n_held_out:]], rows[order[:n_held_out]]


def _part(packed: Packed, packing: Packing, seed: np.random.SeedSequence) -> Rows:
    """Unpack all rows, or of many a random part: it is enough to measure one-way distributions with."""
    most = min(SAMPLE_ROWS, SAMPLE_CELLS // max(packing.width, 1))
    if len(packed) > most:
        chosen = np.random.default_rng(seed).choice(len(packed), most, replace=False, shuffle=False)
        packed = packed[np.sort(chosen)]
    return packing.rows(packed)


@torch.inference_mode()
def _draw(state: State, n: int, precision: str) -> Rows:
    with autocast(state.device, precision):
        drawn: Rows = state.average(state.latent(n)).float().cpu().numpy()
    return drawn


def _is_finite(state: State) -> bool:
    return all(bool(torch.isfinite(values).all()) for values in state.average.parameters())
