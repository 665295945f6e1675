"""Blocks redrawn given all others: a known joint distribution stays, also of rows under a condition."""

import numpy as np
import pytest
from scipy import stats

from tabgan.layout import Layout
from tabgan.trees.atoms import Atoms
from tabgan.trees.conditionals import Conditionals

LAYOUT = Layout.from_columns(
    [("class", [("onehot", 3)]), ("x", [("scalar", 1)]), ("y", [("onehot", 2), ("scalar", 1)])]
)
INTERVALS = [None, None, np.zeros((0, 2), dtype=np.float32), np.zeros((0, 2), dtype=np.float32)]
SHARES = [0.6, 0.38, 0.02]


def rows(n, seed):
    """X hangs on the class; y is missing by the class, and else near x."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, n, p=SHARES)
    x = np.clip((group - 1) * 0.5 + 0.25 * rng.normal(size=n), -1, 1)
    missing = rng.random(n) < 0.2 + 0.2 * group
    y = np.where(missing, 0, np.clip(x + 0.3 * rng.normal(size=n), -1, 1))
    return np.column_stack([group, x, missing, y]).astype(np.float32)


@pytest.fixture(scope="module")
def conditionals():
    fitted = Conditionals(LAYOUT)
    fitted.atoms = Atoms(list(LAYOUT), INTERVALS)
    fitted.fit(rows(8000, 0), lambda n, seed: rows(n, seed), np.random.SeedSequence(1))
    return fitted


def swept(conditionals, codes, n_sweeps=2, free=None, accept=None):
    free = np.ones(codes.shape, dtype=bool) if free is None else free
    return conditionals.sweep(codes, free, np.random.default_rng(3), n_sweeps, accept)


def test_the_joint_distribution_stays(conditionals):
    """8,000 rows; a two-sample distance of 0.03 has p = 0.001, and trees of 20 rows a leaf add as much."""
    made, real = swept(conditionals, rows(8000, 2)), rows(8000, 4)
    assert np.abs(np.bincount(made[:, 0].astype(int)) / 8000 - SHARES).max() < 0.03
    for group in (0, 1):
        one, other = (codes[codes[:, 0] == group] for codes in (made, real))
        assert stats.ks_2samp(one[:, 1], other[:, 1]).statistic < 0.06
        assert abs(one[:, 2].mean() - other[:, 2].mean()) < 0.04
    present = made[made[:, 2] == 0]
    assert np.corrcoef(present[:, 1], present[:, 3])[0, 1] > 0.5
    assert (made[made[:, 2] == 1, 3] == 0).all()  # a number that is missing stands for nothing


def test_blocks_that_are_held_stay_and_the_others_follow(conditionals):
    """The class has 160 of the rows that trees grew on, so that its shares have a standard error of 0.04."""
    codes = rows(4000, 5)
    codes[:, 0] = 2  # whatever they were
    free = np.ones(codes.shape, dtype=bool)
    free[:, 0] = False
    made = swept(conditionals, codes, 10, free)
    real = rows(200_000, 6)
    real = real[real[:, 0] == 2]
    assert (made[:, 0] == 2).all()
    assert abs(made[:, 1].mean() - real[:, 1].mean()) < 0.08
    assert abs(made[:, 2].mean() - 0.6) < 0.12


def test_what_is_not_accepted_stays_as_it_was(conditionals):
    codes = rows(4000, 7)
    codes = codes[codes[:, 1] > 0.3]
    made = swept(conditionals, codes, accept=lambda rows, place: rows[:, 1] > 0.3)
    assert (made[:, 1] > 0.3).all()
    assert (made[:, 1] != codes[:, 1]).mean() > 0.5


def test_it_comes_back_from_its_state(conditionals):
    again = Conditionals(LAYOUT)
    again.set_state(conditionals.get_state())
    codes = rows(500, 8)
    assert np.array_equal(swept(again, codes), swept(conditionals, codes))
    assert np.array_equal(again.swept_log_weight(codes), conditionals.swept_log_weight(codes))
    assert not Conditionals(LAYOUT).is_fitted
    assert Conditionals(LAYOUT).get_state() == {}
