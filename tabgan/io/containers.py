"""The containers of X and y: frames of any package or arrays, turned into one pandas frame and back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import issparse
from sklearn.utils import check_array, column_or_1d

from tabgan.io.json_codec import pack, unpack
from tabgan.io.remote import is_elsewhere
from tabgan.io.tables import read_table

WIDEST = 2**16  # bytes of an element of an array; longer strings come back as objects
NULLABLE = (pd.Float32Dtype, pd.Float64Dtype)
VIEWS = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


def package_of(table: Any) -> str | None:
    """Name the package of a frame that speaks Arrow's protocol; None for a frame of pandas and all else."""
    if isinstance(table, pd.DataFrame) or not hasattr(table, "__arrow_c_stream__"):
        return None
    return type(table).__module__.split(".")[0]


def as_pandas(table: Any) -> Any:
    """Turn such a frame into one of pandas with the same types, and read what is at a URL or in an open file.

    A frame of pandas becomes a `usual` one. Anything else stays as it is.

    Raises
    ------
    ValueError
        If an Arrow column is of a type that pandas cannot read; it is named.
    """
    if is_elsewhere(table):
        return read_table(table)
    if isinstance(table, pd.DataFrame):
        return usual(table)
    if package_of(table) is None:
        return table
    arrow = pa.table(table)
    arrow = arrow.cast(pa.schema([field.with_type(_readable(field)) for field in arrow.schema]))
    frame = arrow.to_pandas(
        types_mapper=lambda dtype: None if pa.types.is_dictionary(dtype) else pd.ArrowDtype(dtype)
    )
    return usual(frame)


def _readable(field: pa.Field) -> pa.DataType:
    """Give the type in which a column is read, views as what they show; refuse what pandas does not read."""
    values = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if isinstance(values, pa.BaseExtensionType) or (values != field.type and pa.types.is_nested(values)):
        raise ValueError(
            f"column {field.name!r} is of the Arrow type {field.type}, which pandas cannot read; turn it "
            "into strings, or leave the column out"
        )
    return VIEWS.get(field.type, field.type)


