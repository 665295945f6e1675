"""Maps within leaves: the real distribution comes out, repeated numbers exactly, single records never."""

import numpy as np
from scipy import stats

from tabgan.layout import Layout
from tabgan.trees.conditional import ConditionalTree
from tabgan.trees.leaf_maps import RankMap, ShareMap
from tabgan.trees.pieces import LEAST_GROUP, pieces

LAYOUT = tuple(Layout.from_columns([("z", [("onehot", 2)]), ("y", [("scalar", 1)])]))


def spiked(n, seed):
    """Half of the numbers are 0.25; the others lie left of it for z = 0, and on both sides for z = 1."""
    rng = np.random.default_rng(seed)
    z = rng.integers(0, 2, n)
    y = np.where(rng.random(n) < 0.5, 0.25, np.where(z == 0, rng.uniform(-1, 0, n), rng.normal(0.2, 0.2, n)))
    return np.column_stack([z, y.clip(-1, 1)]).astype(np.float32)


def a_tree(codes):
    return ConditionalTree().fit(codes, 1, [0], LAYOUT, 20, 0.0, np.random.default_rng(0))


def test_numbers_get_the_real_distribution_of_their_leaf():
    real, fresh = spiked(8000, 0), spiked(8000, 1)
    rng = np.random.default_rng(2)
    drawn = np.column_stack([rng.integers(0, 2, 60_000), rng.normal(0, 0.3, 60_000)]).astype(np.float32)
    tree = a_tree(real)
    pairs = [(tree.leaves(codes), codes[:, 1]) for codes in (real, drawn)]
    rank_map = RankMap.fit(tree, *pairs, real[:, 1] == np.float32(0.25))
    moved = rank_map.apply(*pairs[1], rng.random(60_000, dtype=np.float32))
    for z in (0, 1):
        ours, theirs = moved[drawn[:, 0] == z], fresh[fresh[:, 0] == z, 1]
        # a share of 4,000 real rows has a standard error of 0.008
        assert abs((ours == np.float32(0.25)).mean() - 0.5) < 0.03
        assert stats.ks_2samp(ours, theirs).statistic < 0.04  # 0.001 of fresh pairs exceed 0.044
    order = np.lexsort((drawn[:, 1], pairs[1][0]))
    same = np.diff(pairs[1][0][order]) == 0
    assert (np.diff(moved[order])[same] >= -1e-6).all()  # ranks survive
    again = RankMap(**rank_map.get_state())
    uniform = rng.random(60_000, dtype=np.float32)
    assert np.array_equal(again.apply(*pairs[1], uniform), moved)


def test_no_piece_speaks_of_few_records():
    real = spiked(3000, 0)
    repeated = real[:, 1] == np.float32(0.25)
    tree = ConditionalTree().fit(real, 1, [0, 1], LAYOUT, 20, None, np.random.default_rng(0))
    leaf = tree.leaves(real)
    owner, count, low, high = pieces(tree, leaf, real[:, 1], repeated)
    free = low < high
    assert np.array_equal(np.bincount(owner, count), np.bincount(leaf))
    assert (low[~free] == 0.25).all()
    own = np.bincount(leaf[~repeated], minlength=tree.n_leaves)
    assert (count[free & (own[owner] >= LEAST_GROUP)] >= LEAST_GROUP).all()
    assert not np.isin(np.concatenate([low[free], high[free]]), real[~repeated, 1]).any()


def test_numbers_of_a_poor_leaf_are_those_of_the_node_above():
    """Of the first leaf, 4 numbers do not repeat; they are taken to lie where all 24 do."""
    tree = ConditionalTree()
    tree.feature, tree.right = np.array([0, -1, -1]), np.array([2, 0, 1])
    leaf = np.repeat([0, 0, 1], [30, 4, 20])
    value = np.concatenate([np.full(30, -0.5), np.linspace(0.1, 0.2, 4), np.linspace(0.5, 0.9, 20)])
    owner, count, _, high = pieces(tree, leaf, value.astype(np.float32), value == -0.5)
    first = owner == 0
    assert count[first].tolist() == [30, 1, 1, 1, 1]
    assert high[first].max() > 0.85
    assert np.allclose(count[~first], 5)


def test_categories_get_the_real_shares_of_their_leaf_and_change_only_where_they_must():
    rng = np.random.default_rng(0)
    shares = np.array([[0.7, 0.3, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
    leaves = rng.integers(0, 2, 40_000)
    real = (rng.random(40_000)[:, None] > shares.cumsum(axis=1)[leaves]).sum(axis=1).clip(max=3)
    drawn = rng.integers(0, 4, 100_000)
    of_drawn = rng.integers(0, 2, 100_000)
    share_map = ShareMap.fit(2, (leaves, real.astype(np.float32)), (of_drawn, drawn.astype(np.float32)))
    moved = share_map.apply(of_drawn, drawn.astype(np.float32), rng.random(100_000, dtype=np.float32))
    for leaf in (0, 1):
        result = np.bincount(moved[of_drawn == leaf].astype(int), minlength=4) / (of_drawn == leaf).sum()
        # both shares have a standard error of at most 0.0035
        assert np.abs(result - shares[leaf]).max() < 0.016
        changed = (moved != drawn)[of_drawn == leaf].mean()
        assert abs(changed - np.maximum(shares[leaf] - 0.25, 0).sum()) < 0.016
    again = ShareMap(**share_map.get_state())
    uniform = np.full(100_000, 0.4, dtype=np.float32)
    assert np.array_equal(again.apply(of_drawn, moved, uniform), share_map.apply(of_drawn, moved, uniform))
