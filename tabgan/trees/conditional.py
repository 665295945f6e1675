"""A tree for the distribution of one block given others, grown on some rows and pruned by others.

Categories of predictors are ordered by what is to be predicted (Breiman et al. 1984, *Classification and
regression trees*, section 4.2.2), and where there are many also as they are numbered, so that the days of a
month stay side by side; a node is cut off unless its splits pay on rows that it was not grown on
(reduced-error pruning, Quinlan 1987, *Simplifying decision trees*).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from tabgan.layout import Block

Codes = NDArray[np.float32]
Floats = NDArray[np.float64]
Leaves = NDArray[np.intp]
Rows = slice | Leaves
ALL = slice(None)
LEVELS = 4  # that rows go down before those in leaves are put aside
MOST_CATEGORIES = 8  # of a target that a split looks at, the most frequent; the others count as one
MANY_CATEGORIES = 5  # from so many on, a block is looked at as it is numbered, too
PRIOR = 10  # rows at the mean by which a category's place is drawn to the middle


class ConditionalTree:
    """Puts rows into leaves by the predictors of a block.

    Attributes
    ----------
    feature : ndarray of int32, shape (n_nodes,)
        Place of the block that a node splits by, or -1 at a leaf; n_blocks more than the place where it
        splits the categories of a onehot block as they are numbered.
    threshold : ndarray of float32, shape (n_nodes,)
        What is not greater goes left, to the next node.
    right : ndarray of int32, shape (n_nodes,)
        Where the others go; at a leaf, its number.
    ranks : dict of int to ndarray of float32
        For the place of a onehot block, the number by which each category is split.
    """

    def __init__(self) -> None:
        self.feature, self.right = np.array([-1], dtype=np.int32), np.array([0], dtype=np.int32)
        self.threshold = np.zeros(1, dtype=np.float32)
        self.ranks: dict[int, NDArray[np.float32]] = {}

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return int((self.feature < 0).sum())

    def fit(
        self,
        codes: Codes,
        target: int,
        predictors: Sequence[int],
        blocks: Sequence[Block],
        min_leaf: int,
        min_gain: float | None,
        rng: np.random.Generator,
        rows: Rows = ALL,
    ) -> ConditionalTree:
        """Grow the tree, and prune it.

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
        target : int
            Place of the block whose distribution the leaves are to tell apart.
        predictors : sequence of int
            Places of other blocks.
        blocks : sequence of Block
        min_leaf : int
            Rows of a leaf, at least.
        min_gain : float or None
            How much of the squared error of an average row a split must save on a third of the rows, that it
            was not grown on; None prunes nothing and grows on all.
        rng : numpy.random.Generator
        rows : slice or ndarray of int
            Which rows to learn from; by default all.
        """
        values = codes[rows, target]
        if not len(predictors) or len(values) < 2 * min_leaf or not np.ptp(values):
            return self
        response = responses(values, blocks[target])
        order = rng.permutation(len(values))
        held_out = order[:0] if min_gain is None else order[: len(values) // 3]
        grown = order[len(held_out) :]
        for place in predictors:
            if blocks[place].kind == "onehot" and blocks[place].width > 2:
                category = codes[rows, place][grown]
                self.ranks[place] = rank_categories(category, response[grown], blocks[place].width)
        many = [j for j in predictors if blocks[j].kind == "onehot" and blocks[j].width >= MANY_CATEGORIES]
        looked_at = np.array([*predictors, *(len(blocks) + place for place in many)])
        features = self._features(codes, looked_at, rows).T
        least = max(1, -(-min_leaf * len(grown) // len(values)))
        model = DecisionTreeRegressor(min_samples_leaf=least, random_state=int(rng.integers(2**31)))
        tree = model.fit(features[grown], response[grown]).tree_
        is_leaf = tree.children_left < 0
        if min_gain is not None:
            falls = tree.apply(np.ascontiguousarray(features[held_out]))
            is_leaf = _pruned(tree, falls, response[held_out], min_gain)
        self._adopt(tree, is_leaf, looked_at)
        return self

    def leaves(self, codes: Codes, rows: Rows = ALL) -> Leaves:
        """Give the number of the leaf of each of n rows, shape (n,).

        Parameters
        ----------
        codes : ndarray of shape (n, n_blocks)
        rows : slice or ndarray of int
            Which of them; by default all.
        """
        n_rows = len(codes) if isinstance(rows, slice) else len(rows)
        result = np.zeros(n_rows, dtype=np.intp)
        if len(self.feature) == 1:
            return result
        used, column, child, threshold, is_inner = self._walkable
        values = self._features(codes, used, rows).ravel()
        first = column * n_rows  # where the values that a node looks at begin
        active, node = np.arange(n_rows), np.zeros(n_rows, dtype=np.intp)
        while len(active):
            for _ in range(LEVELS):
                value = values.take(first.take(node, mode="clip") + active, mode="clip")
                goes_right = value > threshold.take(node, mode="clip")
                node = child.take(2 * node + goes_right, mode="clip")
            goes_on = is_inner.take(node, mode="clip")
            done = ~goes_on
            result[active[done]] = self.right.take(node[done], mode="clip")
            active, node = active[goes_on], node[goes_on]
        return result

    @cached_property
    def _walkable(self) -> tuple[NDArray[Any], ...]:
        """Places that are looked at; of each node which one, its children, threshold, and if it has any.

        A leaf is its own left child, and nothing goes right there.
        """
        is_inner = self.feature >= 0
        used, column = np.unique(self.feature[is_inner], return_inverse=True)
        columns = np.zeros(len(self.feature), dtype=np.intp)
        columns[is_inner] = column
        number = np.arange(len(self.feature))
        child = np.column_stack([number + is_inner, np.where(is_inner, self.right, number)]).ravel()
        return used, columns, child.astype(np.intp), np.where(is_inner, self.threshold, np.inf), is_inner

    def spans(self, leaves: Leaves) -> Iterator[list[tuple[int, int]]]:
        """Give for each leaf which leaves, from first to stop, lie under it and each node above it."""
        inner = np.flatnonzero(self.feature >= 0)
        parent = np.full(len(self.feature), -1, dtype=np.intp)
        parent[inner + 1] = inner
        parent[self.right[inner]] = inner
        under = np.append(0, np.cumsum(self.feature < 0))  # leaves before each node
        stop = np.arange(1, len(self.feature) + 1)
        for node in inner[::-1]:
            stop[node] = stop[self.right[node]]
        of_leaf = np.flatnonzero(self.feature < 0)
        for leaf in leaves:
            node, spans = of_leaf[leaf], []
            while node >= 0:
                spans.append((int(under[node]), int(under[stop[node]])))
                node = parent[node]
            yield spans

    def _features(self, codes: Codes, places: Sequence[int] | NDArray[Any], rows: Rows = ALL) -> Codes:
        """Give what nodes look at, a row for each feature: shape (len(places), n)."""
        columns = codes.T
        features = np.empty((len(places), len(columns[0, rows])), dtype=np.float32)
        for feature, place in zip(features, map(int, places), strict=True):
            feature[:] = columns[place % len(columns), rows]
            if place in self.ranks:
                feature[:] = self.ranks[place].take(feature.astype(np.intp))
        return features

    def _adopt(self, tree: Any, is_leaf: NDArray[np.bool_], predictors: Leaves) -> None:
        """Take over a tree of scikit-learn, nodes in depth-first order, without what lies under leaves."""
        n_nodes = tree.node_count
        kept = np.zeros(n_nodes, dtype=bool)
        kept[0] = True
        for node in range(n_nodes):
            if kept[node] and not is_leaf[node]:
                kept[tree.children_left[node]] = kept[tree.children_right[node]] = True
        number = np.cumsum(kept) - 1
        leaf = is_leaf[kept]
        self.feature = np.where(leaf, -1, predictors[np.maximum(tree.feature[kept], 0)]).astype(np.int32)
        self.threshold = np.where(leaf, 0, tree.threshold[kept]).astype(np.float32)
        self.right = np.where(leaf, np.cumsum(leaf) - 1, number[tree.children_right[kept]]).astype(np.int32)
        self.ranks = {place: ranks for place, ranks in self.ranks.items() if place in self.feature}

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the tree as flat arrays."""
        ranks = [np.zeros(0, dtype=np.float32), *self.ranks.values()]
        return {
            "feature": self.feature,
            "threshold": self.threshold[self.feature >= 0],
            "right": self.right,
            "ranked": np.array(list(self.ranks), dtype=np.int32),
            "n_ranks": np.array([len(part) for part in ranks[1:]], dtype=np.int32),
            "ranks": np.concatenate(ranks),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]]) -> ConditionalTree:
        """Undo `get_state`."""
        tree = cls()
        tree.feature, tree.right = arrays["feature"], arrays["right"]
        tree.threshold = np.zeros(len(tree.feature), dtype=np.float32)
        tree.threshold[tree.feature >= 0] = arrays["threshold"]
        parts = np.split(arrays["ranks"], np.cumsum(arrays["n_ranks"])[:-1])
        tree.ranks = dict(zip(arrays["ranked"].tolist(), parts, strict=False))
        return tree


