"""Rows to complete: what they do not have is taken from generated rows that are like them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.layout import BlockKind
from tabgan.sampling.filters import RowFilter
from tabgan.sampling.known import Known, Unseen, mix
from tabgan.table import TableTransformer
from tabgan.table.columns.categories import find_missing
from tabgan.table.constraints.base import Mask

POOL = 64 * 1024  # generated rows of which one completes each given row
NEAREST = 5  # of which one is taken by chance
ATTEMPTS = 5  # to complete a row so that it passes the row filter


def complete(
    table: TableTransformer,
    sampler: Sampler,
    given: pd.DataFrame,
    seed: np.random.SeedSequence,
    row_filter: RowFilter,
    unseen: Unseen = "error",
) -> pd.DataFrame:
    """Fill in what rows do not have: missing values, and columns that are absent.

    Each row takes them from one of the five nearest of some 65,000 generated rows, by the encoded columns
    that it does have; so near ones stand in where none is quite like it. Where the row would then not pass,
    more and more of the nearest are tried.

    Parameters
    ----------
    table : TableTransformer
    sampler : Sampler
    given : DataFrame of shape (n, n_given)
        Some of the columns, of any dtypes. Its missing values are filled in, unless the training column held
        nothing else; a value of an absent column may be missing as in any sample.
    seed : numpy.random.SeedSequence
    row_filter : RowFilter
    unseen : {"error", "ignore"}, default="error"
        What becomes of values unlike any in training, see `Known.read`.

    Returns
    -------
    DataFrame of shape (n, n_columns)
        With the index of `given`, and the columns and dtypes of the training table. Known values are those
        given.

    Raises
    ------
    ValueError
        If a column is unknown, or a value is none of its column's.
    RuntimeError
        If a row has no completion that passes.
    """
    known = Known.read(table, given, unseen)
    drawn = _completed(table, sampler, known, seed, NEAREST)
    passes = row_filter(drawn)
    for attempt in range(1, ATTEMPTS):
        if passes.all():
            break
        again = np.flatnonzero(~passes)
        other = _completed(table, sampler, known.take(again), seed.spawn(1)[0], NEAREST * 4**attempt)
        passes[again] = row_filter(other)
        drawn = pd.concat([drawn.drop(index=again.tolist()), other.set_axis(again, axis=0)]).sort_index()
    if not passes.all():
        raise RuntimeError(
            f"{(~passes).sum():,} of {len(passes):,} given rows have no completion that satisfies "
            f"{row_filter}, for example row {int(np.flatnonzero(~passes)[0])}; are they possible at all?"
        )
    return drawn.set_axis(known.index, axis=0)


def _completed(
    table: TableTransformer, sampler: Sampler, known: Known, seed: np.random.SeedSequence, among: int
) -> pd.DataFrame:
    """Complete each row from one of the `among` nearest."""
    row_seed, decode_seed = seed.spawn(2)
    rng = np.random.default_rng(decode_seed)
    pool = sampler.rows(POOL, row_seed)
    has = _has_values(table, pool, known)
    chosen = np.zeros(len(known), dtype=np.intp)
    for names, rows in known.patterns():
        holes = [has[name] for name in known.present.columns if name not in names]
        fit = np.flatnonzero(np.all([np.ones(len(pool), dtype=bool), *holes], axis=0))
        fit = fit if len(fit) else np.arange(len(pool))
        chosen[rows] = fit[_nearest(table, pool[fit], known, names, rows, rng, among)]
    drawn = table.inverse_transform(pool[chosen], rng)
    for name in known.present.columns:  # several together may hardly ever have values
        left = known.holes(name) & find_missing(drawn[name])
        if left.any() and has[name].any():
            others = rng.choice(np.flatnonzero(has[name]), int(left.sum()))
            drawn[name] = mix(drawn[name], table.inverse_transform(pool[others], rng)[name], left)
    drawn = known.put_into(drawn)
    settle = table.constraint_set_.settle
    settled = [drawn.iloc[:0], *(settle(drawn.iloc[rows], names) for names, rows in known.patterns())]
    return pd.concat(settled).sort_index() if len(drawn) else drawn


def _has_values(table: TableTransformer, pool: NDArray[np.float32], known: Known) -> dict[Hashable, Mask]:
    """Tell which rows of a pool have a value in each column in which a given row has a hole."""
    return {
        name: ~find_missing(table.decode(pool, name))
        if known.holes(name).any() and table.columns_[name].can_be_missing()
        else np.ones(len(pool), dtype=bool)
        for name in known.present.columns
    }


def _nearest(
    table: TableTransformer,
    pool: NDArray[np.float32],
    known: Known,
    names: Sequence[Hashable],
    rows: NDArray[np.intp],
    rng: np.random.Generator,
    among: int,
) -> NDArray[np.intp]:
    """Give a row of the pool for each of some rows, which have the columns `names`: positions, shape (m,)."""
    wanted, generated = [], []
    for name in names:
        if blocks := table.encoder_.blocks(name):
            codes = table.encoder_.encode(name, known.values[name].iloc[rows], rng)
            wanted += _points(codes, blocks)
            generated += _points(table.codes(pool, name), blocks)
    if not wanted:
        return rng.integers(len(pool), size=len(rows))
    points = np.nan_to_num(np.concatenate(wanted, axis=1))
    nearest_to = NearestNeighbors(n_neighbors=min(among, len(pool)), algorithm="brute")
    neighbors = nearest_to.fit(np.concatenate(generated, axis=1)).kneighbors(points)[1]
    chosen = rng.integers(neighbors.shape[1], size=len(rows))
    nearest: NDArray[np.intp] = neighbors[np.arange(len(rows)), chosen]
    return nearest


def _points(codes: NDArray[np.float32], blocks: list[tuple[BlockKind, int]]) -> list[NDArray[np.float32]]:
    """Give coordinates for distances, a part of n rows a block: a scalar itself, indicators of a category."""
    return [
        codes[:, [place]] if kind == "scalar" else (codes[:, [place]] == np.arange(width)).astype(np.float32)
        for place, (kind, width) in enumerate(blocks)
    ]
