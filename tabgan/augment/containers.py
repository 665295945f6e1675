"""The containers that X and y came in, and are returned in with new rows below the old ones."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from tabgan.io.containers import join


@dataclass(frozen=True)
class Table:
    """X as it came, and as a frame of plain columns with a new index."""

    given: Any
    frame: pd.DataFrame

    @classmethod
    def of(cls, X: Any) -> Table:
        """Take a DataFrame, an array-like of shape (n_rows, n_columns), or a list of lists.

        Raises
        ------
        ValueError, TypeError
            If it is no dense two-dimensional table of at least two rows.
        """
        if isinstance(X, pd.DataFrame):
            if len(X) < 2:
                raise ValueError(f"X needs at least 2 rows to learn from, got {len(X)}")
            dense = {
                name: dtype.subtype for name, dtype in X.dtypes.items() if isinstance(dtype, pd.SparseDtype)
            }
            return cls(X, X.astype(dense).reset_index(drop=True))
        array = check_array(X, dtype=None, ensure_all_finite=False, ensure_min_samples=2)
        if array.dtype == object and any(isinstance(value, list | dict | set) for value in array.flat):
            raise TypeError("each value of an array argument must be a string or a number; some are nested")
        return cls(X if isinstance(X, list) else array, join(array)[0])

    def with_rows(self, new: pd.DataFrame) -> Any:
        """The table in its container, `new` (n_new, n_columns) below it."""
        if isinstance(self.given, pd.DataFrame):
            new = new[list(self.frame.columns)].astype(dict(self.given.dtypes))
            return pd.concat([self.given, new], ignore_index=True)
        if isinstance(self.given, list):
            return self.given + new.to_numpy().tolist()
        return np.concatenate([self.given, new.to_numpy(dtype=self.given.dtype)])


@dataclass(frozen=True)
class Target:
    """y as it came, and its values as a Series with a new index."""

    given: Any
    values: pd.Series
    n_columns: int = 0  # of y where it was one column a class

    @property
    def name(self) -> Hashable:
        """What it is called; "target" if nobody said."""
        return "target" if self.values.name is None else self.values.name

    @classmethod
    def of(cls, y: Any, X: Table, nominal: bool) -> Target:
        """Take a Series, a frame of one column, an array-like (n_rows,), or for classes (n_rows, n_classes).

        Raises
        ------
        ValueError
            If it does not fit beside X, has missing values, or is continuous where classes are wanted.
        """
        if y is None:
            raise ValueError("y is needed: the class or the number of each row, got None")
        n_columns = 0
        if np.asarray(y).dtype.kind == "f":
            assert_all_finite(np.asarray(y), input_name="y")
        if isinstance(y, pd.Series):
            values = y.reset_index(drop=True)
        elif nominal and type_of_target(y, input_name="y").startswith("multilabel"):
            one_hot = np.asarray(y)
            if not (one_hot.sum(axis=1) == 1).all():
                raise ValueError("y has several labels in a row; each row must have one class")
            values, n_columns = pd.Series(one_hot.argmax(axis=1)), one_hot.shape[1]
        else:
            name = y.columns[0] if isinstance(y, pd.DataFrame) else None
            values = pd.Series(column_or_1d(np.asarray(y)), name=name)
        check_consistent_length(X.frame, values)
        if values.isna().any():
            raise ValueError(f"y must not have missing values, and {int(values.isna().sum())} are missing")
        if nominal:
            check_classification_targets(values.to_numpy())
        return cls(y, values, n_columns)

    def with_values(self, new: NDArray[Any] | pd.Series) -> Any:
        """The target in its container, `new` (n_new,) below it."""
        both = pd.concat([self.values, pd.Series(new, dtype=self.values.dtype)], ignore_index=True)
        if isinstance(self.given, pd.Series):
            return both.rename(self.given.name)
        if self.n_columns:
            one_hot = np.eye(self.n_columns, dtype=np.asarray(self.given).dtype)[both.to_numpy()]
            return pd.DataFrame(one_hot, columns=self.given.columns) if _is_frame(self.given) else one_hot
        if _is_frame(self.given):
            return both.to_frame(self.given.columns[0]).astype(dict(self.given.dtypes))
        if isinstance(self.given, list):
            return both.tolist()
        return both.to_numpy(dtype=np.asarray(self.given).dtype)


def _is_frame(y: Any) -> bool:
    return isinstance(y, pd.DataFrame)
