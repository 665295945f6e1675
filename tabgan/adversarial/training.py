"""The adversarial game: critic and generator take turns, and an average of the generator is kept."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from tabgan.adversarial.batches import Batches, batch_size_at
from tabgan.adversarial.device import autocast
from tabgan.adversarial.losses import Objective, Score
from tabgan.adversarial.unrolling import look_ahead
from tabgan.adversarial.workers import average_gradients

WARM_UP = 10  # the average follows closely at first: weight (1 + step) / (WARM_UP + step)


@dataclass
class State:
    """Everything that one step hands to the next, and what a listener may look at.

    The losses and the accuracy are tensors on the device: reading their value waits for the device.
    """

    generator: nn.Module
    critic: nn.Module
    latent_dim: int
    device: torch.device
    step: int = 0
    average: nn.Module = field(init=False)
    critic_loss: Tensor = field(init=False)
    generator_loss: Tensor = field(init=False)
    accuracy: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.generator.to(self.device)
        self.critic.to(self.device)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)

    def latent(self, n: int) -> Tensor:
        """Standard normal latent points, shape (n, latent_dim)."""
        return torch.randn(n, self.latent_dim, device=self.device)


Listener = Callable[[State], "str | bool | None"]
Players = dict[nn.Module, torch.optim.Optimizer]
Round = Callable[[State, Players, Callable[[], Tensor], str], None]


def enter(
    state: State, learning_rate: float, critic_learning_rate: float, betas: tuple[float, float]
) -> Players:
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
    players: Players,
    *,
    play: Round,
    begin: int,
    steps: int,
    batch_size: int,
    average: float,
    precision: str,
    on_step: Listener,
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


def game(objective: Objective) -> Round:
    """Give a round of the adversarial game: the critic's steps, then one of the generator."""

    def play(state: State, players: Players, draw: Callable[[], Tensor], precision: str) -> None:
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
