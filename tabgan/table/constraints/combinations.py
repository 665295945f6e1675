"""Columns whose values come together only as they did in training: one category for all of them."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack_dtype, unpack_dtype
from tabgan.table.columns.categories import value_keys
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.numbers import as_floats, family
from tabgan.table.constraints.base import Constraint, Includes, Mask, new_name
from tabgan.table.inference import kind_of

ON_A_SCALE = ("numbers", "times", "times with a zone", "lengths of time")


@dataclass(frozen=True)
class FixedCombinations(Constraint):
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

    names: Sequence[Hashable]

    def __post_init__(self) -> None:
        if isinstance(self.names, str) or len(set(self.names)) < 2:
            raise ValueError(f"FixedCombinations needs a list of two or more columns, got {self.names!r}")
        object.__setattr__(self, "names", tuple(self.names))

    def __str__(self) -> str:
        return f"fixed combinations of {', '.join(map(str, self.names))}"

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """All."""
        return tuple(self.names)

    def check(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows obey, shape (n,); before `learn`, all do."""
        if self.learned is None:
            return np.ones(len(frame), dtype=bool)
        known = set(self._known_keys())
        return np.array([key in known for key in _row_keys(frame, self.names)], dtype=bool)

    def learn(self, table: pd.DataFrame | TableFacts) -> FixedCombinations:
        """Remember the combinations, and the column that the others follow from."""
        table = TableFacts.of(table)
        codes = pd.DataFrame(dict(enumerate(table[name].codes for name in self.names))).drop_duplicates()
        rows = table.frame[list(self.names)].iloc[codes.index]
        values = [rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in self.names]
        deciding = [
            name
            for place, name in enumerate(self.names)
            if codes[place].is_unique and _can_be_looked_up(table, name)
        ]
        key = min(deciding, key=lambda name: _on_a_scale(table.frame[name].dtype), default=None)
        formats = tuple((_as_text(table.frame[name].dtype), _null(table, name)) for name in self.names)
        name = new_name(" & ".join(map(str, self.names)), table.frame) if key is None else key
        return replace(self, learned=(name, key is not None, tuple(zip(*values, strict=True)), formats))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give all but the column that decides."""
        name, decides, *_ = self.learned
        return tuple(other for other in self.names if not (decides and other == name))

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the one column in their place."""
        name, decides, *_ = self.learned
        changed = frame.drop(columns=list(self.derived(frame)))
        if not decides:
            number = {key: f"combination {place}" for place, key in enumerate(self._known_keys())}
            changed[name] = [number.get(key, "unknown") for key in _row_keys(frame, self.names)]
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Look up what comes with it."""
        name, decides, *_ = self.learned
        if decides:
            rows = self._nearest(frame[name])
        else:
            rows = np.array([int(str(text).removeprefix("combination ")) for text in frame[name]], dtype=int)
        changed = (frame if decides else frame.drop(columns=[name])).copy()
        for other in (*self.derived(frame), *[name] * decides):
            changed[other] = self._known(other).take(rows).set_axis(changed.index)
        return changed

    @property
    def on_a_scale(self) -> bool:
        """Whether the column that is learned is of numbers or times: samples are moved to known ones."""
        name, decides, *_ = self.learned
        return decides and _on_a_scale(self._known(name).dtype)

    @property
    def is_exact(self) -> bool:
        """Whether `backward` surely undoes `forward`: where a value is looked up."""
        return bool(self.learned[1]) and not self.on_a_scale

    def translate(self, conditions: Mapping[Hashable, Includes]) -> dict[Hashable, pd.Series]:
        """Give what conditions on its columns come down to; of numbers, which are only near, nothing."""
        name, decides, *_ = self.learned
        if self.on_a_scale:
            return {}
        possible = np.all([includes(self._known(column)) for column, includes in conditions.items()], axis=0)
        if decides:
            return {name: self._known(name)[possible].reset_index(drop=True)}
        return {name: pd.Series([f"combination {k}" for k in np.flatnonzero(possible)], dtype=object)}

    def _nearest(self, values: pd.Series) -> NDArray[np.intp]:
        """Give the combination that each value of the deciding column belongs to, of numbers the nearest."""
        known = self._known(self.learned[0])
        if not self.on_a_scale:
            place_of = {key: place for place, key in enumerate(value_keys(known))}
            return np.array([place_of[key] for key in value_keys(values)], dtype=np.intp)
        known_numbers, numbers = as_floats(known), as_floats(values)
        present, missing = np.flatnonzero(~np.isnan(known_numbers)), np.flatnonzero(np.isnan(known_numbers))
        order = present[np.argsort(known_numbers[present])]
        middles = (known_numbers[order][1:] + known_numbers[order][:-1]) / 2
        rows = np.zeros(len(values), dtype=np.intp)
        is_missing = np.isnan(numbers)
        rows[~is_missing] = order[np.searchsorted(middles, numbers[~is_missing])]
        rows[is_missing] = missing[:1]
        return rows

    def _known(self, name: Hashable) -> pd.Series:
        """Give the values of a column in each of the combinations."""
        place = self.columns.index(name)
        dtype, null = self.learned[3][place]
        values = [null if key[place] is None else key[place] for key in self.learned[2]]
        return pd.Series(values, dtype=object).astype(unpack_dtype(json.loads(dtype)))

    def _known_keys(self) -> list[tuple[Hashable, ...]]:
        return list(zip(*(value_keys(self._known(name)) for name in self.names), strict=True))


def _row_keys(frame: pd.DataFrame, names: Sequence[Hashable]) -> list[tuple[Hashable, ...]]:
    return list(zip(*(value_keys(frame[name]) for name in names), strict=True))


def _can_be_looked_up(table: TableFacts, name: Hashable) -> bool:
    """Whether the value of another row is found again in samples: one near to it, or the same."""
    return _on_a_scale(table.frame[name].dtype) or kind_of(table[name])[0] == "categorical"


def _on_a_scale(dtype: Any) -> bool:
    """Whether values of this type are numbers or times, of which others may lie in between."""
    return family(dtype) in ON_A_SCALE


def _null(table: TableFacts, name: Hashable) -> Any:
    """Give what stands for a missing value."""
    missing = table.frame[name][table[name].missing].astype(object)
    return missing.iloc[0] if len(missing) else None


def _as_text(dtype: Any) -> str:
    return json.dumps(pack_dtype(dtype))
