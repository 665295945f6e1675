"""PairFidelity: 1 for rows of the same distribution, lower for lost dependence and for collapsed rows."""

import numpy as np
import pytest

from tabgan.adversarial.training.fidelity import PairFidelity
from tabgan.layout import Layout

LAYOUT = tuple(Layout.from_columns([("x", [("scalar", 1)]), ("y", [("scalar", 1)]), ("z", [("onehot", 2)])]))


def rows(n, seed, dependence=1.0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    y = np.where(rng.random(n) < dependence, np.abs(x) * 2 - 1, rng.uniform(-1, 1, n))
    z = x > 0.2
    return np.column_stack([x, y, z]).astype(np.float32)


@pytest.fixture(scope="module")
def fidelity():
    return PairFidelity(rows(2000, 0), LAYOUT, reference=rows(5000, 1))


def test_rows_of_the_same_distribution_reach_the_ceiling(fidelity):
    assert fidelity(rows(2000, 2)) > 0.97


def test_lost_dependence_and_collapse_are_seen(fidelity):
    grades = [fidelity(rows(2000, 3, dependence)) for dependence in (1, 0.7, 0.4, 0)]
    assert grades == sorted(grades, reverse=True)
    assert grades[-1] < 0.85
    assert fidelity(np.repeat(rows(1, 4), 2000, axis=0)) < 0.3


def test_a_very_wide_layout_is_compared_in_part():
    wide = tuple(Layout.from_columns([(k, [("scalar", 1)]) for k in range(3000)]))
    real = np.random.default_rng(0).uniform(-1, 1, (300, 3000)).astype(np.float32)
    found = PairFidelity(real, wide)
    assert len(found.columns) < 200
    assert found(real) == pytest.approx(1)


def test_a_category_that_is_none_is_like_no_other():
    fidelity = PairFidelity(rows(2000, 0), LAYOUT)
    unseen = rows(2000, 0)
    unseen[:, 2] = -1
    assert fidelity(rows(2000, 0)) == pytest.approx(1)
    assert fidelity(unseen) == pytest.approx(1 - 5 / 9 / 2)  # five of nine tables of pairs are empty
