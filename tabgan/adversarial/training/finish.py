"""After training: the stages behind the generator are fitted, and Ctrl-C leaves out no more than it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.callbacks import EarlyStopping, History
from tabgan.adversarial.training.distributed import from_first, n_processes, rank, take_from_first
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.adversarial.training.settings import Settings
from tabgan.adversarial.training.state import State

INTERRUPTED = "interrupted; what was learned until then is kept"
NOTHING = "interrupted before anything was learned, so that there is no model"
SAMPLE_ROWS, SAMPLE_VALUES = 200_000, 50_000_000  # at most, of the real rows that calibration looks at
LEAST_REFINED = 750  # rows, where no forests teach
LEFT_OUT = {  # stages, in the words of whoever stopped them
    "shares": "the shares of categories were not put right",
    "marginals": "the marginal distributions were not put right",
    "transport": "no trees move rows",
    "rejection": "no trees reject rows",
    "conditionals": "rows of rare conditions are found by drawing alone",
}


@dataclass
class Learned:
    """What training leaves: a source of rows, the networks to go on with, and the record of how it went."""

    sampler: Sampler
    state: State
    history: list[dict[str, float]]
    stop_reason: str


@dataclass
class Run:
    """A training, from where nothing is learned yet to where it ended.

    Parameters
    ----------
    state : State
    table : PackedTable
    settings : Settings
    seeds : sequence of numpy.random.SeedSequence
        Two, for what follows training.
    history : History
    steps : int
        How many there are to be.
    lesson : PackedTable, optional
        The rows of forests that taught the networks; None if real rows did.

    Attributes
    ----------
    stopping : EarlyStopping
    reason : str
        Why training ended: Ctrl-C, unless it says otherwise.
    begin : int
        The step of the networks before it.
    """

    state: State
    table: PackedTable
    settings: Settings
    seeds: Sequence[np.random.SeedSequence]
    history: History
    steps: int
    lesson: PackedTable | None = None
    stopping: EarlyStopping = field(init=False)
    reason: str = INTERRUPTED
    begin: int = field(init=False)

    def __post_init__(self) -> None:
        self.begin = self.state.step


def finished(run: Run, hurried: bool) -> Learned:
    """Put the best generator back, and fit what stands behind it; with `hurried`, as little as can be.

    Raises
    ------
    RuntimeError
        If training diverged before there was anything to keep.
    KeyboardInterrupt
        If Ctrl-C came before that.
    """
    state, table, settings = run.state, run.table, run.settings
    if run.steps and state.step == run.begin and run.reason == INTERRUPTED:
        raise KeyboardInterrupt(NOTHING)
    run.stopping.restore_best(state)
    take_from_first([state.average])
    if not is_finite(state):
        raise RuntimeError(f"training {run.reason}; nothing worth keeping was learned before")
    sampler, left_out = _calibrated(run, hurried)
    reason = run.reason + (f"; taught by {run.lesson.n_rows:,} rows of forests" if run.lesson else "")
    if table.packing.blocks and not run.steps:
        if set(left_out) - {"rejection", "conditionals"}:
            raise KeyboardInterrupt(NOTHING)
        refined = is_refined(settings, len(table.shards[0]))
        moved = "that trees move" if refined else "with the marginal distributions"
        reason = f"no steps were asked for: samples are random rows {moved}"
    if left_out:
        reason += f"; Ctrl-C came after training: {', '.join(LEFT_OUT[name] for name in left_out)}"
    return Learned(sampler, state, from_first(lambda: run.history.rows), reason)


def _calibrated(run: Run, hurried: bool) -> tuple[Sampler, list[str]]:
    """Make the averaged generator a source of rows, by the real rows of the first process or its teacher's.

    Returns
    -------
    sampler : Sampler
    left_out : list of str
        The stages that Ctrl-C left out; with `hurried`, all that can be.
    """
    state, table, settings = run.state, run.table, run.settings
    packing = table.packing
    sampler = Sampler(state.average, state.latent_dim, packing.blocks, settings.device, state.precision)
    stages_seed, rows_seed = run.seeds
    left_out: list[str] = []

    def finish() -> dict[str, NDArray[Any]]:
        real = _random_codes(table.shards[0], packing, rows_seed)
        if packing.blocks:
            refine, others = is_refined(settings, len(real)), (table.intervals, table.least, hurried)
            lesson = packing.codes(run.lesson.shards[0]) if run.lesson else None
            left_out.extend(sampler.fit(real, stages_seed, refine, *others, lesson=lesson))
        return sampler.get_state() if n_processes() > 1 else {}

    calibration = from_first(finish)
    if rank():
        sampler.set_state(calibration)
    return sampler, left_out


def is_refined(settings: Settings, n_rows: int) -> bool:
    """Tell whether trees move and reject rows of a model that is learned from so many."""
    return settings.refine and n_rows >= LEAST_REFINED


def _random_codes(packed: Packed, packing: Packing, seed: np.random.SeedSequence) -> NDArray[np.float32]:
    """Unpack all rows, or of many a random part: it is enough to measure marginal distributions with."""
    most = min(SAMPLE_ROWS, SAMPLE_VALUES // max(len(packing.blocks), 1))
    if len(packed) > most:
        chosen = np.random.default_rng(seed).choice(len(packed), most, replace=False, shuffle=False)
        packed = packed[np.sort(chosen)]
    return packing.codes(packed)


def is_finite(state: State) -> bool:
    """Tell whether the averaged generator has weights that are numbers."""
    return all(bool(torch.isfinite(values).all()) for values in state.average.parameters())
