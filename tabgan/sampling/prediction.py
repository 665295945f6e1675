"""One column of rows predicted from the others: its conditional distribution, summed up."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.sampling.imputation import Imputation
from tabgan.sampling.known import Known
from tabgan.table.columns.categories import factorize, find_missing
from tabgan.table.columns.numbers import as_floats, family

COMPLETIONS = 10  # of a row that has other holes, over which a prediction is averaged

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """Predicts a column of a model's table.

    Parameters
    ----------
    imputation : Imputation
        Of the model.
    target : hashable
        Name of the column.

    Raises
    ------
    ValueError
        If there is no such column, it holds keys or text, or the model never draws a value of it.
    """

    imputation: Imputation
    target: Hashable

    def __post_init__(self) -> None:
        columns = self.imputation.table.columns_
        if self.target not in columns:
            raise ValueError(
                f"target must be the name of a column, one of {list(columns)}, got {self.target!r}"
            )
        if columns[self.target].is_generated:
            raise ValueError(f"column {self.target!r} holds keys or text, of which nothing is learned")
        if find_missing(self.imputation.pool[self.target]).all():
            raise ValueError(f"column {self.target!r} has no values in rows of the model, only missing ones")

    @property
    def is_nominal(self) -> bool:
        """Whether the column has categories, and no scale on which others lie between them."""
        return self.imputation.table.columns_[self.target].categories is not None

    def shares(self, known: Known, rng: np.random.Generator) -> tuple[pd.Series, Floats]:
        """Give the probability of each category, and the categories.

        Parameters
        ----------
        known : Known
            What n rows have; the target is not looked at.
        rng : numpy.random.Generator

        Returns
        -------
        categories : Series of shape (k,)
        shares : ndarray of shape (n, k)

        Raises
        ------
        ValueError
            If the column has no categories.
        """
        values = self.imputation.table.columns_[self.target].categories
        if values is None:
            raise ValueError(
                f"column {self.target!r} has numbers or times, and no categories to give a probability each; "
                "ask predict for its mean, or impute(n_imputations=...) for draws"
            )
        values = values[~find_missing(values)]
        categories = factorize(values)[1]
        codes = factorize(pd.concat([categories, self.imputation.pool[self.target]], ignore_index=True))[0]
        indicators = (codes[len(categories) :, None] == codes[: len(categories)]).astype(float)
        return categories, self._mean(known, indicators, rng)

    def modes(self, known: Known, rng: np.random.Generator) -> pd.Series:
        """Give the most probable category of each of n rows."""
        categories, shares = self.shares(known, rng)
        return categories.take(shares.argmax(axis=1)).reset_index(drop=True).rename(self.target)

    def means(self, known: Known, rng: np.random.Generator) -> pd.Series:
        """Give the mean of each of n rows, a float; of times and written numbers the value next to it."""
        pool = self.imputation.pool[self.target]
        numbers = as_floats(self.imputation.table.columns_[self.target].ordered(pool))
        is_number = ~np.isnan(numbers)
        sums = self._mean(known, np.column_stack([np.where(is_number, numbers, 0), is_number]), rng)
        means = sums[:, 0] / np.maximum(sums[:, 1], np.finfo(float).tiny)
        if family(pool) == "numbers" and pool.dtype != object:
            return pd.Series(means, name=self.target)
        order = np.flatnonzero(is_number)[np.argsort(numbers[is_number])]
        ordered = numbers[order]
        place = np.searchsorted((ordered[1:] + ordered[:-1]) / 2, means)
        return pool.iloc[order[place]].reset_index(drop=True)

    def _mean(self, known: Known, values: Floats, rng: np.random.Generator) -> Floats:
        """Average over the conditional distribution what `values` says of each row of the pool."""
        imputation = self.imputation
        if self.target not in imputation.names:  # constant
            has_value = ~find_missing(imputation.pool[self.target])
            return np.tile(values[has_value].mean(axis=0), (len(known), 1))
        column = imputation.names.index(self.target)
        given = {name: of_name for name, of_name in known.values.items() if name != self.target}
        present = {name: ~known.holes(name) for name in given}
        codes, missing = imputation.encode(given, present, len(known), rng)
        means = imputation.forests.mean(codes, column, values)
        others = np.delete(missing, column, axis=1).any(axis=1)
        if others.any():
            drawn, _ = imputation.forests.draw(codes[others], missing[others], rng, COMPLETIONS)
            means[others] = np.mean([imputation.forests.mean(each, column, values) for each in drawn], axis=0)
        return means
