"""Unrolling: the critic as it would answer, some steps ahead, to what the generator does now."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

from tabgan.adversarial.training.losses import Objective, Score

TINY = 1e-12  # under the root, whose slope at 0 has no bound


def look_ahead(
    critic: nn.Module, optimizer: torch.optim.Optimizer, objective: Objective, real: Tensor, fake: Tensor
) -> Score:
    """Give the critic as it will be after `objective.unrolled` more steps of Adam on these rows.

    It is a function of the generator too, since those steps depend on `fake`: gradients go through them.
    """
    weights, steps, means, squares = {}, 0, {}, {}
    for name, values in critic.named_parameters():
        weights[name] = values.detach().requires_grad_()
        moments = optimizer.state[values]
        steps, means[name], squares[name] = int(moments["step"]), moments["exp_avg"], moments["exp_avg_sq"]

    def ahead(rows: Tensor) -> Tensor:
        return cast(Tensor, functional_call(critic, weights, rows))

    [group] = optimizer.param_groups
    first, second = group["betas"]
    for step in range(steps + 1, steps + 1 + objective.unrolled):
        loss = objective.critic(*ahead(torch.cat([real, fake])).split(len(real)))
        if objective.penalty is not None:
            loss = loss + objective.penalty(ahead, real, fake)
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        for name, slope in zip(list(weights), slopes, strict=True):
            means[name] = torch.lerp(slope, means[name], first)
            squares[name] = torch.lerp(slope**2, squares[name], second)
            size = group["lr"] / (1 - first**step)
            spread = (squares[name] / (1 - second**step) + TINY).sqrt()
            weights[name] = weights[name] - size * means[name] / spread
    return ahead
