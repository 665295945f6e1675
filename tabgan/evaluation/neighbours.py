"""The nearest rows, found by matrix products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 256  # queries at once, for memory
SPARE = 2  # candidates beyond those asked for: products are rounded, distances are then computed exactly


def nearest(
    queries: NDArray[np.float32], reference: NDArray[np.float32], k: int, themselves: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Euclidean distances to and positions of the k nearest points, nearest first.

    Parameters
    ----------
    queries : array of shape (n, width)
    reference : array of shape (m, width)
    k : int
        At most m.
    themselves : bool
        Whether the queries are the reference, whose points are then no neighbours of themselves.

    Returns
    -------
    distances, positions : arrays of shape (n, k)
    """
    n_candidates = min(k + SPARE, len(reference) - themselves)
    norms = (reference**2).sum(1)
    distances, positions = np.empty((len(queries), k)), np.empty((len(queries), k), np.intp)
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        rows = np.arange(len(block))
        rough = block @ reference.T  # the squared distance is norms - 2 rough, and the same for a whole row
        rough *= -2
        rough += norms
        if themselves:
            rough[rows, start + rows] = np.inf
        candidates = np.empty((len(block), n_candidates), np.intp)
        for j in range(n_candidates):
            candidates[:, j] = rough.argmin(1)
            rough[rows, candidates[:, j]] = np.inf
        apart = block[:, None].astype(np.float64) - reference[candidates]
        exact = np.sqrt((apart**2).sum(2))
        order = np.argsort(exact, axis=1, kind="stable")[:, :k]
        distances[start : start + BLOCK] = np.take_along_axis(exact, order, axis=1)
        positions[start : start + BLOCK] = np.take_along_axis(candidates, order, axis=1)
    return distances, positions
