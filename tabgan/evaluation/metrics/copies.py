"""Was anyone copied?  Rows that are equal to real ones, or lie closer to them than fresh real rows do."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from tabgan.evaluation.comparison import Comparison, Rows, cut, learned, points, quantile_edges
from tabgan.evaluation.metrics.neighbours import (
    affordable,
    nearest_rows,
    points_of,
    repeats,
    too_low,
)
from tabgan.evaluation.result import Metric, MetricResult, RedMark
from tabgan.evaluation.text import encodable
from tabgan.evaluation.uncertainty import bootstrap_error, interval, more_often, share_error
from tabgan.table.columns.categories import spell

CLOSE = 0.05
MAX_LISTED = 20  # rows listed in the details
NEAR_LINE = "DCR below the 5 % quantile of real rows"
RATIO_LINE = "NNDR, 5 % quantile"
EXACT_LINE = "Exact copies of real rows"
SHARE_LINE = "DCR share: closer to a training row than to the holdout"
FIT_LINE = "Chi-squared statistic of the only column, over chance"
MIN_BINS, MAX_BINS = 12, 100  # of the only column: fewer cannot show a copy
BIN_ROWS, MIN_TOGETHER = 20, 4  # of each table in a bin of numbers; of both in a category
LEAVE_OUT = "Leave out the rows that the report lists; fit with fewer steps, more rows or a smaller network."


def copying(tables: Comparison) -> MetricResult:
    """Ask whether rows were copied, exactly or nearly."""
    equal = exact_copies(tables)
    result = copies(tables, equal["effect"]) | equal
    n, n_all = result["rows"], tables.n_rows("synthetic")
    metrics = [
        Metric(
            "privacy", EXACT_LINE, result["exact"],
            interval(result["exact"], share_error(result["exact"], n_all)), result["exact_holdout"],
            result["exact_p_value"], "near real",
            "all columns equal but identifiers; where few values are possible, chance makes some",
        ),
        Metric(
            "privacy", NEAR_LINE, result["near"],
            interval(result["near"], share_error(result["near"], n)), result["near_holdout"],
            result["near_p_value"], "near real",
            "distance to closest record: share of rows closer to a real row than 95 % of fresh real rows "
            "are; finds copies, and proves nothing where it finds none",
        ),
        Metric(
            "privacy", RATIO_LINE, result["ratio"],
            interval(result["ratio"], result["ratio_error"]), result["ratio_holdout"],
            result["ratio_p_value"], "near real",
            "nearest-neighbour distance ratio: distance to the nearest over that to the second-nearest real "
            "row; lower than for real rows: pulled towards single real rows",
        ),
        *_share_line(tables, result),
        *_fit_line(tables, result),
    ]  # fmt: skip
    note = (
        f"Copies: {n:,} rows looked up among all real ones, beside {result['rows_fresh']:,} fresh ones; "
        "equal rows: all."
    )
    return MetricResult(metrics, result, note, _red_marks(result))


def _share_line(tables: Comparison, result: dict[str, Any]) -> list[Metric]:
    """The line on how many rows lie closer to the training rows, if the holdout is none of them."""
    if not tables.unseen:
        return []
    result |= closer_share(tables)
    limits = interval(result["share"], result["share_error"])
    caption = "of as many training rows as there are rows in the holdout; 0.5 by chance"
    return [
        Metric(
            "privacy", SHARE_LINE, result["share"], limits, 0.5, result["share_p_value"], "near 0.5", caption
        )
    ]


def _fit_line(tables: Comparison, result: dict[str, Any]) -> list[Metric]:
    """The line on a table of one column, if it has enough different values."""
    fit = fit_of_only_column(tables)
    if fit is None:
        return []
    result["fit"], result["fit_p_value"] = fit
    caption = "of real against synthetic values; far below 1: they agree better than fresh real rows would"
    return [Metric("privacy", FIT_LINE, fit[0], None, 1.0, fit[1], "near 1", caption)]


def _red_marks(result: dict[str, Any]) -> dict[str, list[RedMark]]:
    """What each line has found if it is significant."""
    found = {
        EXACT_LINE: (
            f"{result['exact']:.2%} are exact copies of real rows, of fresh real rows "
            f"{result['exact_holdout']:.2%}"
        ),
        NEAR_LINE: (
            f"some rows lie closer to real ones than fresh real rows do: {result['near']:.1%} within the "
            f"distance that {result['near_holdout']:.1%} of the fresh ones keep"
        ),
        RATIO_LINE: (
            "some rows are pulled towards single real ones: each has one real row far nearer than the next"
        ),
        SHARE_LINE: f"{result.get('share', 0.5):.1%} of the rows lie closer to training rows than to others",
        FIT_LINE: "the only column agrees with the real one better than fresh real rows would",
    }
    return {name: [RedMark("privacy", why, LEAVE_OUT)] for name, why in found.items()}


def copies(tables: Comparison, effect: float) -> dict[str, Any]:
    """Distances to the two closest real records, of synthetic rows beside those of fresh ones.

    Fresh rows are those of the holdout, or, if the model may have seen it, all real rows, each looked up
    among the others; one of them then counts as 1 / `effect` observations. A distance counts numbers by their
    rank and names by equality, Euclidean. A row is near if it lies closer to a real row than 95 % of the
    fresh ones do; if a share s of these and t of the others are near, ``excess`` = (t - s) / (1 - s): 0 if
    nothing was copied, 1 if every row was. Distance to the closest record and ratio to the second closest:
    Zhao et al. 2021, *CTAB-GAN: effective table data synthesizing*.
    """
    rng, n = tables.rng(), affordable(tables, *learned(tables))
    rows = tables.some_rows("synthetic", n, rng)
    found, places = nearest_rows(tables, learned(tables), points(tables, "synthetic", rows), 2)
    usual = _fresh_distances(tables, n, rng)
    (distance, ratio), (fresh, fresh_ratio) = ((d[:, 0], _ratios(d)) for d in (found, usual))
    limit = float(np.quantile(fresh, CLOSE)) + 1e-6
    near, near_holdout = (float((d <= limit).mean()) for d in (distance, fresh))
    closest = np.argsort(distance, kind="stable")[:MAX_LISTED]

    def low_ratio(drawn: Rows) -> float:
        return float(np.quantile(ratio[drawn], CLOSE))

    return {
        "excess": max(0.0, float((near - near_holdout) / max(1 - near_holdout, 1e-9))),
        "near": near,
        "near_holdout": near_holdout,
        "near_p_value": too_low(distance, fresh, effect),
        "near_places": [(rows[i], places[i, 0]) for i in closest if distance[i] <= limit],
        "near_rows": [
            (*_labels(tables, rows[i], places[i, 0]), float(distance[i]))
            for i in closest
            if distance[i] <= limit
        ],
        "ratio": low_ratio(np.arange(len(rows))),
        "ratio_error": bootstrap_error(low_ratio, (len(rows),), rng),
        "ratio_holdout": float(np.quantile(fresh_ratio, CLOSE)),
        "ratio_p_value": too_low(ratio, fresh_ratio, effect),
        "distances": {
            name: np.quantile(d, np.linspace(0, 1, 51))
            for name, d in (("synthetic", distance), ("holdout", fresh))
        },
        "rows": len(rows),
        "rows_fresh": len(fresh),
    }  # fmt: skip


def _fresh_distances(tables: Comparison, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Distances of at most n fresh rows to the two closest real ones, shape (n, 2)."""
    if tables.unseen:
        fresh = points(tables, "holdout", tables.some_rows("holdout", n, rng))
        return nearest_rows(tables, learned(tables), fresh, 2)[0]
    own = rng.permutation(tables.n_rows(*learned(tables)))[:n]
    return nearest_rows(tables, learned(tables), points_of(tables, learned(tables), own), 2, own=own)[0]


