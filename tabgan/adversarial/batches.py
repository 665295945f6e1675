"""Random batches of a table that lies on the device."""

from __future__ import annotations

import math

import torch
from torch import Tensor

EARLY = 0.4  # share of the steps, the first ones, that take half a batch


def draw_batch(rows: Tensor, n: int) -> Tensor:
    """Draw n of the rows with replacement: shape (n, width), without a host copy."""
    return rows[torch.randint(len(rows), (n,), device=rows.device)]


def batch_size_at(step: int, steps: int, full: int) -> int:
    """Give the size of a batch: half of it early on, when any few rows show where to go."""
    return full if step >= EARLY * steps else math.ceil(full / 2)
