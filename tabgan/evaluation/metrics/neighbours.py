"""Which rows lie near which, in tables of any size; and whether they do more often than by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison, Rows, nearest, points, widths
from tabgan.evaluation.uncertainty import more_often

MAX_QUERIES = 3000  # rows looked up; fewer
MIN_QUERIES = 200
MAX_DISTANCES = 1e11  # if they cost more than as many differences of coordinates
CHUNK = 50_000  # rows searched at once, for memory
TAILS = (0.005, 0.02, 0.05, 0.2)  # lowest shares of values that are searched for too many synthetic ones


def affordable(tables: Comparison, *reference: str) -> int:
    """How many rows can be looked up in the reference without taking minutes."""
    work = tables.n_rows(*reference) * sum(widths(tables))
    return int(np.clip(MAX_DISTANCES / work, MIN_QUERIES, MAX_QUERIES))


def points_of(tables: Comparison, names: Sequence[str], places: Rows) -> NDArray[np.float32]:
    """Rows as points, by their places in the tables laid one after another."""
    order, parts, start = [], [], 0
    for name in names:
        here = np.flatnonzero((places >= start) & (places < start + tables.n_rows(name)))
        order.append(here)
        parts.append(points(tables, name, places[here] - start))
        start += tables.n_rows(name)
    rows: NDArray[np.float32] = np.vstack(parts)[np.argsort(np.concatenate(order))]
    return rows


def nearest_rows(
    tables: Comparison,
    names: Sequence[str],
    queries: NDArray[np.float32],
    k: int,
    among: Rows | None = None,
    own: Rows | None = None,
) -> tuple[NDArray[np.float64], Rows]:
    """Distances to and places of the k nearest rows of the tables, each of shape (n, k).

    Places count through the tables, laid one after another; `among` says which of them count, by default all.
    `own` is the place of each query itself, which is no neighbour. Rows are taken in pieces, so that memory
    does not grow with their number. Where there are fewer than k, the last one counts twice.
    """
    among = np.arange(tables.n_rows(*names)) if among is None else among
    best: NDArray[Any] = np.empty((len(queries), 0))
    where: NDArray[Any] = np.empty((len(queries), 0), np.intp)
    for start in range(0, len(among), CHUNK):
        piece = among[start : start + CHUNK]
        sought = min(k if own is None else k + 1, len(piece))
        distances, found = nearest(queries, points_of(tables, names, piece), sought)
        best, where = np.hstack([best, distances]), np.hstack([where, piece[found]])
        if own is not None:
            best = np.where(where == own[:, None], np.inf, best)
        order = np.argsort(best, axis=1, kind="stable")[:, np.minimum(np.arange(k), best.shape[1] - 1)]
        best, where = (np.take_along_axis(array, order, axis=1) for array in (best, where))
    return np.where(np.isinf(best), best[:, :1], best), where


def repeats(counts: NDArray[np.intp]) -> float:
    """How many values that occur again one observation stands for: their design effect (Kish 1965).

    Values of one table that are sought among the others of the same table are found in pairs, or in larger
    groups; the mean size of a value's group is the factor by which their number varies more than if each
    were found by itself. `counts` says how often each value occurs.
    """
    again = counts[counts > 1].astype(float)
    return max(2.0, float((again**2).sum() / again.sum())) if len(again) else 2.0


def too_low(values: NDArray[np.float64], fresh: NDArray[np.float64], effect: float) -> float:
    """p-value of the test that values are not below fresh ones more often than chance makes them.

    Among the lowest values of both, at four depths, synthetic ones are counted (Fisher's exact test), and
    the smallest p-value is corrected by Bonferroni's method: a few copies are seen, too. Each fresh value
    counts as 1 / `effect` observations.
    """
    both = np.concatenate([values, fresh])
    p_values = []
    for depth in TAILS:
        limit = np.quantile(both, depth, method="higher") + 1e-9
        low, usual = ((some <= limit).sum() for some in (values, fresh))
        p_values.append(more_often(low, len(values), usual / effect, len(fresh) / effect))
    return min(1.0, len(TAILS) * min(p_values))
