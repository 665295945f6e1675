"""What a synthesizer offers for samples that are larger than memory: batches, and folders of files."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tabgan.sampling.parquet import write_parts
from tabgan.sampling.partitions import ROWS, Seed, make_plan


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
        told = {"given": given, "balance": balance, "missing": missing}
        told |= {"exclude_copies": exclude_copies, "min_distance": min_distance}
        return write_parts(self, Path(path), n_samples, rows_per_part, random_state, told, workers, verbose)  # type: ignore[arg-type]
