"""Tables side by side, seen as numbers, codes and bins: what every metric looks at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table import Schema

N_BINS = 10
MAX_CODES = 254  # trees take no more categories


@dataclass(frozen=True)
class Comparison:
    """A real table and others with the same columns.

    Parameters
    ----------
    real : DataFrame of shape (n, n_columns)
        The rows that the others are compared with.
    others : dict of name -> DataFrame
        "synthetic", and "holdout": real rows that show what is possible.
    schema : Schema
        Of the real table: which columns are numeric.
    seed : int
    """

    real: pd.DataFrame
    others: dict[str, pd.DataFrame]
    schema: Schema
    seed: int

    @property
    def columns(self) -> list[Hashable]:
        """Columns that any metric can compare: keys are unequal by design."""
        return [name for name, column in self.schema.items() if column.kind != "identifier"]

    @property
    def numeric(self) -> list[Hashable]:
        """Columns compared as numbers."""
        return [name for name in self.columns if self.schema[name].scale == "numeric"]

    def rng(self) -> np.random.Generator:
        """A generator that starts the same for every metric."""
        return np.random.default_rng(self.seed)

    @cached_property
    def values(self) -> dict[str, dict[Hashable, NDArray[Any]]]:
        """Table -> column -> float64 numbers with nan for missing, or codes shared by all tables."""
        tables = {"real": self.real, **self.others}
        seen: dict[str, dict[Hashable, NDArray[Any]]] = {name: {} for name in tables}
        numeric = set(self.numeric)
        for column in self.columns:
            parts = [table[column].reset_index(drop=True) for table in tables.values()]
            coded = [as_numbers(part) for part in parts] if column in numeric else _codes(parts)
            for name, part in zip(tables, coded, strict=True):
                seen[name][column] = part
        return seen

    @cached_property
    def bins(self) -> dict[str, dict[Hashable, NDArray[np.intp]]]:
        """The same in whole numbers: numbers cut at the real deciles, missing values apart."""
        numeric = set(self.numeric)
        found: dict[str, dict[Hashable, NDArray[np.intp]]] = {name: {} for name in self.values}
        for column in self.columns:
            real = self.values["real"][column]
            edges = None
            if column in numeric:
                present = real[~np.isnan(real)]
                cuts = np.linspace(0, 1, N_BINS + 1)[1:-1]
                edges = np.unique(np.quantile(present, cuts)) if len(present) else np.zeros(0)
            for name, columns in self.values.items():
                found[name][column] = _cut(columns[column], edges)
        return found

    def matrix(self, table: str) -> NDArray[np.float64]:
        """A table as a matrix of shape (n, n_columns): numbers, and codes of names as numbers."""
        columns = [self.values[table][column].astype(np.float64) for column in self.columns]
        return np.column_stack(columns) if columns else np.empty((len(self.real), 0))


def _cut(values: NDArray[Any], edges: NDArray[np.float64] | None) -> NDArray[np.intp]:
    if edges is None:
        return values.astype(np.intp)
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))


def as_numbers(column: pd.Series) -> NDArray[np.float64]:
    """A numeric or temporal column as float64; nan where missing or where text is no number."""
    if isinstance(column.dtype, pd.ArrowDtype) and column.dtype.kind not in "iuf":
        column = column.astype("timedelta64[us]" if column.dtype.kind == "m" else object)
    if getattr(column.dtype, "kind", "O") in "Mm" or isinstance(column.dtype, pd.DatetimeTZDtype):
        missing = column.isna().to_numpy()
        naive = column.dt.tz_convert("UTC") if isinstance(column.dtype, pd.DatetimeTZDtype) else column
        whole = naive.dt.as_unit("us").astype("int64").to_numpy().astype(np.float64)
        return np.where(missing, np.nan, whole)
    if isinstance(column.dtype, pd.PeriodDtype):
        return as_numbers(column.dt.to_timestamp())
    if column.dtype == object:
        inside = pd.api.types.infer_dtype(column, skipna=True)
        if inside in ("date", "datetime"):
            return as_numbers(pd.to_datetime(column))
        if inside in ("timedelta", "timedelta64"):
            return as_numbers(pd.to_timedelta(column))
        if inside == "decimal":
            column = column.map(float, na_action="ignore")
    numbers = pd.to_numeric(column, errors="coerce")
    found: NDArray[np.float64] = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _codes(parts: list[pd.Series]) -> list[NDArray[np.intp]]:
    """Codes shared by all tables; a missing value is a level, the rarest beyond the limit share one."""
    texts = pd.concat([_text(part) for part in parts], ignore_index=True)
    codes, levels = pd.factorize(texts)
    counts = np.bincount(codes, minlength=len(levels))
    rank = np.empty(len(levels), np.intp)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(levels))
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return np.split(np.minimum(rank[codes], MAX_CODES), ends)


def _text(column: pd.Series) -> pd.Series:
    """One spelling a value, so that True and "True", or 1 and 1.0, compare equal across tables."""
    missing = column.isna().to_numpy(dtype=bool)
    objects = column.astype(object)
    texts = [_spell(value) for value in objects]
    return pd.Series(np.where(missing, "<missing>", np.array(texts, dtype=object)), dtype=object)


def _spell(value: object) -> str:
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)  # type: ignore[call-overload]
