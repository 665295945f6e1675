"""The adversarial game: critic and generator take turns, and an average of the generator is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from tabgan.adversarial.device import autocast
from tabgan.adversarial.training.batches import Batches, batch_size_at
from tabgan.adversarial.training.distributed import average_gradients
from tabgan.adversarial.training.losses import Objective, Score
from tabgan.adversarial.training.state import Callback, Optimizers, State, TrainingStep
from tabgan.adversarial.training.unrolling import look_ahead

WARM_UP = 10  # the average follows closely at first: weight (1 + step) / (WARM_UP + step)


def make_optimizers(
    state: State, learning_rate: float, critic_learning_rate: float, betas: tuple[float, float]
) -> Optimizers:
    """Give each network that has something to learn its optimizer, with its learning rate at the start."""
    rates = {state.critic: critic_learning_rate, state.generator: learning_rate}
    return {
        network: torch.optim.Adam(
            [{"params": list(network.parameters()), "initial_lr": rate}], lr=rate, betas=betas, fused=True
        )
        for network, rate in rates.items()
        if any(True for _ in network.parameters())
    }


def train(
    state: State,
    batches: Batches,
    players: Optimizers,
    *,
    play: TrainingStep,
    begin: int,
    steps: int,
    batch_size: int,
    average: float,
    precision: str,
    on_step: Callback,
) -> str:
    """Play the rounds from `begin` to `steps`, or until `on_step` gives a reason to stop.

    Both learning rates fall to zero along a cosine. Returns why training ended; `state` holds the rest.
    """
    if not steps:
        return "nothing to learn: every column is a constant or a key"
    state.critic.train()
    state.generator.train()
    for step in range(begin, steps):
        for optimizer in players.values():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * (1 + math.cos(math.pi * step / steps)) / 2
        n = batch_size_at(step, steps, batch_size)
        play(state, players, partial(batches.draw, n), precision)
        _follow(state, average)
        state.step += 1
        if reason := on_step(state):
            return reason if isinstance(reason, str) else f"on_step asked to stop at step {state.step}"
    return f"all {steps} steps done"


def adversarial_step(objective: Objective) -> TrainingStep:
    """Give a training step of the adversarial game: the critic's steps, then one of the generator."""

    def play(state: State, players: Optimizers, draw: Callable[[], Tensor], precision: str) -> None:
        for _ in range(objective.critic_steps):
            real = draw()
            with autocast(state.device, precision):
                fake = state.generator(state.latent(len(real)))
            real_scores = _critic_step(
                state, state.critic, players[state.critic], objective, real, fake.detach(), precision
            )
        judge: Score = state.critic
        if objective.unrolled:
            judge = look_ahead(state.critic, players[state.critic], objective, real, fake.float())
        _generator_step(state, judge, players[state.generator], objective, real_scores, fake, precision)

    return play


def _critic_step(
    state: State,
    critic: nn.Module,
    optimizer: torch.optim.Optimizer,
    objective: Objective,
    real: Tensor,
    fake: Tensor,
    precision: str,
) -> Tensor:
    """Improve the critic; returns its scores of the real rows, from before."""
    with autocast(state.device, precision):
        real_scores, fake_scores = critic(torch.cat([real, fake])).float().split(len(real))
        loss = objective.critic(real_scores, fake_scores)
        state.critic_loss = loss.detach()
        if objective.penalty is not None:
            n = math.ceil(objective.penalty_share * len(real))
            loss = loss + objective.penalty(critic, real[:n], fake[:n])
    state.accuracy = (real_scores > fake_scores).float().mean()
    minimise(optimizer, loss)
    return real_scores.detach()


def _generator_step(
    state: State,
    judge: Score,
    optimizer: torch.optim.Optimizer,
    objective: Objective,
    real_scores: Tensor,
    fake: Tensor,
    precision: str,
) -> None:
    state.critic.requires_grad_(False)
    with autocast(state.device, precision):
        loss = objective.generator(real_scores, judge(fake).float())
    state.generator_loss = loss.detach()
    minimise(optimizer, loss)
    state.critic.requires_grad_(True)


def minimise(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down, the same in all processes that train together."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    average_gradients(values for group in optimizer.param_groups for values in group["params"])
    optimizer.step()


@torch.no_grad()
def _follow(state: State, average: float) -> None:
    """Move the averaged generator towards the current one (exponential moving average)."""
    weight = 1 - min(average, (1 + state.step) / (WARM_UP + state.step))
    torch._foreach_lerp_(list(state.average.parameters()), list(state.generator.parameters()), weight)
    for kept, current in zip(state.average.buffers(), state.generator.buffers(), strict=True):
        kept.copy_(current)
