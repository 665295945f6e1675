"""A real table and others as numbers, category codes, bins and points: what every metric looks at."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.evaluation.uncertainty import N_GROUPS
from tabgan.table import Schema
from tabgan.table.columns.categories import spell
from tabgan.table.columns.facts import TableFacts, floats_like

N_BINS = 10
N_KNOTS = 100  # quantiles between which ranks are linear,
ROWS_PER_KNOT = 10  # and the fewest real values for each
MAX_CODES = 254  # trees take no more categories
MIN_TREE_BINS, MAX_TREE_BINS = 64, 255  # of a column in boosted trees, and
ALL_TREE_BINS = 10_000  # of all columns: trees of a wide table spend their time on bins
ROWS_PER_LEAF, MIN_LEAVES = 65, 8  # of trees: more leaves take time, and find no more
MAX_NUMBER = 1e100  # larger ones are compared in a larger unit
MAX_ONE_HOT = 63  # categories of a column with a coordinate each; all rarer ones share one

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Comparison:
    """Tables of the same columns."""

    frames: dict[
        str, pd.DataFrame
    ]  # "real", "synthetic", and "holdout": real rows that show what is possible
    schema: Schema  # of the real table
    seed: int
    unseen: bool = True  # whether the holdout was kept from the model, as far as one can know
    target: Hashable | None = None  # the column to predict

    @cached_property
    def columns(self) -> list[Hashable]:
        """Columns that metrics compare: generated keys and texts differ by design."""
        return [name for name, column in self.schema.items() if not column.column_type.is_generated]

    @cached_property
    def numeric(self) -> list[Hashable]:
        """Columns compared as numbers."""
        return [name for name in self.columns if self.schema[name].scale == "numeric"]

    def n_rows(self, *names: str) -> int:
        """How many rows the tables have together."""
        return sum(len(self.frames[name]) for name in names)

    def affordable(self, max_rows: int, max_values: int) -> int:
        """How many rows a metric may look at that is limited in rows and in values, at least 2."""
        return max(2, min(max_rows, max_values // len(self.columns)))

    def rng(self) -> np.random.Generator:
        """A generator that starts the same for every metric."""
        return np.random.default_rng(self.seed)

    def some_rows(self, name: str, limit: int, rng: np.random.Generator | None = None) -> Rows:
        """At most `limit` positions of rows, in random order."""
        return (rng or self.rng()).permutation(self.n_rows(name))[:limit]

    @cached_property
    def _categories(self) -> dict[Hashable, tuple[list[str], dict[str, NDArray[np.int16]]]]:
        return {
            column: _category_codes({name: frame[column] for name, frame in self.frames.items()})
            for column in self.columns
            if column not in self.numeric
        }

    @cached_property
    def values(self) -> dict[str, dict[Hashable, NDArray[Any]]]:
        """Table -> column -> float64 numbers with nan for missing, or category codes shared by all tables."""
        return {
            name: {
                column: self.numbers[column][1][name]
                if column in self.numbers
                else self._categories[column][1][name]
                for column in self.columns
            }
            for name in self.frames
        }

    @cached_property
    def numbers(self) -> dict[Hashable, tuple[float, dict[str, NDArray[np.float64]]]]:
        """Numeric column -> its unit, and its numbers in this unit, by table.

        The unit is 1, or a greater power of two where squares would overflow.
        """
        facts, numbers = TableFacts(self.frames["real"]), {}
        for column in self.numeric:
            floats = {
                name: floats_like(facts[column], frame[column].reset_index(drop=True))
                for name, frame in self.frames.items()
            }
            unit = _unit(list(floats.values()))
            numbers[column] = unit, {name: part / unit for name, part in floats.items()}
        return numbers

    @cached_property
    def bins(self) -> dict[str, dict[Hashable, NDArray[np.int16]]]:
        """The same in whole numbers: numbers cut at the real deciles, frequent and missing values apart."""
        edges = {column: bin_edges(self.values["real"][column]) for column in self.numeric}
        return {
            name: {
                column: cut(values, edges[column]).astype(np.int16) if column in edges else values
                for column, values in columns.items()
            }
            for name, columns in self.values.items()
        }

    @cached_property
    def groups(self) -> dict[str, Rows]:
        """Table -> group of each row, drawn at random: what a jackknife leaves out."""
        rng = self.rng()
        return {name: rng.permutation(self.n_rows(name)) % N_GROUPS for name in self.frames}

    @cached_property
    def rank_knots(self) -> dict[Hashable, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Numeric column -> numbers in ascending order and their ranks, between which ranks are linear."""
        return {column: _knots(self.values["real"][column]) for column in self.numeric}


def categories(tables: Comparison, column: Hashable) -> list[str]:
    """What each code of a nominal column stands for, the most frequent first."""
    return tables._categories[column][0]


def unit(tables: Comparison, column: Hashable) -> float:
    """What the numbers of a column are divided by; 1 for categories."""
    return tables.numbers[column][0] if column in tables.numbers else 1.0


def learned(tables: Comparison) -> list[str]:
    """The tables that the model may have learned from."""
    return ["real"] if tables.unseen else ["real", "holdout"]


def matrix(tables: Comparison, name: str, rows: Rows, n_codes: int = MAX_CODES + 1) -> NDArray[np.float64]:
    """Rows as a matrix of shape (n, n_columns): numbers, and category codes; the rarest share the last."""
    columns = (tables.values[name][column][rows] for column in tables.columns)
    return np.column_stack([
        values if values.dtype.kind == "f" else np.minimum(values, n_codes - 1).astype(np.float64)
        for values in columns
    ])  # fmt: skip


def tree_bins(tables: Comparison) -> int:
    """How many bins, or categories, a column has at most in boosted trees."""
    return int(np.clip(ALL_TREE_BINS / len(tables.columns), MIN_TREE_BINS, MAX_TREE_BINS))


