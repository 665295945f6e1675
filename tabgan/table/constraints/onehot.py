"""Columns of which exactly one is set in each row."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tabgan.io.json_codec import dtype_of
from tabgan.table.columns.facts import TableFacts
from tabgan.table.constraints.base import ColumnGroup, Mask, complete_rows, new_name


@dataclass(frozen=True)
class OneHotGroup(ColumnGroup):
    """Of columns of zeros and ones, or of truth values, exactly one is 1; missing values break no constraint.

    The networks learn which one, as one category.

    Parameters
    ----------
    names : sequence of column names
        Two or more.

    Examples
    --------
    >>> frame = pd.DataFrame({"red": [1, 0, 1], "green": [0, 1, 1]})
    >>> OneHotGroup(["red", "green"]).check(frame).tolist()
    [True, True, False]
    """

    def __str__(self) -> str:
        return f"exactly one of {', '.join(map(str, self.names))}"

    def holds(self, frame: pd.DataFrame) -> Mask:
        """Add up zeros and ones."""
        flags = frame[list(self.names)].astype(float).to_numpy()
        return np.asarray((flags.sum(axis=1) == 1) & np.isin(flags, [0, 1]).all(axis=1))

    def learn(self, table: pd.DataFrame | TableFacts) -> OneHotGroup:
        """Remember the dtypes, and the name of the one column for all."""
        frame = TableFacts.of(table).frame
        name = new_name(f"one of {', '.join(map(str, self.names))}", frame)
        return replace(self, learned=(name, tuple(str(frame[column].dtype) for column in self.names)))

    def derived(self, frame: pd.DataFrame) -> tuple[Hashable, ...]:
        """Give all columns, if no value is missing."""
        return self.columns if complete_rows(frame, self.names).all() else ()

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put one column in their place that says which one is set."""
        changed = frame.drop(columns=list(self.names))
        places = frame[list(self.names)].astype(float).to_numpy().argmax(axis=1)
        changed[self.learned[0]] = [f"column {place}" for place in places]
        return changed

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Undo `forward`."""
        name, dtypes = self.learned
        changed = frame.drop(columns=[name])
        for place, (column, dtype) in enumerate(zip(self.names, dtypes, strict=True)):
            changed[column] = (frame[name] == f"column {place}").astype("int64").astype(dtype_of(dtype))
        return changed
