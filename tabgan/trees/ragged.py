"""Many small flat arrays as few: a file of a wide table would have tens of thousands of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
LENGTHS = "lengths"


def join(parts: Sequence[Arrays]) -> dict[str, NDArray[Any]]:
    """Put flat arrays of the same name one behind the other; the array "lengths" says where they part."""
    if not parts:
        return {}
    names = sorted(parts[0])
    joined = {name: np.concatenate([part[name] for part in parts]) for name in names}
    lengths = [[len(part[name]) for name in names] for part in parts]
    return joined | {LENGTHS: np.array(lengths, dtype=np.int32).ravel()}


def split(joined: Arrays) -> Iterator[dict[str, NDArray[Any]]]:
    """Undo `join`."""
    if not joined:
        return
    names = sorted(set(joined) - {LENGTHS})
    stops = joined[LENGTHS].reshape(-1, len(names)).cumsum(axis=0)[:-1]
    pieces = [np.split(joined[name], stop) for name, stop in zip(names, stops.T, strict=True)]
    for arrays in zip(*pieces, strict=True):
        yield dict(zip(names, arrays, strict=True))
