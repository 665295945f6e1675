"""Holes in rows, filled from their conditional distribution given what the row has.

The conditional distributions are those of the model: forests learn them from its own rows, so that no
training row is needed (:mod:`tabgan.trees.chained`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.sampling.known import Known, mix
from tabgan.table import TableTransformer
from tabgan.table.columns.categories import find_missing
from tabgan.table.constraints.base import Mask
from tabgan.table.row_encoder import RowEncoder
from tabgan.trees.atoms import Atoms
from tabgan.trees.chained import ChainedForests
from tabgan.trees.predictors import by_column

POOL = 20_000  # rows of the model that forests learn from
ATTEMPTS = 5  # to fill a row so that it passes the row filter
CHUNK = 50_000  # copies of rows that are filled at a time

Codes = NDArray[np.float32]
Accept = Callable[[pd.DataFrame, Mask], Mask]


class Imputation:
    """Fills holes in rows of a table.

    All columns of the table are looked at as they are, also those that the networks derive from others.

    Parameters
    ----------
    table : TableTransformer
        Fitted.
    pool : DataFrame of shape (n_pool, n_columns)
        Rows of the model.

    Attributes
    ----------
    names : list of column names
        Those whose values are learned, and of which the pool has some.
    forests : ChainedForests
        Over these columns.
    """

    def __init__(self, table: TableTransformer, pool: pd.DataFrame) -> None:
        self.table, self.pool = table, pool
        present = {name: ~find_missing(pool[name]) for name in pool}
        self.names = [
            name
            for name, column in table.columns_.items()
            if column.blocks() and not column.is_generated and present[name].any()
        ]
        repeats = {name: repeat for name, repeat in table.encoder_.repeats.items() if repeat[0] in self.names}
        self.encoder = RowEncoder(
            table.columns_, self.names, {name: each for name, each in repeats.items() if name in self.names}
        )
        self.atoms = Atoms(self.encoder.layout, self.encoder.intervals())
        self.forests = ChainedForests(
            self.encoder.layout, by_column(self.encoder.layout), np.random.SeedSequence(0)
        )
        if self.names:
            rng = np.random.default_rng(0)
            self.forests.fit(*self.encode(dict(pool.items()), present, len(pool), rng))

    def encode(
        self,
        values: Mapping[Hashable, pd.Series],
        present: Mapping[Hashable, Mask],
        n_rows: int,
        rng: np.random.Generator,
    ) -> tuple[Codes, Mask]:
        """Encode what rows have.

        Parameters
        ----------
        values : mapping of column name to Series of shape (n_rows,)
            In the dtypes of the model.
        present : mapping of column name to ndarray of bool, shape (n_rows,)
            Where they are values.
        n_rows : int
        rng : numpy.random.Generator

        Returns
        -------
        codes : ndarray of shape (n_rows, n_blocks)
        missing : ndarray of bool, shape (n_rows, n_names)
            Where nothing is known; a value that is unlike any in training says nothing.
        """
        layout = self.encoder.layout
        codes = np.zeros((n_rows, len(layout)), dtype=np.float32)
        missing = np.ones((n_rows, len(self.names)), dtype=bool)
        for place, name in enumerate(self.names):
            rows = np.flatnonzero(present[name]) if name in values else np.zeros(0, dtype=np.intp)
            if not len(rows):
                continue
            source = None
            if name in self.encoder.repeats and (of := self.encoder.repeats[name][0]) in values:
                source = values[of].where(present[of]).iloc[rows].reset_index(drop=True)
            column = values[name].iloc[rows].reset_index(drop=True)
            encoded = self.encoder.encode(name, column, rng, source)
            is_like = ~np.isnan(encoded).any(axis=1)
            codes[rows[is_like], layout.places(name)] = encoded[is_like]
            missing[rows[is_like], place] = False
        return self.atoms.settle(codes), missing

    def draw(
        self, known: Known, copies: int, seed: np.random.SeedSequence, accept: Accept
    ) -> list[tuple[pd.DataFrame, Mask]]:
        """Complete rows several times.

        Parameters
        ----------
        known : Known
            What n rows have.
        copies : int
        seed : numpy.random.SeedSequence
        accept : callable
            ``accept(frame, beyond) -> bool array`` tells which rows are right, of which some were given what
            lies out of range; others are drawn again, some times.

        Returns
        -------
        list of (DataFrame of shape (n, n_columns), ndarray of bool of shape (n,))
            For each copy the rows, with the dtypes of the model, and which are right. Columns that are not
            given at all may be missing as in any sample.
        """
        rng = np.random.default_rng(seed)
        size = max(1, CHUNK // max(1, len(known)))
        frames = []
        for first in range(0, copies, size):
            frames += self._completed(known, min(size, copies - first), rng)
        return [self._accepted(known, frame, accept, rng) for frame in frames]

    def _accepted(
        self, known: Known, frame: pd.DataFrame, accept: Accept, rng: np.random.Generator
    ) -> tuple[pd.DataFrame, Mask]:
        """Draw those rows again that are not right."""
        beyond = known.beyond(self.table)
        passes = accept(frame, beyond)
        for _ in range(1, ATTEMPTS):
            if passes.all():
                break
            again = np.flatnonzero(~passes)
            (other,) = self._completed(known.take(again), 1, rng)
            passes[again] = accept(other, beyond[again])
            frame = pd.concat([frame.drop(index=again.tolist()), other.set_axis(again, axis=0)]).sort_index()
        return frame, passes

    def _completed(self, known: Known, copies: int, rng: np.random.Generator) -> list[pd.DataFrame]:
        """Fill the holes of rows, and correct what breaks a constraint."""
        n_rows = len(known)
        present: dict[Hashable, Mask] = {name: ~known.holes(name) for name in known.present.columns}
        codes, missing = self.encode(known.values, present, n_rows, rng)
        if self.names:
            filled, begin = self.forests.draw(codes, missing, rng, copies)
        else:
            filled, begin = (
                np.zeros((copies, n_rows, 0), dtype=np.float32),
                rng.integers(len(self.pool), size=(copies, n_rows)),
            )
        frames = []
        for of_copy, start in zip(filled, begin, strict=True):
            frame = known.put_into(self._decoded(of_copy, start, known, rng))
            frames.append(self._settled(frame, known))
        return frames

    def _decoded(
        self, codes: Codes, begin: NDArray[np.intp], known: Known, rng: np.random.Generator
    ) -> pd.DataFrame:
        """Give complete rows; a column that is not given may be missing, as where a chain began."""
        decoded = self.encoder.decode(self.atoms.spread(codes, rng), self.names, rng) if self.names else {}
        columns: list[pd.Series] = []
        for name, column in self.table.columns_.items():
            like = self.pool[name].iloc[begin].reset_index(drop=True)
            if column.is_generated:
                values = column.inverse_transform(
                    np.zeros((len(codes), len(column.blocks())), dtype=np.float32), rng
                )
            else:
                values = decoded.get(name, like)
            gone = find_missing(like)
            if name not in known.present.columns and gone.any():
                values = mix(values, like[gone], gone)
            columns.append(values)
        frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(len(codes)))
        return frame.set_axis(self.table.schema.index, axis=1)

    def _settled(self, frame: pd.DataFrame, known: Known) -> pd.DataFrame:
        """Correct holes of rows that break a constraint, as those are derived that networks do not learn."""
        constraints = self.table.constraint_set_
        beyond = known.beyond(self.table)
        wrong = np.flatnonzero(~self.table.obey(frame, beyond))
        if not len(constraints) or not len(wrong):
            return frame
        of_wrong, rows = known.take(wrong), frame.iloc[wrong].reset_index(drop=True)
        rebuilt = of_wrong.put_into(constraints.backward(constraints.forward(rows))[list(frame.columns)])
        rebuilt = rebuilt.set_axis(frame.columns, axis=1)
        better = self.table.obey(rebuilt, beyond[wrong])
        rows = pd.concat([rows[~better], rebuilt[better]]).sort_index()
        parts = [constraints.settle(rows.iloc[which], names) for names, which in of_wrong.patterns()]
        settled = pd.concat(parts).sort_index().set_axis(wrong, axis=0)
        return pd.concat([frame.drop(index=wrong.tolist()), settled]).sort_index()
