"""Columns of which no value is learned: a sample gets values of its own, repeating as those of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType, Part
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.template_fields import learn_counts


class Generated(ColumnType):
    """What keys and texts have in common: which rows are missing, and how often a value repeats.

    A subclass says how new values are made, in `_fresh`.

    Attributes
    ----------
    dtype_ : dtype
        Of the training column; objects in place of categories, which would be training values.
    missing_ : float
        Share of missing values.
    null_ : object
        What stands for a missing value in a column of objects.
    repeats_ : dict of int to int
        How many values occur a number of times; numbers that few values have are a mean.
    is_grouped_ : bool
        Whether equal values stand in neighbouring rows.
    """

    scale = "nominal"
    is_generated = True

    def _learn(self, facts: ColumnFacts) -> pd.Series:
        """Learn what all have in common; give the different values in the order of the rows."""
        column, dtype = facts.column, facts.column.dtype
        null = column[facts.missing].iloc[:1].tolist()
        self.dtype_ = np.dtype(object) if isinstance(dtype, pd.CategoricalDtype) else dtype
        self.missing_ = float(facts.missing.mean())
        self.null_ = null[0] if null and is_object_dtype(self.dtype_) else None
        codes, values = pd.factorize(column[~facts.missing].astype(self.dtype_))
        self.repeats_ = learn_counts(np.bincount(codes).tolist())
        self.is_grouped_ = int((np.diff(codes) != 0).sum()) + 1 == len(values)
        return pd.Series(values, name=column.name)

    def _fresh(self, n: int, rng: np.random.Generator, part: Part) -> NDArray[Any]:
        """Make n different values."""
        raise NotImplementedError

    def _write(self, values: NDArray[Any], missing: NDArray[np.bool_]) -> pd.Series:
        """Put values into a column with missing ones, in the dtype of training."""
        objects = np.full(len(missing), self.null_, dtype=object)
        objects[~missing] = values
        return pd.Series(objects, dtype=self.dtype_)

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode which values are missing: shape (n, 0), or (n, 1) if some were."""
        return find_missing(column)[:, None][:, : len(self.blocks())].astype(np.float32)

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Make new values for n rows, none where the code says missing."""
        return self._make((codes == 1).any(axis=1), rng)

    def renew(
        self, column: pd.Series, rng: np.random.Generator | None = None, part: Part | None = None
    ) -> pd.Series:
        """Generate other values in place of decoded ones; as a `part`, texts stay as they are."""
        return column if part is not None else self._make(find_missing(column), rng)

    def can_be_missing(self) -> bool:
        """Tell whether the training column had missing values."""
        return self.missing_ > 0

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give nothing, or a onehot of present and missing."""
        return [("onehot", 2)] if self.missing_ else []

    def _make(
        self, missing: NDArray[np.bool_], rng: np.random.Generator | None, part: Part = (0, 1, 0)
    ) -> pd.Series:
        """Make a column of values, none where `missing`, shape (n,)."""
        rng = np.random.default_rng(rng)
        n = int((~missing).sum())
        repeats, counts = np.array(list(self.repeats_)), np.array(list(self.repeats_.values()))
        if repeats.max() == 1:
            return self._write(self._fresh(n, rng, part), missing)
        sizes = rng.choice(repeats, size=n, p=counts / counts.sum()).clip(max=n)  # whatever a file says
        n_values = int(np.searchsorted(np.cumsum(sizes), n)) + 1 if n else 0
        values = np.repeat(self._fresh(n_values, rng, part), sizes[:n_values])[:n]
        return self._write(values if self.is_grouped_ else rng.permutation(values), missing)
