"""Networks of more categories draw what the smaller ones drew, where nothing else is asked of them."""

import numpy as np
import pytest
import torch

from tabgan.adversarial.networks import MLP
from tabgan.adversarial.networks.building import build_networks
from tabgan.adversarial.networks.growing import grow_critic, grow_generator
from tabgan.layout import Layout

BEFORE = Layout.from_columns([("c", [("onehot", 3)]), ("x", [("scalar", 1)]), ("d", [("onehot", 2)])])
AFTER = Layout.from_columns([("c", [("onehot", 3)]), ("x", [("scalar", 1)]), ("d", [("onehot", 4)])])
MOVES = [np.arange(3), np.arange(1), np.array([2, 0])]  # d's two categories are the third and the first now


@pytest.mark.parametrize("backbone", [MLP((16,), (16,)), MLP((16,), (16,), two_stage=False, batch_norm=True)])
def test_old_categories_are_drawn_as_before(backbone):
    torch.manual_seed(0)
    old, old_critic = build_networks(backbone, tuple(BEFORE), np.full(BEFORE.width, 0.4, dtype=np.float32))
    new, new_critic = build_networks(backbone, tuple(AFTER), np.full(AFTER.width, 0.4, dtype=np.float32))
    grow_generator(old.eval(), new.eval(), MOVES, tuple(BEFORE), tuple(AFTER))
    grow_critic(old_critic, new_critic, MOVES, tuple(BEFORE), tuple(AFTER))
    latent, noise = torch.randn(50, backbone.latent_dim), torch.rand(50, 7)
    allowed = new.heads.allowed([np.ones(3, bool), np.ones(1, bool), np.array([True, False, True, False])])
    # nominal noise stands block by block, by width: d then c before, c then d after
    of_c, of_d = noise[:, :3], noise[:, 3:]
    with torch.no_grad():
        rows = old(latent, torch.cat([of_d[:, [2, 0]], of_c], 1))[0]
        grown = new(latent, noise, allowed)[0]
        expected = torch.zeros(50, 8)
        expected[:, [0, 1, 2, 3, 6, 4]] = rows
        torch.testing.assert_close(grown, expected)
        torch.testing.assert_close(new_critic(expected), old_critic(rows))
