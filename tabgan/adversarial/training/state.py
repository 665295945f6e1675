"""What one training step hands to the next, and what may watch it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


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


Callback = Callable[[State], "str | bool | None"]


Optimizers = dict[nn.Module, torch.optim.Optimizer]


TrainingStep = Callable[[State, Optimizers, Callable[[], Tensor], str], None]
