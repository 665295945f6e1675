"""Samples in parts: any number of rows in constant memory, each part from another seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.models import pack_model, unpack_model
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.request import SampleRequest, whole_number
from tabgan.table import Unique

ROWS = 250_000  # of a part
KEYS = 2**32 - 1  # names the stream of keys beside those that `sample` spawns


@dataclass(frozen=True)
class Plan:
    """Which rows each part has, and what they are drawn from.

    Parameters
    ----------
    n_rows, rows_per_part : int
        The last part may have fewer.
    entropy, spawn_key : int, tuple of int
        Of the :class:`numpy.random.SeedSequence` whose k-th child is the seed of part k.
    request : SampleRequest
        What all rows must be like.
    """

    n_rows: int
    rows_per_part: int
    entropy: Any
    spawn_key: tuple[int, ...]
    request: SampleRequest

    @classmethod
    def of(
        cls,
        model: FittedModel,
        n_rows: int,
        rows_per_part: int,
        request: SampleRequest,
        random_state: Seed = None,
    ) -> Plan:
        """Check what is asked of a model, as `tabgan.TabGAN.sample_batches` says, and take the seed."""
        if isinstance(request.given, pd.DataFrame):
            raise TypeError("in parts, given must be a mapping; rows to complete are for sample")
        n_rows = whole_number("n_samples", n_rows, 0)
        rows_per_part = whole_number("rows per part", rows_per_part, 1)
        model.sample(0, request, 0)  # refuses what no row can satisfy
        constraints = model.transformer.constraint_set_
        unique = next((each for each in constraints if isinstance(each, Unique)), None)
        if unique is not None and n_rows > rows_per_part:
            raise ValueError(
                f"the constraint {unique} is on all rows together, which parts of {rows_per_part:,} rows "
                "cannot satisfy: draw them all at once by sample, or as a single part"
            )
        seed = model.next_seed(random_state)
        return cls(n_rows, rows_per_part, seed.entropy, tuple(seed.spawn_key), request)

    @property
    def n_parts(self) -> int:
        """How many parts there are; no rows are one empty part."""
        return max(1, -(-self.n_rows // self.rows_per_part))

    def size(self, part: int) -> int:
        """Give the number of rows of one part."""
        return min(self.rows_per_part, self.n_rows - part * self.rows_per_part)

    def seed(self, part: int, *more: int) -> np.random.SeedSequence:
        """Give what one part is drawn from."""
        return np.random.SeedSequence(self.entropy, spawn_key=(*self.spawn_key, part, *more))

    def draw(self, model: FittedModel, part: int) -> pd.DataFrame:
        """Draw the rows of one part, which are the same whatever other parts were drawn."""
        frame = model.sample(self.size(part), self.request, self.seed(part))
        for name, column in model.transformer.columns_.items():
            if column.is_generated:
                rng = np.random.default_rng(self.seed(part, KEYS))
                frame[name] = column.renew(frame[name], rng, (part, self.n_parts, self.rows_per_part))
        return frame


@dataclass(frozen=True)
class Shipped:
    """A model on its way to another process: the content of its file, and its device."""

    content: bytes
    device: str

    @classmethod
    def of(cls, model: FittedModel) -> Shipped:
        """Pack a model."""
        return cls(pack_model(*model.to_content()), str(model.sampler.device))

    def model(self) -> FittedModel:
        """Unpack it, once in each process."""
        return _unpacked(self)


@lru_cache(maxsize=2)
def _unpacked(shipped: Shipped) -> FittedModel:
    return FittedModel.from_content(*unpack_model(shipped.content), shipped.device)