def responses(values: Codes, block: Block) -> Floats:
    """Give what splits are judged by, shape (n, k): standardised numbers, or indicators of categories.

    Of categories that are more than have an indicator, their numbers are judged too, at half their weight.
    """
    number = values.astype(np.float64)
    number = ((number - number.mean()) / (number.std() or 1.0))[:, None]
    if block.kind == "scalar":
        return number
    shares = np.bincount(values.astype(np.intp), minlength=block.width)
    frequent = np.argsort(-shares, kind="stable")[: min(MOST_CATEGORIES, block.width - 1)]
    indicators = (values[:, None] == frequent).astype(np.float64)
    return indicators if block.width <= MOST_CATEGORIES + 1 else np.hstack([indicators, number / 2])


def rank_categories(values: Codes, response: Floats, width: int) -> NDArray[np.float32]:
    """Order the categories of a predictor by the mean response, or by its main direction; shape (width,)."""
    category = values.astype(np.intp)
    counts = np.bincount(category, minlength=width)
    centred = response - response.mean(axis=0)
    sums = np.column_stack([np.bincount(category, each, minlength=width) for each in centred.T])
    means = sums / (counts + PRIOR)[:, None]
    if means.shape[1] > 1:
        weighted = means * np.sqrt(counts)[:, None]
        means = means @ np.linalg.eigh(weighted.T @ weighted)[1][:, -1:]
    ranks = np.empty(width, dtype=np.float32)
    ranks[np.argsort(means[:, 0], kind="stable")] = np.arange(width)
    return ranks


