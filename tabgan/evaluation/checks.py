"""Can these tables be compared?  A clear error before any work is done."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from tabgan.evaluation.comparison import as_numbers
from tabgan.table import GENERATED_KINDS, Schema


def check_tables(real: pd.DataFrame, others: dict[str, pd.DataFrame], target: Hashable | None) -> None:
    """Refuse what is no table, too short, or has other columns than the real table."""
    for name, table in {"real": real, **others}.items():
        if not isinstance(table, pd.DataFrame):
            raise TypeError(f"{name} must be a pandas DataFrame, got {type(table).__name__}")
        if len(table) < 2:
            raise ValueError(f"{name} has {len(table)} row(s); at least 2 are needed to compare")
        if repeated := list(table.columns[table.columns.duplicated()].unique()):
            raise ValueError(f"{name} has columns of the same name, rename them: {repeated!r}")
        missing = [column for column in real.columns if column not in table.columns]
        extra = [column for column in table.columns if column not in real.columns]
        if missing or extra:
            raise ValueError(
                f"{name} must have the columns of real; missing: {missing!r}, unknown: {extra!r}"
            )
    if target is not None and target not in real.columns:
        raise ValueError(f"target {target!r} is no column of the tables; they have {list(real.columns)!r}")


def check_types(
    real: pd.DataFrame, others: dict[str, pd.DataFrame], schema: Schema, target: Hashable | None
) -> None:
    """Refuse columns of another type than in the real table, unless their values can be read as that type."""
    kinds = {name: column.kind for name, column in schema.items()}
    if all(kind in GENERATED_KINDS for kind in kinds.values()):
        raise ValueError(f"there is nothing to compare: each of {list(kinds)!r} is taken for keys or text")
    if target is not None and kinds[target] in GENERATED_KINDS:
        raise ValueError(f"target {target!r} is taken for {kinds[target]}, which cannot be predicted")
    for name, table in others.items():
        for column, here in schema.items():
            families = [_family(frame[column]) for frame in (real, table)]
            if here.kind in GENERATED_KINDS or "empty" in families or families[0] == families[1]:
                continue
            readable = families[1] == "text" and here.scale == "numeric"
            if readable and not np.isnan(_read(table[column])).all():
                continue
            if here.scale != "numeric" and set(_texts(real[column])) & set(_texts(table[column])):
                continue
            raise ValueError(
                f"column {column!r} is {families[0]} in real and {families[1]} in {name}; convert it first"
            )


def _family(column: pd.Series) -> str:
    """Whether a column holds numbers, times, durations or text, or nothing."""
    if column.isna().all():
        return "empty"
    inside = pd.api.types.infer_dtype(column, skipna=True)
    if inside in ("integer", "floating", "decimal", "mixed-integer-float", "boolean"):
        return "numeric"
    if inside in ("datetime64", "datetime", "date", "period"):
        return "time"
    if inside in ("timedelta", "timedelta64"):
        return "duration"
    return "numeric" if pd.api.types.is_numeric_dtype(column.dtype) else "text"


def _read(column: pd.Series) -> np.ndarray:
    return as_numbers(column.astype(object))


def _texts(column: pd.Series) -> list[str]:
    """Spellings of the values, whole numbers without a point."""
    return [str(value).removesuffix(".0") for value in column.dropna().unique()]
