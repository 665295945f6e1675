"""The evidence lower bound: the training step that takes the place of the adversarial game in TabVAE."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tabgan.adversarial.training.loop import minimise
from tabgan.adversarial.training.state import Optimizers, State, TrainingStep


def elbo_step(kl_weight: float) -> TrainingStep:
    """Give a training step towards a higher evidence lower bound.

    The state's `generator_loss` is the negative log likelihood of the rows, its `critic_loss` the divergence;
    both count, the latter times `kl_weight` (Higgins et al. 2017, *beta-VAE*, equation 4).
    """

    def step(state: State, optimizers: Optimizers, draw: Callable[[], Tensor]) -> None:
        with state.autocast():
            rows = draw()
            lost, divergence = state.generator.evidence(rows, state.latent(len(rows)))  # type: ignore[operator]
        state.generator_loss, state.critic_loss = lost.detach(), divergence.detach()
        state.accuracy = torch.full_like(lost.detach(), math.nan)
        minimise(optimizers[state.generator], lost + kl_weight * divergence)

    return step
