"""A mixture of products of categories: what a generator is on a fixed set of latent points.

On each of them all columns are independent, with the probabilities that a network gives there. Expected
tables of counts are then sums over points and known exactly, and so are conditional distributions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from tabgan.adversarial.networks.heads import Generator, Heads
from tabgan.adversarial.networks.mlp import hidden_layers

LARGEST = 25.0  # logit of a category
# Rows of at most so many blocks are balanced, as it takes all pairs of blocks; in sweeps over pairs of rows
# that lie so far apart, each in parts after which the counts are new.
MOST_BLOCKS, STRIDES, PARTS = 25, (1, 2), 8
LEAST_EXPECTED = 2.0  # count of a pair of categories that is balanced; rarer ones are left to chance


@dataclass
class Mixture(BaseEstimator):
    """The backbone of a generator that draws one of many points, and the categories of a row independently.

    Scalars are uniform in [-1, 1] and independent of all else.

    Parameters
    ----------
    n_points : int, default=1000
        How many latent points there are.
    """

    n_points: int = 1000
    latent_dim: int = 1

    def build(self, heads: Heads, scalar_positions: Tensor) -> tuple[Generator, nn.Module]:
        """Build the generator for rows of the layout that `heads` knows; there is no critic."""
        return MixtureGenerator(self.n_points, heads), nn.Identity()


class MixtureGenerator(Generator):
    """Latent points and noise -> rows.

    Parameters
    ----------
    n_points : int
    heads : Heads

    Attributes
    ----------
    logits : Tensor of shape (n_points, nominal_width)
        Of the categories of each block, in the order of `Heads`.
    """

    logits: Tensor

    def __init__(self, n_points: int, heads: Heads) -> None:
        super().__init__(heads)
        self.register_buffer("logits", torch.zeros(n_points, heads.nominal_width))

    @property
    def noise_width(self) -> int:
        """A number for each category, and one for each scalar."""
        return self.heads.width

    def forward(self, latent: Tensor, noise: Tensor, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Draw rows (n, width), at points that the ranks of latent numbers (n, 1) choose.

        Each row has the distribution of the mixture, but rows that are drawn together are closer to it than
        independent ones (systematic sampling; Madow and Madow 1944, *On the theory of systematic sampling*):
        each point is drawn about equally often, and so is each category by its share there, and each pair of
        categories by its share in the table.

        Where only some categories are allowed, points are chosen as often as rows from them have only such:
        the rows follow the conditional distribution, and all log weights are 0.
        """
        heads, rank = self.heads, torch.special.ndtr(latent[:, 0].float())
        nominal, scalar = noise.split([heads.nominal_width, heads.scalar_width], 1)
        if allowed is None:
            place = (rank.argsort().argsort() + rank.sum().frac()) / len(rank)
            point = (place * len(self.logits)).long().clamp_max(len(self.logits) - 1)
            indicators = self._systematic(point, nominal)
        else:
            chance = heads.log_shares(self.logits.double()).masked_fill(~allowed, -torch.inf)
            inside = sum((block.logsumexp(-1).sum(1) for block in heads._blocks(chance)), chance.new_zeros(1))
            upto = torch.softmax(inside, 0).cumsum(0)
            point = torch.searchsorted(upto, rank.double() * upto[-1], right=True).clamp_max(len(upto) - 1)
            raw = heads.noise * self.logits.index_select(0, point)
            indicators, _ = heads.nominal(raw - heads.prior, nominal, allowed)
        rows = heads.assemble(indicators, 2 * scalar - 1)
        return rows, rows.new_zeros(len(rows), dtype=torch.float32)

    def _systematic(self, point: Tensor, noise: Tensor) -> Tensor:
        """Draw the categories of n rows at points (n,), by noise (n, nominal_width), as indicators."""
        counts = torch.bincount(point, minlength=len(self.logits))
        begin = (counts.cumsum(0) - counts)[point]  # of the rows of a point, where they are sorted by it
        first = point.argsort(stable=True)[begin]
        codes, n_before = [], 0
        for logits, uniform in zip(self.heads._blocks(self.logits), self.heads._blocks(noise), strict=True):
            shuffled = uniform[..., 0].argsort(0)
            by_point = shuffled.gather(0, point[shuffled].argsort(dim=0, stable=True))
            start = uniform[first, :, -1]  # one for all rows of a point
            place = by_point.argsort(0) - begin[:, None] + start
            upto = logits.softmax(-1).cumsum(-1)[point]
            drawn = (place[..., None] / counts[point][:, None, None] >= upto).sum(-1)
            n_blocks, width = logits.shape[1:]
            own = n_before + width * torch.arange(n_blocks, device=point.device)
            codes.append(own + drawn.clamp_max(width - 1))
            n_before += n_blocks * width
        places = torch.cat(codes, 1) if codes else point.new_zeros(len(point), 0)
        if 1 < places.shape[1] <= MOST_BLOCKS:
            self._balance(places, point)
        return noise.new_zeros(len(point), n_before).scatter_(1, places, 1)

    def _balance(self, places: Tensor, point: Tensor) -> None:
        """Exchange categories between rows at the same point where tables of two columns come nearer.

        On a point columns are independent, so that rows stay as likely as they were; the counts of pairs of
        categories in all rows vary less around what is expected.

        Parameters
        ----------
        places : Tensor of int, shape (n, n_blocks)
            The category of each row and block, as its position in the logits. Changed in place.
        point : Tensor of int, shape (n,)
        """
        n_blocks = places.shape[1]
        shares = torch.cat([block.softmax(-1).flatten(1) for block in self.heads._blocks(self.logits)], 1)
        counts = torch.bincount(point, minlength=len(shares))
        expected = (shares * counts[:, None]).T @ shares
        weight = (expected >= LEAST_EXPECTED).to(shares.dtype)
        found = torch.zeros_like(expected)
        rows = places[:, :, None].expand(-1, -1, n_blocks), places[:, None, :].expand(-1, n_blocks, -1)
        one = torch.ones((), dtype=found.dtype, device=found.device)
        found.index_put_(rows, one, accumulate=True)
        order = point.argsort(stable=True)
        rank = torch.arange(len(point), device=point.device) - (counts.cumsum(0) - counts)[point[order]]
        left_at_point = counts[point[order]] - rank
        for stride in STRIDES:
            has_partner = (rank % (2 * stride) < stride) & (left_at_point > stride)
            at = has_partner.nonzero()[:, 0]
            firsts, seconds = order[at], order[at + stride]
            for block in range(n_blocks):
                differ = places[firsts, block] != places[seconds, block]
                others = [k for k in range(n_blocks) if k != block]
                for part in range(PARTS):
                    i, j = firsts[differ][part::PARTS], seconds[differ][part::PARTS]
                    a, b = places[i, block][:, None], places[j, block][:, None]
                    of_i, of_j = places[i][:, others], places[j][:, others]
                    excess = (found - expected) * weight
                    # Half of what the exchange adds to the sum of the squared differences.
                    added = excess[b, of_i] - excess[a, of_i] + excess[a, of_j] - excess[b, of_j]
                    added += (weight[a, of_i] + weight[b, of_i] + weight[a, of_j] + weight[b, of_j]) / 2
                    better = (added * (of_i != of_j)).sum(1) < 0
                    i, j, a, b = i[better], j[better], a[better], b[better]
                    for category, other, sign in (
                        (a, of_i[better], -one), (b, of_i[better], one),
                        (b, of_j[better], -one), (a, of_j[better], one),
                    ):  # fmt: skip
                        category = category.expand_as(other)
                        found.index_put_((category, other), sign, accumulate=True)
                        found.index_put_((other, category), sign, accumulate=True)
                    places[i, block], places[j, block] = b[:, 0], a[:, 0]


