"""Columns that often repeat another one's value: a bill paid in full, a trip that ends when it began.

Such values lie on a line without width, which a generator of smooth functions only comes near to. They are
encoded as what they are: one more state of the value, "the same as in the other column".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAX_ROWS = 5000  # looked at to find them
MIN_SHARE = 0.02  # of the rows in which two columns hold the same number, ...
COMMON = 0.005  # ... and one with less than this share: zeros and ones meet by chance
LEAST_OTHER = 0.1  # share of values that are no repeats, from which on a column is learned from these alone


def find_repeats(frame: pd.DataFrame, names: Sequence[Hashable]) -> dict[Hashable, Hashable]:
    """Find which of the columns `names` repeat which other one, of the same dtype or both of plain numbers.

    The later column repeats the earlier one, or one of fractions one of whole numbers. A column repeats one
    other at most, which may itself repeat another: a bill that is the last month's, month after month.
    """
    families: dict[object, list[Hashable]] = {}
    for name in sorted(names, key=lambda name: getattr(frame[name].dtype, "kind", "") == "f"):
        dtype = frame[name].dtype
        plain = isinstance(dtype, np.dtype) and dtype.kind in "iuf"
        families.setdefault("numbers" if plain else dtype, []).append(name)
    pairs = [pair for alike in families.values() for pair in _pairs(frame, alike)]
    sources: dict[Hashable, Hashable] = {}
    for _, name, source in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in sources and name not in chain_of(source, sources):
            sources[name] = source
    return sources


def chain_of(name: Hashable, sources: Mapping[Hashable, Hashable]) -> list[Hashable]:
    """Give a column, the one that it repeats, the one that this repeats, and so on."""
    chain = [name]
    while chain[-1] in sources:
        chain.append(sources[chain[-1]])
    return chain


def without_repeats(column: pd.Series, source: pd.Series) -> pd.Series:
    """Give the part of a column that does not repeat its source, or all of it if that part is very small."""
    rest = column[~is_repeated(column, source)]
    return rest if rest.notna().sum() >= LEAST_OTHER * len(column) else column


def is_repeated(column: pd.Series, source: pd.Series) -> NDArray[np.bool_]:
    """Tell in which of n rows a column holds the same as its source; missing values are never the same."""
    return np.asarray((column == source).fillna(False), dtype=bool)


def _pairs(frame: pd.DataFrame, names: Sequence[Hashable]) -> Iterator[tuple[float, Hashable, Hashable]]:
    """Give pairs of columns with the share of rows in which both hold the same uncommon value."""
    rows = frame.iloc[:: max(1, len(frame) // MAX_ROWS)]
    codes = pd.factorize(pd.concat([rows[name] for name in names], ignore_index=True))[0]
    codes = codes.reshape(len(names), len(rows))
    for later, column in enumerate(codes):
        uncommon = (column >= 0) & (np.bincount(column + 1)[column + 1] < max(2, COMMON * len(rows)))
        same = ((codes[:later] == column) & uncommon).mean(axis=1)
        for earlier in np.flatnonzero(same >= MIN_SHARE):
            yield float(same[earlier]), names[later], names[int(earlier)]
