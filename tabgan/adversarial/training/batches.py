"""Random batches of an encoded table: packed rows on the device, window after window if there are many."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.adversarial.networks.heads import Block
from tabgan.adversarial.training.packing import Packed, Packing

EARLY = 0.4  # share of the steps, the first ones, that take half a batch


@dataclass(frozen=True)
class Windows:
    """An encoded table as training takes it.

    Parameters
    ----------
    packing : Packing
    parts : sequence of ndarray of shape (n, packing.row_bytes)
        All rows, in one part; or in several, of which each holds rows chosen at random among all, and is
        read from disk each time it is asked for.
    n_rows : int
        Of all parts together.
    """

    packing: Packing
    parts: Sequence[Packed]
    n_rows: int

    @classmethod
    def of(cls, rows: NDArray[np.float32], blocks: Sequence[Block]) -> Windows:
        """Pack a matrix of shape (n, width)."""
        packing = Packing(blocks)
        return cls(packing, [packing.pack(rows)], len(rows))

    def fingerprint(self) -> str:
        """Give a hash of all rows, which is another for other rows."""
        digest = hashlib.blake2b(digest_size=16)
        for part in self.parts:
            digest.update(part.data)
        return digest.hexdigest()


class Batches:
    """Rows for training, for ever.

    Parameters
    ----------
    table : Windows
    first : ndarray of shape (n, row_bytes)
        Those rows of the first window that are trained on.
    device : torch.device
    """

    def __init__(self, table: Windows, first: Packed, device: torch.device) -> None:
        self.table, self.first, self.device = table, first, device
        self._show(0)

    def draw(self, n: int) -> Tensor:
        """Draw n rows with replacement, shape (n, width): from memory of the device, without a host copy."""
        if self._drawn >= len(self._packed) and len(self.table.parts) > 1:
            self._show((self._window + 1) % len(self.table.parts))
        self._drawn += n
        chosen = torch.randint(len(self._packed), (n,), device=self.device)
        return self.table.packing.unpack(self._packed[chosen])

    def get_state(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Which window it is at, and how much of it was drawn."""
        return {"window": self._window, "drawn": self._drawn}, {}

    def set_state(self, data: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Go on from there."""
        if data["window"] != self._window:
            self._show(data["window"])
        self._drawn = data["drawn"]

    def _show(self, window: int) -> None:
        """Put a window on the device; as many rows as it has will be drawn of it."""
        packed = torch.from_numpy(self.table.parts[window] if window else self.first)
        if self.device.type == "cuda":
            packed = packed.pin_memory()
        self._packed = packed.to(self.device, non_blocking=True)
        self._window, self._drawn = window, 0


def batch_size_at(step: int, steps: int, full: int) -> int:
    """Give the size of a batch: half of it early on, when any few rows show where to go."""
    return full if step >= EARLY * steps else math.ceil(full / 2)
