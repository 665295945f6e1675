"""Samples in parts: any number of rows in constant memory, each part from a seed of its own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabgan.io.containers import as_pandas, in_package
from tabgan.io.models import pack_model, unpack_model
from tabgan.table import Unique

if TYPE_CHECKING:
    from tabgan.estimators.base import Synthesizer

Seed = int | np.random.RandomState | np.random.SeedSequence | None
ROWS = 250_000  # of a part
KEYS = 2**32 - 1  # names the stream of keys beside those that `sample` spawns
ONE_AT_A_TIME = threading.Lock()  # sampling borrows torch's own random state, which threads share


@dataclass(frozen=True)
class Plan:
    """Which rows each part has, and what they are drawn from.

    Parameters
    ----------
    n_rows, rows_per_part : int
        The last part may have fewer.
    entropy, spawn_key : int, tuple of int
        Of the :class:`numpy.random.SeedSequence` whose k-th child is the seed of part k.
    conditions : dict
        The other arguments of `sample`.
    """

    n_rows: int
    rows_per_part: int
    entropy: int
    spawn_key: tuple[int, ...]
    conditions: Mapping[str, Any]

    @property
    def n_parts(self) -> int:
        """How many; no rows are one empty part."""
        return max(1, -(-self.n_rows // self.rows_per_part))

    def size(self, part: int) -> int:
        """Rows of one part."""
        return min(self.rows_per_part, self.n_rows - part * self.rows_per_part)

    def seed(self, part: int, *more: int) -> np.random.SeedSequence:
        """What one part is drawn from."""
        return np.random.SeedSequence(self.entropy, spawn_key=(*self.spawn_key, part, *more))

    def draw(self, model: Synthesizer, part: int) -> Any:
        """Give the rows of one part, which are the same whatever other parts were drawn."""
        with ONE_AT_A_TIME:
            drawn = model.sample(self.size(part), **self.conditions, random_state=self.seed(part))
        frame = as_pandas(drawn)
        if isinstance(frame, pd.DataFrame):
            for name, column in model._transformer.columns_.items():
                if column.is_generated and name in frame:
                    rng = np.random.default_rng(self.seed(part, KEYS))
                    frame[name] = column.renew(frame[name], rng, (part, self.n_parts, self.rows_per_part))
            return in_package(frame, model._form.package)
        return drawn


@dataclass(frozen=True)
class Shipped:
    """A model on its way to another process, as the content of its file.

    Parameters
    ----------
    form : type
        Its class.
    content : bytes
    device : str
    """

    form: type[Synthesizer]
    content: bytes
    device: str

    @classmethod
    def of(cls, model: Synthesizer) -> Shipped:
        """Pack a model."""
        content = pack_model(*model._content())
        return cls(type(model), content, str(model._learned.sampler.device))

    def model(self) -> Synthesizer:
        """Unpack it, once in each process."""
        return _unpacked(self)

    def draw(self, plan: Plan, part: int) -> Any:
        """Give the rows of one part."""
        return plan.draw(self.model(), part)


@lru_cache(maxsize=2)
def _unpacked(shipped: Shipped) -> Synthesizer:
    return shipped.form._from_content("the model", *unpack_model(shipped.content), shipped.device)


def make_plan(
    model: Any, n_rows: int, rows_per_part: int, random_state: Seed, conditions: Mapping[str, Any]
) -> Plan:
    """Check the arguments of a sample in parts, and take its seed."""
    if isinstance(conditions["given"], pd.DataFrame):
        raise TypeError("in parts, given must be a mapping; rows to complete are for sample")
    model.sample(0, **conditions, random_state=0)  # complains of the model and of the conditions
    for name, value, least in (("n_samples", n_rows, 0), ("rows per part", rows_per_part, 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    rules = [rule for rule in model._transformer.constraint_set_ if isinstance(rule, Unique)]
    if rules and n_rows > rows_per_part:
        raise ValueError(
            f"the rule {rules[0]} is on all rows together, which parts of {rows_per_part:,} rows cannot "
            "obey: draw them all at once by sample, or as a single part"
        )
    seed = model._next_seed(random_state)
    return Plan(int(n_rows), int(rows_per_part), seed.entropy, tuple(seed.spawn_key), dict(conditions))


def as_frame(model: Synthesizer, drawn: Any) -> pd.DataFrame:
    """What `sample` gives, an array too, as a frame."""
    frame = as_pandas(drawn)
    return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame, columns=model.schema_.index)
