"""Rows drawn from forests, column by column: a teacher for tables of few rows.

Each block is drawn from a random training row in the leaf of a random tree (sequential trees: Reiter 2005,
*Using CART to generate partially synthetic public use microdata*), in several random orders of the columns.
It remembers its rows: it is for training networks, and no part of a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from tabgan.layout import Block
from tabgan.trees.atoms import Atoms, Intervals
from tabgan.trees.conditional import Codes, ConditionalTree, Leaves
from tabgan.trees.predictors import by_column, predictors_of

PREDICTORS = 30  # of a block at most


class Members(NamedTuple):
    """A tree and the codes of the training rows in its leaves, leaf after leaf."""

    tree: ConditionalTree
    values: Codes
    stop: Leaves


class ConditionalForest:
    """Learns a table and draws rows from it.

    Parameters
    ----------
    min_leaf : int, default=5
        Rows in a leaf, at least: fewer are nearer to the training rows.
    n_orders : int, default=10
        Random orders of the columns, each of which gives as many rows.
    n_trees : int, default=10
        Trees for each block in each order, grown on bootstrap samples.

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

    def __init__(self, min_leaf: int = 5, n_orders: int = 10, n_trees: int = 10) -> None:
        self.min_leaf, self.n_orders, self.n_trees = min_leaf, n_orders, n_trees

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
        chosen = predictors_of(real, self.blocks, PREDICTORS, rng)
        columns = by_column(self.blocks)
        self.rooms = [self._room(real[:, place], place) for place in range(len(self.blocks))]
        self.orders: list[dict[int, list[Members]]] = []  # of each, the trees of each place
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

    def _grow(
        self, real: Codes, place: int, before: Sequence[int], rng: np.random.Generator
    ) -> list[Members]:
        """Grow the trees of a block, of rows in which it counts, or of all if there is none."""
        rows = self.atoms.rows(real, place)
        numbers = np.arange(len(real))[rows]
        if not len(numbers):
            numbers = np.arange(len(real))
        trees = []
        for _ in range(self.n_trees if before else 1):
            tree = ConditionalTree()
            bag = rng.choice(numbers, len(numbers))
            tree.fit(real, place, before, self.blocks, self.min_leaf, None, rng, bag)
            leaves = tree.leaves(real, numbers)
            order = np.argsort(leaves, kind="stable")
            stop = np.cumsum(np.bincount(leaves, minlength=tree.n_leaves))
            trees.append(Members(tree, real[numbers[order], place], stop))
        return trees

    def _draw(self, codes: Codes, place: int, trees: Sequence[Members], rng: np.random.Generator) -> None:
        """Draw one block of rows in place, after those before it."""
        counts = np.arange(len(codes))[self.atoms.rows(codes, place)]
        of_tree = rng.integers(len(trees), size=len(counts))
        for k, (tree, values, stop) in enumerate(trees):
            rows = counts[of_tree == k]
            leaves = tree.leaves(codes, rows)
            start = np.append(0, stop)[leaves]
            drawn = values[rng.integers(start, stop[leaves])]
            if self.blocks[place].kind == "scalar":
                distinct, low, high = self.rooms[place]
                at = np.searchsorted(distinct, drawn)
                drawn = low[at] + rng.random(len(at), dtype=np.float32) * (high[at] - low[at])
            codes[rows, place] = drawn

    def _room(self, values: Codes, place: int) -> tuple[Codes, Codes, Codes]:
        """Give distinct numbers and how far each may move: half way to the next ones, unless it repeats."""
        distinct, counts = np.unique(values, return_counts=True)
        first, last = self.atoms.edges(distinct, place)
        low, high = distinct.copy(), distinct.copy()
        low[1:] = (distinct[1:] + last[:-1]) / 2
        high[:-1] = (distinct[:-1] + first[1:]) / 2
        stays = (counts > 1) | (first < last)
        return distinct, np.where(stays, distinct, low), np.where(stays, distinct, high)
