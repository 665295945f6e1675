"""Is anyone copied?  Exact copies, distances to the closest record, and a membership inference attack."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.neighbours import nearest
from tabgan.evaluation.result import Metric, MetricResult
from tabgan.evaluation.uncertainty import auc_error, bootstrap_error, interval, share_error

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
    result = {**copies(tables, "synthetic", "holdout"), **exact_copies(tables, "synthetic", "holdout")}
    n, n_all, n_holdout = result["rows"], len(tables.others["synthetic"]), len(tables.others["holdout"])
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
    return MetricResult(metrics, result, [note])


def copies(tables: Comparison, other: str, fresh: str) -> dict[str, Any]:
    """Distances to the two closest real records, of `other` beside those of `fresh` real rows.

    A distance counts numbers by their rank and names by equality, Euclidean. A row is near if it lies closer
    to a real row than 95 % of the fresh rows do; if a share s of fresh rows and t of the others are near,
    ``excess`` = (t - s) / (1 - s): 0 if nothing was copied, 1 if every row was. Distance to the closest
    record and ratio to the second closest: Zhao et al. 2021, *CTAB-GAN: effective table data synthesizing*.
    """
    rng = tables.rng()
    n = min(_affordable(tables, "real"), len(tables.others[other]), len(tables.others[fresh]))
    rows = {name: tables.some_rows(name, n, rng) for name in (other, fresh)}
    points = np.vstack([tables.points(name, some) for name, some in rows.items()])
    distances, places = nearest_rows(tables, "real", points, 2)
    pairs = {other: distances[:n], fresh: distances[n:]}
    distance = {name: pair[:, 0] for name, pair in pairs.items()}
    ratio = {name: _ratios(pair) for name, pair in pairs.items()}
    limit = float(np.quantile(distance[fresh], CLOSE)) + 1e-6
    near = {name: float((d <= limit).mean()) for name, d in distance.items()}

    def low_ratio(drawn: NDArray[np.intp]) -> float:
        return float(np.quantile(ratio[other][drawn], CLOSE))

    return {
        "excess": max(0.0, float((near[other] - near[fresh]) / max(1 - near[fresh], 1e-9))),
        "near": near[other],
        "near_holdout": near[fresh],
        "near_rows": _closest(tables, other, rows[other], distance[other], places[:n, 0], limit),
        "ratio": low_ratio(np.arange(n)),
        "ratio_error": bootstrap_error(low_ratio, (n,), rng) if n > 1 else 0.0,
        "ratio_holdout": float(np.quantile(ratio[fresh], CLOSE)),
        "ratio_p_value": float(stats.mannwhitneyu(ratio[other], ratio[fresh], alternative="less").pvalue),
        "distances": {name: np.quantile(d, np.linspace(0, 1, 51)) for name, d in distance.items()},
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
    among = np.arange(len(tables.table(reference))) if among is None else among
    best: NDArray[Any] = np.empty((len(queries), 0))
    where: NDArray[Any] = np.empty((len(queries), 0), np.intp)
    for start in range(0, len(among), CHUNK):
        piece = among[start : start + CHUNK]
        distances, places = nearest(queries, tables.points(reference, piece), min(k, len(piece)))
        best, where = np.hstack([best, distances]), np.hstack([where, piece[places]])
        order = np.argsort(best, axis=1, kind="stable")[:, np.minimum(np.arange(k), best.shape[1] - 1)]
        best = np.take_along_axis(best, order, axis=1)
        where = np.take_along_axis(where, order, axis=1)
    return best, where


def _affordable(tables: Comparison, reference: str) -> int:
    """How many rows can be looked up in the reference without taking minutes."""
    work = len(tables.table(reference)) * tables.width
    return int(np.clip(MAX_DISTANCES / max(work, 1), MIN_QUERIES, MAX_QUERIES))


def _ratios(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """First over second distance; 1 where the real rows are themselves equal."""
    first, second = distances[:, 0], np.maximum(distances[:, -1], 1e-6)
    return np.where(distances[:, -1] <= 1e-6, 1.0, first / second)


def _closest(
    tables: Comparison,
    other: str,
    rows: NDArray[np.intp],
    distances: NDArray[np.float64],
    places: NDArray[np.intp],
    limit: float,
) -> list[tuple[Hashable, Hashable, float]]:
    """The nearest of near rows: index label there, label of the real row, and distance."""
    order = np.argsort(distances, kind="stable")[:MAX_LISTED]
    return [
        (tables.others[other].index[rows[i]], tables.real.index[places[i]], float(distances[i]))
        for i in order
        if distances[i] <= limit
    ]


def exact_copies(tables: Comparison, other: str, fresh: str) -> dict[str, Any]:
    """Share of rows that equal a real row in every column but identifiers, and which they are."""
    real, seen, known = (tables.row_hashes(name) for name in ("real", other, fresh))
    order = np.argsort(real, kind="stable")
    place = order[np.minimum(np.searchsorted(real[order], seen), len(real) - 1)]
    equal = real[place] == seen
    return {
        "exact": float(equal.mean()),
        "exact_holdout": float(np.isin(known, real).mean()),
        "exact_rows": [
            (tables.others[other].index[i], tables.real.index[place[i]])
            for i in np.flatnonzero(equal)[:MAX_LISTED]
        ],
    }


def more_often(share: float, n: int, usual: float, m: int) -> float:
    """p-value of Fisher's exact one-sided test that the share of n rows is not above that of m others."""
    k, known = round(share * n), round(usual * m)
    return float(stats.hypergeom.sf(k - 1, n + m, k + known, n))


