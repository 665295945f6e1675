"""The adversarial game on one screen: the critic's step, the generator's step, and the running average."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from tabgan.adversarial.training.batches import Batches
from tabgan.adversarial.training.distributed import average_gradients
from tabgan.adversarial.training.losses import Objective
from tabgan.adversarial.training.settings import Adam
from tabgan.adversarial.training.state import Callback, Optimizers, State, TrainingStep

EARLY = 0.4  # share of the steps, the first ones, that take half a batch: any few rows show where to go
WARM_UP = 10  # the average follows closely at first: weight (1 + step) / (WARM_UP + step)


def adversarial_step(objective: Objective) -> TrainingStep:
    """Give the training step of a GAN (Goodfellow et al. 2014, algorithm 1): critic, then generator."""

    def step(state: State, optimizers: Optimizers, draw: Callable[[], Tensor]) -> None:
        generator, critic = state.generator, state.critic
        for _ in range(objective.critic_steps):
            real = draw()
            with state.autocast():
                fake, _ = generator(state.latent(len(real)), state.noise(len(real)))
                real_scores, fake_scores = critic(torch.cat([real, fake.detach()])).float().split(len(real))
                loss = objective.critic(real_scores, fake_scores)
                n = math.ceil(objective.penalty_share * len(real))
                penalty = objective.penalty(critic, real[:n], fake[:n].detach(), state.rng)
            state.critic_loss, state.accuracy = loss.detach(), (real_scores > fake_scores).float().mean()
            minimise(optimizers[critic], loss + penalty)

        score = objective.opponent(critic, optimizers[critic], real, fake.float(), state.rng)
        critic.requires_grad_(False)
        with state.autocast():
            loss = objective.generator(real_scores.detach(), score(fake).float())
        state.generator_loss = loss.detach()
        minimise(optimizers[generator], loss)
        critic.requires_grad_(True)

    return step


def minimise(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down, the same in all processes that train together."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    average_gradients(values for group in optimizer.param_groups for values in group["params"])
    optimizer.step()


@torch.no_grad()
def update_average(state: State, decay: float) -> None:
    """Move the averaged generator towards the current one (exponential moving average)."""
    weight = 1 - min(decay, (1 + state.step) / (WARM_UP + state.step))
    torch._foreach_lerp_(list(state.average.parameters()), list(state.generator.parameters()), weight)
    for average, current in zip(state.average.buffers(), state.generator.buffers(), strict=True):
        average.copy_(current)


def train(
    state: State,
    batches: Batches,
    optimizers: Optimizers,
    training_step: TrainingStep,
    *,
    steps: range,
    batch_size: int,
    average: float,
    on_step: Callback,
) -> str:
    """Take all `steps`, or as many as come before `on_step` gives a reason to stop.

    Both learning rates fall to zero along a cosine. Returns why training ended; `state` holds the rest.
    """
    if not steps.stop:
        return "nothing to learn: every column is a constant or a key"
    state.critic.train().requires_grad_(True)  # Ctrl-C may have left it without
    state.generator.train()
    for step in steps:
        for group in (group for optimizer in optimizers.values() for group in optimizer.param_groups):
            group["lr"] = group["initial_lr"] * (1 + math.cos(math.pi * step / steps.stop)) / 2
        n = batch_size if step >= EARLY * steps.stop else math.ceil(batch_size / 2)
        training_step(state, optimizers, partial(batches.draw, n, state.rng))
        update_average(state, average)
        state.step += 1
        if reason := on_step(state):
            return reason if isinstance(reason, str) else f"on_step asked to stop at step {state.step}"
    return f"all {steps.stop} steps done"


def make_optimizers(state: State, adam: Adam) -> Optimizers:
    """Give each network that has something to learn its optimizer, with its learning rate at the start."""
    rates = {state.critic: adam.critic_learning_rate, state.generator: adam.learning_rate}
    return {
        network: torch.optim.Adam(
            [{"params": list(network.parameters()), "initial_lr": rate}],
            lr=rate, betas=(float(adam.betas[0]), float(adam.betas[1])), fused=True,
        )
        for network, rate in rates.items()
        if any(True for _ in network.parameters())
    }  # fmt: skip
