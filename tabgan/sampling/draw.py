"""From a sampler to a DataFrame: any number of rows, and rows that satisfy a condition."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.adversarial.generator.conditional import rows_given
from tabgan.adversarial.generator.sampler import Condition, Sampler
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.filters import RowFilter
from tabgan.table import TableTransformer

CHUNK = 32 * 1024  # rows that are drawn and decoded at a time
POOL = 16 * 1024  # rows whose kinds are counted
PATIENCE = 100_000  # rows drawn before there are too few that pass the row filter, ...
LEAST_RATE = 0.001  # ... which is a smaller share than this
LEAST_ROUND = 1024  # rows drawn at a time where some did not pass
Propose = Callable[[int, np.random.SeedSequence], pd.DataFrame]


@dataclass(frozen=True)
class Drawer:
    """Draws rows of a table that pass a filter, n of them whatever n is."""

    table: TableTransformer
    sampler: Sampler
    row_filter: RowFilter

    def draw(self, n: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Draw n rows, in bounded memory but for the result."""
        table = self.table

        def propose(m: int, seed: np.random.SeedSequence) -> pd.DataFrame:
            row_seed, decode_seed = seed.spawn(2)
            rng = np.random.default_rng(decode_seed)
            chunks = self.sampler.chunks(m, row_seed, CHUNK)
            decoded = [table.inverse_transform(codes, rng) for codes in chunks]
            return table.constraint_set_.settle(self._join(decoded, rng))

        return self._filtered(propose, n, seed)

    def draw_given(self, n: int, conditions: Conditions, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Draw n rows that satisfy conditions.

        Raises
        ------
        RuntimeError
            If hardly any row does.
        """
        table, constraints = self.table, self.row_filter.constraints
        of_codes = conditions.of_codes

        def finished(codes: NDArray[np.float32], rng: np.random.Generator) -> pd.DataFrame:
            frame = conditions.fill(table.inverse_transform(codes, rng), rng)
            return table.constraint_set_.settle(frame, conditions.fixed, conditions.by_column)

        def holds(codes: NDArray[np.float32]) -> NDArray[np.bool_]:
            satisfied = of_codes.holds(codes)
            if constraints and satisfied.any():
                frame = finished(codes[satisfied], np.random.default_rng(0))
                satisfied[satisfied] = table.obey(frame) & conditions.satisfied(frame)
            return satisfied

        condition = Condition(holds, of_codes.allowed(), of_codes.places(), of_codes.holds, of_codes.put)

        def propose(m: int, seed: np.random.SeedSequence) -> pd.DataFrame:
            row_seed, decode_seed = seed.spawn(2)
            codes, drawn = rows_given(self.sampler, m, condition, row_seed)
            if len(codes) < m:
                also = f" under {self.row_filter}" if constraints else ""
                raise RuntimeError(
                    f"{len(codes)} of {drawn:,} generated rows satisfy {conditions}{also}, too few to "
                    f"draw {n}; the training table has hardly any like them: ask for less, or for a wider "
                    "range"
                )
            return finished(codes, np.random.default_rng(decode_seed))

        return self._filtered(propose, n, seed, conditions.satisfied)

    def pool(self, conditions: Conditions, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Give rows of which some columns are counted, filtered only by conditions."""
        if conditions:
            return self.draw_given(POOL, conditions, seed)
        row_seed, decode_seed = seed.spawn(2)
        return self.table.inverse_transform(
            self.sampler.rows(POOL, row_seed), np.random.default_rng(decode_seed)
        )

    def draw_shares(
        self, counts: Sequence[tuple[Conditions, int]], seed: np.random.SeedSequence
    ) -> pd.DataFrame:
        """Draw so many rows that satisfy each of several conditions, in random order."""
        order_seed, *seeds = seed.spawn(len(counts) + 1)
        rng = np.random.default_rng(order_seed)
        frames = [
            self.draw_given(count, conditions, each_seed)
            for (conditions, count), each_seed in zip(counts, seeds, strict=True)
        ]
        joined = self._join(frames, rng)
        return joined.iloc[rng.permutation(len(joined))].reset_index(drop=True)

    def _filtered(
        self,
        propose: Propose,
        n: int,
        seed: np.random.SeedSequence,
        satisfied: Callable[[pd.DataFrame], NDArray[np.bool_]] | None = None,
    ) -> pd.DataFrame:
        """Propose rows until n of them pass; refuse if less than one in a thousand does."""
        if self.row_filter.all_pass and satisfied is None:
            return propose(n, seed)
        frames = [propose(0, seed.spawn(1)[0])]
        passed = drawn = 0
        while passed < n:
            if drawn >= PATIENCE and passed < LEAST_RATE * drawn:
                raise RuntimeError(
                    f"only {passed:,} of {drawn:,} drawn rows ({passed / drawn:.3%}) satisfy "
                    f"{self.row_filter}, too few to draw {n:,}; train longer, ask for fewer rows, or ask for "
                    "less"
                )
            rate = max((passed + 1) / (drawn + 2), LEAST_RATE)
            m = min(max(math.ceil(1.1 * (n - passed) / rate), LEAST_ROUND), CHUNK) if drawn else min(n, CHUNK)
            frame = propose(m, seed.spawn(1)[0])
            drawn += m
            if satisfied is not None:
                frame = frame[satisfied(frame)]
            frames.append(frame if self.row_filter.all_pass else frame[self.row_filter(frame)])
            passed += len(frames[-1])
        return self._join(frames, np.random.default_rng(seed.spawn(1)[0]), n)

    def _join(
        self, frames: list[pd.DataFrame], rng: np.random.Generator, n: int | None = None
    ) -> pd.DataFrame:
        """Take the first n rows of several frames, with new keys: these are distinct only within a frame."""
        if len(frames) == 1:
            return frames[0]
        joined = pd.concat(frames, ignore_index=True).iloc[:n]
        for name, column in self.table.columns_.items():
            if column.is_generated:
                joined[name] = column.renew(joined[name], rng)
        return joined