def tree_leaves(n_rows: int, most: int) -> int:
    """How many leaves a tree may have that learns from so many rows, at most `most`."""
    return int(np.clip(n_rows / ROWS_PER_LEAF, MIN_LEAVES, most))


def points(tables: Comparison, name: str, rows: Rows) -> NDArray[np.float32]:
    """Rows as points whose squared distance adds (rank difference)**2 and 1 for each unequal category."""
    parts = []
    for column in tables.columns:
        values = tables.values[name][column][rows]
        if column in tables.numeric:
            parts.append(ranks(tables, column, values)[:, None].astype(np.float32))
        else:
            parts.append(one_hot(tables, column, values) * np.float32(np.sqrt(0.5)))
    return np.hstack(parts)


def bin_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of about ten bins of as many values; a value that more than a tenth are has a bin of its own.

    Each bin holds its lower edge. The other values are cut at their own quantiles, into as many bins as are
    left, at least two.
    """
    numbers, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    frequent = numbers[counts * N_BINS > counts.sum()]
    others = values[~np.isin(values, frequent)]
    share = (~np.isnan(others)).sum() / max(counts.sum(), 1)
    n_bins = max(2, round(N_BINS * share))
    edges = quantile_edges(others, np.linspace(0, 1, n_bins + 1)[1:-1])
    return np.unique(np.concatenate([edges, frequent, np.nextafter(frequent, np.inf)]))


def ranks(tables: Comparison, column: Hashable, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers as their ranks among the real ones, from 0 to 1; a missing number lies half a table below.

    Ranks are those of a hundred quantiles, and linear between them: the real rows are then no rows apart, as
    their own ranks, all equally far from each other, would make them.
    """
    numbers, known = tables.rank_knots[column]
    rank = np.interp(values, numbers, known) if len(numbers) else np.zeros(len(values))
    return np.where(np.isnan(values), -0.5, rank)


def one_hot(tables: Comparison, column: Hashable, codes: NDArray[Any]) -> NDArray[np.float32]:
    """Category codes as 0 and 1, shape (n, n_categories); of very many, the rarest share one."""
    width = min(len(categories(tables, column)), MAX_ONE_HOT + 1)
    return np.eye(width, dtype=np.float32)[np.minimum(codes, MAX_ONE_HOT)]


def widths(tables: Comparison) -> list[int]:
    """How many coordinates of a point each column has: one, or one a category."""
    return [
        1 if column in tables.numeric else min(len(categories(tables, column)), MAX_ONE_HOT + 1)
        for column in tables.columns
    ]


def nearest(
    queries: NDArray[np.float32], reference: NDArray[np.float32], k: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Euclidean distances to and positions of the k nearest points, nearest first, each of shape (n, k).

    If the queries are the reference itself, no point is a neighbour of itself.
    """
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(reference)
    positions = search.kneighbors(None if queries is reference else queries, return_distance=False)
    # The search rounds; equal distances must come out equal.
    exact = [np.linalg.norm(queries - reference[place].astype(np.float64), axis=1) for place in positions.T]
    return np.column_stack(exact), positions


def quantile_edges(values: NDArray[np.float64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Different quantiles of the values that are not nan, in ascending order; none if all are nan."""
    present = values[~np.isnan(values)]
    return np.unique(np.quantile(present, probabilities)) if len(present) else np.zeros(0)


def _knots(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantiles and their ranks; a value that is more frequent than a quantile stands apart by a step."""
    present = np.sort(values[~np.isnan(values)])
    n_knots = int(np.clip(len(present) / ROWS_PER_KNOT, 2, N_KNOTS)) + 1
    knots = (
        np.unique(present[np.linspace(0, len(present) - 1, n_knots).astype(int)]) if len(present) else present
    )
    low, high = (np.searchsorted(present, knots, side) / max(len(present), 1) for side in ("left", "right"))
    frequent = high - low > 1 / n_knots
    numbers = [knots, np.nextafter(knots[frequent], -np.inf), np.nextafter(knots[frequent], np.inf)]
    known = [(low + high) / 2, low[frequent], high[frequent]]
    order = np.argsort(np.concatenate(numbers), kind="stable")
    return np.concatenate(numbers)[order], np.concatenate(known)[order]


def _unit(parts: list[NDArray[np.float64]]) -> float:
    """A power of two that brings very large numbers near 1; otherwise 1."""
    present = (np.abs(part[~np.isnan(part)]).max(initial=0.0) for part in parts)
    largest = max(present)
    return float(2.0 ** np.floor(np.log2(largest))) if largest > MAX_NUMBER else 1.0


def cut(
    values: NDArray[np.float64], edges: NDArray[np.float64], side: Literal["left", "right"] = "right"
) -> Rows:
    """Which interval between the edges each value lies in; the last number is for nan."""
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side))


def without_empty(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix with 0 in columns that are all nan, which scikit-learn's trees cannot be fitted to."""
    return np.where(np.isnan(X).all(axis=0), 0.0, X)


def _category_codes(columns: dict[str, pd.Series]) -> tuple[list[str], dict[str, NDArray[np.int16]]]:
    """Categories, and codes by table; missing is a category, and the rarest beyond the limit share one."""
    codes, categories = pd.factorize(np.concatenate([spell(column) for column in columns.values()]))
    order = np.argsort(-np.bincount(codes), kind="stable")
    ranks = np.minimum(np.argsort(order)[codes], MAX_CODES).astype(np.int16)
    parts = np.split(ranks, np.cumsum([len(column) for column in columns.values()])[:-1])
    return [str(categories[place]) for place in order[: MAX_CODES + 1]], dict(
        zip(columns, parts, strict=True)
    )