def _ratios(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """First over second distance; 1 where the real rows are themselves equal."""
    first, second = distances.T
    return np.where(second <= 1e-6, 1.0, first / np.maximum(second, 1e-6))


def _labels(tables: Comparison, row: int, place: int) -> tuple[Hashable, Hashable]:
    """The index labels of a synthetic row and of the real row at this place."""
    for name in learned(tables):
        if place < tables.n_rows(name):
            break
        place -= tables.n_rows(name)
    return tables.frames["synthetic"].index[row], tables.frames[name].index[place]


def exact_copies(tables: Comparison) -> dict[str, Any]:
    """Share of rows that equal a real row in every column but identifiers, and which they are."""
    real, synthetic = (
        np.concatenate([_row_hashes(tables, name) for name in learned(tables)]),
        _row_hashes(tables, "synthetic"),
    )
    known, first, codes, counts = np.unique(real, return_index=True, return_inverse=True, return_counts=True)
    place = np.minimum(np.searchsorted(known, synthetic), len(known) - 1)
    equal = known[place] == synthetic
    usual = np.isin(_row_hashes(tables, "holdout"), real) if tables.unseen else counts[codes] > 1
    effect = 1.0 if tables.unseen else repeats(counts)
    return {
        "exact": float(equal.mean()),
        "exact_holdout": float(usual.mean()),
        "exact_p_value": more_often(equal.sum(), len(equal), usual.sum() / effect, len(usual) / effect),
        "exact_places": [(i, first[place[i]]) for i in np.flatnonzero(equal)[:MAX_LISTED]],
        "exact_rows": [_labels(tables, i, first[place[i]]) for i in np.flatnonzero(equal)[:MAX_LISTED]],
        "effect": effect,
    }


def _row_hashes(tables: Comparison, name: str) -> NDArray[np.uint64]:
    """A number for each row, the same for equal rows of any table (and, by chance, once in 2**64)."""
    hashes = np.zeros(tables.n_rows(name), np.uint64)
    for column in tables.columns:
        if column in tables.numeric:
            numbers = tables.values[name][column] + 0.0  # -0.0 becomes 0.0
            values = pd.util.hash_array(np.where(np.isnan(numbers), np.nan, numbers))
        else:
            texts = spell(tables.frames[name][column])
            try:
                values = pd.util.hash_array(texts)
            except UnicodeEncodeError:
                values = pd.util.hash_array(np.array([*map(encodable, texts)], dtype=object))
        hashes = hashes * np.uint64(6364136223846793005) + values
    return hashes


def closer_share(tables: Comparison) -> dict[str, Any]:
    """Share of synthetic rows that lie closer to a training row than to the holdout, of as many rows each.

    By chance each real row is of either table. Synthetic rows near the same real row go with it, so that the
    standard error depends on how unequally they fall to the real rows.
    """
    rng = tables.rng()
    size = min(tables.n_rows("real"), tables.n_rows("holdout"))
    some = points(tables, "synthetic", tables.some_rows("synthetic", affordable(tables, "holdout"), rng))
    (to_real, real), (to_fresh, fresh) = (
        (distances[:, 0], places[:, 0])
        for distances, places in (
            nearest_rows(tables, [name], some, 1, tables.some_rows(name, size, rng))
            for name in ("real", "holdout")
        )
    )
    ties = np.abs(to_real - to_fresh) <= 1e-6
    share = float(np.where(ties, 0.5, to_real < to_fresh).mean())
    closest = np.where(to_real < to_fresh, real, tables.n_rows("real") + fresh)
    together = np.unique(closest[~ties], return_counts=True)[1]
    spread = (together.astype(float) ** 2).sum() - together.sum() ** 2 / (2 * size)
    error = float(np.sqrt(spread) / 2 / len(some))
    p_value = float(stats.norm.sf((share - 0.5) / max(error, 1e-9)))
    return {"share": share, "share_error": error, "share_p_value": p_value, "looked_up": len(some)}


def fit_of_only_column(tables: Comparison) -> tuple[float, float] | None:
    """The chi-squared statistic over its degrees of freedom, and the chance of one so small.

    Real and synthetic values of the only column are compared (Pearson 1900): by chance their ratio is about
    1. A copy, also one with a little noise, agrees too well. None if there are more columns, or fewer than 12
    bins.
    """
    if len(tables.columns) > 1:
        return None
    column = tables.columns[0]
    real = np.concatenate([tables.values[name][column] for name in learned(tables)])
    other = tables.values["synthetic"][column]
    if column in tables.numeric:
        levels = np.unique(np.concatenate([real, other]))
        n_bins = int(min(MAX_BINS, len(real) / BIN_ROWS, len(other) / BIN_ROWS))
        edges = quantile_edges(real, np.linspace(0, 1, max(2, n_bins + 1))[1:-1])
        edges = levels[~np.isnan(levels)] if len(levels) <= MAX_BINS else edges
        real, other = cut(real, edges), cut(other, edges)
    size = 1 + max(int(real.max()), int(other.max()))
    counts = np.stack([np.bincount(codes, minlength=size) for codes in (real, other)]).astype(float)
    together = counts.sum(0)
    counts = np.column_stack([counts[:, together >= MIN_TOGETHER], counts[:, together < MIN_TOGETHER].sum(1)])
    together = counts.sum(0)
    counts, together = counts[:, together > 0], together[together > 0]
    if len(together) < MIN_BINS:
        return None
    statistic, freedom = stats.chi2_contingency(counts, correction=False)[0], len(together) - 1
    # Counts are whole, so that a statistic of 0 stands for all below the least step of each bin.
    return float(statistic / freedom), float(stats.chi2.cdf(statistic + (1 / together).sum(), freedom))
