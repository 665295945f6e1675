"""Columns whose cells come together only as they did in training: one category for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from tabgan.io.json_codec import pack_dtype, unpack_dtype
from tabgan.table.constraints.base import Constraint, Mask, keys, new_name
from tabgan.table.inference import infer_kind


@dataclass(frozen=True)
class FixedCombinations(Constraint):
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
        able = [name for name in self.names if self._decides(frame, name, found)]
        key = min(able, key=lambda name: _on_a_scale(frame[name].dtype), default=None)
        forms = tuple((_as_text(frame[name].dtype), _null(frame[name])) for name in self.names)
        name = new_name(" & ".join(map(str, self.names)), frame) if key is None else key
        return replace(self, learned=(name, key is not None, found, forms))

    def _decides(self, frame: pd.DataFrame, name: Hashable, found: tuple[Any, ...]) -> bool:
        """Whether a column has each cell in one combination only, and samples of it can be looked up."""
        place = self.columns.index(name)
        if len({row[place] for row in found}) < len(found):
            return False
        return _on_a_scale(frame[name].dtype) or infer_kind(frame[name])[0] == "categorical"

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
        name, decides, *_ = self.learned
        if decides:
            rows = self._nearest(frame[name])
        else:
            rows = np.array([int(str(text).removeprefix("combination ")) for text in frame[name]], dtype=int)
        changed = (frame if decides else frame.drop(columns=[name])).copy()
        for other in (*self.hides(frame), *[name] * decides):
            changed[other] = self._cells(other).take(rows).set_axis(changed.index)
        return changed

    @property
    def on_a_scale(self) -> bool:
        """Whether the column that is learned is of numbers or times: samples are moved to known ones."""
        name, decides, *_ = self.learned
        return decides and _on_a_scale(self._cells(name).dtype)

    def tell(self, includes: Mapping[Hashable, Callable[[pd.Series], Mask]]) -> dict[Hashable, pd.Series]:
        """What conditions on some of its columns come down to; of numbers, which are only near, nothing."""
        name, decides, *_ = self.learned
        if self.on_a_scale:
            return {}
        right = np.all([include(self._cells(column)) for column, include in includes.items()], axis=0)
        if decides:
            return {name: self._cells(name)[right].reset_index(drop=True)}
        return {name: pd.Series([f"combination {place}" for place in np.flatnonzero(right)], dtype=object)}

    def _nearest(self, cells: pd.Series) -> NDArray[np.intp]:
        """Which combination each cell of the column that decides belongs to, or of numbers the next to it."""
        known = self._cells(self.learned[0])
        if not self.on_a_scale:
            place_of = {key: place for place, key in enumerate(keys(pd.DataFrame({0: known}), [0]))}
            return np.array([place_of[key] for key in keys(pd.DataFrame({0: cells}), [0])], dtype=np.intp)
        there, missing = np.flatnonzero(known.notna()), np.flatnonzero(known.isna())
        numbers = _as_floats(known.iloc[there])
        order = np.argsort(numbers)
        middles = (numbers[order][1:] + numbers[order][:-1]) / 2
        rows = np.zeros(len(cells), dtype=np.intp)
        is_missing = cells.isna().to_numpy(dtype=bool)
        rows[~is_missing] = there[order][np.searchsorted(middles, _as_floats(cells[~is_missing]))]
        rows[is_missing] = missing[:1]
        return rows

    def _cells(self, name: Hashable) -> pd.Series:
        """What a column holds in each of the combinations."""
        place = self.columns.index(name)
        dtype, null = self.learned[3][place]
        cells = [null if key[place] is None else key[place] for key in self.learned[2]]
        return pd.Series(cells, dtype=object).astype(unpack_dtype(json.loads(dtype)))


def _on_a_scale(dtype: Any) -> bool:
    """Whether cells of this type are numbers or times, of which others may lie in between."""
    times = isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind in "mM")
    return times or (is_numeric_dtype(dtype) and not is_bool_dtype(dtype))


def _as_floats(cells: pd.Series) -> NDArray[np.float64]:
    return (cells if is_numeric_dtype(cells.dtype) else cells.astype("int64")).to_numpy(dtype=float)


def _null(column: pd.Series) -> Any:
    """What says that a cell is missing."""
    missing = column[column.isna()].astype(object)
    return missing.iloc[0] if len(missing) else None


def _as_text(dtype: Any) -> str:
    return json.dumps(pack_dtype(dtype))
