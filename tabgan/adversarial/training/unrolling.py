"""Unrolling: the critic as it would answer, some steps ahead, to what the generator does now."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

Score = Callable[[Tensor], Tensor]
TINY = 1e-12  # under the root, whose slope at 0 has no bound


def look_ahead(
    critic: nn.Module, optimizer: torch.optim.Optimizer, loss: Callable[[Score], Tensor], steps: int
) -> Score:
    """Give the critic as it will be after so many steps of Adam, each down the slope of ``loss(critic)``.

    If the loss depends on generated rows, so do those steps, and gradients go through them to the generator.
    """
    weights, taken, means, squares = {}, 0, {}, {}
    for name, values in critic.named_parameters():
        weights[name] = values.detach().requires_grad_()
        moments = optimizer.state[values]
        taken, means[name], squares[name] = int(moments["step"]), moments["exp_avg"], moments["exp_avg_sq"]

    def ahead(rows: Tensor) -> Tensor:
        return cast(Tensor, functional_call(critic, weights, rows))

    [group] = optimizer.param_groups
    first, second = group["betas"]
    for step in range(taken + 1, taken + 1 + steps):
        slopes = torch.autograd.grad(loss(ahead), list(weights.values()), create_graph=True)
        for name, slope in zip(list(weights), slopes, strict=True):
            means[name] = torch.lerp(slope, means[name], first)
            squares[name] = torch.lerp(slope**2, squares[name], second)
            size = group["lr"] / (1 - first**step)
            spread = (squares[name] / (1 - second**step) + TINY).sqrt()
            weights[name] = weights[name] - size * means[name] / spread
    return ahead
