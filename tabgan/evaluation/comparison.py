"""A real table and others as numbers, category codes, bins and points: what every metric looks at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.evaluation.uncertainty import N_GROUPS
from tabgan.table import Schema
from tabgan.table.columns.categories import spell
from tabgan.table.columns.numbers import as_floats

N_BINS = 10
MAX_CODES = 254  # trees take no more categories
MAX_ONE_HOT = 63  # categories of a column with a coordinate each; all rarer ones share one


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
    unseen : bool
        Whether the holdout was kept from the model, as far as one can know.
    target : hashable, optional
        The column to predict.
    """

    real: pd.DataFrame
    others: dict[str, pd.DataFrame]
    schema: Schema
    seed: int
    unseen: bool = True
    target: Hashable | None = None

    @property
    def columns(self) -> list[Hashable]:
        """Columns that metrics compare: generated keys and texts differ by design."""
        return [name for name, column in self.schema.items() if not column.column_type.is_generated]

    @property
    def numeric(self) -> list[Hashable]:
        """Columns compared as numbers."""
        return [name for name in self.columns if self.schema[name].scale == "numeric"]

    def rng(self) -> np.random.Generator:
        """A generator that starts the same for every metric."""
        return np.random.default_rng(self.seed)

    def table(self, name: str) -> pd.DataFrame:
        """The real table or another one."""
        return self.real if name == "real" else self.others[name]

    def some_rows(self, name: str, limit: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """At most `limit` positions of rows, in random order."""
        return rng.permutation(len(self.table(name)))[:limit]

    @cached_property
    def _coded(self) -> tuple[dict[str, dict[Hashable, NDArray[Any]]], dict[Hashable, list[str]]]:
        tables = {"real": self.real, **self.others}
        values: dict[str, dict[Hashable, NDArray[Any]]] = {name: {} for name in tables}
        categories: dict[Hashable, list[str]] = {}
        numeric = set(self.numeric)
        for column in self.columns:
            series = [table[column].reset_index(drop=True) for table in tables.values()]
            if column in numeric:
                coded: list[NDArray[Any]] = [as_floats(one) for one in series]
            else:
                coded, categories[column] = _category_codes(series)
            for name, array in zip(tables, coded, strict=True):
                values[name][column] = array
        return values, categories

    @property
    def values(self) -> dict[str, dict[Hashable, NDArray[Any]]]:
        """Table -> column -> float64 numbers with nan for missing, or category codes shared by all tables."""
        return self._coded[0]

    @property
    def categories(self) -> dict[Hashable, list[str]]:
        """Nominal column -> what each code stands for, the most frequent first."""
        return self._coded[1]

    @cached_property
    def bins(self) -> dict[str, dict[Hashable, NDArray[np.int16]]]:
        """The same in whole numbers: numbers cut at the real deciles, missing values apart."""
        binned: dict[str, dict[Hashable, NDArray[np.int16]]] = {name: {} for name in self.values}
        deciles = np.linspace(0, 1, N_BINS + 1)[1:-1]
        for column in self.columns:
            numeric = column in self._sorted
            edges = quantile_edges(self.values["real"][column], deciles) if numeric else None
            for name, columns in self.values.items():
                binned[name][column] = _cut(columns[column], edges)
        return binned

    @cached_property
    def groups(self) -> dict[str, NDArray[np.intp]]:
        """Table -> group of each row, drawn at random: what a jackknife leaves out."""
        rng = self.rng()
        return {name: rng.permutation(len(self.table(name))) % N_GROUPS for name in self.values}

    def matrix(self, name: str, rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.float64]:
        """Rows as a matrix of shape (n, n_columns): numbers, and category codes as numbers."""
        columns = [self.values[name][column][rows].astype(np.float64) for column in self.columns]
        return np.column_stack(columns) if columns else np.empty((len(self.table(name)), 0))

    @cached_property
    def _sorted(self) -> dict[Hashable, NDArray[np.float64]]:
        real = self.values["real"]
        return {column: np.sort(real[column][~np.isnan(real[column])]) for column in self.numeric}

    def points(self, name: str, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Rows as points whose squared distance adds (rank difference)**2 and 1 for each unequal category.

        Ranks are those among the real numbers, from 0 to 1; a missing number lies half a table below.
        """
        parts = []
        for column in self.columns:
            values = self.values[name][column][rows]
            if column in self._sorted:
                present = self._sorted[column]
                low, high = (np.searchsorted(present, values, side) for side in ("left", "right"))
                rank = (low + high) / (2 * max(len(present), 1))
                parts.append(np.where(np.isnan(values), -0.5, rank)[:, None].astype(np.float32))
            else:
                parts.append(self.one_hot(column, values) * np.float32(np.sqrt(0.5)))
        return np.hstack(parts) if parts else np.zeros((len(rows), 1), np.float32)

    def row_hashes(self, name: str) -> NDArray[np.uint64]:
        """A number for each row, the same for equal rows of any table (and, by chance, once in 2**64)."""
        hashes = np.zeros(len(self.table(name)), np.uint64)
        for column in self.columns:
            if column in self._sorted:
                numbers = self.values[name][column] + 0.0  # -0.0 becomes 0.0
                values = pd.util.hash_array(np.where(np.isnan(numbers), np.nan, numbers))
            else:
                values = pd.util.hash_array(spell(self.table(name)[column]))
            hashes = hashes * np.uint64(6364136223846793005) + values
        return hashes

    def one_hot(self, column: Hashable, codes: NDArray[Any]) -> NDArray[np.float32]:
        """Category codes as 0 and 1, shape (n, n_categories); of very many, the rarest share one."""
        width = min(len(self.categories[column]), MAX_ONE_HOT + 1)
        return np.eye(width, dtype=np.float32)[np.minimum(codes, MAX_ONE_HOT)]

    @property
    def widths(self) -> list[int]:
        """How many coordinates of a point each column has: one, or one a category."""
        return [
            1 if column in self._sorted else min(len(self.categories[column]), MAX_ONE_HOT + 1)
            for column in self.columns
        ]

    @property
    def width(self) -> int:
        """How many coordinates a point has, at least 1."""
        return max(1, sum(self.widths))


def quantile_edges(values: NDArray[np.float64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Different quantiles of the values that are not nan, in ascending order; none if all are nan."""
    present = values[~np.isnan(values)]
    return np.unique(np.quantile(present, probabilities)) if len(present) else np.zeros(0)


def without_empty(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix with 0 in columns that are all nan, which scikit-learn's trees cannot be fitted to."""
    return np.where(np.isnan(X).all(axis=0), 0.0, X)


def _cut(values: NDArray[Any], edges: NDArray[np.float64] | None) -> NDArray[np.int16]:
    if edges is None:
        return values.astype(np.int16)
    places = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, places).astype(np.int16)


def _category_codes(columns: list[pd.Series]) -> tuple[list[NDArray[np.int16]], list[str]]:
    """Codes shared by all tables; missing is a category, and the rarest beyond the limit share one."""
    codes, categories = pd.factorize(np.concatenate([spell(column) for column in columns]))
    order = np.argsort(-np.bincount(codes, minlength=len(categories)), kind="stable")
    rank = np.empty(len(categories), np.intp)
    rank[order] = np.arange(len(categories))
    ends = np.cumsum([len(column) for column in columns])[:-1]
    names = [str(categories[place]) for place in order[: MAX_CODES + 1]]
    return np.split(np.minimum(rank[codes], MAX_CODES).astype(np.int16), ends), names