def membership(tables: Comparison) -> MetricResult:
    """Attack the table: infer which rows it was learned from."""
    if not tables.unseen:
        note = "No membership inference and no comparison with unseen rows: they need a holdout."
        return MetricResult(notes=[note])
    if len(tables.others["holdout"]) < MIN_ROWS or not tables.columns:
        return MetricResult(notes=["No membership inference: the holdout is too small."])
    result = membership_attack(tables, "synthetic", "holdout")
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
    return MetricResult(metrics, result, [f"Membership inference: {n:,} members and as many others."])


def membership_attack(tables: Comparison, other: str, fresh: str) -> dict[str, Any]:
    """Membership inference by distance: members lie nearer to `other` than rows like them to fresh rows.

    Chen et al. 2020, *GAN-Leaks*, the full black-box attack with calibration. Half of the fresh rows are
    non-members to be told from as many members; the other half calibrates: a row's score is
    d(fresh) / (d(fresh) + d(other)). The true positive rate at a low false positive rate: Carlini et al.
    2022, *Membership inference attacks from first principles*.

    Also counts rows of `other` that lie nearer to a real row than to a fresh one, of as many real rows.
    """
    rng = tables.rng()
    order = rng.permutation(len(tables.others[fresh]))
    outside, reference = order[: len(order) // 2], order[len(order) // 2 :]
    n = min(_affordable(tables, other), len(outside), len(tables.real))
    points = np.vstack(
        [tables.points("real", tables.some_rows("real", n, rng)), tables.points(fresh, outside[:n])]
    )
    usual = nearest_rows(tables, fresh, points, 1, reference)[0][:, 0]
    seen = nearest_rows(tables, other, points, 1)[0][:, 0]
    score = np.where(usual + seen > 1e-6, usual / np.maximum(usual + seen, 1e-6), 0.5)
    auc = float(roc_auc_score(np.repeat([1, 0], n), score))
    size = min(len(order), len(tables.real))
    some = tables.points(other, tables.some_rows(other, _affordable(tables, fresh), rng))
    to_real = nearest_rows(tables, "real", some, 1, tables.some_rows("real", size, rng))[0][:, 0]
    to_fresh = nearest_rows(tables, fresh, some, 1, order[:size])[0][:, 0]
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
