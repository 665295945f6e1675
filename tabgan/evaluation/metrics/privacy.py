"""Is anyone copied?  Exact copies, distances to the closest record, and a membership inference attack."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score

from tabgan.evaluation.comparison import Comparison, nearest, points, widths
from tabgan.evaluation.result import Metric, MetricResult
from tabgan.evaluation.uncertainty import auc_error, bootstrap_error, interval, share_error
from tabgan.table.columns.categories import spell

MAX_QUERIES = 3000  # rows looked up; fewer
MIN_QUERIES = 200
MAX_DISTANCES = 1e11  # if they cost more than as many differences of coordinates
CHUNK = 50_000  # rows searched at once, for memory
CLOSE = 0.05
FALSE_POSITIVE_RATE = 0.01
MAX_LISTED = 20  # rows listed in the details
MIN_ROWS = 20  # of a holdout, for the attack


def copying(tables: Comparison) -> MetricResult:
    """Ask whether rows were copied, exactly or nearly."""
    result = copies(tables) | exact_copies(tables)
    n, n_all, n_holdout = result["rows"], tables.n_rows("synthetic"), tables.n_rows("holdout")
    metrics = [
        Metric(
            "privacy", "DCR below the 5 % quantile of real rows", result["near"],
            interval(result["near"], share_error(result["near"], n)), result["near_holdout"],
            more_often(result["near"], n, result["near_holdout"], n), "near real",
            "distance to closest record: share of rows closer to a real row than 95 % of fresh real rows are",
        ),
        Metric(
            "privacy", "NNDR, 5 % quantile", result["ratio"],
            interval(result["ratio"], result["ratio_error"]), result["ratio_holdout"],
            result["ratio_p_value"], "near real",
            "nearest-neighbour distance ratio: distance to the nearest over that to the second-nearest real "
            "row; lower than for real rows: pulled towards single real rows",
        ),
        Metric(
            "privacy", "Exact copies of real rows", result["exact"],
            interval(result["exact"], share_error(result["exact"], n_all)), result["exact_holdout"],
            more_often(result["exact"], n_all, result["exact_holdout"], n_holdout), "near real",
            "all columns equal but identifiers; where few values are possible, chance makes some",
        ),
    ]  # fmt: skip
    note = f"Copies: {n:,} rows looked up among all real ones; equal rows: all."
    return MetricResult(metrics, result, note)


def copies(tables: Comparison) -> dict[str, Any]:
    """Distances to the two closest real records, of synthetic rows beside those of the holdout.

    A distance counts numbers by their rank and names by equality, Euclidean. A row is near if it lies closer
    to a real row than 95 % of the holdout do; if a share s of the holdout and t of the others are near,
    ``excess`` = (t - s) / (1 - s): 0 if nothing was copied, 1 if every row was. Distance to the closest
    record and ratio to the second closest: Zhao et al. 2021, *CTAB-GAN: effective table data synthesizing*.
    """
    rng, names = tables.rng(), ("synthetic", "holdout")
    n = min(_affordable(tables, "real"), *map(tables.n_rows, names))
    rows = {name: tables.some_rows(name, n, rng) for name in names}
    queries = np.vstack([points(tables, name, some) for name, some in rows.items()])
    distances, places = nearest_rows(tables, "real", queries, 2)
    distance, fresh = distances[:n, 0], distances[n:, 0]
    ratio, fresh_ratio = np.split(_ratios(distances), 2)
    limit = float(np.quantile(fresh, CLOSE)) + 1e-6
    near, near_holdout = (float((d <= limit).mean()) for d in (distance, fresh))
    closest = np.argsort(distance, kind="stable")[:MAX_LISTED]

    def low_ratio(drawn: NDArray[np.intp]) -> float:
        return float(np.quantile(ratio[drawn], CLOSE))

    return {
        "excess": max(0.0, float((near - near_holdout) / max(1 - near_holdout, 1e-9))),
        "near": near,
        "near_holdout": near_holdout,
        "near_rows": [
            (*_labels(tables, rows["synthetic"][i], places[i, 0]), float(distance[i]))
            for i in closest
            if distance[i] <= limit
        ],
        "ratio": low_ratio(np.arange(n)),
        "ratio_error": bootstrap_error(low_ratio, (n,), rng) if n > 1 else 0.0,
        "ratio_holdout": float(np.quantile(fresh_ratio, CLOSE)),
        "ratio_p_value": float(stats.mannwhitneyu(ratio, fresh_ratio, alternative="less").pvalue),
        "distances": {
            name: np.quantile(d, np.linspace(0, 1, 51))
            for name, d in zip(names, (distance, fresh), strict=True)
        },
        "rows": n,
    }


def nearest_rows(
    tables: Comparison,
    reference: str,
    queries: NDArray[np.float32],
    k: int,
    among: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Distances to and positions of the k nearest rows of the reference, each of shape (n, k).

    Rows of the reference are taken in pieces, so that memory does not grow with their number; `among` says
    which of them count, by default all. Where there are fewer than k, the last one counts twice.
    """
    among = np.arange(tables.n_rows(reference)) if among is None else among
    best: NDArray[Any] = np.empty((len(queries), 0))
    where: NDArray[Any] = np.empty((len(queries), 0), np.intp)
    for start in range(0, len(among), CHUNK):
        piece = among[start : start + CHUNK]
        distances, places = nearest(queries, points(tables, reference, piece), min(k, len(piece)))
        best, where = np.hstack([best, distances]), np.hstack([where, piece[places]])
        order = np.argsort(best, axis=1, kind="stable")[:, np.minimum(np.arange(k), best.shape[1] - 1)]
        best = np.take_along_axis(best, order, axis=1)
        where = np.take_along_axis(where, order, axis=1)
    return best, where


