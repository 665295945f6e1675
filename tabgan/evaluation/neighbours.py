"""The nearest rows in Euclidean distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors


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
