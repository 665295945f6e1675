"""Rows that satisfy a rare condition by walks in latent space, where there are no trees to sweep them.

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

WALKS = 500  # that are enough to start from
STEPS = 24  # between two rows that are taken from a walk
MOVED = 0.35  # share of the proposals that should be accepted; their distance follows from it


def walk(
    sampler: Sampler, start: Candidates, n: int, condition: Condition, seed: np.random.SeedSequence
) -> Codes:
    """Go on from rows that satisfy the condition until there are n, `start` included."""
    numpy_seed, torch_seed = seed.spawn(2)
    rng, torch_rng = np.random.default_rng(numpy_seed), generator_of(torch_seed, sampler.device)
    copies = math.ceil(min(n, WALKS) / len(start.codes))
    now = Candidates.concatenate([start] * copies)
    taken, n_taken, distance = [start.codes], len(start.codes), 0.5
    for step in range(1, 1 + STEPS * 100 * math.ceil(n / len(now.codes))):
        normal = torch.randn(now.latent.shape, generator=torch_rng, device=sampler.device)
        latent = math.sqrt(1 - distance**2) * now.latent + distance * normal
        proposed = sampler.at(latent, torch_rng, condition)
        ratio = np.exp(np.minimum(proposed.log_weight - now.log_weight, 0))
        accepted = rng.random(len(ratio)) < ratio
        now.replace(accepted, proposed)
        distance = float(np.clip(distance * math.exp(accepted.mean() - MOVED), 0.01, 1))
        if step % STEPS == 0:
            taken.append(
                now.codes.copy()
            )  # also those that did not move, or else rows that move easily would be more
            n_taken += len(now.codes)
            if n_taken >= n:
                break
    return rng.permutation(np.concatenate(taken))[:n]
