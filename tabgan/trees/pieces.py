"""The numbers of each leaf as a row of pieces, none of which tells a single record.

A piece is a number that the whole column repeats, or a group of at least `LEAST_GROUP` others, of which mean
and variance are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.trees.conditional import Codes, ConditionalTree, Floats, Leaves

LEAST_GROUP = 5  # real numbers behind a piece, or repeats of a number that stands as it is
MOST_GROUPS = 250  # pieces of a leaf, but for repeated numbers
APART = 4.0  # between the codes of two leaves, side by side on one line
LEAST_GENERATED = 10  # generated rows of a leaf whose ranks say something; of fewer, those of all leaves do
Pieces = tuple[Leaves, NDArray[Any], NDArray[Any], NDArray[Any]]  # leaf, rows, least and greatest code


def pieces(tree: ConditionalTree, leaf: Leaves, value: Codes, is_repeated: NDArray[np.bool_]) -> Pieces:
    """Cut the real numbers of each leaf into pieces, shape (n_pieces,), rising within a leaf.

    The numbers of a leaf that do not repeat and are fewer than `LEAST_GROUP` are taken to be distributed as
    those under the nearest node above it that has enough.

    Parameters
    ----------
    tree : ConditionalTree
    leaf, value : ndarray of shape (n,)
        Of each real row.
    is_repeated : ndarray of bool, shape (n,)
        Which numbers stand as they are.
    """
    free_leaf, free = leaf[~is_repeated], value[~is_repeated].astype(np.float64)
    order = np.lexsort((free, free_leaf))
    free_leaf, free = free_leaf[order], free[order]
    repeated = _repeated(leaf[is_repeated], value[is_repeated])
    size = np.bincount(free_leaf, minlength=tree.n_leaves)
    is_poor = (size > 0) & (size < LEAST_GROUP)
    if not len(repeated[0]) and len(free) < LEAST_GROUP:  # a handful of rows: one group
        is_poor[:] = False
    own = ~is_poor[free_leaf]
    parts = [repeated, _grouped(free_leaf[own], free[own], repeated)]
    parts += _borrowed(tree, free, size, np.flatnonzero(is_poor))
    owner, count, low, high = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((low + high, owner))
    owner, count, low, high = owner[order], count[order], low[order], high[order]
    middle, stands = (low + high) / 2, low == high
    meet = np.flatnonzero(~_begins(owner)[1:] & (high[:-1] > low[1:]))
    border = np.clip((high[meet] + low[meet + 1]) / 2, middle[meet], middle[meet + 1])
    border = np.where(stands[meet], low[meet], np.where(stands[meet + 1], low[meet + 1], border))
    high[meet] = low[meet + 1] = border
    return owner, count, low.clip(-1, 1), high.clip(-1, 1)


def _repeated(leaf: Leaves, value: Codes) -> Pieces:
    """Give a piece for each number of each leaf."""
    order = np.lexsort((value, leaf))
    leaf, value = leaf[order], value[order].astype(np.float64)
    first = np.flatnonzero(_begins(leaf, value))
    return leaf[first], np.diff(np.append(first, len(leaf))).astype(float), value[first], value[first]


def _grouped(leaf: Leaves, value: Floats, repeated: Pieces) -> Pieces:
    """Give groups of the sorted numbers of each leaf, those on two sides of a repeated number apart."""
    below = np.searchsorted(APART * repeated[0] + repeated[2], APART * leaf + value)
    first = np.flatnonzero(_begins(leaf, below))
    run_leaf, size = leaf[first], np.diff(np.append(first, len(leaf)))
    large = size >= LEAST_GROUP
    # small runs side by side are one, ...
    begins = np.append(True, large[1:] | large[:-1])[: len(first)] | _begins(run_leaf)
    run = np.cumsum(begins) - 1
    # ... and one that still is too small is a part of that before it in its leaf, or else after it
    size, run_leaf = np.bincount(run, size).astype(np.intp), run_leaf[begins]
    begins = np.append(True, size[1:] >= LEAST_GROUP)[: len(size)] | _begins(run_leaf)
    lone_start = np.flatnonzero(_begins(run_leaf) & (size < LEAST_GROUP))
    after = lone_start + 1
    after = after[after < len(size)]
    begins[after[run_leaf[after] == run_leaf[after - 1]]] = False
    joined = np.cumsum(begins) - 1
    group, *rest = _groups(np.repeat(joined[run], np.diff(np.append(first, len(leaf)))), value)
    count, low, high = rest
    return run_leaf[begins][group], count, low, high


def _begins(*keys: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell where one of several sorted arrays changes, at the first place too."""
    changes = [key[1:] != key[:-1] for key in keys]
    return np.append(True, np.any(changes, axis=0))[: len(keys[0])]


def _groups(run: Leaves, value: Floats, most: int = MOST_GROUPS) -> Pieces:
    """Give groups of about equal size of the sorted numbers of each run."""
    present = np.bincount(run)
    n_groups = np.clip(present // LEAST_GROUP, 1, most)
    rank = np.arange(len(run)) - (np.cumsum(present) - present)[run]
    group = (np.cumsum(n_groups) - n_groups)[run] + rank * n_groups[run] // present[run]
    count = np.bincount(group).astype(float)
    mean = np.bincount(group, value) / count
    # taken to be uniform, a group reaches so far from its mean
    reach = np.sqrt(3 * np.bincount(group, (value - mean[group]) ** 2) / count)
    return np.repeat(np.arange(len(present)), n_groups), count, mean - reach, mean + reach


def _borrowed(tree: ConditionalTree, free: Floats, size: Leaves, poor: Leaves) -> Iterator[Pieces]:
    """Give the pieces of leaves that have too few numbers of their own, by the numbers of a node above."""
    stop = np.append(0, np.cumsum(size))
    for leaf, spans in zip(poor, tree.spans(poor), strict=True):
        enough = [span for span in spans if stop[span[1]] - stop[span[0]] >= LEAST_GROUP]
        if enough:
            first, last = enough[0]
            numbers = np.sort(free[stop[first] : stop[last]])
            alone = np.zeros(len(numbers), dtype=np.intp)
            _, _, low, high = _groups(alone, numbers, size[leaf])
            count = np.full(len(low), size[leaf] / len(low))
            yield np.full(len(low), leaf), count, low, high


def quantiles(leaf: Leaves, value: Codes, n_leaves: int, owner: Leaves, levels: Floats) -> Floats:
    """Give quantiles of generated numbers: of those in the leaf `owner`, shape (n,), at `levels` (k, n)."""
    every = np.sort(value) if len(value) else np.linspace(-1, 1, LEAST_GENERATED)
    size = np.bincount(leaf, minlength=n_leaves)
    shift = APART * np.arange(n_leaves)
    line = np.concatenate([np.sort(shift[leaf] + value) - np.repeat(shift, size), every])
    start = np.cumsum(size) - size
    few = size < LEAST_GENERATED
    size, start = np.where(few, len(every), size), np.where(few, len(value), start)
    rank = np.clip(levels * size[owner] - 0.5, 0, size[owner] - 1)
    below = np.floor(rank).astype(np.intp)
    part = rank - below
    first, last = start[owner] + below, start[owner] + np.minimum(below + 1, size[owner] - 1)
    return np.asarray((1 - part) * line[first] + part * line[last])
