"""Rows that satisfy a condition: by rejection where it is common, by sweeps of trees where it is rare.

Rejection is exact but slow where few rows satisfy the condition. Then the few that were found, or if there
are none, rows into which what is asked for was put, are swept (:mod:`tabgan.trees.conditionals`): block after
block is drawn again given all others, and stays as it was where the condition would no longer hold.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tabgan.adversarial.generator.sampler import Codes, Condition, Sampler

BATCHES = 4  # drawn at a time, but for the first one
LEAST = 32 * 1024  # rows drawn for rejection at least, ...
EFFORT = 64 * 1024  # ... or more if that promises to be enough, ...
PATIENCE = 12  # ... and for each row that is asked for
SEARCH = 2_000_000  # rows drawn in search of the first two, where they cannot be put in
ENOUGH = 256  # rows found from which on a few sweeps part those that begin at the same one
SWEEPS, MOST_SWEEPS = 2, 8
ROUNDS = 12  # of sweeping, before a condition counts as impossible
STARTS = 4096  # rows into which values are put


def rows_given(
    sampler: Sampler, n: int, condition: Condition, seed: np.random.SeedSequence
) -> tuple[Codes, int]:
    """Draw rows that satisfy a condition.

    Parameters
    ----------
    sampler : Sampler
    n : int
        How many rows.
    condition : Condition
    seed : numpy.random.SeedSequence

    Returns
    -------
    codes : ndarray of shape (n, n_blocks)
        Of fewer rows, possibly none, only if hardly any row can satisfy the condition.
    n_drawn : int
        How many rows had to be drawn for them.
    """
    if not n:
        return sampler.rows(0, seed), 0
    search_seed, sweep_seed = seed.spawn(2)
    parts: list[Codes] = []
    n_found = n_drawn = 0
    effort = max(EFFORT, PATIENCE * n)
    while n_found < n:
        n_batches = BATCHES if n_drawn else 1
        parts.append(sampler.accepted(search_seed.spawn(n_batches), condition))
        n_found, n_drawn = n_found + len(parts[-1]), n_drawn + n_batches * sampler.batch
        promises = n_drawn < LEAST or ((n_found + 1) * effort >= n * n_drawn and n_drawn < effort)
        if not promises and (n_found >= 2 or n_drawn >= SEARCH or condition.put is not None):
            break
    found = np.concatenate(parts)[:n]
    if len(found) == n:
        return found, n_drawn
    rng = np.random.default_rng(sweep_seed)
    start = found if len(found) else _with_values(sampler, condition, rng)
    swept = _swept(sampler, start, len(found), n - len(found), condition, rng)
    return rng.permutation(np.concatenate([found, swept])), n_drawn


def _with_values(sampler: Sampler, condition: Condition, rng: np.random.Generator) -> Codes:
    """Give rows of which a condition holds because values were put in; possibly none."""
    seed = np.random.SeedSequence(int(rng.integers(2**63)))
    rows = sampler.rows(STARTS, seed)
    if condition.put is None:
        return rows[:0]
    rows = condition.put(rows, rng)
    return rows[condition.holds(rows)]


def _swept(
    sampler: Sampler, start: Codes, n_found: int, n: int, condition: Condition, rng: np.random.Generator
) -> Codes:
    """Give n rows, or fewer, that sweeps lead to from rows of which `n_found` were not made up."""
    conditionals, rare_pairs = sampler.conditionals, sampler.stages["rare pairs"]
    start = start[np.isfinite(rare_pairs.log_weight(start))]
    if not len(start):
        return start
    places = set(range(len(sampler.blocks)) if condition.places is None else condition.places)
    fixed = np.zeros(len(sampler.blocks), dtype=bool)
    if condition.allowed is not None:
        fixed[:] = [
            block.kind == "onehot" and allowed.sum() == 1
            for block, allowed in zip(sampler.blocks, condition.allowed, strict=True)
        ]
    accepts = condition.accepts or condition.holds

    def accept(codes: Codes, place: int) -> NDArray[np.bool_]:
        mask = accepts(codes) if place in places else np.ones(len(codes), dtype=bool)
        if not n_found and sampler.blocks[place].kind == "onehot":  # what was made up is easily led astray
            mask &= np.isfinite(rare_pairs.log_weight(codes))
        return mask

    n_sweeps = MOST_SWEEPS
    if n_found:
        n_sweeps = min(MOST_SWEEPS, SWEEPS + math.ceil(max(0.0, math.log2(ENOUGH / n_found))))
    taken: list[Codes] = [start[:0]]
    n_taken = 0
    rate = conditionals.discriminator.rate if n_found else 1.0
    for _ in range(ROUNDS):
        size = math.ceil(1.1 * (n - n_taken) / rate) + 16
        codes = start[rng.integers(len(start), size=size)]
        codes = conditionals.sweep(codes, np.broadcast_to(~fixed, codes.shape), rng, n_sweeps, accept)
        log_weight = rare_pairs.log_weight(codes)
        if n_found:  # what never occurred, no discriminator takes for real
            log_weight += conditionals.swept_log_weight(codes)
        kept = rng.random(len(codes)) < np.exp(log_weight)
        kept[kept] = condition.holds(codes[kept])
        taken.append(codes[kept])
        n_taken += int(kept.sum())
        rate = max(kept.mean(), 0.01)
        if n_taken >= n:
            break
    return np.concatenate(taken)[:n]
