"""Sequential forests: each column is drawn from a leaf of a random forest over the columns before it.

The leaf is that of a random tree, the value that of a random training row there. The columns come in several
random orders, each of which draws its share of the rows. (After Reiter 2005, *Using CART to generate
partially synthetic public use microdata*, with forests as in Caiola and Reiter 2010.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from benchmarks.runners.values import assemble, codes, seeded

Places = npt.NDArray[np.intp]


def fit(
    train: pd.DataFrame,
    meta: dict[str, Any],
    seed: int,
    *,
    n_orders: int = 10,
    n_trees: int = 10,
    leaf: int = 5,
    max_features: float = 1.0,
    shuffle: bool = True,
) -> tuple[Callable[[int], pd.DataFrame], dict[str, Any]]:
    """Fit `n_orders` sequences of forests whose leaves hold at least `leaf` rows."""
    rng, numerical = seeded(seed, meta)
    known = codes(train, numerical)
    is_number = [name in numerical for name in train]
    sequences = [
        Sequence(known, is_number, rng.permutation(known.shape[1]) if shuffle else np.arange(known.shape[1]))
        .fit(n_trees, leaf, max_features, rng)
        for _ in range(n_orders)
    ]  # fmt: skip

    def sample(n: int) -> pd.DataFrame:
        drawn = np.array_split(np.empty(n), n_orders)
        rows = np.vstack([
            sequence.draw(len(part), rng) for sequence, part in zip(sequences, drawn, strict=True)
        ])  # fmt: skip
        donors = dict(zip(train, rng.permutation(rows).T, strict=True))
        return assemble(train, donors, numerical, rng)

    return sample, {}


class Sequence:
    """One order of the columns, and a forest for each but the first.

    Parameters
    ----------
    known : ndarray of shape (n_rows, n_columns)
        Encoded training rows.
    is_number : list of bool
        Which columns are numbers.
    order : ndarray of shape (n_columns,)
        The columns from the first to the last.
    """

    def __init__(self, known: npt.NDArray[np.float64], is_number: list[bool], order: Places) -> None:
        self.known, self.is_number, self.order = known, is_number, order
        self.forests: list[Any] = []
        self.members: list[list[Leaves]] = []

    def fit(self, n_trees: int, leaf: int, max_features: float, rng: np.random.Generator) -> Sequence:
        """Fit the forests; a single tree sees all rows."""
        for step in range(1, len(self.order)):
            column, before = self.order[step], self.order[:step]
            kind = RandomForestRegressor if self.is_number[column] else RandomForestClassifier
            forest = kind(
                n_trees, min_samples_leaf=leaf, max_features=max_features,
                bootstrap=n_trees > 1, random_state=int(rng.integers(2**31)), n_jobs=1,
            )  # fmt: skip
            forest.fit(self.known[:, before], self.known[:, column])
            self.forests.append(forest)
            self.members.append([Leaves(tree.apply(self._single(before))) for tree in forest.estimators_])
        return self

    def draw(self, n: int, rng: np.random.Generator) -> Places:
        """Give the training row that each value of n new rows is taken from, shape (n, n_columns)."""
        donors = np.empty((n, len(self.order)), dtype=np.intp)
        donors[:, self.order[0]] = rng.integers(len(self.known), size=n)
        for step in range(1, len(self.order)):
            before = self.order[:step]
            features = self.known[donors[:, before], before].astype(np.float32)
            forest, members = self.forests[step - 1], self.members[step - 1]
            tree_of = rng.integers(len(members), size=n)
            for k, leaves in enumerate(members):
                rows = np.flatnonzero(tree_of == k)
                if len(rows):
                    at = forest.estimators_[k].apply(features[rows])
                    donors[rows, self.order[step]] = leaves.draw(at, rng)
        return donors

    def _single(self, before: Places) -> npt.NDArray[np.float32]:
        return self.known[:, before].astype(np.float32)


class Leaves:
    """The training rows of each leaf of a tree, of which it draws."""

    def __init__(self, leaf: Places) -> None:
        self.rows = np.argsort(leaf, kind="stable")
        self.start = np.searchsorted(leaf[self.rows], np.arange(leaf.max() + 2))

    def draw(self, leaf: Places, rng: np.random.Generator) -> Places:
        """Draw a training row of each leaf."""
        start, stop = self.start[leaf], self.start[leaf + 1]
        return self.rows[rng.integers(start, stop)]
