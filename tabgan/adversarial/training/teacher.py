"""Few rows, many taught: networks learn from rows of forests, and so never see a real one.

A critic soon knows a few hundred rows by heart, and the generator then learns these and not their
distribution. Forests learn the rows in a second, but what they draw lies near to them. A generator that is
trained on many rows of the forests keeps what they know of the distribution, and forgets most of what they
remember of single rows.
"""

from __future__ import annotations

import numpy as np

from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.packing import Packed
from tabgan.trees.forest import ConditionalForest

MOST_ROWS, MOST_BLOCKS = 700, 100  # of a table that a teacher pays for, and is quick with
LESSON = 20_000  # rows that it draws
STEPS = 600  # of training on them
LEAF, MORE = 4, 400  # least rows of a leaf, and what few rows add to it: one is more easily remembered


def lesson(table: PackedTable, training: Packed, rng: np.random.Generator) -> PackedTable:
    """Draw rows of forests that were fitted to the `training` rows of a table, of shape (n, row_bytes)."""
    packing = table.packing
    forest = ConditionalForest(least_leaf(len(training)))
    forest.fit(packing.codes(training), packing.blocks, rng, table.intervals)
    return PackedTable.of(forest.sample(LESSON, rng), packing.blocks)


def least_leaf(n_rows: int) -> int:
    """Give the least number of rows in a leaf."""
    return LEAF + MORE // n_rows
