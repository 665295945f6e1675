"""Is each pair of columns right?  Distances of two-way tables, which see any form of dependence."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from tabgan.evaluation.views import Comparison

MAX_PAIRS = 5000


def compare_pairs(tables: Comparison, other: str) -> list[dict[str, Any]]:
    """One row a pair of columns: total variation distance of the joint tables, and both associations.

    Numbers are cut at the real deciles, with the same edges for both tables, so that dependence of any form
    counts, linear or not, and mixed pairs are treated like others. The association is Cramer's V (Cramer
    1946, chapter 21) of the same table. Of very many pairs, a random part is compared.
    """
    pairs = list(combinations(tables.columns, 2))
    if len(pairs) > MAX_PAIRS:
        chosen = tables.rng().choice(len(pairs), MAX_PAIRS, replace=False)
        pairs = [pairs[i] for i in sorted(chosen)]
    return [_compare(tables, other, *pair) for pair in pairs]


def _compare(tables: Comparison, other: str, first: Any, second: Any) -> dict[str, Any]:
    views = [tables.bins[name] for name in ("real", other)]
    sizes = [int(max(view[column].max(initial=0) for view in views)) + 1 for column in (first, second)]
    shares = []
    for view in views:
        codes = view[first] * sizes[1] + view[second]
        counts = np.bincount(codes, minlength=sizes[0] * sizes[1]).reshape(sizes)
        shares.append(counts / max(len(codes), 1))
    return {
        "columns": (first, second),
        "distance": float(np.abs(shares[0] - shares[1]).sum() / 2),
        "association_real": cramers_v(shares[0]),
        "association_other": cramers_v(shares[1]),
    }


def cramers_v(shares: np.ndarray) -> float:
    """Strength of association in [0, 1] of a two-way table of shares."""
    shares = shares[shares.sum(1) > 0][:, shares.sum(0) > 0]
    if min(shares.shape) < 2:
        return 0.0
    independent = np.outer(shares.sum(1), shares.sum(0))
    phi_squared = float(((shares - independent) ** 2 / independent).sum())
    return float(np.sqrt(min(1.0, phi_squared / (min(shares.shape) - 1))))
