"""Do synthetic rows fall where real rows fall, and everywhere there? Alpha-precision and beta-recall."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from benchmarks.judge.tables import Rows, Tables

MOST = 40_000  # rows of each kind
LEVELS = np.linspace(0, 1, 30)

Matrix = npt.NDArray[np.float64]


def precision_and_recall(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Alpha-precision and beta-recall of Alaa et al. 2022 in the space of scaled and one-hot columns.

    The support of level alpha is the ball around the mean that holds this share of the real rows; precision
    is one minus how far the shares of synthetic rows within it are from alpha. A real row is covered if a
    synthetic row lies at least as near as its nearest real neighbour; recall asks the same of the shares
    covered by synthetic rows within their own support of level beta.
    """
    n = min(MOST, len(tables.train), len(tables.synthetic))
    drawn = tables.train.draw(n, rng), tables.synthetic.draw(n, rng)
    real, synthetic = (_scaled(rows, drawn[0], tables.n_known) for rows in drawn)
    centre = real.mean(axis=0)
    radii = np.quantile(np.linalg.norm(real - centre, axis=1), LEVELS)
    inside = np.sort(np.linalg.norm(synthetic - centre, axis=1))
    precision = np.searchsorted(inside, radii, side="right") / n
    _, to_real = nearest(real, real, others=True)
    where, to_synthetic = nearest(real, synthetic)
    off_centre = np.linalg.norm(synthetic[where] - synthetic.mean(axis=0), axis=1)
    covered = to_synthetic <= to_real
    recall = np.array(
        [(covered & (off_centre <= radius)).mean() for radius in np.quantile(off_centre, LEVELS)]
    )
    return {"alpha_precision": _agreement(precision), "beta_recall": _agreement(recall)}


def nearest(queries: Matrix, rows: Matrix, *, others: bool = False) -> tuple[npt.NDArray[np.int64], Matrix]:
    """Index of and distance to the nearest row; with `others`, the rows are the queries, and none is its own.

    Distances of a few candidates are computed again, so that equal rows lie at a distance of exactly zero.
    """
    search = NearestNeighbors(n_neighbors=min(3 + others, len(rows)), algorithm="brute").fit(rows)
    index, distance = np.empty(len(queries), np.int64), np.empty(len(queries))
    for start in range(0, len(queries), 2048):
        part = slice(start, min(start + 2048, len(queries)))
        candidates = search.kneighbors(queries[part], return_distance=False)
        apart = np.linalg.norm(queries[part, None] - rows[candidates], axis=2)
        if others:
            apart[candidates == np.arange(part.start, part.stop)[:, None]] = np.inf
        best = apart.argmin(axis=1)[:, None]
        index[part] = np.take_along_axis(candidates, best, axis=1)[:, 0]
        distance[part] = np.take_along_axis(apart, best, axis=1)[:, 0]
    return index, distance


def _agreement(shares: Matrix) -> float:
    return 100 * float(1 - np.abs(LEVELS - shares).sum() / LEVELS.sum())


def _scaled(rows: Rows, real: Rows, n_known: npt.NDArray[np.int64]) -> Matrix:
    """Numbers by the real range, whether they are missing, and categories one-hot, zeros if unseen."""
    low = np.nanmin(real.numbers, axis=0)
    span = np.nanmax(real.numbers, axis=0) - low
    numbers = (rows.numbers - low) / np.where(span > 0, span, 1)
    missing = np.isnan(numbers)
    spread = [
        np.vstack([np.eye(n), np.zeros(n)])[np.minimum(rows.codes[:, k], n)] for k, n in enumerate(n_known)
    ]
    return np.hstack([np.where(missing, 0, numbers), missing, *spread])
