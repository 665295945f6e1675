"""Trees of conditional distributions: they split where it pays, and nowhere else."""

from itertools import pairwise

import numpy as np
import pytest

from tabgan.layout import Layout
from tabgan.trees.conditional import ConditionalTree

LAYOUT = tuple(Layout.from_columns([("x", [("scalar", 1)]), ("z", [("onehot", 6)]), ("y", [("scalar", 1)])]))
MEANS = np.array([0.5, -0.5, 0.5, -0.5, 0.5, -0.5])  # of y, for each category of z


def rows(n=6000, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.integers(0, 6, n)
    return np.column_stack([rng.uniform(-1, 1, n), z, rng.normal(MEANS[z], 0.1)]).astype(np.float32)


def grow(codes, target, predictors, min_gain=2.0, seed=0):
    tree = ConditionalTree()
    return tree.fit(codes, target, predictors, LAYOUT, 20, min_gain, np.random.default_rng(seed))


def test_categories_that_differ_are_told_apart_by_few_leaves():
    codes = rows()
    tree = grow(codes, 2, [0, 1])
    leaves = tree.leaves(codes)
    means = np.bincount(leaves, codes[:, 2]) / np.bincount(leaves)
    # the mean of a leaf of 20 rows, one half of which were grown on, has a standard error of 0.1 / sqrt(20)
    assert np.abs(means[leaves] - MEANS[codes[:, 1].astype(int)]).max() < 5 * 0.1 / np.sqrt(20)
    assert tree.n_leaves <= 4  # two are needed


def test_a_category_is_predicted_too():
    codes = rows()
    leaves = grow(codes, 1, [0, 2]).leaves(codes)
    odd = np.bincount(leaves, codes[:, 1] % 2) / np.bincount(leaves)
    assert ((odd < 0.01) | (odd > 0.99)).all()


def test_neighbouring_days_stay_together_where_the_days_that_matter_change_from_month_to_month():
    """No one order of the 30 days fits both months: the means of the two halves of a month are opposite."""
    layout = tuple(
        Layout.from_columns([("m", [("onehot", 2)]), ("d", [("onehot", 30)]), ("y", [("scalar", 1)])])
    )
    rng = np.random.default_rng(0)
    month, day = rng.integers(0, 2, 6000), rng.integers(0, 30, 6000)
    mean = 0.5 * np.where((day < 15) == (month == 0), 1, -1)
    codes = np.column_stack([month, day, rng.normal(mean, 0.1)]).astype(np.float32)
    tree = ConditionalTree().fit(codes, 2, [0, 1], layout, 20, 2.0, np.random.default_rng(0))
    leaves = tree.leaves(codes)
    spread = np.sqrt(np.bincount(leaves, (codes[:, 2] - mean) ** 2) / np.bincount(leaves))
    assert spread.max() < 0.2  # one standard deviation; twice ten where two days are mixed
    assert tree.n_leaves <= 20  # four are needed; days that are ordered by their mean alone need sixty
    back = ConditionalTree.from_state(tree.get_state())
    assert np.array_equal(back.leaves(codes), leaves)
    days = ConditionalTree().fit(codes, 1, [0, 2], layout, 20, 2.0, np.random.default_rng(0))
    assert days.n_leaves >= 4  # the days themselves are told apart by month and number


def test_independent_blocks_are_not_split():
    """At most one of ten trees may find something in noise, and little: each split must pay on fresh rows."""
    n_leaves = [grow(rows(seed=seed), 0, [1, 2], seed=seed).n_leaves for seed in range(10)]
    assert sum(n > 1 for n in n_leaves) <= 1
    assert max(n_leaves) <= 3


def test_unpruned_leaves_have_at_least_the_rows_they_should():
    codes = rows(1000)
    counts = np.bincount(grow(codes, 2, [0, 1], min_gain=None).leaves(codes))
    assert counts.min() >= 20
    assert len(counts) > 20


@pytest.mark.parametrize("target", [1, 2])
def test_a_tree_comes_back_from_its_state(target):
    codes = rows()
    tree = grow(codes, target, [0, 3 - target])
    again = ConditionalTree.from_state(tree.get_state())
    assert tree.n_leaves > 1
    assert np.array_equal(again.leaves(codes), tree.leaves(codes))


def test_the_leaves_under_the_nodes_above_a_leaf():
    tree = grow(rows(), 2, [0, 1], min_gain=None)
    for leaf, spans in enumerate(tree.spans(np.arange(tree.n_leaves))):
        assert spans[0] == (leaf, leaf + 1)
        assert spans[-1] == (0, tree.n_leaves)
        assert all(a[0] >= b[0] and a[1] <= b[1] and a != b for a, b in pairwise(spans))
