"""Frames of other packages, such as Polars: read and given back by Arrow's own protocol."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pandas as pd
import pyarrow as pa

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
