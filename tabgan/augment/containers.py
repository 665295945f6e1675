"""The containers that X and y came in, and are returned in with new rows below the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import (
    _safe_indexing,
    assert_all_finite,
    check_array,
    check_consistent_length,
    column_or_1d,
)
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from tabgan.io.containers import join

Seed = int | np.random.RandomState | None
New = tuple[pd.DataFrame, pd.Series]  # rows to add, and their y


@dataclass(frozen=True)
class Rows:
    """X and y as they came, and as a frame of plain columns and a series, both with a new index."""

    X: Any
    y: Any
    frame: pd.DataFrame
    target: pd.Series
    nominal: bool

    @classmethod
    def of(cls, X: Any, y: Any, nominal: bool) -> Rows:
        """Take a DataFrame, array-like or list of lists, and a y as long; of classes also a column for each.

        Raises
        ------
        ValueError, TypeError
            If X is no dense two-dimensional table of at least two rows; if y does not fit beside it, has
            missing values, or is continuous where classes are needed.
        """
        X, frame = _table(X)
        if y is None:
            raise ValueError("y is needed: fit requires y to be passed, but the target y is None")
        y, target = _target(y, nominal)
        check_consistent_length(frame, target)
        if target.isna().any():
            raise ValueError(f"y must not have missing values, and {int(target.isna().sum())} are missing")
        if nominal:
            _refuse_mixed(target)
        if nominal and pd.api.types.is_numeric_dtype(target.dtype):  # anything else names a class
            check_classification_targets(target.to_numpy())
        return cls(X, y, frame, target, nominal)

    def part(self, places: NDArray[np.intp]) -> tuple[Any, Any]:
        """Some rows of X and y in their containers."""
        return _safe_indexing(self.X, places), _safe_indexing(self.y, places)

    def extended(self, new: New | None) -> tuple[Any, Any]:
        """X and y in their containers, new rows below the old ones."""
        if new is None:
            return self.X, self.y
        rows, labels = new[0][list(self.frame.columns)], new[1].astype(self.target.dtype)
        if np.ndim(self.y) == 2:
            columns = getattr(self.y, "columns", range(self.y.shape[1]))
            values = np.eye(len(columns), dtype=int)[labels] if len(columns) > 1 else labels.to_frame()
            return _below(self.X, rows), _below(self.y, pd.DataFrame(values).set_axis(columns, axis=1))
        return _below(self.X, rows), _below(self.y, labels)


def _table(X: Any) -> tuple[Any, pd.DataFrame]:
    """X in its container, and as a frame."""
    if isinstance(X, pd.DataFrame):
        if len(X) < 2:
            raise ValueError(f"X needs at least 2 rows to learn from, got {len(X)}")
        dense = {name: dtype.subtype for name, dtype in X.dtypes.items() if isinstance(dtype, pd.SparseDtype)}
        return X, X.astype(dense).reset_index(drop=True)
    array = check_array(X, dtype=None, ensure_all_finite=False, ensure_min_samples=2)
    if array.dtype == object and any(isinstance(value, list | dict | set) for value in array.flat):
        raise TypeError("each value of an array argument must be a string or a number; some are nested")
    return X if isinstance(X, list) else array, join(array)[0]


def _target(y: Any, nominal: bool) -> tuple[Any, pd.Series]:
    """Y in its container, and as a series of numbers, or of classes."""
    array = np.asarray(y)
    if array.dtype.kind == "f":
        assert_all_finite(array, input_name="y")
    if isinstance(y, pd.Series):
        return y, y.reset_index(drop=True)
    if nominal and array.ndim == 2 and type_of_target(y, input_name="y").startswith("multilabel"):
        if not (array.sum(axis=1) == 1).all():
            raise ValueError("y has several labels in a row; each row must have one class")
        return y if isinstance(y, pd.DataFrame) else array, pd.Series(array.argmax(axis=1))
    flat = column_or_1d(array)
    if isinstance(y, pd.DataFrame):
        return y, pd.Series(flat, name=y.columns[0])
    return flat.tolist() if isinstance(y, list) else flat, pd.Series(flat)


def need_two_classes(target: pd.Series) -> None:
    """Refuse rows of which none differs in its class from the others."""
    if target.nunique() < 2:
        only = class_of(target.iloc[0], len(target))
        raise ValueError(f"y needs at least two classes, and there is only class {only}")


def class_of(label: Any, n: int) -> str:
    """Name a class and its number of rows in a message."""
    plain = label.item() if isinstance(label, np.generic) else label
    return f"{plain!r} ({n} row{'s'[: n != 1]})"


def _refuse_mixed(target: pd.Series) -> None:
    """Refuse classes that have no order, as no sampler of imbalanced-learn could take them."""
    try:
        sorted(target.unique())
    except TypeError:
        types = ", ".join(sorted({type(label).__name__ for label in target}))
        raise ValueError(f"y holds classes of different types ({types}); turn them into strings") from None


def _below(given: Any, new: Any) -> Any:
    """The container with the rows of a frame, or the values of a series, below its own, in its dtypes."""
    if isinstance(given, pd.Series):
        return pd.concat([given, new.astype(given.dtype)], ignore_index=True).rename(given.name)
    if isinstance(given, pd.DataFrame):
        return pd.concat([given, new.astype(dict(given.dtypes))], ignore_index=True)
    if isinstance(given, list):
        return given + new.to_numpy().tolist()
    return np.concatenate([given, new.to_numpy(dtype=given.dtype)])
