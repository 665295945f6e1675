"""What is asked of single columns: noisy histograms, for numbers finer and finer where much lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tabgan.private.bins import (
    BRANCHES,
    FIRST,
    Bins,
    Fineness,
    Pieces,
    consistent,
    cut,
    n_levels,
    smooth,
    worth_cutting,
)
from tabgan.private.domain import OUTSIDE, Categories, Column, Units
from tabgan.private.questions import Coder, Histogram, Question
from tabgan.table import Categorical, ColumnType

MOST_CATEGORIES = 63  # of a column with a bin each


class Answers(Protocol):
    """A curator, as far as it is asked for histograms."""

    def ask(self, question: Question, rho: float) -> Units:
        """Give noisy counts."""
        ...


@dataclass(frozen=True)
class ColumnAnswers:
    """What is known of one column.

    Parameters
    ----------
    column_type : ColumnType
        Fitted.
    coder : Coder
    counts : ndarray of float64, shape (n_bins,)
        Noisy.
    missing, outside : float
        Noisy counts of missing values, and of values that were not declared.
    sigma : float
        Standard deviation of the noise of these two.
    is_exact : bool
        Whether each of `counts` is an answer as it was given, with this noise.
    n_ordered : int
        How many bins, the first ones, are stretches of numbers that rise; 0 of categories.
    """

    column_type: ColumnType
    coder: Coder
    counts: NDArray[np.float64]
    missing: float
    outside: float
    sigma: float
    is_exact: bool
    n_ordered: int


def ask_of_column(
    column: Column, fineness: Fineness, n_rows: float, curator: Answers, rho: float
) -> ColumnAnswers:
    """Ask for histograms of one column, and make its bins of them.

    Parameters
    ----------
    column : Numbers or Categories
    fineness : Fineness
        Of the bins of numbers.
    n_rows : float
    curator : Curator
    rho : float
        What it may cost.
    """
    if isinstance(column, Categories):
        return _categories(column, curator, rho)
    levels = n_levels(column.n_steps)
    sigma = math.sqrt(levels / (2 * rho))
    starts = cut(0, column.n_steps, FIRST)
    apart = [OUTSIDE] + [column.n_steps] * column.has_missing  # single units, beside the grid
    stops = np.append(starts[1:], column.n_steps)
    order = np.argsort(np.concatenate([starts, apart]), kind="stable")
    together = (np.concatenate([starts, apart])[order], np.concatenate([stops, np.array(apart) + 1])[order])
    answer = curator.ask(Histogram(column.name, *together), rho / levels)[np.argsort(order)].astype(float)
    counts, outside = answer[: len(starts)], answer[len(starts) :]
    counts = smooth(counts, stops - starts, n_rows - np.maximum(outside, 0).sum(), sigma)
    done: list[tuple[Units, NDArray[np.float64]]] = []
    for level in range(levels):
        cutting = worth_cutting(stops - starts, counts, sigma) & (level < levels - 1)
        done.append((starts[~cutting], counts[~cutting]))
        if not cutting.any():
            break
        parents = list(zip(starts[cutting], stops[cutting], counts[cutting], strict=True))
        parts = [cut(a, b, BRANCHES) for a, b, _ in parents]
        widths = [np.diff(np.append(part, b)) for part, (_, b, _) in zip(parts, parents, strict=True)]
        starts = np.concatenate(parts)
        stops = starts + np.concatenate(widths)
        answer = curator.ask(Histogram(column.name, starts, stops), rho / levels).astype(float)
        answers = np.split(answer, np.cumsum([len(part) for part in parts])[:-1])
        smoothed = [
            smooth(consistent(part, held), width, held, sigma)
            for part, width, (_, _, held) in zip(answers, widths, parents, strict=True)
        ]
        counts = np.concatenate(smoothed)
    starts, counts = (np.concatenate(part) for part in zip(*done, strict=True))
    rising = np.argsort(starts)
    bins = Bins.of(column, Pieces(starts[rising], column.n_steps, counts[rising], sigma), fineness)
    missing = float(outside[1]) if column.has_missing else 0.0
    of_bins = np.bincount(bins.bin_, counts[rising]).astype(float)
    of_bins = np.append(of_bins, missing) if column.has_missing else of_bins
    coder = Coder(column.name, bins.n_bins, bins.bins)
    n_ordered = bins.n_bins - column.has_missing
    return ColumnAnswers(bins, coder, of_bins, missing, float(outside[0]), sigma, False, n_ordered)


def _categories(column: Categories, curator: Answers, rho: float) -> ColumnAnswers:
    """Ask how often each category occurs; beyond a number of them, those that hardly do share a bin."""
    starts = np.arange(OUTSIDE, column.n_units, dtype=np.int64)
    answer = curator.ask(Histogram(column.name, starts, starts + 1), rho).astype(float)
    counts = answer[1:]
    n_kept = column.n_units
    order = np.arange(n_kept)
    if n_kept > MOST_CATEGORIES + 1:
        rank = np.where(np.arange(column.n_units) == column.n_units - column.has_missing, np.inf, counts)
        order, n_kept = np.argsort(-rank, kind="stable"), MOST_CATEGORIES
    place = np.minimum(np.argsort(order), n_kept)  # the bin of each unit
    kind = Categorical()
    kind.categories_ = column.values.iloc[order].reset_index(drop=True)
    kind.counts_ = np.maximum(np.rint(counts[order]), 1).astype(np.int64)
    kind.n_kept_, kind.n_protected_ = n_kept, 0
    coder = Coder(column.name, int(place.max()) + 1, lambda units: np.where(units < 0, -1, place[units]))
    of_bins = np.bincount(place, counts, minlength=coder.n_bins).astype(float)
    missing = float(counts[-1]) if column.has_missing else 0.0
    sigma, is_exact = math.sqrt(1 / (2 * rho)), coder.n_bins == column.n_units
    return ColumnAnswers(kind, coder, of_bins, missing, float(answer[0]), sigma, is_exact, 0)
