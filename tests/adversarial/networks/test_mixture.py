"""Rows of a mixture of products: their distribution is exact, and they differ little from it."""

import numpy as np
import pytest
import torch

from tabgan.adversarial.networks import mixture
from tabgan.adversarial.networks.heads import Heads
from tabgan.adversarial.networks.mixture import MixtureGenerator
from tabgan.layout import Block

BLOCKS = (
    Block("a", "onehot", 0, 3),
    Block("b", "onehot", 3, 4),
    Block("b", "scalar", 4, 5),
    Block("c", "onehot", 5, 25),
)
N_POINTS = 40


@pytest.fixture(scope="module")
def generator():
    generator = MixtureGenerator(N_POINTS, Heads(BLOCKS, np.zeros(25, dtype=np.float32)))
    logits = 3 * torch.randn(N_POINTS, 24, generator=torch.Generator().manual_seed(0))
    logits[:, :4] = logits[:, :4].sort(1).values  # the blocks are not independent
    generator.logits.copy_(logits)
    return generator


def drawn(generator, n, seed):
    rng = torch.Generator().manual_seed(seed)
    rows, log_weight = generator(
        torch.randn(n, 1, generator=rng), torch.rand(n, generator.noise_width, generator=rng)
    )
    assert (log_weight == 0).all()
    assert rows.shape == (n, 25)
    return rows[:, [k for k in range(25) if k != 4]].double()


def expected(generator):
    """Give the expected table of all pairs of categories, in the order of the layout."""
    flat = torch.cat([block.softmax(-1).flatten(1) for block in generator.heads._blocks(generator.logits)], 1)
    of_layout = (
        flat.new_zeros(N_POINTS, 25).index_copy_(1, generator.heads.order.argsort()[:24], flat).double()
    )
    of_layout = of_layout[:, [k for k in range(25) if k != 4]]
    return of_layout, of_layout.T @ of_layout / N_POINTS


@pytest.mark.parametrize(("n", "times"), [(1000, 20), (50, 400), (1, 1000)])
def test_each_row_has_the_distribution_of_the_mixture(generator, n, times):
    _, table = expected(generator)
    counts = torch.zeros(24, 24, dtype=torch.float64)
    for seed in range(times):
        rows = drawn(generator, n, seed)
        counts += rows.T @ rows
    pairs = np.s_[:4, 4:]
    z = (counts - n * times * table)[pairs] / (n * times * table[pairs]).clamp_min(1).sqrt()
    assert z.abs().max() < 5  # 80 pairs; systematic samples vary less


def test_rows_drawn_together_differ_less_from_the_mixture_than_independent_ones(generator):
    of_point, _ = expected(generator)
    share = of_point.mean(0)
    n = 2000
    errors = torch.stack([drawn(generator, n, seed).mean(0) - share for seed in range(20)])
    independent = (share * (1 - share) / n).sqrt()
    assert (errors.square().mean(0).sqrt() < 0.5 * independent + 1e-4).all()


def test_exchanges_at_a_point_bring_pairs_nearer_and_leave_single_columns_alone(generator, monkeypatch):
    _, table = expected(generator)
    n = 4000
    balanced = torch.stack([drawn(generator, n, seed) for seed in range(5)])
    monkeypatch.setattr(mixture, "MOST_BLOCKS", 0)
    as_drawn = torch.stack([drawn(generator, n, seed) for seed in range(5)])
    assert torch.equal(balanced.sum(1), as_drawn.sum(1))
    off = [(rows.mT @ rows / n - table)[:, :4, 4:].square().mean().sqrt() for rows in (balanced, as_drawn)]
    assert off[0] < 0.7 * off[1]


def test_a_kernel_lets_categories_learn_together():
    torch.manual_seed(0)
    network = mixture.PointNetwork(50, 4, (8,), [3, 2])
    network.start.copy_(torch.arange(5.0))
    network.kernel[:2, :2] = 0.5  # of the first two categories
    with torch.no_grad():
        above_start = network.logits() - network.start
        shares = network()
    torch.testing.assert_close(above_start[:, 0], above_start[:, 1])
    assert (above_start[:, 1] - above_start[:, 2]).abs().max() > 0.01
    torch.testing.assert_close(shares[:, :3].sum(1), torch.ones(50))
