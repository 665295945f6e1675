"""From raw outputs to valid rows: one activation per kind of block, and what every generator is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.layout import Block


class Heads(nn.Module):
    """Activations that turn raw outputs into rows of a layout.

    Scalars pass through tanh. One-hot blocks are drawn: a hard sample forward, the softmax's gradient
    backward (straight-through Gumbel-softmax, Jang et al. 2017, section 2.2). Departing from it, the Gumbel
    noise is weak: at full strength every block is drawn by other noise, and columns that imply each
    other disagree; without any, shares are learned more slowly. The logarithm of each category's frequency,
    scaled like the noise, is added to its raw output: an untrained generator has the right marginal shares.

    Blocks of equal width are drawn together; the raw outputs stand in that order: the one-hot blocks by
    width, then the scalars.

    Parameters
    ----------
    blocks : sequence of Block
        They tile [0, width).
    frequencies : ndarray of shape (width,)
        Mean of the encoded training rows; only the one-hot positions are read.
    temperature : float, default=0.5
        Of the softmax behind the gradient.
    noise : float, default=0.3
        Scale of the Gumbel noise.
    """

    order: Tensor
    prior: Tensor

    def __init__(
        self,
        blocks: Sequence[Block],
        frequencies: NDArray[np.floating],
        temperature: float = 0.5,
        noise: float = 0.3,
    ) -> None:
        super().__init__()
        onehots = sorted((b for b in blocks if b.kind == "onehot"), key=lambda b: b.stop - b.start)
        scalars = [b for b in blocks if b.kind == "scalar"]
        raw_order = [i for b in [*onehots, *scalars] for i in range(b.start, b.stop)]
        widths = [b.stop - b.start for b in onehots]
        self.groups = [(width, widths.count(width)) for width in sorted(set(widths))]
        self.nominal_width = sum(widths)
        self.scalar_width = len(scalars)
        self.width = len(raw_order)
        self.temperature, self.noise = temperature, noise
        drawn = np.asarray(frequencies, dtype=np.float32)[raw_order[: self.nominal_width]]
        self.register_buffer("order", torch.as_tensor(np.argsort(raw_order)), persistent=False)
        self.register_buffer("prior", noise * torch.log(torch.as_tensor(drawn) + 1e-4))

    def nominal(self, raw: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw every one-hot block.

        Parameters
        ----------
        raw, noise : Tensor of shape (n, nominal_width)
            Raw outputs, and numbers that are uniform in [0, 1).
        allowed : bool Tensor of shape (nominal_width,), optional
            The categories that may be drawn, as :meth:`allowed` gives them.

        Returns
        -------
        indicators : Tensor of shape (n, nominal_width)
            0 or 1.
        log_weight : Tensor of shape (n,)
            Logarithm of the probability that only allowed categories are drawn where all may be.
        """
        logits = raw.float() + self.prior
        log_weight = logits.new_zeros(logits.shape[0])
        if allowed is not None:
            shares = self.log_shares(logits / self.noise).masked_fill(~allowed, -torch.inf)
            log_weight = sum((b.logsumexp(-1).sum(1) for b in self._blocks(shares)), log_weight)
            logits = logits.masked_fill(~allowed, -torch.inf)
        logits = logits - self.noise * noise.clamp_min(1e-20).log().neg().clamp_min(1e-20).log()  # Gumbel
        parts = []
        for block in self._blocks(logits):
            drawn = torch.zeros_like(block).scatter_(-1, block.argmax(-1, keepdim=True), 1.0)
            if torch.is_grad_enabled():
                soft = torch.softmax(block / self.temperature, -1)
                drawn = drawn + (soft - soft.detach())
            parts.append(drawn.flatten(1))
        return (torch.cat(parts, 1) if parts else logits), log_weight

    def allowed(self, by_block: Sequence[NDArray[np.bool_]]) -> Tensor:
        """Say of each category whether it may be drawn, by one array a block of the layout."""
        flat = torch.from_numpy(np.concatenate([np.zeros(0, dtype=bool), *by_block])).to(self.order.device)
        return flat[self.order.argsort()[: self.nominal_width]]

    def _blocks(self, values: Tensor) -> list[Tensor]:
        """Cut (n, nominal_width) into the blocks of each width: tensors of shape (n, count, width)."""
        parts = values.split([width * count for width, count in self.groups], 1)
        groups = zip(parts, self.groups, strict=True)
        return [part.unflatten(1, (count, width)) for part, (width, count) in groups]

    def log_shares(self, logits: Tensor) -> Tensor:
        """Logarithms of the softmax in every one-hot block: (n, nominal_width) -> the same shape."""
        shares = [block.log_softmax(-1).flatten(1) for block in self._blocks(logits)]
        return torch.cat(shares, 1) if shares else logits

    def scalars(self, raw: Tensor) -> Tensor:
        """Squash raw outputs (n, scalar_width) into [-1, 1]."""
        return torch.tanh(raw.float())

    def assemble(self, nominal: Tensor, scalars: Tensor) -> Tensor:
        """Put both parts into the order of the layout: a tensor of shape (n, width)."""
        return torch.cat([nominal, scalars], 1).index_select(1, self.order)

    def forward(self, raw: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Raw outputs (n, width), nominal ones first -> rows (n, width), log weights (n,), see `nominal`."""
        nominal, scalars = raw.split([self.nominal_width, self.scalar_width], 1)
        indicators, log_weight = self.nominal(nominal, noise, allowed)
        return self.assemble(indicators, self.scalars(scalars)), log_weight


class Generator(nn.Module):
    """A function of latent points and noise that has no other source of chance.

    Parameters
    ----------
    heads : Heads
        The last layer, which makes valid rows of raw outputs.
    """

    def __init__(self, heads: Heads) -> None:
        super().__init__()
        self.heads = heads

    @property
    def noise_width(self) -> int:
        """How many numbers that are uniform in [0, 1) a row takes."""
        return self.heads.nominal_width

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw a row at each latent point.

        Parameters
        ----------
        latent : Tensor of shape (n, latent_dim)
            Standard normal.
        noise : Tensor of shape (n, noise_width)
            Uniform in [0, 1).
        allowed : bool Tensor of shape (nominal_width,), optional
            The categories that may be drawn.

        Returns
        -------
        rows : Tensor of shape (n, width)
        log_weight : Tensor of shape (n,)
            Logarithm of the probability of allowed categories alone where all may be drawn; else 0.
        """
        raise NotImplementedError


class NoColumns(Generator):
    """The generator of a table whose columns are all constants or keys: nothing is learned of it."""

    def __init__(self) -> None:
        super().__init__(Heads((), np.zeros(0)))

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Latent points (n, any) -> rows (n, 0)."""
        return latent[:, :0], latent.new_zeros(latent.shape[0])