def _affordable(tables: Comparison, reference: str) -> int:
    """How many rows can be looked up in the reference without taking minutes."""
    work = tables.n_rows(reference) * sum(widths(tables))
    return int(np.clip(MAX_DISTANCES / work, MIN_QUERIES, MAX_QUERIES))


def _ratios(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """First over second distance; 1 where the real rows are themselves equal."""
    first, second = distances.T
    return np.where(second <= 1e-6, 1.0, first / np.maximum(second, 1e-6))


def _labels(tables: Comparison, row: int, real_row: int) -> tuple[Hashable, Hashable]:
    """The index labels of a synthetic and a real row."""
    return tables.frames["synthetic"].index[row], tables.frames["real"].index[real_row]


def exact_copies(tables: Comparison) -> dict[str, Any]:
    """Share of rows that equal a real row in every column but identifiers, and which they are."""
    real, synthetic, holdout = (_row_hashes(tables, name) for name in ("real", "synthetic", "holdout"))
    known, first = np.unique(real, return_index=True)
    place = np.minimum(np.searchsorted(known, synthetic), len(known) - 1)
    equal = known[place] == synthetic
    return {
        "exact": float(equal.mean()),
        "exact_holdout": float(np.isin(holdout, real).mean()),
        "exact_rows": [_labels(tables, i, first[place[i]]) for i in np.flatnonzero(equal)[:MAX_LISTED]],
    }


def _row_hashes(tables: Comparison, name: str) -> NDArray[np.uint64]:
    """A number for each row, the same for equal rows of any table (and, by chance, once in 2**64)."""
    hashes = np.zeros(tables.n_rows(name), np.uint64)
    for column in tables.columns:
        if column in tables.numeric:
            numbers = tables.values[name][column] + 0.0  # -0.0 becomes 0.0
            values = pd.util.hash_array(np.where(np.isnan(numbers), np.nan, numbers))
        else:
            values = pd.util.hash_array(spell(tables.frames[name][column]))
        hashes = hashes * np.uint64(6364136223846793005) + values
    return hashes


def more_often(share: float, n: int, usual: float, m: int) -> float:
    """p-value of Fisher's exact one-sided test that the share of n rows is not above that of m others."""
    k, known = round(share * n), round(usual * m)
    return float(stats.hypergeom.sf(k - 1, n + m, k + known, n))


def membership(tables: Comparison) -> MetricResult:
    """Attack the table: infer which rows it was learned from."""
    if not tables.unseen:
        return MetricResult(
            note="No membership inference and no comparison with unseen rows: they need a holdout."
        )
    if tables.n_rows("holdout") < MIN_ROWS:
        return MetricResult(note="No membership inference: the holdout is too small.")
    result = membership_attack(tables)
    n = result["rows"]
    metrics = [
        Metric(
            "privacy", "DCR share: closer to a training row than to the holdout", result["share"],
            interval(result["share"], share_error(result["share"], result["looked_up"])), 0.5,
            result["share_p_value"], "near 0.5",
            "of as many training rows as there are rows in the holdout; 0.5 by chance",
        ),
        Metric(
            "privacy", "Membership inference: AUC", result["auc"],
            interval(result["auc"], auc_error(result["auc"], n)), 0.5, result["p_value"], "near 0.5",
            "1: synthetic rows tell which rows were in the training table and which in the holdout",
        ),
        Metric(
            "privacy", f"Membership inference: TPR at {FALSE_POSITIVE_RATE:.0%} FPR", result["tpr"],
            interval(result["tpr"], share_error(result["tpr"], n)), FALSE_POSITIVE_RATE, better="near real",
            caption="share of the training rows found where 1 % of the others are falsely accused",
        ),
    ]  # fmt: skip
    return MetricResult(metrics, result, f"Membership inference: {n:,} members and as many others.")


def membership_attack(tables: Comparison) -> dict[str, Any]:
    """Membership inference by distance: members lie nearer to synthetic rows than fresh rows do.

    Chen et al. 2020, *GAN-Leaks*, the full black-box attack with calibration. Half of the holdout are
    non-members to be distinguished from as many members; the other half calibrates: a row's score is
    d(fresh) / (d(fresh) + d(synthetic)). The true positive rate at a low false positive rate: Carlini et al.
    2022, *Membership inference attacks from first principles*.

    Also counts synthetic rows that lie nearer to a real row than to one of the holdout, of as many real rows.
    """
    rng = tables.rng()
    order = rng.permutation(tables.n_rows("holdout"))
    outside, reference = order[: len(order) // 2], order[len(order) // 2 :]
    n = min(_affordable(tables, "synthetic"), len(outside), tables.n_rows("real"))
    members = points(tables, "real", tables.some_rows("real", n, rng))
    queries = np.vstack([members, points(tables, "holdout", outside[:n])])
    fresh = nearest_rows(tables, "holdout", queries, 1, reference)[0][:, 0]
    seen = nearest_rows(tables, "synthetic", queries, 1)[0][:, 0]
    score = np.where(fresh + seen > 1e-6, fresh / np.maximum(fresh + seen, 1e-6), 0.5)
    auc = float(roc_auc_score(np.repeat([1, 0], n), score))
    size = min(len(order), tables.n_rows("real"))
    some = points(tables, "synthetic", tables.some_rows("synthetic", _affordable(tables, "holdout"), rng))
    to_real = nearest_rows(tables, "real", some, 1, tables.some_rows("real", size, rng))[0][:, 0]
    to_fresh = nearest_rows(tables, "holdout", some, 1, order[:size])[0][:, 0]
    ties = np.abs(to_real - to_fresh) <= 1e-6
    share = float(np.where(ties, 0.5, to_real < to_fresh).mean())
    return {
        "auc": auc,
        "p_value": float(stats.norm.sf((auc - 0.5) / auc_error(0.5, n))),
        "tpr": float((score[:n] > np.quantile(score[n:], 1 - FALSE_POSITIVE_RATE)).mean()),
        "rows": n,
        "share": share,
        "share_p_value": float(stats.norm.sf((share - 0.5) * 2 * np.sqrt(len(some)))),
        "looked_up": len(some),
    }
