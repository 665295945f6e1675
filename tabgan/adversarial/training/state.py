"""What one training step hands to the next, and the kinds of functions that take it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tabgan.adversarial.device import autocast


@dataclass
class State:
    """Everything that one training step hands to the next, and what a callback may look at.

    The losses and the accuracy are tensors on the device: reading their value waits for the device.

    Parameters
    ----------
    generator : torch.nn.Module
        Latent points (n, latent_dim) -> encoded rows (n, width). Of a variational autoencoder, all of it.
    critic : torch.nn.Module
        Encoded rows (n, width) -> scores (n, 1).
    latent_dim : int
        Dimension of the latent space.
    device : torch.device
        Where the networks are.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Number format of the steps.
    step : int, default=0
        How many steps these networks were trained, in all calls of `fit` together.

    Attributes
    ----------
    average : torch.nn.Module
        The running average of the generator, which is what samples.
    critic_loss, generator_loss : Tensor of shape ()
        The objective's two terms at the last step; of a variational autoencoder, the divergence and the
        negative log likelihood.
    accuracy : Tensor of shape ()
        Share of the pairs in the last batch in which the real row scored higher than the generated one.
    """

    generator: nn.Module
    critic: nn.Module
    latent_dim: int
    device: torch.device
    precision: str = "auto"
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
        """Draw standard normal latent points, shape (n, latent_dim)."""
        return torch.randn(n, self.latent_dim, device=self.device)

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Compute a block of code in the number format of the steps."""
        return autocast(self.device, self.precision)


# Called after each step; a true value ends training, and a string is the reason.
Callback = Callable[[State], "str | bool | None"]

Optimizers = dict[nn.Module, torch.optim.Optimizer]

# ``step(state, optimizers, draw)`` changes the networks of `state`; ``draw()`` gives a batch of encoded rows.
TrainingStep = Callable[[State, Optimizers, Callable[[], Tensor]], None]
