"""Rows to complete: what they do not say is taken from generated rows that are like them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.filters import RowFilter
from tabgan.table import TableTransformer

POOL = 64 * 1024  # generated rows of which one completes each given row


NEAREST = 5  # of which one is taken by chance


ATTEMPTS = 5  # to complete a row so that it obeys


def complete(
    table: TableTransformer,
    sampler: Sampler,
    given: pd.DataFrame,
    seed: np.random.SeedSequence,
    accept: RowFilter,
) -> pd.DataFrame:
    """Fill in what rows do not say: absent columns and missing cells.

    Each row takes them from one of the five nearest of some 65,000 generated rows, by the encoded columns
    that it does have; so near ones stand in where none is quite like it. Where the row would then break a
    rule, more and more of the nearest are tried.
    """
    for name in given.columns:
        if name not in table.columns_:
            raise ValueError(f"there is no column {name!r}; the columns are {list(table.columns_)}")
        known = given[name].dropna().unique().tolist()
        if known and not table.columns_[name].is_generated:
            Conditions(table, {name: known})
    given = given.reset_index(drop=True)
    drawn = _completed(table, sampler, given, seed, NEAREST)
    good = accept(drawn)
    for attempt in range(1, ATTEMPTS):
        if good.all():
            return drawn
        again = np.flatnonzero(~good)
        rows = given.iloc[again].reset_index(drop=True)
        other = _completed(table, sampler, rows, seed.spawn(1)[0], NEAREST * 4**attempt)
        good[again] = accept(other)
        drawn = pd.concat([drawn.drop(index=again.tolist()), other.set_axis(again, axis=0)]).sort_index()
    if not good.all():
        raise RuntimeError(
            f"{(~good).sum():,} of {len(good):,} given rows found no completion that satisfies {accept}, for "
            f"example row {int(np.flatnonzero(~good)[0])}; are they possible at all?"
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
    told = given.notna()
    for pattern, rows in told.groupby(list(told.columns)).groups.items() if len(given) else ():
        flags = pattern if isinstance(pattern, tuple) else (pattern,)
        names = [name for name, has in zip(told.columns, flags, strict=True) if has and table.spans(name)]
        chosen[rows] = _nearest(table, pool, given.loc[rows, names], rng, among)
    drawn = table.inverse_transform(pool[chosen], rng)
    for name in given.columns:
        cells = given[name].astype(drawn[name].dtype)
        drawn[name] = drawn[name].where(given[name].isna(), cells)
    return _settled(table, drawn, told)


def _settled(table: TableTransformer, drawn: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Let rules put right what was not told, for all rows that tell the same columns together."""
    parts = [drawn.iloc[:0]]
    for pattern, rows in told.groupby(list(told.columns)).groups.items() if len(drawn) else ():
        flags = pattern if isinstance(pattern, tuple) else (pattern,)
        fixed = [name for name, has in zip(told.columns, flags, strict=True) if has]
        parts.append(table.settle(drawn.loc[rows], fixed))
    return pd.concat(parts).sort_index() if len(drawn) else drawn


def _nearest(
    table: TableTransformer,
    pool: NDArray[np.float32],
    given: pd.DataFrame,
    rng: np.random.Generator,
    among: int,
) -> NDArray[np.intp]:
    """Places in the pool, one a row of `given`, shape (m,)."""
    if not given.shape[1]:
        return rng.integers(len(pool), size=len(given))
    like = table.inverse_transform(pool[:0])
    parts = [table.encode(name, given[name].astype(like[name].dtype), rng) for name in given.columns]
    wanted = np.concatenate(parts, axis=1)
    there = np.concatenate([table.codes(pool, name) for name in given.columns], axis=1)
    places = NearestNeighbors(n_neighbors=among, algorithm="brute").fit(there).kneighbors(wanted)[1]
    nearest: NDArray[np.intp] = places[np.arange(len(wanted)), rng.integers(among, size=len(wanted))]
    return nearest
