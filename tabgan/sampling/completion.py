"""Rows to complete: what they do not have is taken from generated rows that are like them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.layout import BlockKind
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.filters import RowFilter
from tabgan.table import TableTransformer

POOL = 64 * 1024  # generated rows of which one completes each given row
NEAREST = 5  # of which one is taken by chance
ATTEMPTS = 5  # to complete a row so that it passes the row filter


def complete(
    table: TableTransformer,
    sampler: Sampler,
    given: pd.DataFrame,
    seed: np.random.SeedSequence,
    row_filter: RowFilter,
) -> pd.DataFrame:
    """Fill in what rows do not have: absent columns and missing values.

    Each row takes them from one of the five nearest of some 65,000 generated rows, by the encoded columns
    that it does have; so near ones stand in where none is quite like it. Where the row would then not pass,
    more and more of the nearest are tried.
    """
    for name in given.columns:
        if name not in table.columns_:
            raise ValueError(f"there is no column {name!r}; the columns are {list(table.columns_)}")
        known = given[name].dropna().unique().tolist()
        if known and not table.columns_[name].is_generated:
            Conditions(table, {name: known})
    given = given.reset_index(drop=True)
    drawn = _completed(table, sampler, given, seed, NEAREST)
    passes = row_filter(drawn)
    for attempt in range(1, ATTEMPTS):
        if passes.all():
            return drawn
        again = np.flatnonzero(~passes)
        rows = given.iloc[again].reset_index(drop=True)
        other = _completed(table, sampler, rows, seed.spawn(1)[0], NEAREST * 4**attempt)
        passes[again] = row_filter(other)
        drawn = pd.concat([drawn.drop(index=again.tolist()), other.set_axis(again, axis=0)]).sort_index()
    if not passes.all():
        raise RuntimeError(
            f"{(~passes).sum():,} of {len(passes):,} given rows have no completion that satisfies "
            f"{row_filter}, for example row {int(np.flatnonzero(~passes)[0])}; are they possible at all?"
        )
    return drawn


def _completed(
    table: TableTransformer, sampler: Sampler, given: pd.DataFrame, seed: np.random.SeedSequence, among: int
) -> pd.DataFrame:
    """Complete each row from one of the `among` nearest."""
    row_seed, decode_seed = seed.spawn(2)
    rng = np.random.default_rng(decode_seed)
    pool = sampler.rows(POOL, row_seed)
    chosen = np.zeros(len(given), dtype=np.intp)
    present = given.notna()
    for names, rows in _patterns(present):
        encoded = [name for name in names if table.encoder_.blocks(name)]
        chosen[rows] = _nearest(table, pool, given.loc[rows, encoded], rng, among)
    drawn = table.inverse_transform(pool[chosen], rng)
    for name in given.columns:
        values = given[name].astype(drawn[name].dtype)
        drawn[name] = drawn[name].where(given[name].isna(), values)
    settle = table.constraint_set_.settle
    settled = [drawn.iloc[:0], *(settle(drawn.loc[rows], names) for names, rows in _patterns(present))]
    return pd.concat(settled).sort_index() if len(drawn) else drawn


def _patterns(present: pd.DataFrame) -> Iterator[tuple[list[Hashable], pd.Index]]:
    """Give the names of the columns that rows have, and the rows that have just these."""
    if not len(present):
        return
    for flags, rows in present.groupby(list(present.columns)).groups.items():
        flags = flags if isinstance(flags, tuple) else (flags,)
        yield [name for name, is_present in zip(present.columns, flags, strict=True) if is_present], rows


def _nearest(
    table: TableTransformer,
    pool: NDArray[np.float32],
    given: pd.DataFrame,
    rng: np.random.Generator,
    among: int,
) -> NDArray[np.intp]:
    """Give a row of the pool for each row of `given`, as positions of shape (m,)."""
    if not given.shape[1]:
        return rng.integers(len(pool), size=len(given))
    like = table.inverse_transform(pool[:0])
    rows, generated = [], []
    for name in given.columns:
        blocks = table.encoder_.blocks(name)
        rows += _points(table.encoder_.encode(name, given[name].astype(like[name].dtype), rng), blocks)
        generated += _points(table.codes(pool, name), blocks)
    nearest_to = NearestNeighbors(n_neighbors=among, algorithm="brute").fit(np.concatenate(generated, axis=1))
    neighbors = nearest_to.kneighbors(np.concatenate(rows, axis=1))[1]
    nearest: NDArray[np.intp] = neighbors[np.arange(len(given)), rng.integers(among, size=len(given))]
    return nearest


def _points(codes: NDArray[np.float32], blocks: list[tuple[BlockKind, int]]) -> list[NDArray[np.float32]]:
    """Give coordinates for distances, a part of n rows a block: a scalar itself, indicators of a category."""
    return [
        codes[:, [place]] if kind == "scalar" else (codes[:, [place]] == np.arange(width)).astype(np.float32)
        for place, (kind, width) in enumerate(blocks)
    ]
