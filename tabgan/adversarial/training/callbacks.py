"""Callbacks of training: history, progress bar, early stopping, time limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tabgan.adversarial.training.membership import KNOWN
from tabgan.adversarial.training.state import Callback, State

if TYPE_CHECKING:
    from tqdm import tqdm

REPORT_EVERY = 50  # steps between two readings of the device
CHECKED = ("fidelity", "coverage", "membership")
HISTORY_COLUMNS = ("step", "critic_loss", "generator_loss", "critic_accuracy", *CHECKED)


def in_turn(callbacks: Sequence[Callback]) -> Callback:
    """Give one callback that calls several, in order, and passes on the first reason to stop."""

    def on_step(state: State) -> str | bool | None:
        reasons = (callback(state) for callback in callbacks)
        return next((reason for reason in reasons if reason), None)

    return on_step


class History:
    """Mean losses and the critic's accuracy over each stretch of steps; stops when they are no numbers."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self._recent: list[Tensor] = []

    def __call__(self, state: State) -> str | None:
        """Take note of a step."""
        self._recent.append(torch.stack([state.critic_loss, state.generator_loss, state.accuracy]))
        if state.step % REPORT_EVERY:
            return None
        critic, generator, accuracy = torch.stack(self._recent).mean(0).tolist()
        self._recent.clear()
        values = (state.step, critic, generator, accuracy, *[math.nan] * len(CHECKED))
        self.rows.append(dict(zip(HISTORY_COLUMNS, values, strict=True)))
        if not math.isfinite(critic + generator):
            return f"diverged: a loss was not finite by step {state.step}; try a lower learning_rate"
        return None

    def state_dict(self) -> dict[str, Any]:
        """Give what was noted."""
        return {"rows": self.rows, "recent": self._recent}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back; raise a ValueError if it is none."""
        rows, recent = state["rows"], state["recent"]
        are_rows = isinstance(rows, list) and all(
            isinstance(row, dict)
            and set(row) == set(HISTORY_COLUMNS)
            and all(isinstance(value, int | float) for value in row.values())
            for row in rows
        )
        if not are_rows or not all(isinstance(part, Tensor) and part.shape == (3,) for part in recent):
            raise ValueError("the record of training is none")
        self.rows, self._recent = rows, recent

    def add_check(self, results: Mapping[str, float]) -> None:
        """Write the results of a check beside the latest losses."""
        if self.rows:
            self.rows[-1] |= results


def progress(bar: tqdm[Any]) -> Callback:
    """Give a callback that moves a bar by one step and shows the latest fidelity."""
    shown = math.nan

    def on_step(state: State) -> None:
        nonlocal shown
        bar.update()
        if state.fidelity != shown and not math.isnan(state.fidelity):
            shown = state.fidelity
            bar.set_postfix(fidelity=f"{shown:.3f}", refresh=False)

    return on_step


def end(bar: tqdm[Any], reason: str) -> None:
    """End a bar with the reason in words; one that ends early is full, since nothing is left to do."""
    bar.total = bar.n
    bar.set_postfix_str(reason)


class EarlyStopping:
    """Keeps the last generator that came as near to the validation set as any, and stops when none does.

    Parameters
    ----------
    check : callable
        ``check(state) -> {"fidelity": ..., "coverage": ..., "membership": ...}``: of the averaged generator,
        1 being as good as real rows, and of the critic, see :mod:`~tabgan.adversarial.training.membership`.
    history : History
        Each check is written beside the losses.
    every : float
        Steps between two checks; infinite without a validation set, where the last generator is the best.
    patience : int or None, default=None
        Checks worse than the best one after which training stops, as it does once the critic knows the
        training rows; None never stops.
    tolerance : float, default=0.0
        By how much a check may stay behind the best one and still count as good, since chance decides
        between them.
    """

    COLLAPSED = 0.5  # of the best fidelity seen

    def __init__(
        self,
        check: Callable[[State], Mapping[str, float]],
        history: History,
        every: float,
        patience: int | None = None,
        tolerance: float = 0.0,
    ) -> None:
        self.check, self.history, self.every, self.patience = check, history, every, patience
        self.tolerance = tolerance
        self.best, self.best_step, self._waited = -math.inf, 0, 0
        self.best_weights: dict[str, Tensor] = {}

    def __call__(self, state: State) -> str | None:
        """Check now and then."""
        if state.step % self.every:
            return None
        results = self.check(state)
        self.history.add_check(results)
        value = state.fidelity = results["fidelity"]
        self.best = max(self.best, value)
        if value >= self.best - self.tolerance:
            self.best_step, self._waited = state.step, 0
            self.best_weights = {k: v.clone() for k, v in state.average.state_dict().items()}
        else:
            self._waited += 1
        if value < self.COLLAPSED * self.best:
            return (
                f"collapsed: fidelity fell from {self.best:.3f} (step {self.best_step}) to {value:.3f}; "
                "try a lower learning_rate or objective='relativistic'"
            )
        if self.patience is None:
            return None
        if results["membership"] >= KNOWN:
            return f"early stop at step {state.step}: the critic knows the training rows too well"
        if self._waited >= self.patience:
            return f"early stop at step {state.step}: no longer as good as at step {self.best_step}"
        return None

    def restore_best(self, state: State) -> None:
        """Put the best averaged generator back, if any was checked."""
        if self.best_weights:
            state.average.load_state_dict(self.best_weights)

    def state_dict(self) -> dict[str, Any]:
        """Give what is known of the best generator."""
        return {"known": (self.best, self.best_step, self._waited), "weights": self.best_weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back."""
        self.best, self.best_step, self._waited = state["known"]
        self.best_weights = state["weights"]


def time_limit(seconds: float) -> Callback:
    """Give a callback that stops training once so many seconds have passed since this call."""
    end = time.monotonic() + seconds

    def on_step(state: State) -> str | None:
        return f"max_time of {seconds:g} s reached at step {state.step}" if time.monotonic() > end else None

    return on_step
