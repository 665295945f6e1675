"""The shelf of backbones: each a small object of settings that builds a generator and a critic."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import nn

from tabgan.adversarial.networks.dcgan import DCGAN
from tabgan.adversarial.networks.heads import Generator, Heads
from tabgan.adversarial.networks.mlp import MLP
from tabgan.adversarial.networks.vae import Autoencoder


class Backbone(Protocol):
    """What `TabGAN(backbone=...)` takes: the networks, described before the table is known.

    Attributes
    ----------
    latent_dim : int
        Dimension of the normal noise that the generator turns into rows.

    Examples
    --------
    >>> class LinearGenerator(Generator):
    ...     def __init__(self, heads):
    ...         super().__init__(heads)
    ...         self.raw = nn.Linear(8, heads.width)
    ...     def forward(self, latent, noise, allowed=None):
    ...         return self.heads(self.raw(latent), noise, allowed)
    >>> class Linear:
    ...     latent_dim = 8
    ...     def build(self, heads, scalar_positions):
    ...         return LinearGenerator(heads), nn.Linear(heads.width, 1)
    """

    latent_dim: int

    def build(self, heads: Heads, scalar_positions: torch.Tensor) -> tuple[Generator, nn.Module]:
        """Build both networks for the rows of a layout.

        Parameters
        ----------
        heads : Heads
            The generator's last layer, which makes valid rows of raw outputs, and knows their width.
        scalar_positions : Tensor of shape (n_scalars,)
            Positions of the scalars in a row.

        Returns
        -------
        generator : Generator
            Latent points (n, latent_dim) and noise -> rows (n, width).
        critic : torch.nn.Module
            Rows (n, width) -> scores (n, 1).
        """
        ...


BACKBONES: dict[str, type[Backbone]] = {"mlp": MLP, "dcgan": DCGAN}

__all__ = ["BACKBONES", "DCGAN", "MLP", "Autoencoder", "Backbone", "Generator"]
