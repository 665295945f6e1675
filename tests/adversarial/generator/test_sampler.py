"""Stages behind the generator: what little training left undone, trees put right, under conditions too."""

import numpy as np
import pytest

from tabgan.adversarial.generator.conditional import rows_given
from tabgan.adversarial.generator.sampler import STAGES, Condition, Sampler
from tests.adversarial.training.test_fit import SHARES, fit, share_that_agrees, shares_of

pytestmark = pytest.mark.slow  # trains networks


@pytest.fixture(scope="module")
def sampler():
    return fit(max_steps=30, refine=True).sampler


def test_after_a_short_training_trees_put_dependence_right(sampler):
    codes = sampler.rows(10_000, np.random.SeedSequence(1))
    assert np.abs(shares_of(codes) - SHARES).max() < 0.04  # four standard errors of 3,000 and 10,000 rows
    assert share_that_agrees(codes) > 0.97
    assert np.abs(np.quantile(codes[:, 0], [0.1, 0.5, 0.95]) - [-0.889, -0.444, 0.667]).max() < 0.08


def test_rows_under_a_rare_condition_have_the_conditional_distribution(sampler):
    rare = Condition(lambda codes: codes[:, 1] == 2, [np.array([True]), np.array([False, False, True])])
    codes, n_drawn = rows_given(sampler, 2000, rare, np.random.SeedSequence(2))
    assert len(codes) == 2000
    assert (codes[:, 1] == 2).all()
    assert n_drawn >= 2000
    # x is uniform between 1/3 and 1
    assert (codes[:, 0] > 0.3).mean() > 0.97
    assert abs(codes[:, 0].mean() - 2 / 3) < 0.05


def test_stages_come_back_from_their_state(sampler):
    again = Sampler(sampler.generator, sampler.latent_dim, sampler.blocks, sampler.device, "float32")
    state = sampler.get_state()
    again.set_state(state)
    seed = np.random.SeedSequence(3)
    assert np.array_equal(again.rows(3000, seed), sampler.rows(3000, np.random.SeedSequence(3)))
    assert {key.partition(".")[0] for key in state} == {*STAGES[True], "generator"}


def test_without_a_step_trees_alone_draw_the_table():
    learned = fit(max_steps=0, refine=True)
    codes = learned.sampler.rows(5000, np.random.SeedSequence(1))
    assert learned.stop_reason == "no steps were asked for: samples are random rows that trees move"
    assert share_that_agrees(codes) > 0.95
    assert "no steps" in fit(max_time=0, max_steps=None).stop_reason
