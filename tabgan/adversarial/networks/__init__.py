"""The shelf of backbones: each a small object of settings that builds a generator and a critic."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import nn

from tabgan.adversarial.networks.dcgan import DCGAN
from tabgan.adversarial.networks.heads import Heads
from tabgan.adversarial.networks.mlp import MLP


class Backbone(Protocol):
    """What `TabGAN(backbone=...)` takes."""

    def build(
        self, latent_dim: int, heads: Heads, scalar_positions: torch.Tensor
    ) -> tuple[nn.Module, nn.Module]:
        """Build a generator, (n, latent_dim) -> rows (n, width), and a critic, rows -> scores (n, 1)."""
        ...


BACKBONES: dict[str, type[Backbone]] = {"mlp": MLP, "dcgan": DCGAN}

__all__ = ["BACKBONES", "DCGAN", "MLP", "Backbone"]
