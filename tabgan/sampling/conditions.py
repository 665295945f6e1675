"""Conditions on rows: read and checked before anything is drawn, and asked of codes and of frames."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tabgan.sampling.code_conditions import CodeConditions
from tabgan.sampling.column_conditions import (
    AllOf,
    Between,
    ColumnCondition,
    Missing,
    OneOf,
    of_single_values,
)
from tabgan.sampling.formula import OfColumn, RowCondition, read_formula
from tabgan.sampling.grammar import Grammar
from tabgan.sampling.ranges import as_value
from tabgan.sampling.shares import Class
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.plain_values import is_missing
from tabgan.table.constraints.base import Mask
from tabgan.table.transformer import TableTransformer

Given = Mapping[Hashable, Any] | str
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
    also : mapping of column name to Class, optional
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
        also: Mapping[Hashable, Class] | None = None,
    ) -> None:
        self.table, self.given, self.also = table, given, also or {}
        self.grammar = grammar = Grammar(table)
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
        for name, wanted in self.also.items():
            if name in self.by_column:
                raise ValueError(f"column {name!r} cannot be both given and balanced")
            self.by_column[name] = wanted.condition
        for name in without_missing:
            asked = None if isinstance(given, str) else given.get(name)
            if not self._asks_for_missing(name, asked):
                self._add(name, Missing(False))
        includes = {name: condition.includes for name, condition in self.by_column.items()}
        values, replaced = table.constraint_set_.translate(includes, table.encoded_)
        # what encoded rows are asked: of columns that follow from another one, that one
        of_codes: dict[Hashable, ColumnCondition] = {name: OneOf(v) for name, v in values.items()}
        of_codes |= {name: c for name, c in self.by_column.items() if name not in replaced}
        self.of_codes = CodeConditions(table, of_codes, self.of_rows)

    def __bool__(self) -> bool:
        return bool(self.by_column or self.of_rows)

    def __str__(self) -> str:
        given = self.given if isinstance(self.given, str) else dict(self.given)
        said = [f"{each.said} in column {name!r}" for name, each in self.also.items()]
        return ", and ".join([repr(given), *said] if given else said)

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

    @property
    def fixed(self) -> list[Hashable]:
        """Columns of which single values are asked for."""
        return of_single_values(self.by_column)

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
            both = as_value(self.grammar.reader(name), before.within(condition))
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
