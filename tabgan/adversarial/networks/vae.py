"""The networks of the variational autoencoder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from tabgan.adversarial.networks.heads import Generator, Heads
from tabgan.adversarial.networks.mlp import hidden_layers, output_layer

SHARPEST = 0.01  # least standard deviation of a scalar: an exact one would have an infinite likelihood


@dataclass
class Autoencoder(BaseEstimator):
    """Perceptrons for :class:`VAE`, built as a backbone of a GAN is.

    Parameters
    ----------
    encoder, decoder : sequence of int, default=(256, 256)
        Widths of the hidden layers; the decoder has them once for its nominal and once for its scalar part.
    latent_dim : int, default=32
        Dimension of the latent space.
    """

    encoder: Sequence[int] = (256, 256)
    decoder: Sequence[int] = (256, 256)
    latent_dim: int = 32

    def build(self, heads: Heads, scalar_positions: Tensor) -> tuple[Generator, nn.Module]:
        """Build the autoencoder; in the place of the critic stands a module that does nothing."""
        heads.prior /= heads.noise  # categories are drawn by their probabilities, at full noise
        heads.noise = 1.0
        return VAE(self.latent_dim, self.encoder, self.decoder, heads), nn.Identity()


class VAE(Generator):
    """Rows -> a normal distribution in latent space -> distributions of every value.

    Kingma and Welling 2013, *Auto-encoding variational Bayes*. One-hot blocks are categorical, scalars normal
    with a standard deviation that each column learns. The scalars depend on what was drawn of the one-hot
    blocks, in training on what the row holds.
    """

    def __init__(self, latent_dim: int, encoder: Sequence[int], decoder: Sequence[int], heads: Heads) -> None:
        super().__init__(heads)
        width = latent_dim + heads.nominal_width
        self.encoder = _perceptron([heads.width, *encoder], 2 * latent_dim)
        self.nominal = _perceptron([latent_dim, *decoder], heads.nominal_width)
        self.scalar = _perceptron([width, *decoder], heads.scalar_width)
        self.log_spread = nn.Parameter(torch.full((heads.scalar_width,), -1.0))

    @property
    def noise_width(self) -> int:
        """Uniform numbers a row takes: those of the heads, and one for each scalar."""
        return self.heads.nominal_width + self.heads.scalar_width

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw rows (n, width) at latent points (n, latent_dim)."""
        of_nominal, of_scalars = noise.split([self.heads.nominal_width, self.heads.scalar_width], 1)
        nominal, log_weight = self.heads.nominal(self.nominal(latent), of_nominal, allowed)
        centre = self.heads.scalars(self.scalar(torch.cat([latent, nominal], 1)))
        scalars = centre + self._spread() * torch.special.ndtri(of_scalars.clamp(1e-7, 1 - 1e-7))
        return self.heads.assemble(nominal, scalars.clamp(-1, 1)), log_weight

    def encode(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Rows (n, width) -> means and logarithms of the variances, both (n, latent_dim)."""
        mean, log_variance = self.encoder(rows).float().chunk(2, 1)
        return mean, log_variance.clamp(-12, 6)

    def evidence(self, rows: Tensor, normal: Tensor) -> tuple[Tensor, Tensor]:
        """Give both terms of the evidence lower bound of `rows` (n, width), means in nats.

        The negative log likelihood of a row at one latent point, which the reparametrisation trick (section
        2.4) makes of `normal` numbers (n, latent_dim), and the divergence of its latent distribution from the
        standard normal one (appendix B).
        """
        mean, log_variance = self.encode(rows)
        latent = mean + (log_variance / 2).exp() * normal
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        nominal, scalars = rows.index_select(1, self.heads.order.argsort()).split(
            [self.heads.nominal_width, self.heads.scalar_width], 1
        )
        logits = self.nominal(latent).float() + self.heads.prior
        lost = -(nominal * self.heads.log_shares(logits)).sum(1)
        centre = self.heads.scalars(self.scalar(torch.cat([latent, nominal], 1)))
        spread = self._spread()
        errors = ((scalars - centre) / spread).square() / 2 + spread.log() + math.log(2 * math.pi) / 2
        return (lost + errors.sum(1)).mean(), divergence.mean()

    def _spread(self) -> Tensor:
        return self.log_spread.exp().clamp_min(SHARPEST)


def _perceptron(widths: Sequence[int], n_outputs: int) -> nn.Sequential:
    return hidden_layers(widths, nn.ReLU()).append(output_layer(widths[-1], n_outputs))
