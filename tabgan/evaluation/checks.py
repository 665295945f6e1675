"""Can these tables be compared?  A clear error before any work is done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.names import columns_like
from tabgan.table import Schema
from tabgan.table.columns.categories import spell
from tabgan.table.columns.facts import ColumnFacts, floats_like
from tabgan.table.columns.numbers import family

SHARED = 0.1  # of the holdout, beyond what chance explains, from which on it is none


def check_tables(frames: dict[str, pd.DataFrame], target: Hashable | None) -> None:
    """Refuse what is no table, too short, or has other columns than the real table."""
    real = frames["real"]
    for name, table in frames.items():
        if not isinstance(table, pd.DataFrame):
            raise TypeError(
                f"{name} must be a pandas DataFrame, got {type(table).__name__}; {_remedy(name, table)}"
            )
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
        meant = columns_like(target, real.columns)
        raise ValueError(f"target {target!r} is no column of the tables; {meant}")


def _remedy(name: str, table: Any) -> str:
    """How to make a frame of what was given."""
    if hasattr(table, "tocsr"):
        return f"turn it into one by pd.DataFrame.sparse.from_spmatrix({name})"
    if hasattr(table, "collect"):
        return f"give {name}.collect()"
    return f"turn it into one by pd.DataFrame({name}), with the same columns as the other tables"


def check_types(frames: dict[str, pd.DataFrame], schema: Schema, target: Hashable | None) -> None:
    """Refuse columns of another type than in the real table, unless their values can be read as that type."""
    compared = [name for name, column in schema.items() if not column.column_type.is_generated]
    if not compared:
        raise ValueError(
            f"there is nothing to compare: each of the columns {list(schema)!r} is taken for keys or text"
        )
    if target is not None and target not in compared:
        raise ValueError(f"target {target!r} is taken for {schema[target].kind}, which cannot be predicted")
    for name, frame in frames.items():
        for column in compared:
            real, other = frames["real"][column], frame[column]
            if schema[column].scale == "numeric" and np.isinf(floats_like(ColumnFacts(real), other)).any():
                raise ValueError(
                    f"column {column!r} of {name} holds infinite numbers; make them missing or clip them"
                )
            families = _family(real), _family(other)
            if "empty" in families or families[0] == families[1]:
                continue
            if schema[column].scale == "numeric":
                floats = (
                    floats_like(ColumnFacts(real), other) if "strings" in families else np.array([np.nan])
                )
                comparable = not np.isnan(floats).all()
            else:
                comparable = not {*spell(real.dropna())}.isdisjoint(spell(other.dropna()))
            if not comparable:
                are = f"{families[0]} in real and {families[1]} in {name}"
                raise ValueError(f"column {column!r} is {are}; convert it first")


def _family(column: pd.Series) -> str:
    """What a column holds, as far as it matters for comparing it."""
    if column.isna().all():
        return "empty"
    if isinstance(column.dtype, pd.PeriodDtype):
        return "times"
    held = family(column)
    return {"truth values": "numbers", "times with a zone": "times", "others": "strings"}.get(held, held)


def check_holdout(frames: Mapping[str, pd.DataFrame]) -> None:
    """Refuse a holdout of rows that are among the real ones: beside such, copies look as usual.

    Of fresh rows about as many occur among the real ones as real rows occur twice there (Good 1953, *The
    population frequencies of species*).

    Raises
    ------
    ValueError
        If far more do.
    """
    if "holdout" not in frames:
        return
    try:
        real, holdout = (
            pd.util.hash_pandas_object(frames[name][list(frames["real"].columns)], index=False)
            for name in ("real", "holdout")
        )
    except TypeError:  # values that cannot be hashed
        return
    known, repeated = holdout.isin(real), real.duplicated(keep=False).mean()
    error = 0.5 * (1 / len(real) + 1 / len(holdout)) ** 0.5
    if known.mean() > repeated + SHARED + 3 * error:
        raise ValueError(
            f"{known.sum():,} of the {len(holdout):,} rows of the holdout are real rows, too; give rows that "
            "the model has not seen, and that are not in the real table, or leave the holdout out"
        )
