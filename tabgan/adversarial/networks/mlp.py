"""The default backbone, perceptrons: the nominal part is drawn first, and the critic sees fine structure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from tabgan.adversarial.networks.heads import Generator, Heads

Layers = Callable[[Sequence[int]], nn.Sequential]  # of widths: hidden layers between them
MAX_WAVES = 1500
ACTIVATIONS = {"relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(0.2), "tanh": nn.Tanh()}


@dataclass
class MLP(BaseEstimator):
    """Multi-layer perceptrons for mixed rows.

    Parameters
    ----------
    generator, critic : sequence of int, default=(256, 256, 256)
        Widths of the hidden layers; the generator has them once for its nominal and once for its scalar part.
    octaves : int, default=5
        Frequencies of the critic's Fourier features of each scalar; 0 for none. Fewer where there are more
        than 150 scalars, so that the features are 1,500 at most.
    dropout : float, default=0.0
        Share of the critic's hidden units that are silenced at each step.
    two_stage : bool, default=True
        Whether the generator draws the nominal part first, or all at once, by a single network, as the first
        GANs did. See Goodfellow et al. 2014.
    activation : {"relu", "leaky_relu", "tanh"}, default="relu"
        Of the generator's hidden layers; the critic has leaky rectifiers.
    batch_norm : bool, default=False
        Whether the generator's hidden layers are normalised over the batch (Ioffe and Szegedy 2015).
    latent_dim : int, default=64
        Dimension of the normal noise that the generator turns into rows.

    Raises
    ------
    ValueError
        When the networks are built, if `activation` is unknown.

    Examples
    --------
    >>> from tabgan import TabGAN
    >>> from tabgan.adversarial.networks import MLP
    >>> model = TabGAN(backbone=MLP(generator=(128, 128), critic=(128, 128)))
    >>> model.set_params(backbone__latent_dim=16).backbone.latent_dim
    16
    """

    generator: Sequence[int] = (256, 256, 256)
    critic: Sequence[int] = (256, 256, 256)
    octaves: int = 5
    dropout: float = 0.0
    two_stage: bool = True
    activation: Literal["relu", "leaky_relu", "tanh"] = "relu"
    batch_norm: bool = False
    latent_dim: int = 64

    def build(self, heads: Heads, scalar_positions: Tensor) -> tuple[Generator, nn.Module]:
        """Build the two networks for rows of the layout that `heads` knows."""
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        n_scalars = max(1, len(scalar_positions))
        features = FourierFeatures(scalar_positions, min(self.octaves, MAX_WAVES // (2 * n_scalars)))
        widths = [heads.width + features.extra, *self.critic]
        critic = nn.Sequential(features, *hidden_layers(widths, nn.LeakyReLU(0.2), self.dropout))
        critic.append(nn.Linear(widths[-1], 1))
        stages = TwoStageGenerator if self.two_stage else OneStageGenerator
        layers = partial(hidden_layers, activation=ACTIVATIONS[self.activation], batch_norm=self.batch_norm)
        return stages(self.latent_dim, self.generator, heads, layers), critic


class OneStageGenerator(Generator):
    """Latent points -> rows, by a single network."""

    def __init__(self, latent_dim: int, hidden: Sequence[int], heads: Heads, layers: Layers) -> None:
        super().__init__(heads)
        self.network = layers([latent_dim, *hidden]).append(nn.Linear(hidden[-1], heads.width))

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw rows (n, width) at latent points (n, latent_dim)."""
        return self.heads.forward(self.network(latent), noise, allowed)


class TwoStageGenerator(Generator):
    """Latent points -> rows: the nominal blocks are drawn first, and the scalars by what was drawn.

    A one-hot block is drawn with noise that a single network could not see: its scalars would have to guess
    which category came out.
    """

    def __init__(self, latent_dim: int, hidden: Sequence[int], heads: Heads, layers: Layers) -> None:
        super().__init__(heads)
        self.nominal = layers([latent_dim, *hidden])
        self.nominal_out = output_layer(hidden[-1], heads.nominal_width)
        width = latent_dim + hidden[-1] + heads.nominal_width
        self.scalar = layers([width, *hidden])
        self.scalar_out = output_layer(hidden[-1], heads.scalar_width)

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw rows (n, width) at latent points (n, latent_dim)."""
        hidden = self.nominal(latent)
        nominal, log_weight = self.heads.nominal(self.nominal_out(hidden), noise, allowed)
        hidden = self.scalar(torch.cat([latent, hidden, nominal], 1))
        return self.heads.assemble(nominal, self.heads.scalars(self.scalar_out(hidden))), log_weight


class FourierFeatures(nn.Module):
    """Append sines and cosines of the scalars, so that the critic sees fine structure in them.

    Tancik et al. 2020, *Fourier features let networks learn high frequency functions*, section 5, with
    fixed frequencies pi, 2 pi, 4 pi, ..., each octave at half the amplitude of the one before.
    """

    positions: Tensor
    frequencies: Tensor
    amplitudes: Tensor

    def __init__(self, positions: Tensor, octaves: int) -> None:
        super().__init__()
        self.register_buffer("positions", positions, persistent=False)
        self.register_buffer("frequencies", math.pi * 2.0 ** torch.arange(octaves), persistent=False)
        self.register_buffer("amplitudes", 0.5 ** torch.arange(octaves), persistent=False)
        self.extra = 2 * octaves * len(positions)

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (n, width) -> features (n, width + extra)."""
        if not self.extra:
            return rows
        angles = rows.index_select(1, self.positions).unsqueeze(2) * self.frequencies
        waves = torch.stack([angles.sin(), angles.cos()], 3) * self.amplitudes.unsqueeze(1)
        return torch.cat([rows, waves.flatten(1)], 1)


class _NoOutputs(nn.Module):
    """The last layer of a part that the table has not."""

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden[:, :0]


def output_layer(hidden: int, width: int) -> nn.Module:
    """Give the last linear layer of a part of the table, which may be empty."""
    return nn.Linear(hidden, width) if width else _NoOutputs()


def hidden_layers(
    widths: Sequence[int], activation: nn.Module, dropout: float = 0.0, batch_norm: bool = False
) -> nn.Sequential:
    """Give linear layers between `widths`, each followed by its activation, after batch norm if asked for.

    Weights start as He et al. 2015, *Delving deep into rectifiers*, section 2.2; torch's default is three
    times smaller a layer, and training takes twice as long to get going.
    """
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        linear = nn.Linear(before, after)
        nn.init.kaiming_normal_(linear.weight, a=0.2)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.BatchNorm1d(after), activation] if batch_norm else [linear, activation]
        if dropout:
            layers.append(Dropout(dropout))
    return nn.Sequential(*layers)


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) by a random stream that training sets, not torch's global one.

    Parameters
    ----------
    share : float
        Share of the values that are silenced in training; the others grow, so that the mean stays.
    """

    rng: torch.Generator | None = None

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: Tensor) -> Tensor:
        """Silence some of the values, of any shape."""
        if not self.training or not self.share:
            return values
        chance = torch.rand(values.shape, generator=self.rng, device=values.device)
        return values * (chance >= self.share) / (1 - self.share)