class PointNetwork(nn.Module):
    """The network that gives the probabilities of categories at the points.

    Parameters
    ----------
    n_points, latent_dim : int
    hidden : sequence of int
        Widths of the hidden layers.
    widths : sequence of int
        Of the blocks.

    Attributes
    ----------
    start : Tensor of shape (width,)
        What is added to all logits.
    kernel : Tensor of shape (width, width)
        By what the weights of the last layer are multiplied: categories that it relates learn together. By
        default the identity.
    """

    points: Tensor
    owner: Tensor
    start: Tensor
    kernel: Tensor

    def __init__(self, n_points: int, latent_dim: int, hidden: tuple[int, ...], widths: list[int]) -> None:
        super().__init__()
        self.register_buffer("points", torch.randn(n_points, latent_dim))
        self.network = hidden_layers([latent_dim, *hidden], nn.ReLU())
        self.out = nn.Linear(hidden[-1], sum(widths))
        owner = torch.repeat_interleave(torch.arange(len(widths)), torch.tensor(widths))
        self.register_buffer("owner", nn.functional.one_hot(owner, len(widths)).float())
        self.register_buffer("start", torch.zeros(len(owner)))
        self.register_buffer("kernel", torch.eye(len(owner)))

    def logits(self) -> Tensor:
        """Logarithms of shares, but for a constant a block: shape (n_points, width)."""
        weight, bias = self.kernel @ self.out.weight, self.start + self.kernel @ self.out.bias
        logits = nn.functional.linear(self.network(self.points), weight, bias)
        return logits.clamp(-LARGEST, LARGEST)

    def forward(self) -> Tensor:
        """Give the shares, shape (n_points, width): those of each block add up to 1."""
        odds = torch.exp(self.logits())
        return odds / ((odds @ self.owner) @ self.owner.T)
