"""From a sampler to a DataFrame: any number of rows, rows that satisfy a condition, rows to complete."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.adversarial.conditional import rows_given
from tabgan.adversarial.sampling import Sampler
from tabgan.table import Categorical, ColumnType, Conditions, Identifier, TableTransformer

CHUNK = 32 * 1024  # rows that are drawn and decoded at a time
POOL = 64 * 1024  # generated rows of which one completes each given row
NEAREST = 5  # of which one is taken by chance


def draw(table: TableTransformer, sampler: Sampler, n: int, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw n rows, whatever n is, in bounded memory but for the result."""
    row_seed, decode_seed = seed.spawn(2)
    rng = np.random.default_rng(decode_seed)
    decoded = [table.inverse_transform(rows, rng) for rows in sampler.chunks(n, row_seed, CHUNK)]
    return _join(table, decoded, rng)


def draw_given(
    table: TableTransformer,
    sampler: Sampler,
    n: int,
    given: Mapping[Hashable, Any],
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    """Draw n rows that satisfy what is `given`, see :class:`tabgan.table.Conditions`.

    Raises
    ------
    ValueError
        If no row can.
    RuntimeError
        If next to none does.
    """
    conditions = Conditions(table, given)
    row_seed, decode_seed = seed.spawn(2)
    rng = np.random.default_rng(decode_seed)
    rows, drawn = rows_given(sampler, n, conditions.holds, row_seed)
    if len(rows) < n:
        raise RuntimeError(
            f"{len(rows)} of {drawn:,} generated rows satisfy {dict(given)!r}, too few to find {n}; "
            "the training table has hardly any like them: ask for less, or for a wider range"
        )
    return conditions.fill(table.inverse_transform(rows, rng), rng)


def draw_balanced(
    table: TableTransformer,
    sampler: Sampler,
    n: int,
    name: Hashable,
    given: Mapping[Hashable, Any],
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    """Draw n rows of which each level of a column, missing cells left out, gets the same number."""
    column = table.columns_.get(name)
    if not isinstance(column, Categorical):
        raise ValueError(f"balance needs a column of levels; {name!r} is none of {_nominal(table)}")
    if name in given:
        raise ValueError(f"column {name!r} cannot be both given and balanced")
    levels = column.levels_[column.levels_.notna()]
    order_seed, *seeds = seed.spawn(len(levels) + 1)
    counts = [n // len(levels) + (k < n % len(levels)) for k in range(len(levels))]
    rng = np.random.default_rng(order_seed)
    parts = [
        draw_given(table, sampler, count, {**given, name: level}, own)
        for level, count, own in zip(levels, counts, seeds, strict=True)
    ]
    return _join(table, parts, rng).iloc[rng.permutation(n)].reset_index(drop=True)


def present(table: TableTransformer, but: Hashable | None = None) -> dict[Hashable, slice]:
    """Conditions of rows without missing cells, those of the column `but` left aside."""
    columns = table.columns_.items()
    return {name: slice(None) for name, column in columns if _may_be_missing(column) and name != but}


def complete(
    table: TableTransformer, sampler: Sampler, given: pd.DataFrame, seed: np.random.SeedSequence
) -> pd.DataFrame:
    """Fill in what rows do not say: absent columns and missing cells.

    Each row takes them from one of the five nearest of some 65,000 generated rows, by the encoded columns
    that it does have; so near ones stand in where none is quite like it.
    """
    for name in given.columns:
        if name not in table.columns_:
            raise ValueError(f"there is no column {name!r}; the columns are {list(table.columns_)}")
        known = given[name].dropna().unique().tolist()
        if known and not isinstance(table.columns_[name], Identifier):
            Conditions(table, {name: known})
    row_seed, decode_seed = seed.spawn(2)
    rng = np.random.default_rng(decode_seed)
    given = given.reset_index(drop=True)
    pool = sampler.rows(POOL, row_seed)
    chosen = np.zeros(len(given), dtype=np.intp)
    told = given.notna()
    for pattern, rows in told.groupby(list(told.columns)).groups.items() if len(given) else ():
        flags = pattern if isinstance(pattern, tuple) else (pattern,)
        names = [
            name for name, has in zip(told.columns, flags, strict=True) if has and table.layout_.of(name)
        ]
        chosen[rows] = _nearest(table, pool, given.loc[rows, names], rng)
    drawn = table.inverse_transform(pool[chosen], rng)
    for name in given.columns:
        cells = given[name].astype(drawn[name].dtype)
        drawn[name] = drawn[name].where(given[name].isna(), cells)
    return drawn


def _nearest(
    table: TableTransformer, pool: NDArray[np.float32], given: pd.DataFrame, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Places in the pool, one a row of `given`, shape (m,)."""
    if not given.shape[1]:
        return rng.integers(len(pool), size=len(given))
    like = table.inverse_transform(pool[:0])
    parts = [table.encode(name, given[name].astype(like[name].dtype), rng) for name in given.columns]
    wanted = np.concatenate(parts, axis=1)
    there = np.concatenate(table.layout_.split(pool, list(given.columns)), axis=1)
    places = NearestNeighbors(n_neighbors=NEAREST, algorithm="brute").fit(there).kneighbors(wanted)[1]
    nearest: NDArray[np.intp] = places[np.arange(len(wanted)), rng.integers(NEAREST, size=len(wanted))]
    return nearest


def _join(table: TableTransformer, decoded: list[pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Put pieces together; keys, which are distinct only within one, are made anew."""
    if len(decoded) == 1:
        return decoded[0]
    joined = pd.concat(decoded, ignore_index=True)
    for name, column in table.columns_.items():
        if isinstance(column, Identifier):
            joined[name] = column.renew(joined[name], rng)
    return joined


def _may_be_missing(column: ColumnType) -> bool:
    if isinstance(column, Categorical):
        return len(column.levels_) > 1 and bool(column.levels_.isna().any())
    return bool(getattr(column, "has_missing_", False))


def _nominal(table: TableTransformer) -> list[Hashable]:
    return [name for name, column in table.columns_.items() if isinstance(column, Categorical)]
