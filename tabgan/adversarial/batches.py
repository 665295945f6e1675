"""Endless random batches of a table that lies on the device."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def endless_batches(rows: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Yield batches of shape (batch_size, width), each row drawn with replacement, without a host copy."""
    while True:
        yield rows[torch.randint(len(rows), (batch_size,), device=rows.device)]
