"""Columns whose cells come together only as they did in training: one category for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype

from tabgan.table.plain import pack_dtype, unpack_dtype
from tabgan.table.rule import Mask, Rule, keys, new_name


@dataclass(frozen=True)
class FixedCombinations(Rule):
    """The cells of some columns form a combination that the training table has; missing is a cell, too.

    The networks learn one column for all: the one that the others follow from, if there is one, or else the
    combination as one category. The model file then holds the combinations, as it does the levels of a
    column.

    Parameters
    ----------
    names : sequence of column names
        Two or more.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["Bonn", "Lyon"], "country": ["DE", "FR"]})
    >>> rule = FixedCombinations(["city", "country"]).learn(frame)
    >>> rule.check(pd.DataFrame({"city": ["Bonn", "Lyon"], "country": ["DE", "DE"]})).tolist()
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
        """Which rows obey; before `learn`, all do."""
        if self.learned is None:
            return np.ones(len(frame), dtype=bool)
        known = set(self.learned[2])
        return np.array([key in known for key in keys(frame, self.names)], dtype=bool)

    def learn(self, frame: pd.DataFrame) -> FixedCombinations:
        """Remember the combinations, and what the other columns follow from."""
        found = tuple(dict.fromkeys(keys(frame, self.names)))
        key = next((name for name in self.names if self._decides(frame, name, found)), None)
        forms = tuple((_as_text(frame[name].dtype), _null(frame[name])) for name in self.names)
        name = new_name(" & ".join(map(str, self.names)), frame) if key is None else key
        return replace(self, learned=(name, key is not None, found, forms))

    def _decides(self, frame: pd.DataFrame, name: Hashable, found: tuple[Any, ...]) -> bool:
        """Whether a column of levels has each level in one combination only."""
        dtype = frame[name].dtype
        if is_datetime64_any_dtype(dtype) or is_timedelta64_dtype(dtype):
            return False
        numbers = is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
        place = self.columns.index(name)
        return not numbers and len({row[place] for row in found}) == len(found)

    def hides(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """All but the column that decides."""
        name, decides, *_ = self.learned
        return tuple(other for other in self.names if not (decides and other == name))

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put the one column in their place."""
        name, decides, found, _ = self.learned
        changed = frame.drop(columns=list(self.hides(frame)))
        if not decides:
            number = {key: f"combination {place}" for place, key in enumerate(found)}
            changed[name] = [number.get(key, "unknown") for key in keys(frame, self.names)]
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Look up what comes with it."""
        name, decides, found, _ = self.learned
        if decides:
            place = self.columns.index(name)
            row_of = {key[place]: row for row, key in enumerate(found)}
            rows = [row_of[key] for (key,) in keys(frame, [name])]
        else:
            rows = [int(str(text).removeprefix("combination ")) for text in frame[name]]
        changed = (frame if decides else frame.drop(columns=[name])).copy()
        for other in self.hides(frame):
            changed[other] = self._cells(other).take(rows).set_axis(changed.index)
        return changed

    def cells_where(self, includes: Mapping[Hashable, Callable[[pd.Series], Mask]]) -> pd.Series:
        """Which cells of the one column there is for all go with what some of the columns hold."""
        name, decides, *_ = self.learned
        right = np.all([include(self._cells(column)) for column, include in includes.items()], axis=0)
        if decides:
            return self._cells(name)[right].reset_index(drop=True)
        return pd.Series([f"combination {place}" for place in np.flatnonzero(right)], dtype=object)

    def _cells(self, name: Hashable) -> pd.Series:
        """What a column holds in each of the combinations."""
        place = self.columns.index(name)
        dtype, null = self.learned[3][place]
        cells = [null if key[place] is None else key[place] for key in self.learned[2]]
        return pd.Series(cells, dtype=object).astype(unpack_dtype(json.loads(dtype)))


def _null(column: pd.Series) -> Any:
    """What says that a cell is missing."""
    missing = column[column.isna()].astype(object)
    return missing.iloc[0] if len(missing) else None


def _as_text(dtype: Any) -> str:
    return json.dumps(pack_dtype(dtype))
