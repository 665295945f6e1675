"""Rows that satisfy a condition: by rejection where it is common, by walks in latent space where it is rare.

A walk proposes a latent point near the one it stands on and moves there if the row it gives satisfies the
condition (the preconditioned Crank-Nicolson proposal, Cotter et al. 2013, *MCMC methods for functions*,
section 4.2, which leaves the normal law of latent points as it is). Walks start from rows found by
rejection, so that they are where they should be from the first step on; what they lose is independence.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.adversarial.generator.sampler import BLOCK, Candidates, Sampler, Wanted
from tabgan.adversarial.seeding import seed_number, seeded

Rows = NDArray[np.float32]
EFFORT = 2_000_000  # rows drawn in search of the first ones
BATCH = 32  # blocks drawn at a time
COMMON = 0.05  # share of the drawn rows from which on rejection alone is fast
WALKS = 500  # that are enough to start from
STEPS = 8  # between two rows that are taken from a walk
MOVED = 0.35  # share of the proposals that should be accepted; their distance follows from it


def rows_given(sampler: Sampler, n: int, wanted: Wanted, seed: np.random.SeedSequence) -> tuple[Rows, int]:
    """Draw n encoded rows as `wanted`, and tell how many had to be drawn for them.

    Fewer rows, possibly none, come back only if fewer than two of `EFFORT` drawn rows satisfy the condition.
    """
    if not n:
        return sampler.rows(0, seed), 0
    search_seed, walk_seed = seed.spawn(2)
    found: list[Candidates] = []
    n_found = n_drawn = 0
    while n_found < n and n_drawn < EFFORT:
        drawn = sampler.candidates(search_seed.spawn(BATCH), wanted)
        found.append(drawn.take(np.flatnonzero(drawn.kept)))
        n_found, n_drawn = n_found + len(found[-1].rows), n_drawn + BATCH * BLOCK
        if n_found >= WALKS and n_found < COMMON * n_drawn:
            break
    start = Candidates.concatenate(found).take(slice(n))
    if 2 <= len(start.rows) < n:
        return _walk(sampler, start, n, wanted, walk_seed), n_drawn
    return start.rows, n_drawn


def _walk(sampler: Sampler, start: Candidates, n: int, wanted: Wanted, seed: np.random.SeedSequence) -> Rows:
    """Go on from rows that hold until there are n, `start` included."""
    rng = np.random.default_rng(seed)
    copies = math.ceil(min(n, WALKS) / len(start.rows))
    now = Candidates.concatenate([start] * copies)
    taken, n_taken, distance = [start.rows], len(start.rows), 0.5
    moved = np.zeros(len(now.rows), dtype=bool)
    for step in range(1, 1 + STEPS * 100 * math.ceil(n / len(now.rows))):
        with seeded(seed_number(np.random.SeedSequence(rng.integers(2**63))), sampler.device):
            noise = torch.randn_like(now.latent)
            there = sampler.at(math.sqrt(1 - distance**2) * now.latent + distance * noise, wanted)
        ratio = np.exp(np.minimum(there.log_weight - now.log_weight, 0))
        accepted = rng.random(len(ratio)) < ratio
        now.replace(accepted, there)
        moved |= accepted
        distance = float(np.clip(distance * math.exp(accepted.mean() - MOVED), 0.01, 1))
        if step % STEPS == 0:
            taken.append(now.rows[moved])
            n_taken += int(moved.sum())
            moved[:] = False
            if n_taken >= n:
                break
    return rng.permutation(np.concatenate(taken))[:n]