def usual(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame whose columns hold their values as columns usually do: itself, if they do.

    Numbers come in the byte order of this machine, for with another one pandas can do next to nothing; and a
    nan in a nullable column, which pandas takes for a number, is the missing value of that column.
    """
    changed = {}
    for place, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, pd.ArrowDtype):
            _readable(pa.field(str(frame.columns[place]), dtype.pyarrow_dtype))
        if isinstance(dtype, np.dtype):
            if not dtype.isnative:
                changed[place] = frame.iloc[:, place].to_numpy().astype(dtype.newbyteorder("="))
        elif isinstance(dtype, NULLABLE) or pa.types.is_floating(getattr(dtype, "pyarrow_dtype", pa.null())):
            column = frame.iloc[:, place]
            odd = np.isnan(column.to_numpy(dtype=float, na_value=np.nan)) & column.notna().to_numpy(
                dtype=bool
            )
            if odd.any():
                changed[place] = column.mask(odd).array
    if changed:
        frame = frame.copy(deep=False)
    for place, values in changed.items():
        frame.isetitem(place, values)
    return frame


def in_package(table: pd.DataFrame, package: str | None) -> Any:
    """Turn a frame of pandas into one of Polars, or else into an Arrow table; the inverse of `as_pandas`."""
    if package is None:
        return table
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    return import_module(package).from_arrow(arrow) if package == "polars" else arrow


@dataclass(frozen=True)
class Containers:
    """The names of the columns of X and of y, and the containers that both came in.

    Parameters
    ----------
    features : list
        Names of the columns of X.
    target : hashable, optional
        Name of y.
    X_dtype, y_dtype : str, optional
        Of X and y where they came as arrays.
    package : str, optional
        Of X where it came as a frame of another package than pandas.
    """

    features: list[Hashable]
    target: Hashable | None = None
    X_dtype: str | None = None
    y_dtype: str | None = None
    package: str | None = None

    @property
    def names(self) -> list[Hashable]:
        """Of all columns, y last."""
        return [*self.features, *([] if self.target is None else [self.target])]

    def give_back(self, table: pd.DataFrame, return_X_y: bool = False) -> Any:
        """Put a table of all columns into these containers: as a whole, or as a pair (X, y)."""
        if not return_X_y:
            return self._as_X(table)
        y = table[self.target]
        return self._as_X(table[self.features]), y if self.y_dtype is None else y.to_numpy(dtype=self.y_dtype)

    def _as_X(self, table: pd.DataFrame) -> Any:
        return in_package(table, self.package) if self.X_dtype is None else table.to_numpy(dtype=self.X_dtype)

    def to_dict(self) -> dict[str, Any]:
        """Give them as JSON-able data."""
        names = {"features": [pack(name) for name in self.features], "target": pack(self.target)}
        return {**vars(self), **names}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Containers:
        """Undo `to_dict`.

        Raises
        ------
        ValueError, TypeError
            If the data are of something else.
        """
        for name in ("X_dtype", "y_dtype"):
            if data[name] is not None and np.dtype(data[name]).itemsize > WIDEST:
                raise ValueError(f"{name} is {data[name]!r}, and no array is of that")
        if not isinstance(data["package"], str | None):
            raise TypeError(f"the package is {data['package']!r}")
        features, target = [unpack(name) for name in data["features"]], unpack(data["target"])
        return cls(features, target, *(data[name] for name in ("X_dtype", "y_dtype", "package")))


def frame_of(X: Any, minimum: int = 2) -> tuple[pd.DataFrame, str | None]:
    """Turn X into a pandas frame with a new index, and give the dtype of an array, None for frames.

    The columns of an array, which must have at least `minimum` rows, are called "x0", "x1" and so on. A
    mapping of names to columns is a frame, and so is a list of rows that are mappings.
    """
    if X is None or isinstance(X, pd.Series):
        what = "None" if X is None else "a Series"
        raise TypeError(f"X is {what}, and a table is needed: give a DataFrame, an array, or a path of files")
    X = as_pandas(X)
    if _is_of_mappings(X):
        X = pd.DataFrame(X)
    if isinstance(X, pd.DataFrame):
        return X.reset_index(drop=True), None
    array = check_array(X, dtype=None, ensure_all_finite=False, ensure_min_samples=minimum)
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    frame = pd.DataFrame(native, columns=[f"x{k}" for k in range(array.shape[1])]).infer_objects()
    return frame, "object" if array.dtype.kind in "OUS" else str(array.dtype)


def _is_of_mappings(X: Any) -> bool:
    if isinstance(X, list):
        return bool(X) and all(isinstance(row, Mapping) for row in X)
    return isinstance(X, Mapping) and not issparse(X)  # a sparse matrix of SciPy may be a dictionary


def series_of(y: Any) -> tuple[pd.Series, str | None]:
    """Turn y into a series with a new index, called "target" if it has no name, and give an array's dtype."""
    if isinstance(y, pd.Series):
        values = y.reset_index(drop=True)
        values.name = "target" if y.name is None else y.name
        return values, None
    array = column_or_1d(np.asarray(y))
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return pd.Series(native, name="target"), str(array.dtype) if array.itemsize <= WIDEST else "object"


def join(X: Any, y: Any = None, minimum: int = 2) -> tuple[pd.DataFrame, Containers]:
    """Give one frame of X and y, and the containers that they came in.

    Raises
    ------
    ValueError, TypeError
        If X is no table of at least `minimum` rows, or y does not fit beside it.
    """
    table, X_dtype = frame_of(X, minimum)
    features: list[Hashable] = list(table.columns)
    package = package_of(X)
    if y is None:
        return table, Containers(features, X_dtype=X_dtype, package=package)
    values, y_dtype = series_of(y)
    if values.name in features:
        raise ValueError(f"y is named {values.name!r}, and so is a column of X; rename one of them")
    if len(values) != len(table):
        raise ValueError(f"X has {len(table)} rows and y has {len(values)}; they must match row by row")
    table = table.copy(deep=False)
    table[values.name] = values
    return table, Containers(features, values.name, X_dtype, y_dtype, package)