def _pruned(tree: Any, leaves: Leaves, response: Floats, min_gain: float) -> NDArray[np.bool_]:
    """Tell which nodes become leaves, by the squared error of held-out rows, which fall into `leaves`."""
    n_nodes = tree.node_count
    count = np.bincount(leaves, minlength=n_nodes).astype(float)
    sums = np.column_stack([np.bincount(leaves, each, minlength=n_nodes) for each in response.T])
    squares = np.bincount(leaves, (response**2).sum(axis=1), minlength=n_nodes)
    left, right = tree.children_left, tree.children_right
    for node in range(n_nodes - 1, -1, -1):
        if left[node] >= 0:
            count[node] = count[left[node]] + count[right[node]]
            sums[node] = sums[left[node]] + sums[right[node]]
            squares[node] = squares[left[node]] + squares[right[node]]
    means = tree.value[:, :, 0]
    loss = squares - 2 * (means * sums).sum(axis=1) + count * (means**2).sum(axis=1)
    cost = min_gain * loss / np.maximum(count, 1)
    best, is_leaf = loss.copy(), left < 0
    for node in range(n_nodes - 1, -1, -1):
        if left[node] >= 0:
            split = best[left[node]] + best[right[node]] + cost[node]
            is_leaf[node] = split >= loss[node]
            best[node] = min(split, loss[node])
    return is_leaf
