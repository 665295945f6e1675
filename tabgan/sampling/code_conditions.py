"""Conditions asked of encoded rows before they are decoded, and values put into such for which they hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.sampling.column_conditions import Between, ColumnCondition, OneOf, of_single_values, parts_of
from tabgan.sampling.formula import RowCondition
from tabgan.sampling.known import mix
from tabgan.table.constraints.base import Mask
from tabgan.table.repeats import chain_of
from tabgan.table.transformer import TableTransformer

Codes = NDArray[np.float32]
WINDOW = 0.01  # scalars, from -1 to 1, that are so near count as equal to a number, which is then put in
SPREAD = 32  # encodings of one value, to see how wide a stretch of scalars means the same
EVERY = 8192  # codes of one column, from all over it
CLOSER = 3  # times that a range is looked for between two of them


class CodeConditions:
    """Conditions that hold together, or nearly so, of rows of codes.

    Parameters
    ----------
    table : TableTransformer
    by_column : dict of column name to ColumnCondition
        Of columns that are encoded, or follow from such.
    of_rows : sequence of RowCondition
        Conditions on several columns.
    """

    def __init__(
        self,
        table: TableTransformer,
        by_column: Mapping[Hashable, ColumnCondition],
        of_rows: Sequence[RowCondition],
    ) -> None:
        self.table, self.by_column, self.of_rows = table, by_column, of_rows

    def holds(self, codes: Codes) -> Mask:
        """Tell which of n rows satisfy all of them, or nearly so, by codes of shape (n, n_blocks): (n,)."""
        rows = np.arange(len(codes))
        for name in self.by_column:
            rows = rows[self.column_holds(name, codes[rows])]
        for condition in self.of_rows:
            part = codes[rows]
            frame = pd.DataFrame({name: self.table.decode(part, name) for name in condition.names})
            rows = rows[condition.holds(frame)]
        mask = np.zeros(len(codes), dtype=bool)
        mask[rows] = True
        return mask

    def column_holds(self, name: Hashable, codes: Codes) -> Mask:
        """Tell in which of n rows the condition on one of the columns `of_codes` holds, shape (n,)."""
        condition = self.by_column[name]
        mask = np.zeros(len(codes), dtype=bool)
        if not isinstance(condition, OneOf) or name in self.table.repeats_:
            mask = condition.includes(self.table.decode(codes, name))
        if isinstance(condition, OneOf):
            kinds = [kind for kind, _ in self.table.encoder_.blocks(name)]
            of_column, encodings = self.table.codes(codes, name), self._encodings[name]
            if kinds == ["onehot"]:
                return mask | np.isin(of_column[:, 0], encodings)
            slack = np.array([WINDOW if kind == "scalar" else 0 for kind in kinds], dtype=np.float32)
            for of_value in encodings:
                low, high = of_value.min(axis=0) - slack, of_value.max(axis=0) + slack
                mask |= ((of_column >= low) & (of_column <= high)).all(axis=1)
        return mask

    def allowed(self) -> list[NDArray[np.bool_]]:
        """For each block, shape (width,), the categories with which all of them may hold."""
        layout = self.table.layout_
        allowed = [np.ones(block.width, dtype=bool) for block in layout]
        for name, condition in self.by_column.items():
            if not isinstance(condition, OneOf) or name in self.table.repeats_ or not layout.of(name):
                continue  # it may hold by other columns
            possible = self._encodings[name].reshape(-1, len(layout.of(name)))
            for mask, block, codes in zip(
                allowed[layout.places(name)], layout.of(name), possible.T, strict=True
            ):
                if block.kind == "onehot":
                    mask &= np.isin(np.arange(block.width), codes)
        return allowed

    def places(self) -> list[int] | None:
        """Give the places of the blocks that `holds` depends on; None if these may be all."""
        table = self.table
        names = [*self.by_column, *(name for condition in self.of_rows for name in condition.names)]
        places: set[int] = set()
        for name in names:
            if name not in table.encoded_:
                return None
            for link in chain_of(name, table.repeats_):
                places |= set(range(len(table.layout_))[table.layout_.places(link)])
        return sorted(places)

    def put(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Put values for which they hold into the rows that have others, column by column.

        The values are those of other rows, or where no row has such a value, any for which it holds. Rows for
        which most of the conditions hold already come first, and only these are given; but all if a column
        follows from others, as few of them may leave it the value.
        """
        holding = {name: self.column_holds(name, codes) for name in self.by_column}
        derived = [name for name in holding if name not in self.table.encoded_]
        order = np.argsort(-np.sum([np.zeros(len(codes)), *holding.values()], axis=0), kind="stable")
        chosen = order if derived else order[: max(1, len(codes) // 8)]
        result = codes[chosen].copy()
        for name, holds in holding.items():
            if name not in self.table.encoded_:
                continue
            places = self.table.layout_.places(name)
            source = codes[holds][:, places]
            if name in self.table.repeats_:  # what is taken over hangs on the other column
                source = source[source[:, 0] == 0]
            if not len(source):
                source = self._every(name, rng)
                everywhere = np.zeros((len(source), codes.shape[1]), dtype=np.float32)
                everywhere[:, places] = source
                source = source[self.column_holds(name, everywhere)]
            other = np.flatnonzero(~holds[chosen])
            if len(source) and len(other):
                result[other, places] = source[rng.integers(len(source), size=len(other))]
        return self._put_derived(result, derived, rng) if derived else result

    def _put_derived(self, codes: Codes, names: Sequence[Hashable], rng: np.random.Generator) -> Codes:
        """Put values into columns that follow from others, which are then corrected as far as they can be."""
        frame = self.table.inverse_transform(codes, rng)
        for name in names:
            condition, column = self.by_column[name], frame[name]
            holds = condition.includes(column)
            source = column[holds]
            if source.empty:
                source = self.table.columns_[name].inverse_transform(self._every(name, rng), rng)
                source = source[condition.includes(source)]
            if len(source) and not holds.all():
                frame[name] = mix(column, source.iloc[rng.integers(len(source), size=(~holds).sum())], ~holds)
        frame = self.table.constraint_set_.settle(frame, of_single_values(self.by_column), self.by_column)
        return self.table.transform(frame, rng, unseen="ignore")

    def _every(self, name: Hashable, rng: np.random.Generator) -> Codes:
        """Give codes of one column from all over its blocks, and some of each range, however narrow it is."""
        blocks = self.table.encoder_.blocks(name)
        codes = np.zeros((EVERY, len(blocks)), dtype=np.float32)
        for place, (kind, width) in enumerate(blocks):
            codes[:, place] = (
                np.linspace(-1, 1, EVERY) if kind == "scalar" else rng.integers(width, size=EVERY)
            )
        parts = [codes]
        for part in parts_of(self.by_column[name]):
            if isinstance(part, OneOf):
                parts.append(self.table.encoder_.encode(name, part.values, rng))
            elif isinstance(part, Between) and [kind for kind, _ in blocks].count("scalar") == 1:
                parts.append(self._within(name, part))
        return np.concatenate(parts)

    def _within(self, name: Hashable, wanted: Between) -> Codes:
        """Give codes of one column around a range, nearer and nearer until some lie in it."""
        kinds = [kind for kind, _ in self.table.encoder_.blocks(name)]
        codes = np.zeros((EVERY, len(kinds)), dtype=np.float32)  # onehots: a value, and one of its own
        place = kinds.index("scalar")
        not_below = Between(wanted.low, None, wanted.with_low, True, wanted.ordered)
        ends = (-1.0, 1.0)
        for _ in range(CLOSER):
            codes[:, place] = np.linspace(*ends, EVERY)
            column = self.table.columns_[name].inverse_transform(codes[:, int(name in self.table.repeats_) :])
            if wanted.includes(column).any():
                break
            first = int(np.argmax(not_below.includes(column)))  # codes rise as values do
            ends = tuple(codes[[max(first - 1, 0), first], place])
        return codes

    @cached_property
    def _encodings(self) -> dict[Hashable, NDArray[np.float32]]:
        """Of each column with values to choose from, those encoded: shape (n_values, SPREAD, n_blocks)."""
        found = {}
        for name, condition in self.by_column.items():
            if isinstance(condition, OneOf):
                values = condition.values.repeat(SPREAD).reset_index(drop=True)
                codes = self.table.encoder_.encode(name, values, np.random.default_rng(0))
                found[name] = codes.reshape(len(condition.values), SPREAD, codes.shape[1])
        return found
