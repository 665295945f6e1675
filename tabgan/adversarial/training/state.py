"""What one training step hands to the next, and the kinds of functions that take it."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tabgan.adversarial.device import autocast
from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.networks.heads import Generator
from tabgan.adversarial.networks.mlp import Dropout


@dataclass
class State:
    """Everything that one training step hands to the next, and what a callback may look at.

    The losses and the accuracy are tensors on the device: reading their value waits for the device.

    Parameters
    ----------
    generator : Generator
        Latent points (n, latent_dim) and noise -> encoded rows (n, width). Of a variational autoencoder, the
        whole.
    critic : torch.nn.Module
        Encoded rows (n, width) -> scores (n, 1).
    backbone : Backbone
        What the networks were built by.
    device : torch.device
        Where the networks are.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Number format of the steps.
    step : int, default=0
        How many steps these networks were trained, in all calls of `fit` together.
    fidelity : float, default=nan
        How near rows of the averaged generator came to the validation set at the last check, 1 being as near
        as real rows; nan before the first one, and without a validation set.

    Attributes
    ----------
    rng : torch.Generator
        The random stream of training, on the device; nothing is drawn from torch's global one.
    average : Generator
        The running average of the generator, which is what samples.
    critic_loss, generator_loss : Tensor of shape ()
        The objective's two terms at the last step; of a variational autoencoder, the divergence and the
        negative log likelihood.
    accuracy : Tensor of shape ()
        Share of the pairs in the last batch in which the real row scored higher than the generated one.
    """

    generator: Generator
    critic: nn.Module
    backbone: Backbone
    device: torch.device
    precision: str = "auto"
    step: int = 0
    fidelity: float = math.nan
    average: Generator = field(init=False)
    rng: torch.Generator = field(init=False)
    critic_loss: Tensor = field(init=False)
    generator_loss: Tensor = field(init=False)
    accuracy: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.generator.to(self.device)
        self.critic.to(self.device)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.use_stream(torch.Generator(self.device))

    @property
    def latent_dim(self) -> int:
        """Dimension of the latent space."""
        return self.backbone.latent_dim

    def use_stream(self, rng: torch.Generator) -> None:
        """Draw from another random stream from now on, in dropout too."""
        self.rng = rng
        for module in self.critic.modules():
            if isinstance(module, Dropout):
                module.rng = rng

    def latent(self, n: int) -> Tensor:
        """Draw standard normal latent points, shape (n, latent_dim)."""
        return torch.randn(n, self.latent_dim, generator=self.rng, device=self.device)

    def noise(self, n: int) -> Tensor:
        """Draw the other noise that a generator takes: uniform in [0, 1), shape (n, noise_width)."""
        return torch.rand(n, self.generator.noise_width, generator=self.rng, device=self.device)

    def generate(self, latent: Tensor) -> Tensor:
        """Draw rows of the averaged generator at latent points: (n, latent_dim) -> (n, width)."""
        return self.average.forward(latent, self.noise(len(latent)))[0]

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Compute a block of code in the number format of the steps."""
        return autocast(self.device, self.precision)


# Called after each step; a true value ends training, and a string is the reason.
Callback = Callable[[State], "str | bool | None"]

Optimizers = dict[nn.Module, torch.optim.Optimizer]

# ``step(state, optimizers, draw)`` changes the networks of `state`; ``draw()`` gives a batch of encoded rows.
TrainingStep = Callable[[State, Optimizers, Callable[[], Tensor]], None]
