"""Rows drawn from forests, column by column: a teacher for tables of few rows.

Each block is drawn in the leaf of a random tree (sequential trees: Reiter 2005, *Using CART to generate
partially synthetic public use microdata*), in several random orders of the columns. A number is that of a
group of training rows, see `pieces`, and moves along the slopes within leaves, so that large leaves, which
remember less of single rows, lose little (linear leaves: Quinlan 1992, *Learning with continuous classes*).
A number that many rows hold, such as zero, stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from tabgan.layout import Block
from tabgan.trees.atoms import Atoms, Intervals
from tabgan.trees.conditional import Codes, ConditionalTree, Floats, Leaves
from tabgan.trees.leaf_maps import LeafMap, RankMap, ShareMap
from tabgan.trees.pieces import LEAST_GROUP
from tabgan.trees.predictors import by_column, predictors_of

PREDICTORS = 30  # of a block at most
RIDGE, LEAST = 0.1, 1e-4  # penalty on slopes: relative to the squares that they are fitted to, and a row
PRIOR = 100  # rows of pooled slopes beside those of a leaf
SPIKE = 0.2  # of the rows, from which on a number stays as it is, by default


class Slopes(NamedTuple):
    """How a number follows others within a leaf."""

    places: Leaves  # of the others
    means: Floats  # their means in each leaf, shape (n_leaves, len(places))
    slopes: Floats

    def shift(self, codes: Codes, rows: Leaves, leaves: Leaves) -> Floats:
        """Give how far numbers are from those at the means of their leaves, shape (len(rows),)."""
        deviations = codes[np.ix_(rows, self.places)] - self.means[leaves]
        return np.asarray((deviations * self.slopes[leaves]).sum(axis=1))


class Grown(NamedTuple):
    """A tree, the distributions in its leaves, and the slopes there."""

    tree: ConditionalTree
    leaf_map: LeafMap
    slopes: Slopes | None


class ConditionalForest:
    """Learns a table and draws rows from it.

    Parameters
    ----------
    min_leaf : int, default=15
        Rows in a leaf, at least: fewer are nearer to the training rows.
    n_orders : int, default=10
        Random orders of the columns, each of which gives as many rows.
    n_trees : int, default=10
        Trees for each block in each order, grown on bootstrap samples.
    spike : float, default=SPIKE
        Share of the rows, but five of them, from which on a number stays as it is.

    Examples
    --------
    >>> from tabgan.layout import Layout
    >>> layout = Layout.from_columns([("x", [("scalar", 1)]), ("z", [("onehot", 2)])])
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, 500)
    >>> codes = np.column_stack([x, x > 0]).astype(np.float32)
    >>> drawn = ConditionalForest().fit(codes, layout, rng).sample(1000, rng)
    >>> bool(((drawn[:, 0] > 0) == drawn[:, 1]).mean() > 0.95)
    True
    """

    def __init__(
        self, min_leaf: int = 15, n_orders: int = 10, n_trees: int = 10, spike: float = SPIKE
    ) -> None:
        self.min_leaf, self.n_orders, self.n_trees, self.spike = min_leaf, n_orders, n_trees, spike

    def fit(
        self, codes: Codes, blocks: Sequence[Block], rng: np.random.Generator, intervals: Intervals = ()
    ) -> ConditionalForest:
        """Grow the trees.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
            At least one row.
        blocks : sequence of Block
        rng : numpy.random.Generator
        intervals : sequence of (ndarray of shape (k, 2) or None), optional
            Which codes of each block stand for one value, see `Atoms`.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there is no row.
        """
        if not len(codes):
            raise ValueError("a forest needs at least one row to learn from, got none")
        self.blocks, self.atoms = list(blocks), Atoms(blocks, intervals)
        real = np.asfortranarray(self.atoms.settle(codes))
        self.spikes = [_spikes(values, self.spike) for values in real.T]
        for place, spikes in enumerate(self.spikes):
            rows = self.atoms.rows(real, place)
            values = real[rows, place]
            real[rows, place] = np.where(np.isin(values, spikes), values, codes[rows, place])
        chosen = predictors_of(real, self.blocks, PREDICTORS, rng)
        columns = by_column(self.blocks)
        self.zones = [self._zones(real[:, place], place) for place in range(len(self.blocks))]
        self.orders: list[dict[int, list[Grown]]] = []  # of each, the trees of each place
        for _ in range(self.n_orders):
            order = list(chain(*(columns[k] for k in rng.permutation(len(columns)))))
            trees = {
                place: self._grow(real, place, chosen(place, order[:k]), rng) for k, place in enumerate(order)
            }
            self.orders.append(trees)
        return self

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """Draw n rows: codes of shape (n, n_blocks), a repeated number anywhere in its interval."""
        rows = np.zeros((n, len(self.blocks)), dtype=np.float32, order="F")
        chosen = rng.integers(len(self.orders), size=n)
        for k, places in enumerate(self.orders):
            part = np.asfortranarray(rows[chosen == k])
            for place, trees in places.items():
                self._draw(part, place, trees, rng)
            rows[chosen == k] = part
        return self.atoms.spread(np.ascontiguousarray(rows), rng)

    def _grow(self, real: Codes, place: int, before: Sequence[int], rng: np.random.Generator) -> list[Grown]:
        """Grow the trees of a block, of rows in which it counts, or of all if there is none."""
        numbers = np.arange(len(real))[self.atoms.rows(real, place)]
        if not len(numbers):
            numbers = np.arange(len(real))
        values, grown = real[numbers, place], []
        is_spike = np.isin(values, self.spikes[place])
        for _ in range(self.n_trees if before else 1):
            bag = rng.choice(numbers, len(numbers))
            tree = ConditionalTree().fit(real, place, before, self.blocks, self.min_leaf, None, rng, bag)
            leaves = tree.leaves(real, numbers)
            if self.blocks[place].kind == "onehot":
                grown.append(Grown(tree, ShareMap.of_shares(tree.n_leaves, (leaves, values)), None))
                continue
            slopes = self._slopes(real, numbers, place, before, leaves)
            level = values
            if slopes is not None:
                level = values - slopes.shift(real, numbers, leaves).astype(np.float32)
                level = np.where(is_spike, values, level)
            grown.append(Grown(tree, RankMap.of_levels(tree, (leaves, level), is_spike), slopes))
        return grown

    def _slopes(
        self, real: Codes, numbers: Leaves, place: int, before: Sequence[int], leaves: Leaves
    ) -> Slopes | None:
        """Fit deviations from the means of leaves by those of the scalars before; None if there are none.

        The slopes of a leaf are drawn to those of all leaves together.
        """
        places = np.array([other for other in before if self.blocks[other].kind == "scalar"], dtype=np.intp)
        if not len(places):
            return None
        n_rows = np.maximum(np.bincount(leaves), 1)
        all_values = real[np.ix_(numbers, np.append(places, place))].astype(np.float64)
        means = np.column_stack([np.bincount(leaves, values) / n_rows for values in all_values.T])
        deviations = all_values - means[leaves]
        others, own = deviations[:, :-1], deviations[:, -1]
        squares, products = others.T @ others, others.T @ own
        penalty = np.diag(RIDGE * np.diag(squares) + LEAST * len(numbers))
        pooled = np.linalg.solve(squares + penalty, products)
        prior = (squares + penalty) * PRIOR / len(numbers)
        order = np.argsort(leaves, kind="stable")
        start = np.cumsum(n_rows) - n_rows
        outer = others[order][:, :, None] * others[order][:, None, :]
        of_leaf = np.add.reduceat(outer, start) + prior
        to_own = np.add.reduceat(others[order] * own[order][:, None], start) + prior @ pooled
        return Slopes(places, means[:, :-1], np.linalg.solve(of_leaf, to_own[:, :, None])[:, :, 0])

    def _draw(self, codes: Codes, place: int, trees: Sequence[Grown], rng: np.random.Generator) -> None:
        """Draw one block of rows in place, after those before it."""
        counts = np.arange(len(codes))[self.atoms.rows(codes, place)]
        of_tree = rng.integers(len(trees), size=len(counts))
        uniform = rng.random(len(counts), dtype=np.float32)
        for k, (tree, leaf_map, slopes) in enumerate(trees):
            rows, part = counts[of_tree == k], uniform[of_tree == k]
            leaves = tree.leaves(codes, rows)
            drawn = leaf_map.apply(leaves, 2 * part - 1, part)
            if slopes is not None:
                moved = _reflected(drawn + slopes.shift(codes, rows, leaves)).astype(np.float32)
                drawn = np.where(np.isin(drawn, self.spikes[place]), drawn, moved)
            if self.blocks[place].kind == "scalar":
                drawn = self._apart(drawn, place, rng)
            codes[rows, place] = self.atoms.settle_block(drawn, place)

    def _zones(self, values: Codes, place: int) -> Codes:
        """Give where numbers lie that are no spikes, shape (k, 2): between these."""
        first, last = self.atoms.edges(self.spikes[place], place)
        zones = np.column_stack([np.append(np.float32(-1), last), np.append(first, np.float32(1))])
        others = values[~np.isin(values, self.spikes[place])]
        return zones[np.unique(np.searchsorted(last, others))]

    def _apart(self, drawn: Codes, place: int, rng: np.random.Generator) -> Codes:
        """Move numbers that came out within the interval of a spike into the nearest zone of others."""
        zones = self.zones[place]
        if not len(zones) or not len(self.spikes[place]):
            return drawn
        after = np.searchsorted(zones[:, 1], drawn).clip(0, len(zones) - 1)
        before = np.maximum(after - 1, 0)
        is_nearer = drawn - zones[before, 1] < zones[after, 0] - drawn
        low, high = zones[np.where(is_nearer, before, after)].T
        strays = ((drawn < low) | (drawn > high)) & ~np.isin(drawn, self.spikes[place])
        moved = low + rng.random(len(drawn), dtype=np.float32) * (high - low)
        return np.where(strays, moved, drawn)


def _spikes(values: Codes, share: float) -> Codes:
    """Give the codes that so many rows have that they are no part of a continuous distribution."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[counts >= max(LEAST_GROUP, share * len(values))]


def _reflected(values: Floats) -> Floats:
    """Fold numbers beyond -1 or 1 back, so that none of them pile up there."""
    folded = np.where(values > 1, 2 - values, np.where(values < -1, -2 - values, values))
    return np.asarray(folded.clip(-1, 1))
