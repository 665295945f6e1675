"""From codes to a sampler: split, build networks, train, keep the best, calibrate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.device import threads_for
from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.networks.building import build_networks
from tabgan.adversarial.networks.encoding import Encoding
from tabgan.adversarial.seeding import generator_of, seed_number, seeded
from tabgan.adversarial.training import teacher
from tabgan.adversarial.training.batches import Batches, PackedTable
from tabgan.adversarial.training.callbacks import (
    CHECKED,
    EarlyStopping,
    History,
    end,
    in_turn,
    progress,
    time_limit,
)
from tabgan.adversarial.training.checkpoint import Checkpoint
from tabgan.adversarial.training.distributed import (
    agreed,
    from_first,
    n_processes,
    process_seed,
    rank,
    take_from_first,
)
from tabgan.adversarial.training.fidelity import PairFidelity
from tabgan.adversarial.training.finish import Learned, Run, finished, is_finite, is_refined
from tabgan.adversarial.training.loop import make_optimizers, train
from tabgan.adversarial.training.membership import ROWS as MEMBERS
from tabgan.adversarial.training.membership import Membership
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.adversarial.training.settings import Settings
from tabgan.adversarial.training.state import Callback, State
from tabgan.layout import Block

Codes = NDArray[np.float32]
STEPS_PER_ROOT = 40  # steps = STEPS_PER_ROOT * sqrt(rows) by default
MIN_STEPS, MAX_STEPS = 100, 5500  # the upper end is a matter of patience: minutes, not hours; ...
REFINED_STEPS = 1500  # ... where trees come after the networks, these bring no more by more steps
N_CHECKS = 25
FULL_WIDTH = 1000  # positions; wider rows get fewer steps
MIN_VALIDATION, MAX_VALIDATION = 50, 2000


def learn(
    table: PackedTable,
    settings: Settings,
    seed: np.random.SeedSequence,
    on_step: Callback | None = None,
    start: State | None = None,
    checkpoint: Checkpoint | None = None,
) -> Learned:
    """Train on an encoded `table`, from scratch or from the networks of `start`, or where `checkpoint` left.

    In a process group, each process has other rows and takes a part of every batch; all end alike.

    Raises
    ------
    RuntimeError
        If training diverges before there is anything to keep.
    KeyboardInterrupt
        If Ctrl-C came before there is anything to keep.
    """
    split_seed, build_seed, train_seed, check_seed, *calibration_seeds = seed.spawn(6)
    packing, first = table.packing, table.shards[0]
    training, validation = _split(first, settings.validation.fraction, split_seed)
    n_rows = table.n_rows - len(validation)
    steps, source, may_be_taught = 0, table, _may_be_taught(settings, table)
    if packing.blocks:
        lesson = teacher.n_steps(len(first)) if may_be_taught else None
        steps = from_first(lambda: _n_steps(settings, n_rows, packing.width, lesson))
    if taught := steps >= MIN_STEPS and may_be_taught:
        source = teacher.lesson(table, first, steps, np.random.default_rng(split_seed))
        training, validation = _split(source.shards[0], settings.validation.fraction, split_seed)
        batch_size = min(settings.batch_size, teacher.BATCH)
        settings = replace(settings, backbone=teacher.pupil(settings.backbone), batch_size=batch_size)
    with seeded(seed_number(build_seed), settings.device):
        state = start or build(packing.blocks, packing.frequencies(training), settings)
    state.precision = settings.optimizer.precision
    take_from_first([state.generator, state.critic, state.average])
    run = Run(state, table, settings, calibration_seeds, History(), steps, source if taught else None)
    run.stopping = _early_stopping(training, validation, packing, steps, settings, run.history, check_seed)
    if taught:
        run.stopping.patience = None  # no lesson is learned by heart
    callbacks: list[Callback] = [run.history, run.stopping]
    if settings.max_time is not None:
        callbacks.append(time_limit(settings.max_time))
    if on_step is not None:
        callbacks.append(on_step)
    parts: dict[str, Any] = {
        "batches": Batches(source, training, settings.device),
        "history": run.history,
        "early stopping": run.stopping,
    }
    state.use_stream(generator_of(process_seed(train_seed), settings.device))
    with suppress(KeyboardInterrupt):
        run.reason = _train(state, parts, callbacks, steps, len(training), settings, checkpoint)
    try:
        return finished(run, hurried=False)
    except KeyboardInterrupt:
        return finished(run, hurried=True)


def _train(
    state: State,
    parts: dict[str, Any],
    callbacks: list[Callback],
    steps: int,
    n_rows: int,
    settings: Settings,
    checkpoint: Checkpoint | None,
) -> str:
    """Train from the beginning or from a checkpoint; gives the reason why it ended."""
    from tqdm.auto import tqdm

    optimizers = make_optimizers(state, settings.optimizer)
    batch_size = min(math.ceil(settings.batch_size / n_processes()), n_rows)
    begin = 0
    if checkpoint is not None and steps:
        parts |= {"generator": state.generator, "critic": state.critic, "average": state.average}
        parts |= {f"optimizer {k}": optimizer for k, optimizer in enumerate(optimizers.values())}
        begin = checkpoint.resume(state, parts)
        callbacks = [*callbacks, checkpoint.saving(state.step - begin, steps, parts)]
    hidden = not settings.verbose or rank() > 0
    bar = tqdm(initial=begin, total=steps, unit="step", disable=hidden, dynamic_ncols=True)
    with bar, threads_for(batch_size):
        try:
            reason = train(
                state,
                parts["batches"],
                optimizers,
                settings.training_step,
                steps=range(begin, steps),
                batch_size=batch_size,
                average=settings.optimizer.average,
                on_step=agreed(in_turn([progress(bar), *callbacks])),
            )
        except KeyboardInterrupt:
            end(bar, "interrupted")
            raise
        end(bar, reason)
    return reason


def _early_stopping(
    training: Packed,
    validation: Packed,
    packing: Packing,
    steps: int,
    settings: Settings,
    history: History,
    seed: np.random.SeedSequence,
) -> EarlyStopping:
    """Give the callback that compares generated rows with the validation set, if there is one."""
    if not len(validation) or not packing.blocks:
        return EarlyStopping(lambda state: {}, history, every=math.inf)
    codes = packing.codes(validation)
    fidelity = PairFidelity(codes, packing.blocks, training, seed_number(seed), packing.codes)
    encoding = Encoding(packing.blocks, settings.device)
    membership = Membership(packing.codes(training[:MEMBERS]), codes, encoding, settings.device)

    def check(state: State) -> dict[str, float]:
        if not is_finite(state):
            return dict.fromkeys(CHECKED, math.nan)
        with torch.inference_mode(), state.autocast():
            rows = state.generate(state.latent(fidelity.n_rows))
        drawn = encoding.codes(rows).cpu().numpy()
        results = fidelity(drawn), fidelity.coverage(drawn), membership(state)
        return dict(zip(CHECKED, results, strict=True))

    every = max(1, math.ceil(steps / N_CHECKS))
    return EarlyStopping(check, history, every, settings.validation.patience, tolerance=2 * fidelity.spread)


def restore(sampler: Sampler, backbone: Backbone, settings: Settings, n_iter: int) -> State:
    """Give networks to go on with, where a file has only the averaged generator: the critic is a new one."""
    with seeded(0, settings.device):
        state = build(sampler.blocks, None, replace(settings, backbone=backbone))
    for network in (state.generator, state.average):
        network.load_state_dict(sampler.generator.state_dict())
    state.step = n_iter
    return state


def _n_steps(settings: Settings, n_rows: int, width: int, lesson: int | None) -> int:
    """Give the steps of training: none if there is to be no time for them; a `lesson` has its own."""
    if settings.max_steps is None:
        most = REFINED_STEPS if is_refined(settings, n_rows) else MAX_STEPS
        if settings.max_time == 0:
            return 0
        return lesson or default_steps(n_rows, width, most)
    return settings.max_steps


def _may_be_taught(settings: Settings, table: PackedTable) -> bool:
    """Tell whether forests teach networks that learn a table: one of few rows, not too wide ones."""
    packing = table.packing
    is_narrow = 0 < len(packing.blocks) <= teacher.MOST_BLOCKS and packing.width <= FULL_WIDTH
    return settings.refine and is_narrow and 1 < table.n_rows <= teacher.MOST_ROWS and n_processes() == 1


def default_steps(n_rows: int, width: int, most: int = MAX_STEPS) -> int:
    """So many steps suit encoded rows: more of them hold more to learn, fewer are soon memorised.

    There are `most` at most. The time a step takes grows with the width, and that of all should stay within
    minutes.
    """
    steps = min(STEPS_PER_ROOT * math.sqrt(n_rows), most) * min(1, FULL_WIDTH / width)
    return max(MIN_STEPS, round(steps))


def build(blocks: Sequence[Block], frequencies: Codes | None, settings: Settings) -> State:
    """Give new networks for a layout."""
    networks = build_networks(settings.backbone, blocks, frequencies)
    return State(*networks, settings.backbone, settings.device, settings.optimizer.precision)


def _split(rows: Packed, fraction: float, seed: np.random.SeedSequence) -> tuple[Packed, Packed]:
    """Split into training and validation rows, of these enough to tell anything and no more."""
    least = min(MIN_VALIDATION, len(rows) // 5) if fraction else 0
    n_validation = min(max(int(len(rows) * fraction), least), MAX_VALIDATION)
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order[n_validation:]], rows[order[:n_validation]]
