"""From a sampler to a DataFrame: any number of rows, rows that satisfy a condition, rows to complete."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.adversarial.conditional import rows_given
from tabgan.adversarial.sampling import Sampler, Wanted
from tabgan.table import Acceptance, Categorical, ColumnType, Conditions, Identifier, TableTransformer

CHUNK = 32 * 1024  # rows that are drawn and decoded at a time
POOL = 64 * 1024  # generated rows of which one completes each given row
NEAREST = 5  # of which one is taken by chance
ATTEMPTS = 5  # to complete a row so that it obeys
PATIENCE = 100_000  # rows drawn before there are too few that are accepted, ...
LEAST_RATE = 0.001  # ... which is a smaller share than this
LEAST_ROUND = 1024  # rows drawn at a time where some were refused


def draw(
    table: TableTransformer, sampler: Sampler, n: int, seed: np.random.SeedSequence, accept: Acceptance
) -> pd.DataFrame:
    """Draw n rows, whatever n is, in bounded memory but for the result."""

    def propose(m: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        row_seed, decode_seed = seed.spawn(2)
        rng = np.random.default_rng(decode_seed)
        decoded = [table.inverse_transform(rows, rng) for rows in sampler.chunks(m, row_seed, CHUNK)]
        return table.settle(_join(table, decoded, rng))

    return propose(n, seed) if accept.all_pass else _accepted(table, propose, n, seed, accept)


def draw_given(
    table: TableTransformer,
    sampler: Sampler,
    n: int,
    given: Mapping[Hashable, Any],
    seed: np.random.SeedSequence,
    accept: Acceptance,
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

    def finished(rows: NDArray[np.float32], rng: np.random.Generator) -> pd.DataFrame:
        return table.settle(conditions.fill(table.inverse_transform(rows, rng), rng), list(given))

    def holds(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        good = conditions.holds(rows)
        if accept.rules and good.any():
            frame = finished(rows[good], np.random.default_rng(0))
            good[good] = table.obey(frame) & conditions.satisfied(frame)
        return good

    wanted = Wanted(holds, conditions.allowed())

    def propose(m: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        row_seed, decode_seed = seed.spawn(2)
        rows, drawn = rows_given(sampler, m, wanted, row_seed)
        if len(rows) < m:
            also = f" under {accept}" if accept.rules else ""
            raise RuntimeError(
                f"{len(rows)} of {drawn:,} generated rows satisfy {dict(given)!r}{also}, too few to find "
                f"{n}; the training table has hardly any like them: ask for less, or for a wider range"
            )
        return finished(rows, np.random.default_rng(decode_seed))

    if accept.all_pass:
        return propose(n, seed)
    return _accepted(table, propose, n, seed, accept, conditions.satisfied)


def draw_balanced(
    table: TableTransformer,
    sampler: Sampler,
    n: int,
    name: Hashable,
    given: Mapping[Hashable, Any],
    seed: np.random.SeedSequence,
    accept: Acceptance,
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
        draw_given(table, sampler, count, {**given, name: level}, own, accept)
        for level, count, own in zip(levels, counts, seeds, strict=True)
    ]
    return _join(table, parts, rng).iloc[rng.permutation(n)].reset_index(drop=True)


def _accepted(
    table: TableTransformer,
    propose: Callable[[int, np.random.SeedSequence], pd.DataFrame],
    n: int,
    seed: np.random.SeedSequence,
    accept: Acceptance,
    satisfied: Callable[[pd.DataFrame], NDArray[np.bool_]] | None = None,
) -> pd.DataFrame:
    """Propose rows until n of them are accepted.

    Raises
    ------
    RuntimeError
        If less than one in a thousand is. The message states the rate.
    """
    parts = [propose(0, seed.spawn(1)[0])]
    found = drawn = 0
    while found < n:
        if drawn >= PATIENCE and found < LEAST_RATE * drawn:
            raise RuntimeError(
                f"only {found:,} of {drawn:,} drawn rows ({found / drawn:.3%}) satisfy {accept}, too few to "
                f"find {n:,}; train longer, ask for fewer rows, or ask for less"
            )
        rate = max((found + 1) / (drawn + 2), LEAST_RATE)
        m = min(max(math.ceil(1.1 * (n - found) / rate), LEAST_ROUND), CHUNK) if drawn else min(n, CHUNK)
        frame = propose(m, seed.spawn(1)[0])
        drawn += m
        if satisfied is not None:
            frame = frame[satisfied(frame)]
        parts.append(frame[accept(frame)])
        found += len(parts[-1])
    joined = _join(table, parts, np.random.default_rng(seed.spawn(1)[0])).iloc[:n]
    return joined.reset_index(drop=True)


def present(table: TableTransformer, but: Hashable | None = None) -> dict[Hashable, slice]:
    """Conditions of rows without missing cells, those of the column `but` left aside."""
    columns = table.columns_.items()
    return {name: slice(None) for name, column in columns if _may_be_missing(column) and name != but}


def complete(
    table: TableTransformer,
    sampler: Sampler,
    given: pd.DataFrame,
    seed: np.random.SeedSequence,
    accept: Acceptance,
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
        if known and not isinstance(table.columns_[name], Identifier):
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
