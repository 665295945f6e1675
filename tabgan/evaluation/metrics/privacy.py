"""Is anyone copied?  Equal rows, and rows that lie closer to a real one than chance would have it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.evaluation.views import Comparison

MAX_QUERIES = 3000
MAX_REFERENCE = 50_000
CLOSE = 0.05


def copies(tables: Comparison, other: str, fresh: str) -> dict[str, Any]:
    """Distances to the closest real record, of `other` beside those of `fresh` real rows.

    A distance counts numbers by their rank and names by equality, Euclidean. A row is near if it lies closer
    to a real row than 95 % of the fresh rows do; if a share s of fresh rows and t of the others are near,
    ``excess`` = (t - s) / (1 - s): 0 if nothing was copied, 1 if every row was.
    """
    rng = tables.rng()
    reference = _points(tables, "real", rng, MAX_REFERENCE)
    n = min(MAX_QUERIES, len(tables.others[other]), len(tables.others[fresh]))
    index = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(reference)
    distance = {}
    for name in (other, fresh):
        found, _ = index.kneighbors(_points(tables, name, rng, n))
        distance[name] = found[:, 0]
    limit = float(np.quantile(distance[fresh], CLOSE))
    near = {name: float((d <= limit + 1e-6).mean()) for name, d in distance.items()}
    excess = (near[other] - near[fresh]) / max(1 - near[fresh], 1e-9)
    return {
        "excess": max(0.0, float(excess)),
        "near": near[other],
        "near_fresh": near[fresh],
        "exact": exact_copies(tables.real, tables.others[other]),
        "exact_fresh": exact_copies(tables.real, tables.others[fresh]),
        "distances": distance[other],
        "distances_fresh": distance[fresh],
        "rows": n,
    }


def exact_copies(real: pd.DataFrame, other: pd.DataFrame) -> float:
    """Share of rows that equal a real row in every column."""
    hashes = [pd.util.hash_pandas_object(_texts(frame), index=False) for frame in (real, other[real.columns])]
    return float(np.isin(hashes[1].to_numpy(), hashes[0].to_numpy()).mean()) if len(other) else 0.0


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {k: frame.iloc[:, k].astype(str).to_numpy(dtype=object) for k in range(frame.shape[1])}
    )


def _points(tables: Comparison, table: str, rng: np.random.Generator, limit: int) -> NDArray[np.float32]:
    """Rows as points whose squared distance adds (rank difference)**2 and 1 for each unequal name."""
    n = len(tables.real if table == "real" else tables.others[table])
    rows = rng.permutation(n)[:limit]
    numeric, parts = set(tables.numeric), []
    for column in tables.columns:
        real, values = tables.values["real"][column], tables.values[table][column][rows]
        if column in numeric:
            present = np.sort(real[~np.isnan(real)])
            middle = (
                np.searchsorted(present, values, "left") + np.searchsorted(present, values, "right")
            ) / 2
            parts.append(np.where(np.isnan(values), -0.5, middle / max(len(present), 1))[:, None])
        else:
            size = 1 + max(int(view[column].max(initial=0)) for view in tables.values.values())
            parts.append(np.eye(size, dtype=np.float32)[values] * np.float32(np.sqrt(0.5)))
    return np.hstack(parts).astype(np.float32) if parts else np.zeros((len(rows), 1), np.float32)
