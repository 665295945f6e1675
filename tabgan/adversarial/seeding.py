"""Random streams that belong to one piece of work: those of the caller and of other threads stay."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

# torch's layers take their first weights from its global state, which threads share.
BUILDING = threading.RLock()


def seed_number(seed: np.random.SeedSequence) -> int:
    """Give a seed for torch, below 2**63."""
    return int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator_of(seed: np.random.SeedSequence, device: torch.device) -> torch.Generator:
    """Give a new random stream on a device."""
    return torch.Generator(device).manual_seed(seed_number(seed))


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch on the CPU and on `device` inside the block, for one thread at a time, and undo it after it.

    It is for building networks alone. Code of others that draws from torch's global state in that moment, in
    another thread, would see it.
    """
    cuda = [device] if device.type == "cuda" else []
    with BUILDING, torch.random.fork_rng(devices=cuda):
        torch.random.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.default_generators[device.index or 0].manual_seed(seed)
        yield
