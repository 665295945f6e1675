"""From a sampler to a DataFrame: any number of rows, and rows that satisfy a condition."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.adversarial.generator.latent_walk import rows_given
from tabgan.adversarial.generator.sampler import Sampler, Wanted
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.filters import RowFilter
from tabgan.table import TableTransformer

CHUNK = 32 * 1024  # rows that are drawn and decoded at a time


PATIENCE = 100_000  # rows drawn before there are too few that are accepted, ...


LEAST_RATE = 0.001  # ... which is a smaller share than this


LEAST_ROUND = 1024  # rows drawn at a time where some were refused


def draw(
    table: TableTransformer, sampler: Sampler, n: int, seed: np.random.SeedSequence, accept: RowFilter
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
    accept: RowFilter,
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
        if accept.constraints and good.any():
            frame = finished(rows[good], np.random.default_rng(0))
            good[good] = table.obey(frame) & conditions.satisfied(frame)
        return good

    wanted = Wanted(holds, conditions.allowed())

    def propose(m: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        row_seed, decode_seed = seed.spawn(2)
        rows, drawn = rows_given(sampler, m, wanted, row_seed)
        if len(rows) < m:
            also = f" under {accept}" if accept.constraints else ""
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
    accept: RowFilter,
) -> pd.DataFrame:
    """Draw n rows of which each level of a column, missing cells left out, gets the same number."""
    nominal = {
        name: column.categories.dropna()
        for name, column in table.columns_.items()
        if column.categories is not None
    }
    if name not in nominal:
        raise ValueError(f"balance needs a column of categories; {name!r} is none of {list(nominal)}")
    if name in given:
        raise ValueError(f"column {name!r} cannot be both given and balanced")
    levels = nominal[name]
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
    accept: RowFilter,
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
    return {
        name: slice(None)
        for name, column in columns
        if column.can_be_missing() and column.blocks() and name != but
    }


def _join(table: TableTransformer, decoded: list[pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    """Put pieces together; keys, which are distinct only within one, are made anew."""
    if len(decoded) == 1:
        return decoded[0]
    joined = pd.concat(decoded, ignore_index=True)
    for name, column in table.columns_.items():
        if column.is_generated:
            joined[name] = column.renew(joined[name], rng)
    return joined
