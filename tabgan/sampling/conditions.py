"""Conditions on rows: read and checked before anything is drawn, and asked of codes and of frames."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.sampling.column_conditions import AllOf, Between, ColumnCondition, Missing, OneOf
from tabgan.sampling.formula import OfColumn, RowCondition, read_formula
from tabgan.sampling.grammar import Grammar
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.plain_values import is_missing
from tabgan.table.constraints.base import Mask
from tabgan.table.transformer import TableTransformer

Codes = NDArray[np.float32]
Given = Mapping[Hashable, Any] | str
WINDOW = 0.01  # scalars, from -1 to 1, that are so near count as equal to a number, which is then put in
SPREAD = 32  # encodings of one value, to see how wide a stretch of scalars means the same
EXAMPLES = 64  # rows on which expressions are tried


class Conditions:
    """Conditions that hold together.

    Parameters
    ----------
    table : TableTransformer
    given : mapping of column name to what its values must be, or str
        A value; a list or set of values; a slice, both ends included, or a ``pandas.Interval`` for a range;
        None for a missing value; `Not` of any of these. A value of the column is always that value. Or an
        expression of column names.
    without_missing : collection of column names, optional
        Those that hold no missing value unless it is asked for.
    also : dict of column name to ColumnCondition, optional
        More conditions, on columns that are not given.

    Raises
    ------
    ValueError
        If a column is unknown, or no row of the training table could satisfy a condition. The message names
        the column and what it can hold.
    """

    def __init__(
        self,
        table: TableTransformer,
        given: Given,
        without_missing: Collection[Hashable] = (),
        also: Mapping[Hashable, ColumnCondition] | None = None,
    ) -> None:
        self.table, self.given = table, given
        grammar = Grammar(table)
        conditions: list[RowCondition] = (
            read_formula(given, grammar, self._examples)
            if isinstance(given, str)
            else [OfColumn(name, grammar.read(name, asked)) for name, asked in given.items()]
        )
        self.by_column: dict[Hashable, ColumnCondition] = {}
        self.of_rows: list[RowCondition] = []
        for condition in conditions:
            if isinstance(condition, OfColumn):
                self._add(condition.name, condition.condition)
            else:
                self.of_rows.append(condition)
        for name, wanted in (also or {}).items():
            if name in self.by_column:
                raise ValueError(f"column {name!r} cannot be both given and balanced")
            self.by_column[name] = wanted
        for name in without_missing:
            asked = None if isinstance(given, str) else given.get(name)
            if not self._asks_for_missing(name, asked):
                self._add(name, Missing(False))
        includes = {name: condition.includes for name, condition in self.by_column.items()}
        values, replaced = table.constraint_set_.translate(includes, table.encoded_)
        # What encoded rows are asked: of columns that follow from another one, that one.
        self.of_codes: dict[Hashable, ColumnCondition] = {name: OneOf(v) for name, v in values.items()}
        self.of_codes |= {name: c for name, c in self.by_column.items() if name not in replaced}

    def __bool__(self) -> bool:
        return bool(self.by_column or self.of_rows)

    def __str__(self) -> str:
        return repr(self.given if isinstance(self.given, str) else dict(self.given))

    def holds(self, codes: Codes) -> Mask:
        """Tell which of n rows satisfy all of them, or nearly so, by codes of shape (n, n_blocks): (n,)."""
        rows = np.arange(len(codes))
        for name in self.of_codes:
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
        condition = self.of_codes[name]
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
        for name, condition in self.of_codes.items():
            if not isinstance(condition, OneOf) or name in self.table.repeats_ or not layout.of(name):
                continue  # it may hold by other columns
            possible = self._encodings[name].reshape(-1, len(layout.of(name)))
            for mask, block, codes in zip(
                allowed[layout.places(name)], layout.of(name), possible.T, strict=True
            ):
                if block.kind == "onehot":
                    mask &= np.isin(np.arange(block.width), codes)
        return allowed

    def satisfied(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows of a table satisfy all of them, shape (n,)."""
        mask = np.ones(len(frame), dtype=bool)
        for name, condition in self.by_column.items():
            mask &= condition.includes(frame[name])
        for row_condition in self.of_rows:
            mask &= row_condition.holds(frame)
        return mask

    def fill(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Put in the values that were asked for where a row only came near to them."""
        columns = [
            condition.fill(frame[name], rng)
            if isinstance(condition := self.by_column.get(name), OneOf)
            else frame[name]
            for name in frame.columns
        ]
        return pd.DataFrame(dict(enumerate(columns))).set_axis(frame.columns, axis=1)

    @cached_property
    def _encodings(self) -> dict[Hashable, NDArray[np.float32]]:
        """Of each column with values to choose from, those encoded: shape (n_values, SPREAD, n_blocks)."""
        found = {}
        for name, condition in self.of_codes.items():
            if isinstance(condition, OneOf):
                values = condition.values.repeat(SPREAD).reset_index(drop=True)
                codes = self.table.encoder_.encode(name, values, np.random.default_rng(0))
                found[name] = codes.reshape(len(condition.values), SPREAD, codes.shape[1])
        return found

    def _add(self, name: Hashable, condition: ColumnCondition) -> None:
        """Add a condition on a column, of which there may be one already."""
        before = self.by_column.get(name)
        both: ColumnCondition | None
        if before is None:
            both = condition
        elif isinstance(before, OneOf) or isinstance(condition, OneOf):
            values, other = (before, condition) if isinstance(before, OneOf) else (condition, before)
            left = values.values[other.includes(values.values)].reset_index(drop=True)  # type: ignore[attr-defined]
            both = OneOf(left) if len(left) else None
        elif isinstance(before, Between) and isinstance(condition, Between):
            both = before.within(condition)
        else:
            both = AllOf([before, condition])
        if both is None:
            raise ValueError(f"no value of column {name!r} satisfies all that is given of it: {self}")
        self.by_column[name] = both

    def _asks_for_missing(self, name: Hashable, asked: Any) -> bool:
        """Tell whether a missing value is asked for: by itself, or in a list."""
        condition = self.by_column.get(name)
        if condition == Missing(True) or (
            isinstance(asked, list | tuple | set) and any(map(is_missing, asked))
        ):
            return True
        return isinstance(condition, OneOf) and bool(find_missing(condition.values).all())

    def _examples(self) -> pd.DataFrame:
        """Give some rows that codes at random decode to."""
        rng = np.random.default_rng(0)
        layout = self.table.layout_
        codes = rng.uniform(-1, 1, (EXAMPLES, len(layout)))
        for place, block in enumerate(layout):
            if block.kind == "onehot":
                codes[:, place] = rng.integers(block.width, size=EXAMPLES)
        return self.table.inverse_transform(codes, 0)
