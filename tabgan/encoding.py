"""From a table to packed rows: a chunk at a time, so that no matrix of all its one-hot blocks is made."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabgan.adversarial.batches import Windows
from tabgan.adversarial.codes import Packing
from tabgan.table import TableTransformer

CHUNK = 2**16  # rows


def encode(transformer: TableTransformer, table: pd.DataFrame, rng: np.random.Generator) -> Windows:
    """Encode and pack a frame of shape (n, n_columns) with a fitted transformer."""
    packing = Packing(tuple(transformer.layout_))
    packed = np.empty((len(table), packing.row_bytes), dtype=np.uint8)
    for start in range(0, len(table), CHUNK):
        chunk = table.iloc[start : start + CHUNK]
        packed[start : start + CHUNK] = packing.pack(transformer.transform(chunk, random_state=rng))
    return Windows(packing, [packed], len(table))
