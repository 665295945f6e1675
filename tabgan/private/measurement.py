"""What is asked of the rows, in which order and for which part of the budget.

First the number of rows; then histograms of columns; then tables of pairs of columns, and of pairs by the
target: all of them where there are few, else those that a private choice finds far from independent (McKenna,
Miklau and Sheldon 2021, *Winning the NIST contest*; McKenna et al. 2022, *AIM*, section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tabgan.private.bins import Fineness, n_levels
from tabgan.private.domain import Column, Numbers, Units
from tabgan.private.marginals import Answers, ColumnAnswers, ask_of_column
from tabgan.private.questions import Coder, NumberOfRows, Table

# Parts of the budget; that of a choice, of what is left then.
OF_ROWS, OF_COLUMNS, OF_CHOICE = 0.005, 0.2, 0.1
OF_TARGET = 0.3  # of what is left for tables, for those by the target
OF_CATEGORIES = 0.5  # of a column of categories, where one of numbers has 1 a question
EXACT = 1 - 1e-12  # so that parts of floats never add up to more than the whole
MOST_PAIRS = 300
FINENESS, FEWEST_AND_MOST = 0.5, (12, 64)  # of the bins of numbers
LEAST = 4.0  # standard deviations of a count of two columns, that a bin is to hold
MOST_GROUPS, OF_NUMBER = 8, 4  # of the target's bins, and where these are numbers


class Curious(Answers, Protocol):
    """A curator, as it is asked here."""

    @property
    def left(self) -> float:
        """What is left of the budget."""
        ...

    def choose(
        self, tables: Sequence[Table], expected: Sequence[Units], penalties: Sequence[int], k: int, rho: float
    ) -> list[int]:
        """Choose the tables that are least as expected."""
        ...


@dataclass(frozen=True)
class Noisy:
    """A table of noisy counts.

    Parameters
    ----------
    places : tuple of int
        Of its columns.
    counts : ndarray of float64
        One axis a column.
    variance : float
        Of the noise of each count.
    by_target : bool
        Whether there is a last axis for the groups of the target, which is not among `places`.
    """

    places: tuple[int, ...]
    counts: NDArray[np.float64]
    variance: float
    by_target: bool = False


@dataclass(frozen=True)
class Measurement:
    """All that is known of a table.

    Parameters
    ----------
    n_rows : float
        Noisy.
    columns : list of ColumnAnswers
    target : int or None
        Its place.
    groups : ndarray of int, shape (n_bins,)
        The group of each bin of the target.
    tables : list of Noisy
        Of single columns of categories, of pairs, and of pairs by the target.
    """

    n_rows: float
    columns: list[ColumnAnswers]
    target: int | None
    groups: NDArray[np.intp]
    tables: list[Noisy]


def measure(
    columns: Sequence[Column], target: Hashable | None, n_bins: int | None, delta: float, curator: Curious
) -> Measurement:
    """Ask for all that a table is learned from.

    Parameters
    ----------
    columns : sequence of Numbers or Categories
    target : hashable, optional
        Name of a column.
    n_bins : int, optional
        Of numbers, about; by default as many as noise allows.
    delta : float
    curator : Curator

    Returns
    -------
    Measurement

    Raises
    ------
    ValueError
        If `delta` is not below 1 / n by the noisy number of rows n, the first that is asked for.
    """
    rho = curator.left
    n_rows = max(1.0, float(curator.ask(NumberOfRows(), OF_ROWS * rho)[0]))
    if delta * n_rows >= 1:
        raise ValueError(
            f"delta must lie below 1/n, and there are about {n_rows:,.0f} rows (a noisy count): by "
            f"delta={delta:g}, a few whole rows might be given out; the default is 1e-9"
        )
    fineness = _fineness(n_bins, len(columns), rho, n_rows)
    shares = np.array(
        [n_levels(column.n_steps) if isinstance(column, Numbers) else OF_CATEGORIES for column in columns]
    )
    parts = (OF_COLUMNS * rho * shares / shares.sum()).tolist()
    known = [ask_of_column(c, fineness, n_rows, curator, p) for c, p in zip(columns, parts, strict=True)]
    # Answers that are tables of one column already.
    singles = [
        Noisy((k,), column.counts, column.sigma**2) for k, column in enumerate(known) if column.is_exact
    ]
    if target is None:
        tables = singles + _tables(known, None, n_rows, curator)
        return Measurement(n_rows, known, None, np.zeros(0, dtype=np.intp), tables)
    place = [column.name for column in columns].index(target)
    groups = _groups(columns[place], known[place].counts)
    inner = known[place].coder

    def group_of(units: Units) -> NDArray[np.intp]:
        bins = inner.bins(units)
        return np.where(bins < 0, -1, groups[bins])

    by_target = place, Coder(target, int(groups.max()) + 1, group_of)
    return Measurement(n_rows, known, place, groups, singles + _tables(known, by_target, n_rows, curator))


def _fineness(n_bins: int | None, n_columns: int, rho: float, n_rows: float) -> Fineness:
    """Cut numbers so that the bins of a table of two columns are not all lost in noise."""
    sigma = math.sqrt(max(1, min(n_columns * (n_columns - 1) // 2, MOST_PAIRS)) / (2 * rho))
    suitable = int(np.clip(math.sqrt(FINENESS * n_rows / sigma), *FEWEST_AND_MOST))
    return Fineness(n_bins or suitable, LEAST * sigma)


def _groups(column: Column, counts: NDArray[np.float64]) -> NDArray[np.intp]:
    """Put the bins of the target into groups: few, so that there are few bins of three columns."""
    if len(counts) <= MOST_GROUPS:
        return np.arange(len(counts))
    if isinstance(column, Numbers):
        held = np.cumsum(np.maximum(counts, 0)) - np.maximum(counts, 0) / 2
        return np.minimum((OF_NUMBER * held / max(2 * held[-1] - held[-1], 1)).astype(np.intp), OF_NUMBER - 1)
    rank = np.argsort(np.argsort(-counts, kind="stable"))
    return np.minimum(rank, MOST_GROUPS - 1)


def _tables(
    known: list[ColumnAnswers], target: tuple[int, Coder] | None, n_rows: float, curator: Curious
) -> list[Noisy]:
    """Ask for tables of columns, with all that is left of the budget."""
    if len(known) == 1:
        return [_ask(known, (0,), None, curator.left * EXACT, curator)]
    pairs = list(combinations(range(len(known)), 2))
    if len(pairs) > MOST_PAIRS:
        pairs = _chosen(known, pairs, None if target is None else target[0], n_rows, curator)
    triples = [] if target is None else [pair for pair in pairs if target[0] not in pair]
    of_target = OF_TARGET if triples else 0.0
    rho = curator.left * EXACT
    tables = [_ask(known, pair, None, (1 - of_target) * rho / len(pairs), curator) for pair in pairs]
    coder = None if target is None else target[1]
    return tables + [_ask(known, pair, coder, of_target * rho / len(triples), curator) for pair in triples]


def _ask(
    known: list[ColumnAnswers], places: tuple[int, ...], by_target: Coder | None, rho: float, curator: Curious
) -> Noisy:
    coders = tuple(known[place].coder for place in places)
    table = Table(coders if by_target is None else (*coders, by_target))
    counts = curator.ask(table, rho).astype(float).reshape(table.shape)
    return Noisy(places, counts, 1 / (2 * rho), by_target is not None)


def _chosen(
    known: list[ColumnAnswers],
    pairs: list[tuple[int, int]],
    target: int | None,
    n_rows: float,
    curator: Curious,
) -> list[tuple[int, int]]:
    """Choose pairs privately; those of the target are measured anyway."""
    always = [pair for pair in pairs if target in pair]
    open_pairs = [pair for pair in pairs if target not in pair]
    k = max(1, MOST_PAIRS - len(always))
    if k >= len(open_pairs):
        return pairs
    shares = [np.maximum(column.counts, 0) / max(np.maximum(column.counts, 0).sum(), 1) for column in known]
    tables = [Table((known[i].coder, known[j].coder)) for i, j in open_pairs]
    expected = [
        np.rint(n_rows * np.outer(shares[i], shares[j])).astype(np.int64).ravel() for i, j in open_pairs
    ]
    rho = OF_CHOICE * curator.left
    sigma = math.sqrt(MOST_PAIRS / (2 * (curator.left - rho)))
    penalties = [round(math.sqrt(2 / math.pi) * sigma * math.prod(table.shape)) for table in tables]
    chosen = {open_pairs[place] for place in curator.choose(tables, expected, penalties, k, rho)}
    return [pair for pair in pairs if pair in chosen or pair in always]
