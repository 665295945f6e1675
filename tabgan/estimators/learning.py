"""What `fit` of every estimator does, up to the point where the estimator takes over what was learned."""

from __future__ import annotations

import copy
import os
from typing import Any

import numpy as np
import pandas as pd

from tabgan.adversarial.training.callbacks import HISTORY_COLUMNS
from tabgan.adversarial.training.distributed import from_first, n_processes
from tabgan.adversarial.training.finish import NOTHING, Learned
from tabgan.adversarial.training.fit import learn, restore
from tabgan.adversarial.training.settings import Settings
from tabgan.adversarial.training.state import State
from tabgan.estimators.parameters import Privacy, open_checkpoint
from tabgan.estimators.training_data import fit_transformer, opened
from tabgan.io.chunks import is_parts
from tabgan.sampling.model import FittedModel, number_of
from tabgan.sampling.privacy import PrivacyRecord

Outcome = tuple[
    FittedModel, pd.DataFrame, int, str, State
]  # model, history, steps, reason of the end, networks


def learn_table(
    estimator: Any, settings: Settings, X: Any, y: Any, checkpoint: str | os.PathLike[str] | None
) -> Outcome:
    """Learn a table as an estimator's parameters say, see :meth:`tabgan.TabGAN.fit`; it is not changed."""
    privacy: Privacy = estimator._group("privacy")
    remember = privacy.remember
    if is_parts(X) and remember != "nothing":
        raise ValueError(f"remember={remember!r} needs a table in memory; give a DataFrame")
    if checkpoint is not None and n_processes() > 1:
        raise ValueError("a checkpoint is for one process, and here several train together; leave it out")
    saved = open_checkpoint(checkpoint, estimator)
    number = from_first(lambda: number_of(estimator.random_state))
    number = saved.seed if saved and saved.seed is not None else number
    seeds = np.random.SeedSequence(number).spawn(5)
    found: list[Any] = []  # all that `outcome` needs, once it is there
    try:
        with opened(X, y, seeds[4]) as source:
            start = _warm_start(estimator, settings)
            if start is None:
                columns, constraints = estimator.columns, estimator.constraints
                transformer = fit_transformer(source, columns, constraints, privacy.protect)
            else:
                transformer = estimator.fitted_model_.transformer
            record = PrivacyRecord(transformer).fit(source.table, remember, seeds[3])
            windows = source.encode(transformer, np.random.default_rng(seeds[0]))
            if saved:
                saved.start(number, windows.fingerprint())
            found += [learn(windows, settings, seeds[1], estimator.on_step, start, saved)]
    except KeyboardInterrupt as interrupt:
        if not found:
            raise KeyboardInterrupt(NOTHING) from interrupt

    def outcome() -> Outcome:
        parts = found[0].state.backbone, source.containers, record, seeds[2]
        model = FittedModel(transformer, found[0].sampler, *parts, n_rows=source.n_rows)
        return outcome_of(estimator, model, found[0])

    try:
        return outcome()
    except KeyboardInterrupt:  # nothing is lost at the last moment
        return outcome()


def outcome_of(estimator: Any, model: FittedModel, learned: Learned) -> Outcome:
    """Put together what an estimator takes over."""
    history = pd.DataFrame(learned.history, columns=list(HISTORY_COLUMNS))
    history = history[list(estimator._HISTORY)].rename(columns=estimator._HISTORY)
    return model, history, learned.state.step, learned.stop_reason, learned.state


def _warm_start(estimator: Any, settings: Settings) -> State | None:
    goes_on = estimator.warm_start and estimator.__sklearn_is_fitted__()
    return networks_of(estimator, settings) if goes_on else None


def networks_of(estimator: Any, settings: Settings) -> State:
    """Give the networks of a fitted estimator; a copy as far as the model that there is draws with it."""
    if estimator._state is None:  # loaded from a file
        model = estimator.fitted_model_
        return restore(model.sampler, model.backbone, settings, estimator.n_iter_)
    state = copy.copy(estimator._state)
    state.average = copy.deepcopy(state.average)
    return state
