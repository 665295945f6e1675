"""From raw outputs to valid rows: one activation per kind of block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
        self.uniform = _uniform  # an exported generator takes it from its input instead
        self.limits: list[tuple[slice, Tensor]] = []
        self.log_chance: Tensor | int = 0
        drawn = np.asarray(frequencies, dtype=np.float32)[raw_order[: self.nominal_width]]
        self.register_buffer("order", torch.as_tensor(np.argsort(raw_order)), persistent=False)
        self.register_buffer("prior", noise * torch.log(torch.as_tensor(drawn) + 1e-4))

    def nominal(self, raw: Tensor) -> Tensor:
        """Draw every one-hot block: raw outputs (n, nominal_width) -> 0/1 indicators of the same shape."""
        gumbel = -self.uniform(raw).clamp_(1e-20).log_().neg_().clamp_(1e-20).log_()
        logits = raw.float() + self.prior
        if self.limits:
            self.log_chance = sum(self._limit(logits, *limit) for limit in self.limits)
        logits = logits + self.noise * gumbel
        parts, start = [], 0
        for width, count in self.groups:
            block = logits[:, start : start + width * count].unflatten(1, (count, width))
            drawn = torch.zeros_like(block).scatter_(-1, block.argmax(-1, keepdim=True), 1.0)
            if torch.is_grad_enabled():
                soft = torch.softmax(block / self.temperature, -1)
                drawn = drawn + (soft - soft.detach())
            parts.append(drawn.flatten(1))
            start += width * count
        return torch.cat(parts, 1) if parts else logits

    @contextmanager
    def limited(self, allowed: NDArray[np.bool_] | None) -> Iterator[None]:
        """Draw only levels that are `allowed`, shape (width,), as if all other rows had been thrown away.

        After a drawing `log_chance` holds the logarithm of how likely a row would have been kept: shape (n,),
        or 0 if all levels are allowed.
        """
        if allowed is not None:
            forbidden = ~torch.from_numpy(allowed).to(self.order.device)[self.order.argsort()]
            widths = [width for width, count in self.groups for _ in range(count)]
            stops = np.cumsum(widths, dtype=int)
            spans = [slice(stop - width, stop) for width, stop in zip(widths, stops, strict=True)]
            self.limits = [(span, forbidden[span]) for span in spans if forbidden[span].any()]
        try:
            yield
        finally:
            self.limits, self.log_chance = [], 0

    def _limit(self, logits: Tensor, span: slice, forbidden: Tensor) -> Tensor:
        """Forbid levels of one block in place; gives the logarithm of the share that is left, shape (n,)."""
        shares = (logits[:, span] / self.noise).log_softmax(1)
        logits[:, span] = logits[:, span].masked_fill(forbidden, -torch.inf)
        return shares.masked_fill(forbidden, -torch.inf).logsumexp(1)

    def log_shares(self, logits: Tensor) -> Tensor:
        """Logarithms of the softmax in every one-hot block: (n, nominal_width) -> the same shape."""
        parts = logits.split([width * count for width, count in self.groups], 1)
        shares = [
            part.unflatten(1, (count, width)).log_softmax(-1).flatten(1)
            for part, (width, count) in zip(parts, self.groups, strict=True)
        ]
        return torch.cat(shares, 1) if shares else logits

    def scalars(self, raw: Tensor) -> Tensor:
        """Squash raw outputs (n, scalar_width) into [-1, 1]."""
        return torch.tanh(raw.float())

    def assemble(self, nominal: Tensor, scalars: Tensor) -> Tensor:
        """Put both parts into the order of the layout: a tensor of shape (n, width)."""
        return torch.cat([nominal, scalars], 1).index_select(1, self.order)

    def forward(self, raw: Tensor) -> Tensor:
        """Raw outputs of shape (n, width), nominal ones first -> rows of shape (n, width)."""
        nominal, scalars = raw.split([self.nominal_width, self.scalar_width], 1)
        return self.assemble(self.nominal(nominal), self.scalars(scalars))


def _uniform(raw: Tensor) -> Tensor:
    """Chance: a fresh tensor of the shape of `raw`, uniform in [0, 1)."""
    return torch.rand_like(raw, dtype=torch.float32)
