"""Heads: valid rows in the order of the layout, shares as given, gradients through the draw."""

import numpy as np
import torch

from tabgan.adversarial.networks.heads import Heads
from tabgan.layout import Layout

LAYOUT = Layout.from_columns(
    [
        ("a", [("onehot", 3)]),
        ("b", [("scalar", 1)]),
        ("c", [("onehot", 2), ("scalar", 1)]),
        ("d", [("onehot", 3)]),
    ]
)
SHARES = np.array([0.98, 0.015, 0.005, 0, 0.7, 0.3, 0, 0.2, 0.5, 0.3], np.float32)


def heads(noise=1.0):
    return Heads(tuple(LAYOUT), SHARES, noise=noise)


def draw(heads, raw, allowed=None, seed=0):
    noise = torch.rand(len(raw), heads.nominal_width, generator=torch.Generator().manual_seed(seed))
    return heads(raw, noise, allowed)


def test_rows_are_valid_and_in_order():
    rows, log_weight = draw(heads(), 3 * torch.randn(500, 10))
    assert not log_weight.any()
    assert rows.shape == (500, LAYOUT.width)
    for block in LAYOUT:
        part = rows[:, block.start : block.stop]
        if block.kind == "onehot":
            assert ((part > 0.999) | (part < 0.001)).all()
            assert torch.allclose(part.sum(1), torch.ones(500))
        else:
            assert (part.abs() <= 1).all()


def test_an_untrained_generator_has_the_given_shares():
    shares = draw(heads(), torch.zeros(200_000, 10))[0].mean(0).numpy()
    onehot = np.r_[0:3, 4:6, 7:10]
    # Binomial error is at most 0.0011 here; four of them fail less than once in ten thousand runs.
    assert np.abs(shares - SHARES)[onehot].max() < 0.0045


def test_gradients_pass_through_the_draw():
    raw = torch.zeros(64, 10, requires_grad=True)
    draw(heads(noise=0.3), raw)[0][:, [0, 3, 4]].sum().backward()
    touched = raw.grad.abs().sum(0) > 0
    assert touched.sum() >= 6  # both blocks that were asked, and the scalar


def test_blocks_of_one_kind_alone():
    only_scalars = Layout.from_columns([("x", [("scalar", 1)])])
    assert draw(Heads(tuple(only_scalars), np.zeros(1)), torch.randn(5, 1))[0].shape == (5, 1)
    only_names = Layout.from_columns([("x", [("onehot", 4)])])
    assert draw(Heads(tuple(only_names), np.full(4, 0.25)), torch.randn(5, 4))[0].sum().item() == 5


def test_only_allowed_categories_are_drawn_and_the_weight_is_their_share():
    """Two blocks, of which the first may have two of three categories and the last one of three."""
    by_block = [np.ones(block.width, dtype=bool) for block in LAYOUT]
    by_block[0][0] = False  # 0.98 of the rows
    by_block[-1][:] = [False, True, False]
    raw = torch.randn(100_000, 10, generator=torch.Generator().manual_seed(1))
    layer = heads()
    free, _ = draw(layer, raw, seed=2)
    rows, log_weight = draw(layer, raw, layer.allowed(by_block))
    assert not rows[:, [0, 7, 9]].any()
    assert rows[:, 8].all()
    kept = (free[:, 0] == 0) & (free[:, 8] == 1)
    # a share of about 0.02 of 100,000 rows: four standard errors are 0.0018
    assert abs(log_weight.exp().mean() - kept.float().mean()) < 0.0018
    share = (rows[:, 1] * log_weight.exp()).sum() / log_weight.exp().sum()
    assert abs(share - free[kept][:, 1].mean()) < 4 * 0.43 / kept.sum().sqrt()
