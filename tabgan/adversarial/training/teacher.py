"""Few rows, many taught: networks learn from rows of forests, and so never see a real one.

A critic soon knows a few hundred rows by heart, and the generator then learns these and not their
distribution. Forests learn the rows in a second, but what they draw lies near to them. A generator that is
trained on many rows of the forests keeps what they know of the distribution, and forgets most of what they
remember of single rows. The trees behind it learn from the same rows, so that they may be as fine as those of
a large table.
"""

from __future__ import annotations

import numpy as np

from tabgan.adversarial.networks import MLP, Backbone
from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.packing import Packed
from tabgan.trees.forest import SPIKE, ConditionalForest
from tabgan.trees.predictors import by_column

MOST_ROWS, MOST_BLOCKS = 1500, 100  # of a table that a teacher pays for, and is quick with
LESSON = 20_000  # rows that it draws, or half as many if there are fewer than STEPS steps, ...
TREES = 5  # ... by so many trees of each block in each order
STEPS, BATCH = 800, 256  # of training on them, and rows of one at most
ENOUGH = 500  # rows: fewer are learned in four fifths of the steps by default
LEAF, MORE = 20, 800  # least rows of a leaf, and what few rows add to it: one is more easily remembered
WIDE, LEAF_OF_WIDE = 20, 8  # enough rows of more columns are of so many leaves that these may be smaller
PUPIL = MLP(generator=(128, 128), critic=(128, 128), octaves=3)  # in place of the default networks


def lesson(table: PackedTable, training: Packed, steps: int, rng: np.random.Generator) -> PackedTable:
    """Draw rows of forests that were fitted to the `training` rows of a table, of shape (n, row_bytes)."""
    packing = table.packing
    is_wide = len(by_column(packing.blocks)) > WIDE and len(training) >= ENOUGH
    leaf, spike = least_leaf(len(training), is_wide), 0.0 if is_wide else SPIKE
    forest = ConditionalForest(leaf, n_trees=TREES, spike=spike)
    forest.fit(packing.codes(training), packing.blocks, rng, table.intervals)
    n_rows = LESSON if steps >= STEPS else LESSON // 2
    return PackedTable.of(forest.sample(n_rows, rng), packing.blocks)


def n_steps(n_rows: int) -> int:
    """Give the steps of training by default, from the number of real rows."""
    return STEPS if n_rows >= ENOUGH else STEPS * 4 // 5


def least_leaf(n_rows: int, is_wide: bool = False) -> int:
    """Give the least number of rows in a leaf."""
    return (LEAF_OF_WIDE if is_wide else LEAF) + MORE // max(n_rows, 100)


def pupil(backbone: Backbone) -> Backbone:
    """Give the networks that are taught: smaller ones, unless others than the default are asked for."""
    return PUPIL if backbone == MLP() else backbone
