"""Objectives: their value at equilibrium, the sign of their gradients, and their penalties."""

import math

import pytest
import torch
from torch import nn

from tabgan.adversarial.training.losses import OBJECTIVES, Objective, gradient_penalty, zero_centred_penalties

EQUILIBRIUM = {  # of the critic's term and the generator's, where all scores are equal (zero)
    "relativistic": (math.log(2), math.log(2)),
    "non-saturating": (2 * math.log(2), math.log(2)),
    "minimax": (2 * math.log(2), -math.log(2)),
    "wasserstein": (0, 0),
    "unrolled": (2 * math.log(2), math.log(2)),
    "hinge": (2, 0),
}


def test_every_objective_is_covered_here():
    assert set(EQUILIBRIUM) == set(OBJECTIVES)


@pytest.mark.parametrize("name", EQUILIBRIUM)
def test_value_where_real_and_fake_score_the_same(name):
    scores = torch.zeros(8, 1)
    objective = OBJECTIVES[name]
    found = (objective.critic(scores, scores).item(), objective.generator(scores, scores).item())
    assert found == pytest.approx(EQUILIBRIUM[name])


@pytest.mark.parametrize("name", EQUILIBRIUM)
def test_critic_parts_the_scores_and_generator_lifts_its_own(name):
    real, fake = (torch.zeros(8, 1, requires_grad=True) for _ in range(2))
    by_real, by_fake = torch.autograd.grad(OBJECTIVES[name].critic(real, fake), (real, fake))
    assert (by_real < 0).all()
    assert (by_fake > 0).all()
    (by_fake,) = torch.autograd.grad(OBJECTIVES[name].generator(real, fake), fake)
    assert (by_fake < 0).all()


def test_penalties_of_a_linear_critic_are_known():
    critic = nn.Linear(4, 1)
    nn.init.constant_(critic.weight, 2.0)  # the gradient is (2, 2, 2, 2) everywhere: its norm is 4
    real, fake = torch.randn(16, 4), torch.randn(16, 4)
    rng = torch.Generator().manual_seed(0)
    assert gradient_penalty(10.0)(critic, real, fake, rng).item() == pytest.approx(
        10 * (4 - 1) ** 2, rel=1e-5
    )
    assert zero_centred_penalties(0.5)(critic, real, fake, rng).item() == pytest.approx(0.5 * 16)


def test_an_objective_checks_its_numbers():
    term = OBJECTIVES["hinge"].critic
    with pytest.raises(ValueError, match="critic_steps must be at least 1"):
        Objective(term, term, critic_steps=0)
    with pytest.raises(ValueError, match="unrolled_steps must not be negative"):
        Objective(term, term, unrolled_steps=-1)
