"""Columns that often repeat another one's cell: a bill that is paid in full, a trip that ends when it began.

Such cells lie on a line without width, which a generator of smooth functions only comes near to. They are
encoded as what they are: one more state of the cell, "the same as over there".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAX_ROWS = 5000  # looked at to find them
MIN_SHARE = 0.02  # of the rows in which two columns hold the same number, ...
COMMON = 0.005  # ... and one with less than this share: zeros and ones meet by chance
LEAST_OWN = 0.1  # share of cells of its own from which on a column is learned from these alone


def find_repeats(frame: pd.DataFrame, names: Sequence[Hashable]) -> dict[Hashable, Hashable]:
    """Find which of the columns `names` repeat which other one, of the same dtype or both of plain numbers.

    The later column repeats the earlier one, or one of fractions one of whole numbers. A column repeats one
    other at most, and none that itself repeats another.
    """
    families: dict[object, list[Hashable]] = {}
    for name in sorted(names, key=lambda name: getattr(frame[name].dtype, "kind", "") == "f"):
        dtype = frame[name].dtype
        plain = isinstance(dtype, np.dtype) and dtype.kind in "iuf"
        families.setdefault("numbers" if plain else dtype, []).append(name)
    pairs = [pair for alike in families.values() for pair in _pairs(frame, alike)]
    echoes: dict[Hashable, Hashable] = {}
    for _, name, source in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in echoes and name not in echoes.values() and source not in echoes:
            echoes[name] = source
    return echoes


def own_cells(column: pd.Series, source: pd.Series) -> pd.Series:
    """The part of a column that does not repeat its source, or all of it if there is next to nothing else."""
    own = column[~repeats(column, source)]
    return own if own.notna().sum() >= LEAST_OWN * len(column) else column


def repeats(column: pd.Series, source: pd.Series) -> NDArray[np.bool_]:
    """In which of n rows a column holds the same as its source; missing cells are never the same."""
    return np.asarray((column == source).fillna(False), dtype=bool)


def _pairs(frame: pd.DataFrame, names: Sequence[Hashable]) -> Iterator[tuple[float, Hashable, Hashable]]:
    """Pairs of columns with the share of rows in which both hold the same uncommon cell."""
    rows = frame.iloc[:: max(1, len(frame) // MAX_ROWS)]
    cells = pd.factorize(pd.concat([rows[name] for name in names], ignore_index=True))[0]
    cells = cells.reshape(len(names), len(rows))
    for later, own in enumerate(cells):
        uncommon = (own >= 0) & (np.bincount(own + 1)[own + 1] < max(2, COMMON * len(rows)))
        same = ((cells[:later] == own) & uncommon).mean(axis=1)
        for earlier in np.flatnonzero(same >= MIN_SHARE):
            yield float(same[earlier]), names[later], names[int(earlier)]
