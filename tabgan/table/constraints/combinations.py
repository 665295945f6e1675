"""Columns whose values come together only as they did in training: one category for all of them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.categories import value_keys
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.numbers import as_floats, family
from tabgan.table.columns.protection import Protection
from tabgan.table.constraints.base import ColumnGroup, Includes, Mask, new_name
from tabgan.table.inference import kind_of

ON_A_SCALE = ("numbers", "times", "times with a zone", "lengths of time")


@dataclass(frozen=True)
class FixedCombinations(ColumnGroup):
    """The values of some columns form a combination of the training table, where missing is a value, too.

    The networks learn one column for all: the one that the others follow from, if there is one, or else the
    combination as one category. The model file then holds the combinations, as it does the categories of a
    column.

    Parameters
    ----------
    names : sequence of column names
        Two or more.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["Bonn", "Lyon"], "country": ["DE", "FR"]})
    >>> constraint = FixedCombinations(["city", "country"]).learn(frame)
    >>> constraint.check(pd.DataFrame({"city": ["Bonn", "Lyon"], "country": ["DE", "DE"]})).tolist()
    [True, False]
    """

    def __str__(self) -> str:
        return f"fixed combinations of {', '.join(map(str, self.names))}"

    def check(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows obey, shape (n,); before `learn`, all do."""
        if self.learned is None:
            return np.ones(len(frame), dtype=bool)
        known = set(_row_keys(self.learned[1], self.names))
        return np.array([key in known for key in _row_keys(frame, self.names)], dtype=bool)

    def learn(self, table: pd.DataFrame | TableFacts) -> FixedCombinations:
        """Remember the combinations, and the column that the others follow from."""
        table = TableFacts.of(table)
        rows = pd.DataFrame(dict(enumerate(table[name].codes for name in self.names)))
        counts = rows.groupby(list(rows), sort=False)[0].transform("size")
        order = counts[counts >= table.least].sort_values(ascending=False, kind="stable").index
        codes = rows.loc[order].drop_duplicates()
        if codes.empty:
            raise ValueError(
                f"constraint {self}: no combination is held by {table.least} records or more, so that "
                "protection would leave none; leave the constraint out, or fit with "
                "privacy=Privacy(protect=None)"
            )
        deciding = [
            name
            for place, name in enumerate(self.names)
            if codes[place].is_unique and _can_be_looked_up(table, name)
        ]
        key = min(deciding, key=lambda name: _on_a_scale(table.frame[name].dtype), default=None)
        known = {
            name: table.frame[name]
            .iloc[codes.index]
            .astype(Protection(table[name]).dtype)
            .reset_index(drop=True)
            for name in self.names
        }
        if key is None:
            key = new_name(" & ".join(map(str, self.names)), table.frame)
            known[key] = pd.Series([f"combination {place}" for place in range(len(codes))], dtype=object)
        return replace(self, learned=(key, known))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give all but the column that decides."""
        return tuple(name for name in self.names if name != self.learned[0])

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the one column in their place."""
        key, known = self.learned
        changed = frame.drop(columns=list(self.derived(frame)))
        if key not in self.names:
            combinations = dict(zip(_row_keys(known, self.names), known[key], strict=True))
            rows = pd.Series(_row_keys(frame, self.names))
            # A protected one becomes that which agrees in most columns, of several the most frequent.
            like = {row: max(combinations, key=partial(_agreement, row)) for row in {*rows} - {*combinations}}
            combinations |= {row: combinations[other] for row, other in like.items()}
            changed[key] = rows.map(combinations).tolist()
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Look up what comes with it."""
        key, known = self.learned
        rows = self._nearest(frame[key])
        changed = frame.drop(columns=[key])
        for name in self.names:
            changed[name] = known[name].take(rows).set_axis(changed.index)
        return changed

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable]) -> pd.DataFrame:
        """Give rows that break it the known combination that is most like them and has what is `fixed`."""
        held = [name for name in self.names if name in fixed]
        free = [name for name in self.names if name not in fixed]
        wrong = ~self.check(frame)
        if not held or not free or not wrong.any():
            return frame
        known = self.learned[1]
        of_held, of_free, whole = (_row_keys(known, names) for names in (held, free, self.names))
        places = np.full(len(frame), -1, dtype=np.intp)
        for row in np.flatnonzero(wrong).tolist():
            one = frame.iloc[[row]]
            (wanted,), (values,) = _row_keys(one, held), _row_keys(one, self.names)
            fit = [k for k, key in enumerate(of_held) if key == wanted and None not in of_free[k]]
            places[row] = max(fit, key=lambda place: _agreement(values, whole[place]), default=-1)
        changed = frame.copy(deep=False)
        for name in free:
            looked_up = known[name].take(np.maximum(places, 0)).set_axis(frame.index)
            changed[name] = frame[name].where(places < 0, looked_up)
        return changed

    @property
    def on_a_scale(self) -> bool:
        """Whether the column that is learned is of numbers or times: samples are moved to known ones."""
        key, known = self.learned
        return _on_a_scale(known[key].dtype)

    @property
    def is_exact(self) -> bool:
        """Whether `backward` surely undoes `forward`: where a value is looked up."""
        return not self.on_a_scale

    def translate(self, conditions: Mapping[Hashable, Includes]) -> dict[Hashable, pd.Series]:
        """Give what conditions on its columns come down to; of numbers, which are only near, nothing."""
        key, known = self.learned
        if self.on_a_scale:
            return {}
        possible = np.all([includes(known[name]) for name, includes in conditions.items()], axis=0)
        return {key: known[key][possible].reset_index(drop=True)}

    def _nearest(self, values: pd.Series) -> NDArray[np.intp]:
        """Give the combination that each value of the deciding column belongs to, of numbers the nearest."""
        known = self.learned[1][self.learned[0]]
        if not self.on_a_scale:
            place_of = {key: place for place, key in enumerate(value_keys(known))}
            return np.array([place_of.get(key, 0) for key in value_keys(values)], dtype=np.intp)
        known_numbers, numbers = as_floats(known), as_floats(values)
        present, missing = np.flatnonzero(~np.isnan(known_numbers)), np.flatnonzero(np.isnan(known_numbers))
        order = present[np.argsort(known_numbers[present])]
        middles = (known_numbers[order][1:] + known_numbers[order][:-1]) / 2
        rows = np.zeros(len(values), dtype=np.intp)
        is_missing = np.isnan(numbers)
        rows[~is_missing] = order[np.searchsorted(middles, numbers[~is_missing])]
        rows[is_missing] = missing[:1]
        return rows


def _agreement(row: tuple[Hashable, ...], other: tuple[Hashable, ...]) -> int:
    return sum(a == b for a, b in zip(row, other, strict=True))


def _row_keys(columns: Any, names: Sequence[Hashable]) -> list[tuple[Hashable, ...]]:
    return list(zip(*(value_keys(columns[name]) for name in names), strict=True))


def _can_be_looked_up(table: TableFacts, name: Hashable) -> bool:
    """Whether the value of another row is found again in samples: one near to it, or the same."""
    return _on_a_scale(table.frame[name].dtype) or kind_of(table[name])[0] == "categorical"


def _on_a_scale(dtype: Any) -> bool:
    """Whether values of this type are numbers or times, of which others may lie in between."""
    return family(dtype) in ON_A_SCALE
