"""Does each side cover the other?  Precision and recall of the supports of two distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison, one_hot, widths
from tabgan.evaluation.metrics.two_sample import equal_rows
from tabgan.evaluation.neighbours import nearest
from tabgan.evaluation.result import Metric, MetricResult
from tabgan.evaluation.uncertainty import bootstrap_error, interval

MAX_ROWS = 40_000  # of each table,
MAX_DISTANCES = 1.2e11  # and as many differences of coordinates
N_SIZES = 30

# Detail -> name in the report, which values are better, caption.
LINES = {
    "precision": (
        "Alpha-precision", "higher", "fidelity: do synthetic rows lie as far from the centre as real ones?",
    ),
    "recall": (
        "Beta-recall", "near real",
        "diversity: real rows with a synthetic row as near as any real one; far above real rows: copies",
    ),
}  # fmt: skip


def precision_recall(tables: Comparison) -> MetricResult:
    """Ask whether synthetic rows lie where real rows lie, and whether every real row has one near."""
    spacing: dict[int, NDArray[np.float64]] = {}  # of real rows, by their number: the costly part
    result, holdout = (precision_and_recall(tables, name, spacing) for name in ("synthetic", "holdout"))
    metrics = [
        Metric(
            "joint", name, result[key], interval(result[key], result[f"{key}_error"]), holdout[key],
            better=better, caption=caption,
        )
        for key, (name, better, caption) in LINES.items()
    ]  # fmt: skip
    note = f"Precision and recall: {result['rows']:,} rows of each table."
    return MetricResult(metrics, {**result, "ceiling": holdout}, note)


def precision_and_recall(
    tables: Comparison, other: str, spacing: dict[int, NDArray[np.float64]]
) -> dict[str, Any]:
    """Alpha-precision and beta-recall, summed over the sizes of the support, in the space of the columns.

    Alaa et al. 2022, *How faithful is your synthetic data?*, section 3. Their embedding is left out: numbers
    are scaled to the real range and categories are 0 and 1 (the "naive" values that papers print). The real
    support of size alpha is the ball around the real mean that holds a share alpha of the real rows;
    precision compares alpha with the share of the other rows inside. Recall compares beta with the share of
    real rows whose nearest other row is as near as their nearest real row, and lies in the support of
    size beta of the other rows. Either is 1 minus the mean difference over the mean size.
    """
    rng = tables.rng()
    chosen = equal_rows(tables, other, min(MAX_ROWS, int((MAX_DISTANCES / sum(widths(tables))) ** 0.5)), rng)
    n = len(chosen["real"])
    if n < 2:
        return {key: 0.0 for name in ("precision", "recall") for key in (name, f"{name}_error")} | {"rows": n}
    X, S = (_scaled(tables, name, rows, chosen["real"]) for name, rows in chosen.items())
    sizes = np.linspace(0, 1, N_SIZES)

    def score(curve: NDArray[np.float64]) -> float:
        return float(1 - np.abs(sizes - curve).sum() / sizes.sum())

    middle, centre = (points.mean(0, dtype=np.float64) for points in (X, S))
    out_real, out_seen = (np.linalg.norm(points - middle, axis=1) for points in (X, S))

    def precision(i: NDArray[np.intp], j: NDArray[np.intp]) -> float:
        inside = np.searchsorted(np.sort(out_seen[j]), np.quantile(out_real[i], sizes), side="right")
        return score(inside / n)

    to_seen, where = nearest(X, S, 1)
    if n not in spacing:
        spacing[n] = nearest(X, X, 1)[0][:, 0]
    covered = to_seen[:, 0] <= spacing[n]
    depth = np.linalg.norm(S[where[:, 0]] - centre, axis=1)

    def recall(i: NDArray[np.intp]) -> float:
        radii = np.quantile(depth[i], sizes)
        return score(np.searchsorted(np.sort(depth[i][covered[i]]), radii, side="right") / n)

    every = np.arange(n)
    return {
        "precision": precision(every, every), "precision_error": bootstrap_error(precision, (n, n), rng),
        "recall": recall(every), "recall_error": bootstrap_error(recall, (n,), rng), "rows": n,
    }  # fmt: skip


def _scaled(
    tables: Comparison, name: str, rows: NDArray[np.intp], real: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Rows as points: numbers in units of the real range, missing or not and categories as 0 and 1."""
    parts: list[NDArray[Any]] = []
    for column in tables.columns:
        values, known = tables.values[name][column][rows], tables.values["real"][column][real]
        if column not in tables.numeric:
            parts.append(one_hot(tables, column, values))
            continue
        known = known[~np.isnan(known)]
        low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
        missing = np.isnan(values)
        parts.append((np.where(missing, low, values) - low)[:, None] / (high - low if high > low else 1.0))
        if any(np.isnan(columns[column]).any() for columns in tables.values.values()):
            parts.append(missing[:, None])
    return np.hstack(parts).astype(np.float32)
