"""Rows that satisfy a condition: by rejection where it is common, by walks in latent space where it is rare.

A walk proposes a latent point near the one it stands on and moves there if the row it gives satisfies the
condition (the preconditioned Crank-Nicolson proposal, Cotter et al. 2013, *MCMC methods for functions*,
section 4.2, which leaves the normal distribution of latent points as it is). Walks start from rows that
rejection gave, so that they are where they should be from the first step on; what they lose is independence.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from tabgan.adversarial.generator.sampler import Candidates, Codes, Condition, Sampler
from tabgan.adversarial.seeding import generator_of

EFFORT = 2_000_000  # rows drawn in search of the first ones
BATCHES = 4  # drawn at a time
COMMON = 0.001  # share of the drawn rows from which on rejection alone is fast
WALKS = 500  # that are enough to start from
STEPS = 24  # between two rows that are taken from a walk
MOVED = 0.35  # share of the proposals that should be accepted; their distance follows from it


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
        Of fewer rows, possibly none, only if fewer than two of `EFFORT` drawn rows satisfy the condition.
    n_drawn : int
        How many rows had to be drawn for them.
    """
    if not n:
        return sampler.rows(0, seed), 0
    search_seed, walk_seed = seed.spawn(2)
    parts: list[Candidates] = []
    n_kept = n_drawn = 0
    while n_kept < n and n_drawn < EFFORT:
        parts.append(sampler.candidates(search_seed.spawn(BATCHES), condition))
        n_kept, n_drawn = n_kept + len(parts[-1].codes), n_drawn + BATCHES * sampler.batch
        if n_kept >= WALKS and n_kept < COMMON * n_drawn:
            break
    start = Candidates.concatenate(parts).take(slice(n))
    if 2 <= len(start.codes) < n:
        return _walk(sampler, start, n, condition, walk_seed), n_drawn
    return start.codes, n_drawn


def _walk(
    sampler: Sampler, start: Candidates, n: int, condition: Condition, seed: np.random.SeedSequence
) -> Codes:
    """Go on from rows that satisfy the condition until there are n, `start` included."""
    numpy_seed, torch_seed = seed.spawn(2)
    rng, torch_rng = np.random.default_rng(numpy_seed), generator_of(torch_seed, sampler.device)
    copies = math.ceil(min(n, WALKS) / len(start.codes))
    now = Candidates.concatenate([start] * copies)
    taken, n_taken, distance = [start.codes], len(start.codes), 0.5
    moved = np.zeros(len(now.codes), dtype=bool)
    for step in range(1, 1 + STEPS * 100 * math.ceil(n / len(now.codes))):
        normal = torch.randn(now.latent.shape, generator=torch_rng, device=sampler.device)
        latent = math.sqrt(1 - distance**2) * now.latent + distance * normal
        proposed = sampler.at(latent, torch_rng, condition)
        ratio = np.exp(np.minimum(proposed.log_weight - now.log_weight, 0))
        accepted = rng.random(len(ratio)) < ratio
        now.replace(accepted, proposed)
        moved |= accepted
        distance = float(np.clip(distance * math.exp(accepted.mean() - MOVED), 0.01, 1))
        if step % STEPS == 0:
            taken.append(now.codes[moved])
            n_taken += int(moved.sum())
            moved[:] = False
            if n_taken >= n:
                break
    return rng.permutation(np.concatenate(taken))[:n]
