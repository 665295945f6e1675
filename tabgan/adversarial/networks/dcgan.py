"""A convolutional backbone for tables whose numbers are the pixels of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from tabgan.adversarial.networks.heads import Generator, Heads
from tabgan.adversarial.networks.mlp import Dropout

APART = 32  # rows, at least, that share the statistics of a batch norm in the critic


@dataclass
class DCGAN(BaseEstimator):
    """Convolutions in both networks.

    Radford et al. 2015, *Unsupervised representation learning with deep convolutional generative adversarial
    networks*, section 3.

    The scalars of the table, in their order, are the pixels: channel by channel, row by row. What else the
    table holds (a label, say) the generator draws first and then tells the image; the critic sees it as
    planes beside the colours. All weights start from N(0, 0.02); the paper trains with Adam at a rate of
    2e-4 and betas of 0.5 and 0.999.

    Two departures: images grow by upsampling and a convolution, which leaves no checkerboard (Odena et al.
    2016, *Deconvolution and checkerboard artifacts*), and the critic normalises over groups of 32 rows
    (:class:`GroupedBatchNorm`).

    Parameters
    ----------
    shape : (int, int, int)
        Channels, height and width of the image; both sides can be halved once for each of `channels`.
    channels : sequence of int, default=(64, 32)
        Of the generator's convolutions, from the smallest image on; the critic has them in reverse.
    dropout : float, default=0.0
        Share of the critic's features that are silenced at each step; the paper has none.
    latent_dim : int, default=64
        Dimension of the normal noise that the generator turns into rows.
    """

    shape: Sequence[int]
    channels: Sequence[int] = (64, 32)
    dropout: float = 0.0
    latent_dim: int = 64

    def build(self, heads: Heads, scalar_positions: Tensor) -> tuple[Generator, nn.Module]:
        """Build the two networks for rows of the layout that `heads` knows.

        Raises
        ------
        ValueError
            If the shape cannot be halved often enough, or the table has another number of scalars.
        """
        factor = 2 ** len(self.channels)
        if len(self.shape) != 3 or self.shape[1] % factor or self.shape[2] % factor:
            raise ValueError(
                f"shape must be (channels, height, width), {factor} dividing both sides, got {self.shape}; "
                "give fewer channels, or pad the images"
            )
        if len(scalar_positions) != math.prod(self.shape):
            raise ValueError(
                f"DCGAN of shape {tuple(self.shape)} needs {math.prod(self.shape)} pixels, but the table has "
                f"{len(scalar_positions)} scalars; make every pixel one with columns={{name: "
                "Continuous('minmax', spike_share=math.inf)}}"
            )
        generator = ImageGenerator(self.latent_dim, self.shape, self.channels, heads)
        critic = ImageCritic(scalar_positions, heads.width, self.shape, self.channels[::-1], self.dropout)
        return generator.apply(_start), critic.apply(_start)


class ImageGenerator(Generator):
    """Latent points -> rows: what is nominal by a linear map, then the image by growing it."""

    def __init__(self, latent_dim: int, shape: Sequence[int], channels: Sequence[int], heads: Heads) -> None:
        super().__init__(heads)
        self.nominal = nn.Linear(latent_dim, heads.nominal_width) if heads.nominal_width else None
        small = (channels[0], *(side // 2 ** len(channels) for side in shape[1:]))
        layers: list[nn.Module] = [
            nn.Linear(latent_dim + heads.nominal_width, math.prod(small)),
            nn.Unflatten(1, small),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
        ]
        for before, after in pairwise([*channels, channels[-1]]):
            layers += [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1)]
            layers += [nn.BatchNorm2d(after), nn.ReLU()]
        self.image = nn.Sequential(*layers, nn.Conv2d(channels[-1], shape[0], 3, padding=1), nn.Flatten())

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw rows (n, width) at latent points (n, latent_dim)."""
        raw = latent[:, :0] if self.nominal is None else self.nominal(latent)
        nominal, log_weight = self.heads.nominal(raw, noise, allowed)
        pixels = self.image(torch.cat([latent, nominal], 1))
        return self.heads.assemble(nominal, self.heads.scalars(pixels)), log_weight


class ImageCritic(nn.Module):
    """Rows -> scores, by strided convolutions over the image and, as planes, what else there is."""

    pixels: Tensor
    others: Tensor

    def __init__(
        self, pixels: Tensor, width: int, shape: Sequence[int], channels: Sequence[int], dropout: float
    ) -> None:
        super().__init__()
        others = torch.tensor(sorted(set(range(width)) - set(pixels.tolist())), dtype=torch.long)
        self.register_buffer("pixels", pixels, persistent=False)
        self.register_buffer("others", others, persistent=False)
        self.shape = tuple(shape)
        layers: list[nn.Module] = []
        for before, after in pairwise([shape[0] + len(others), *channels]):
            layers.append(nn.Conv2d(before, after, 3, stride=2, padding=1))
            layers += [GroupedBatchNorm(after)] if len(layers) > 1 else []  # not in the first block
            layers += [nn.LeakyReLU(0.2), Dropout(dropout)]
        small = math.prod(side // 2 ** len(channels) for side in shape[1:])
        self.network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * small, 1))

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (n, width) -> scores (n, 1)."""
        image = rows.index_select(1, self.pixels).unflatten(1, self.shape)
        planes = rows.index_select(1, self.others)[:, :, None, None].expand(-1, -1, *self.shape[1:])
        scores: Tensor = self.network(torch.cat([image, planes], 1))
        return scores


class GroupedBatchNorm(nn.BatchNorm2d):
    """Batch norm over groups of 32 neighbouring rows, each by itself (Hoffer et al. 2017).

    The loop hands real and generated rows to the critic in one batch. Were they normalised together, each
    would tell the critic what the other is; apart, as in the paper, they tell nothing, provided that 32
    divides the batch size.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Images (n, channels, height, width) -> the same, normalised."""
        groups = images.tensor_split(max(1, len(images) // APART) if self.training else 1)
        return torch.cat([super(GroupedBatchNorm, self).forward(group) for group in groups])


def _start(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
