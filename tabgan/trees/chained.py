"""Each column given all others, by a forest: holes are filled by drawing from it, column after column.

Multiple imputation by chained equations (van Buuren and Groothuis-Oudshoorn 2011, *mice*) with trees as the
equations (Doove et al. 2014, *Recursive partitioning for missing data imputation*): a hole takes the codes of
a random row in its leaf of a random tree. The rows in a leaf are not those that the tree was grown on
("honest" trees: Athey and Imbens 2016, *Recursive partitioning for heterogeneous causal effects*).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from tabgan.layout import Block
from tabgan.trees.conditional import Codes, Floats, Leaves, rank_categories, responses
from tabgan.trees.predictors import predictors_of

TREES, MIN_LEAF = 10, 3  # of a forest, and rows in a leaf at least
BAG = 4000  # rows that a tree grows on, others each time
PREDICTORS, LOOKED_AT = 30, 0.5  # blocks that a forest uses at most, and the share of them that a split tries
ROUNDS, QUICK_TREES = 2, 3  # over the holes of the table itself, and trees of a forest meanwhile
NEAR_ROWS, NEAREST = 2000, 5  # of the table, of which one of the nearest five begins a chain
PASSES = 5  # over all columns with holes
TIE = 1e-3  # distances, squared, that differ less count as equal
CHUNK = 4096  # rows whose distances are taken at a time

Mask = NDArray[np.bool_]


class Grown(NamedTuple):
    """A tree of scikit-learn, the rows in its leaves, leaf after leaf, and where those of a node begin."""

    tree: DecisionTreeRegressor
    rows: Leaves
    start: Leaves


class Forest(NamedTuple):
    """The trees of one column: places of the blocks that they look at, and what orders their categories."""

    predictors: list[int]
    ranks: dict[int, NDArray[np.float32]]
    trees: list[Grown]


class ChainedForests:
    """Learns each column of a table given all others.

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.
    columns : sequence of sequence of int
        The places of the blocks of each column.
    seed : numpy.random.SeedSequence
        Of trees, which are grown when they are first needed.

    Attributes
    ----------
    table : ndarray of shape (n, n_blocks)
        Codes of the rows, with holes filled.

    Examples
    --------
    >>> from tabgan.layout import Layout
    >>> layout = Layout.from_columns([("x", [("scalar", 1)]), ("z", [("onehot", 2)])])
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, 500)
    >>> codes, full = np.column_stack([x, x > 0]).astype(np.float32), np.zeros((500, 2), dtype=bool)
    >>> forests = ChainedForests(layout, [[0], [1]], np.random.SeedSequence(0)).fit(codes, full)
    >>> forests.draw(np.array([[0.9, 0]], dtype=np.float32), np.array([[False, True]]), rng)[0][0, 0, 1]
    np.float32(1.0)
    """

    def __init__(
        self, blocks: Sequence[Block], columns: Sequence[Sequence[int]], seed: np.random.SeedSequence
    ) -> None:
        self.blocks = list(blocks)
        self.columns = [np.asarray(places, dtype=np.intp) for places in columns]
        self.seed = seed

    def fit(self, codes: Codes, missing: Mask) -> ChainedForests:
        """Take a table, and fill its holes, which have some column full at least.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
            What stands in holes is not looked at.
        missing : ndarray of bool, shape (n, n_columns)
            Where a column has no value.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a column has no value in any row.
        """
        if missing.all(axis=0).any():
            column = int(missing.all(axis=0).argmax())
            raise ValueError(
                f"the column at {column} has no value in any of {len(missing)} rows; leave it out"
            )
        self.table, self.missing = codes.copy(order="F"), missing
        self.forests: dict[int, Forest] = {}
        rng = np.random.default_rng(self.seed)
        self.chosen = predictors_of(self.table, self.blocks, PREDICTORS, rng)
        with_holes = np.flatnonzero(missing.any(axis=0))
        for column in with_holes.tolist():
            holes, places = np.flatnonzero(missing[:, column]), self.columns[column]
            donors = rng.choice(np.flatnonzero(~missing[:, column]), len(holes))
            self.table[np.ix_(holes, places)] = self.table[np.ix_(donors, places)]
        for _ in range(ROUNDS):
            for column in rng.permutation(with_holes).tolist():
                forest = self._grow(column, QUICK_TREES, rng)
                self._redraw(self.table, np.flatnonzero(missing[:, column]), column, forest, rng)
        return self

    def draw(
        self, codes: Codes, missing: Mask, rng: np.random.Generator, copies: int = 1
    ) -> tuple[Codes, Leaves]:
        """Fill the holes of n rows, each from its conditional distribution.

        A chain begins at the values of one of the nearest rows of the table, by what is known, and takes some
        passes over the columns that have holes.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
            What stands in holes is not looked at.
        missing : ndarray of bool, shape (n, n_columns)
        rng : numpy.random.Generator
        copies : int, default=1
            Chains of each row.

        Returns
        -------
        filled : ndarray of shape (copies, n, n_blocks)
        begin : ndarray of int, shape (copies, n)
            The row of the table that each chain began with.
        """
        nearest = self._nearest(codes, missing, rng)
        which = rng.integers(nearest.shape[1], size=(copies, len(codes)))
        begin = nearest[np.arange(len(codes)), which].ravel()
        filled = np.asfortranarray(np.tile(codes, (copies, 1)))
        holes = [np.flatnonzero(np.tile(column, copies)) for column in missing.T]
        for rows, places in zip(holes, self.columns, strict=True):
            filled[np.ix_(rows, places)] = self.table[np.ix_(begin[rows], places)]
        for _ in range(PASSES):
            for column in rng.permutation(len(self.columns)):
                if len(holes[column]):
                    self._redraw(filled, holes[column], column, self.forest(column), rng)
        return np.ascontiguousarray(filled).reshape(copies, *codes.shape), begin.reshape(copies, -1)

    def mean(self, codes: Codes, column: int, values: Floats) -> Floats:
        """Give the mean over the conditional distribution of one column, of what `values` says of its rows.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
            Without holes in other columns.
        column : int
        values : ndarray of shape (n_table, k)
            What is to be averaged, for each row of the table: numbers, or indicators of categories.

        Returns
        -------
        ndarray of shape (n, k)
        """
        forest = self.forest(column)
        features = self._features(codes, forest)
        total = np.zeros((len(codes), values.shape[1]))
        for tree, rows, start in forest.trees:
            sums = np.zeros((len(rows) + 1, values.shape[1]))
            np.cumsum(values[rows], axis=0, out=sums[1:])
            leaves = tree.apply(features)
            low, high = start[leaves], start[leaves + 1]
            total += (sums[high] - sums[low]) / (high - low)[:, None]
        return total / len(forest.trees)

    def forest(self, column: int) -> Forest:
        """Give the forest of a column, which is grown at the first call."""
        if column not in self.forests:
            seed = np.random.SeedSequence(self.seed.entropy, spawn_key=(*self.seed.spawn_key, column))
            self.forests[column] = self._grow(column, TREES, np.random.default_rng(seed))
        return self.forests[column]

    def _grow(self, column: int, n_trees: int, rng: np.random.Generator) -> Forest:
        """Grow a forest on the rows that have a value."""
        own, rows = self.columns[column], np.flatnonzero(~self.missing[:, column])
        response = np.column_stack([responses(self.table[rows, place], self.blocks[place]) for place in own])
        others = [place for place in range(len(self.blocks)) if place not in own]
        predictors = sorted({each for place in own for each in self.chosen(place, others)})
        ranks = {
            place: rank_categories(self.table[rows, place], response, self.blocks[place].width)
            for place in predictors
            if self.blocks[place].kind == "onehot" and self.blocks[place].width > 2
        }
        forest = Forest(predictors, ranks, [])
        for _ in range(n_trees if predictors else 1):
            bag = rng.permutation(len(rows))[: min(BAG, -(-len(rows) // 2))]
            features = self._features(self.table, forest, rows[bag])
            tree = DecisionTreeRegressor(
                min_samples_leaf=MIN_LEAF, max_features=LOOKED_AT, random_state=int(rng.integers(2**31))
            ).fit(features, response[bag])
            forest.trees.append(self._inhabited(tree, forest, rows[bag], np.delete(rows, bag)))
        return forest

    def _inhabited(self, tree: DecisionTreeRegressor, forest: Forest, grown: Leaves, others: Leaves) -> Grown:
        """Put rows into leaves: other ones than it was grown on, to which its splits are not fitted.

        Leaves that it was grown to make alike would have too little spread. Those that no other row falls in
        have to do with their own.
        """
        of_grown = tree.apply(self._features(self.table, forest, grown))
        of_others = tree.apply(self._features(self.table, forest, others)) if len(others) else others
        lonely = ~np.isin(of_grown, of_others)
        leaves = np.concatenate([of_others, of_grown[lonely]])
        order = np.argsort(leaves, kind="stable")
        start = np.searchsorted(leaves[order], np.arange(tree.tree_.node_count + 1))
        return Grown(tree, np.concatenate([others, grown[lonely]])[order], start)

    def _redraw(
        self, codes: Codes, rows: Leaves, column: int, forest: Forest, rng: np.random.Generator
    ) -> None:
        """Draw one column of some rows in place, given all others."""
        features, of_tree = (
            self._features(codes, forest, rows),
            rng.integers(len(forest.trees), size=len(rows)),
        )
        for k, (tree, members, start) in enumerate(forest.trees):
            here = np.flatnonzero(of_tree == k)
            if len(here):
                leaves = tree.apply(features[here])
                donors = members[rng.integers(start[leaves], start[leaves + 1])]
                places = self.columns[column]
                codes[np.ix_(rows[here], places)] = self.table[np.ix_(donors, places)]

    def _features(self, codes: Codes, forest: Forest, rows: slice | Leaves = slice(None)) -> Codes:
        """Give what trees look at, shape (n, n_predictors)."""
        parts = [np.zeros(len(codes[rows]), dtype=np.float32)] if not forest.predictors else []
        for place in forest.predictors:
            values = codes[rows, place]
            ranks = forest.ranks.get(place)
            parts.append(values if ranks is None else ranks[values.astype(np.intp)])
        return np.column_stack(parts).astype(np.float32, copy=False)

    def _nearest(self, codes: Codes, missing: Mask, rng: np.random.Generator) -> Leaves:
        """Give the nearest rows of the table by the columns that are known, shape (n, NEAREST) at most."""
        among = rng.permutation(len(self.table))[:NEAR_ROWS]
        points, owner = self._points(self.table[among])
        squares, k = (points**2).T, min(NEAREST, len(among))
        nearest = [np.zeros((0, k), dtype=np.intp)]
        for first in range(0, len(codes), CHUNK):
            part = slice(first, first + CHUNK)
            known = (~missing[part])[:, owner].astype(np.float32)
            distances = known @ squares - 2 * (known * self._points(codes[part])[0]) @ points.T
            distances += rng.random(distances.shape, dtype=np.float32) * TIE  # ties in any order
            nearest.append(among[np.argpartition(distances, k - 1, axis=1)[:, :k]])
        return np.concatenate(nearest)

    def _points(self, codes: Codes) -> tuple[Codes, Leaves]:
        """Give coordinates for distances, shape (n, k), and the column that each belongs to, shape (k,)."""
        parts, owner = [], []
        for column, places in enumerate(self.columns):
            for place in places:
                values, block = codes[:, [place]], self.blocks[place]
                if block.kind == "onehot":
                    values = (values == np.arange(block.width)) * np.float32(np.sqrt(0.5))
                parts.append(values)
                owner += [column] * values.shape[1]
        return np.concatenate(parts, axis=1, dtype=np.float32), np.array(owner, dtype=np.intp)
