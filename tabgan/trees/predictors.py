"""Which blocks say most about another one: of a wide table, trees look at these alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block, BlockKind

Codes = NDArray[np.float32]
ROWS = 2000  # looked at
BINS = 4  # of a scalar; of a onehot block, so many categories and the others


def predictors_of(
    codes: Codes, blocks: Sequence[Block], most: int, rng: np.random.Generator
) -> Callable[[int, list[int]], list[int]]:
    """Give a function that picks at most so many predictors of a block, by its place and those before it.

    Parameters
    ----------
    codes : ndarray of shape (n, n_blocks)
    blocks : sequence of Block
    most : int
    rng : numpy.random.Generator
    """
    if not most:
        return lambda place, before: []
    if len(blocks) <= most + 1:
        return lambda place, before: before
    strength = associations(codes, blocks, rng)

    def strongest(place: int, before: list[int]) -> list[int]:
        order = np.argsort(-strength[place, before], kind="stable")[:most]
        return [before[k] for k in order]

    return strongest


def by_column(blocks: Sequence[Block], kinds: Sequence[BlockKind] = ("scalar", "onehot")) -> list[list[int]]:
    """Give the places of the blocks of each column, as they are: a state comes before its number."""
    columns: dict[Hashable, list[int]] = {}
    for place, block in enumerate(blocks):
        if block.kind in kinds:
            columns.setdefault(block.column, []).append(place)
    return list(columns.values())


def associations(codes: Codes, blocks: Sequence[Block], rng: np.random.Generator) -> NDArray[np.float32]:
    """Measure how much each block says about each other one.

    Parameters
    ----------
    codes : ndarray of shape (n, n_blocks)
    blocks : sequence of Block
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_blocks, n_blocks)
        Pearson's mean square contingency of both, cut into a few bins.
    """
    if len(codes) > ROWS:
        codes = codes[rng.choice(len(codes), ROWS, replace=False)]
    bins = np.column_stack([_binned(codes[:, j], block) for j, block in enumerate(blocks)])
    indicators = (bins[:, :, None] == np.arange(BINS + 1)).astype(np.float32)
    share = indicators.mean(axis=0)
    scaled = (indicators - share) / np.sqrt(np.maximum(share, 1 / len(codes)))
    flat = scaled.reshape(len(codes), -1)
    result = np.empty((len(blocks), len(blocks)), dtype=np.float32)
    for place in range(len(blocks)):
        tables = scaled[:, place].T @ flat / len(codes)
        result[place] = (tables**2).reshape(BINS + 1, len(blocks), BINS + 1).sum(axis=(0, 2))
    return result


def _binned(values: Codes, block: Block) -> NDArray[np.intp]:
    if block.kind == "scalar":
        return np.searchsorted(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]), values)
    category = values.astype(np.intp)
    frequent = np.argsort(-np.bincount(category, minlength=block.width), kind="stable")
    place = np.empty(len(frequent), dtype=np.intp)
    place[frequent] = np.arange(len(frequent))
    return np.minimum(place[category], BINS)
