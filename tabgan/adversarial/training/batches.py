"""Random batches of an encoded table: packed codes on the device, shard after shard if there are many."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.adversarial.networks.encoding import Encoding
from tabgan.adversarial.training.packing import Packed, Packing
from tabgan.layout import Block
from tabgan.trees.atoms import Intervals


@dataclass(frozen=True)
class PackedTable:
    """An encoded table as training takes it.

    Parameters
    ----------
    packing : Packing
    shards : sequence of ndarray of shape (n, packing.row_bytes)
        All rows, in one shard; or in several, of which each holds rows chosen at random among all, and is
        read from disk each time it is asked for.
    n_rows : int
        Of all shards together.
    intervals : sequence of (ndarray of shape (k, 2) or None), default=()
        Which codes of each block stand for one value, see :class:`~tabgan.trees.atoms.Atoms`.
    least : int, default=1
        So many records must hold a value for it to be drawn.
    """

    packing: Packing
    shards: Sequence[Packed]
    n_rows: int
    intervals: Intervals = ()
    least: int = 1

    @classmethod
    def of(cls, codes: NDArray[np.float32], blocks: Sequence[Block]) -> PackedTable:
        """Pack codes of shape (n, n_blocks)."""
        packing = Packing(blocks)
        return cls(packing, [packing.pack(codes)], len(codes))

    def fingerprint(self) -> str:
        """Give a hash of all rows, which is another for other rows."""
        digest = hashlib.blake2b(digest_size=16)
        for shard in self.shards:
            digest.update(shard.data)
        return digest.hexdigest()


class Batches:
    """Rows for training, without end.

    Parameters
    ----------
    table : PackedTable
    first : ndarray of shape (n, row_bytes)
        Those rows of the first shard that are trained on.
    device : torch.device
    """

    def __init__(self, table: PackedTable, first: Packed, device: torch.device) -> None:
        self.table, self.first, self.device = table, first, device
        self.encoding = Encoding(table.packing.blocks, device)
        self._load(0)

    def draw(self, n: int, rng: torch.Generator) -> Tensor:
        """Draw n rows with replacement, shape (n, width): from memory of the device, without a host copy."""
        if self._n_drawn >= len(self._packed) and len(self.table.shards) > 1:
            self._load((self._shard + 1) % len(self.table.shards))
        self._n_drawn += n
        chosen = torch.randint(len(self._packed), (n,), generator=rng, device=self.device)
        return self.encoding.rows(self.table.packing.unpack(self._packed[chosen]))

    def state_dict(self) -> dict[str, Any]:
        """Which shard it is at, and how many rows were drawn of it."""
        return {"shard": self._shard, "n_drawn": self._n_drawn}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if state["shard"] != self._shard:
            self._load(state["shard"])
        self._n_drawn = state["n_drawn"]

    def _load(self, shard: int) -> None:
        """Put a shard on the device; as many rows as it has will be drawn of it."""
        packed = torch.from_numpy(self.table.shards[shard] if shard else self.first)
        if self.device.type == "cuda":
            packed = packed.pin_memory()
        self._packed = packed.to(self.device, non_blocking=True)
        self._shard, self._n_drawn = shard, 0
