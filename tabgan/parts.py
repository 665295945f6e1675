"""Samples in parts: any number of rows in constant memory, each part from a seed of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabgan.files import pack_model, unpack_model
from tabgan.table import Identifier, Unique

if TYPE_CHECKING:
    from tabgan.synthesizer import Synthesizer

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
        if isinstance(drawn, pd.DataFrame):
            for name, column in model._transformer.columns_.items():
                if isinstance(column, Identifier) and column.storage_ is not None and name in drawn:
                    rng = np.random.default_rng(self.seed(part, KEYS))
                    drawn[name] = column.renew(drawn[name], rng, (part, self.n_parts, self.rows_per_part))
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


class InParts:
    """What a synthesizer offers for tables that are larger than memory."""

    def sample_batches(
        self,
        n_samples: int,
        *,
        batch_rows: int = ROWS,
        given: Mapping[Hashable, Any] | None = None,
        balance: Hashable | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        random_state: Seed = None,
    ) -> Iterator[Any]:
        """Draw new rows as tables of at most `batch_rows` rows, one after the other, in constant memory.

        Parameters
        ----------
        n_samples : int
            Rows of all tables together.
        batch_rows : int, default=250_000
            Rows of each table but the last, which may have fewer.
        given, balance, missing, exclude_copies, min_distance
            As in `sample`; `given` is a mapping.
        random_state : int, RandomState, SeedSequence or None, default=None
            As in `sample`. Each table has a seed of its own: the k-th is the same for one seed and
            `batch_rows` whether those before it are drawn or not, and not those of one call of `sample`.

        Yields
        ------
        DataFrame or ndarray of shape (m, n_columns)
            As `sample` gives it. Keys that are numbers differ in all tables; strings that are keys differ
            within each, and between them as far as their format makes it likely.

        Raises
        ------
        ValueError
            If an argument is out of range, or there is a rule on all rows together (``Unique``), which only a
            single table can obey.
        """
        told = {"given": given, "balance": balance, "missing": missing}
        told |= {"exclude_copies": exclude_copies, "min_distance": min_distance}
        plan = make_plan(self, n_samples, batch_rows, random_state, told)
        return (plan.draw(self, part) for part in range(plan.n_parts))  # type: ignore[arg-type]

    def sample_to(
        self,
        path: str | os.PathLike[str],
        n_samples: int,
        *,
        rows_per_part: int = ROWS,
        given: Mapping[Hashable, Any] | None = None,
        balance: Hashable | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        workers: int = 1,
        verbose: int = 1,
        random_state: Seed = None,
    ) -> Path:
        """Draw new rows into a folder of Parquet files, in constant memory.

        Killed on the way, the same call goes on where it stopped, and ends with the same files as a call
        that was not: each is complete when it gets its name, ``part-000000.parquet`` and so on. What
        the folder is to hold stands in its ``_tabgan.json``.

        Parameters
        ----------
        path : str or path
            A folder: new, empty, or one that the same call has begun.
        n_samples : int
            Rows of all files together.
        rows_per_part : int, default=250_000
            Rows of each file but the last, which may have fewer; they are in memory at a time.
        given, balance, missing, exclude_copies, min_distance
            As in `sample`; `given` is a mapping.
        workers : int, default=1
            Processes that draw parts; they do not change the rows. A script that asks for more than one
            must guard what it does by ``if __name__ == "__main__"``.
        verbose : int, default=1
            0 is silent, 1 shows a progress bar.
        random_state : int, RandomState, SeedSequence or None, default=None
            None takes up the seed in the folder, or goes on with the model's own stream in a new one. The
            rows are those of `sample_batches`.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        ValueError
            If an argument is out of range, the folder holds something else, or Parquet cannot hold a column.
        OSError
            If a file cannot be written; all parts so far are kept.
        """
        from tabgan.writing import write_parts

        told = {"given": given, "balance": balance, "missing": missing}
        told |= {"exclude_copies": exclude_copies, "min_distance": min_distance}
        return write_parts(self, Path(path), n_samples, rows_per_part, random_state, told, workers, verbose)  # type: ignore[arg-type]


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
    rules = [rule for rule in getattr(model._transformer, "rules_", []) if isinstance(rule, Unique)]
    if rules and n_rows > rows_per_part:
        raise ValueError(
            f"the rule {rules[0]} is on all rows together, which parts of {rows_per_part:,} rows cannot "
            "obey: draw them all at once by sample, or as a single part"
        )
    seed = model._next_seed(random_state)
    return Plan(int(n_rows), int(rows_per_part), seed.entropy, tuple(seed.spawn_key), dict(conditions))
