"""How a table was handed over, frame or array, with y or without, so that samples look the same."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.utils import check_array, column_or_1d

from tabgan.io.json_codec import pack, unpack

VIEWS = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


def package_of(table: Any) -> str | None:
    """Name the package of a frame that speaks Arrow's protocol; None for a frame of pandas and all else."""
    if isinstance(table, pd.DataFrame) or not hasattr(table, "__arrow_c_stream__"):
        return None
    return type(table).__module__.split(".")[0]


def as_pandas(table: Any) -> Any:
    """Turn such a frame into one of pandas with the same types; anything else stays as it is."""
    if package_of(table) is None:
        return table
    arrow = pa.table(table)
    arrow = arrow.cast(
        pa.schema([field.with_type(VIEWS.get(field.type, field.type)) for field in arrow.schema])
    )
    return arrow.to_pandas(
        types_mapper=lambda dtype: None if pa.types.is_dictionary(dtype) else pd.ArrowDtype(dtype)
    )


def in_package(table: pd.DataFrame, package: str | None) -> Any:
    """Turn a frame of pandas into one of Polars, or else into an Arrow table; the inverse of `as_pandas`."""
    if package is None:
        return table
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    return import_module(package).from_arrow(arrow) if package == "polars" else arrow


@dataclass(frozen=True)
class Containers:
    """The names of the columns of X and of y, and whether each came as an array (then of which dtype).

    `package` names the package of a frame that was none of pandas.
    """

    features: list[Hashable]
    target: Hashable | None = None
    X_dtype: str | None = None
    y_dtype: str | None = None
    package: str | None = None

    def give_back(self, table: pd.DataFrame, return_X_y: bool) -> Any:
        """Samples in this form: the whole table, or (X, y)."""
        if not return_X_y:
            return self._as_X(table)
        X, y = table[self.features], table[self.target]
        return (
            self._as_X(X),
            y if self.y_dtype is None else y.to_numpy(dtype=self.y_dtype),
        )

    def _as_X(self, table: pd.DataFrame) -> Any:
        return in_package(table, self.package) if self.X_dtype is None else table.to_numpy(dtype=self.X_dtype)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return {
            "features": [pack(name) for name in self.features],
            "target": pack(self.target),
            "X_dtype": self.X_dtype,
            "y_dtype": self.y_dtype,
            "package": self.package,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Containers:
        """The inverse of `to_dict`."""
        names = {"features": [unpack(name) for name in data["features"]], "target": unpack(data["target"])}
        return cls(**{**data, **names})


def join(X: Any, y: Any = None, minimum: int = 2) -> tuple[pd.DataFrame, Containers]:
    """One frame of X and y, and the form they had.

    Raises
    ------
    ValueError, TypeError
        If X is no table of at least `minimum` rows, or y does not fit beside it.
    """
    package, X = package_of(X), as_pandas(X)
    if isinstance(X, pd.DataFrame):
        table, X_dtype = X.reset_index(drop=True), None
    else:
        array = check_array(X, dtype=None, ensure_all_finite=False, ensure_min_samples=minimum)
        X_dtype = str(array.dtype) if array.dtype.kind not in "OUS" else "object"
        table = pd.DataFrame(array, columns=[f"x{k}" for k in range(array.shape[1])]).infer_objects()
    features = list(table.columns)
    if y is None:
        return table, Containers(features, X_dtype=X_dtype, package=package)
    if isinstance(y, pd.Series):
        name = "target" if y.name is None else y.name
        values, y_dtype = y.reset_index(drop=True), None
    else:
        flat = column_or_1d(np.asarray(y))
        name, values, y_dtype = "target", pd.Series(flat), str(flat.dtype)
    if name in features:
        raise ValueError(f"y is named {name!r}, and so is a column of X; rename one of them")
    if len(values) != len(table):
        raise ValueError(f"X has {len(table)} rows and y has {len(values)}; they must match row by row")
    table = table.copy(deep=False)
    table[name] = values
    return table, Containers(features, name, X_dtype, y_dtype, package)
