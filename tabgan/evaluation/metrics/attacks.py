"""Can one tell who was in the training table?  Membership inference attacks that need no model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.ensemble import HistGradientBoostingClassifier

from tabgan.evaluation.comparison import Comparison, Rows, matrix, ranks, tree_bins, without_empty
from tabgan.evaluation.result import Metric, MetricResult, RedMark
from tabgan.evaluation.uncertainty import auc_error, roc_auc, share_error, worst_interval

MAX_MEMBERS = 2000  # and as many others
MAX_ROWS = 20_000  # synthetic rows, and real rows to compare with; fewer
MIN_ROWS = 500
MAX_WORK = 1e10  # if they cost more than as many differences of values
CHUNK = 250  # rows looked up at once, for memory
MIN_HOLDOUT = 100  # rows of a holdout, for the attacks
NEIGHBOURS = 5
OUTLIERS = 0.1  # share of rows that lie farthest out
FALSE_POSITIVE_RATE = 0.01
AUC_LINE = "Membership inference: AUC, worst attack"
TPR_LINE = f"Membership inference: TPR at {FALSE_POSITIVE_RATE:.0%} FPR, worst attack"
OUTLIER_LINE = "Membership inference, outliers: AUC, worst attack"
NO_HOLDOUT = (
    "Without a holdout there is no membership inference: whether the rows tell more of those that the model "
    "was trained on than of others cannot be seen. Copies and values are judged by what real rows share."
)
TRAIN_LESS = "Fit with fewer steps, a smaller network or on more rows; share nothing until this mark is gone."

Array = NDArray[np.float64]


def membership(tables: Comparison) -> MetricResult:
    """Attack the table: infer which rows it was learned from."""
    if not tables.unseen:
        return MetricResult(note=NO_HOLDOUT)
    if min(tables.n_rows("holdout"), tables.n_rows("real")) < MIN_HOLDOUT:
        return MetricResult(
            note=f"No membership inference: it needs {MIN_HOLDOUT} rows, real ones and of the holdout."
        )
    result = membership_attacks(tables)
    of_all = "by the worst of five attacks: 1 if it names every training row, 0.5 if it can only guess"
    metrics = [
        Metric(
            "privacy", AUC_LINE, result["auc"], result["interval"], 0.5, result["p_value"], "near 0.5", of_all
        ),
        Metric(
            "privacy", TPR_LINE, result["tpr"], result["tpr_interval"], FALSE_POSITIVE_RATE,
            result["tpr_p_value"], "near real",
            "share of the training rows found where 1 % of the others are falsely accused",
        ),
    ]  # fmt: skip
    if (far := result["outliers"]) is not None:
        caption = "the same among the tenth of the rows that lie farthest from other real rows"
        metrics.append(
            Metric(
                "privacy", OUTLIER_LINE, far["auc"], far["interval"], 0.5, far["p_value"], "near 0.5", caption
            )
        )
    note = (
        f"Membership inference: {result['rows']:,} members and as many others, {result['rows_synthetic']:,} "
        f"synthetic and {result['rows_reference']:,} other real rows. Intervals and p-values allow for "
        "taking the worst attack."
    )
    return MetricResult(metrics, result, note, _red_marks(result))


def _red_marks(result: dict[str, Any]) -> dict[str, list[RedMark]]:
    """What each line has found if it is significant."""
    found = {
        AUC_LINE: f"an attack tells training rows from others by {result['worst']} (AUC {result['auc']:.2f})",
        TPR_LINE: f"an attack names {result['tpr']:.1%} of the training rows at 1 % false alarms",
    }
    if (far := result["outliers"]) is not None:
        found[OUTLIER_LINE] = (
            f"an attack tells outliers among training rows from others by {far['worst']} "
            f"(AUC {far['auc']:.2f})"
        )
    return {name: [RedMark("privacy", why, TRAIN_LESS)] for name, why in found.items()}


def membership_attacks(tables: Comparison) -> dict[str, Any]:
    """Five attacks that know synthetic rows, other real rows, and rows that may be members.

    Members are training rows, as many others are half of the holdout, and its other half is the real rows
    that the attacker knows, scored by `attack_scores`. The worst attack counts, by the area under its
    ROC curve, and by its true positive rate at a low false positive rate (Carlini et al. 2022, *Membership
    inference attacks from first principles*): the mean hides that a few rows are known for certain. The
    p-values are those of the worst attack, corrected by Bonferroni's method.
    """
    rng = tables.rng()
    order = rng.permutation(tables.n_rows("holdout"))
    n = min(MAX_MEMBERS, len(order) // 2, tables.n_rows("real") // 2)
    rows = [("real", tables.some_rows("real", n, rng)), ("holdout", order[:n])]
    limit = int(np.clip(MAX_WORK / (2 * n * len(tables.columns)), MIN_ROWS, MAX_ROWS))
    reference = "holdout", order[n:][:limit]
    synthetic = "synthetic", tables.some_rows("synthetic", limit, rng)
    scores, isolation = attack_scores(tables, rows, synthetic, reference)
    is_member = np.repeat([True, False], n)
    far = isolation >= np.quantile(isolation, 1 - OUTLIERS)
    far_scores = {name: score[far] for name, score in scores.items()}
    both = 0 < is_member[far].sum() < far.sum()
    return {
        **worst_auc(scores, is_member),
        **worst_tpr(scores, is_member),
        "outliers": worst_auc(far_scores, is_member[far]) if both else None,
        "rows": n,
        "rows_synthetic": len(synthetic[1]),
        "rows_reference": len(reference[1]),
    }


def attack_scores(
    tables: Comparison, rows: list[tuple[str, Rows]], synthetic: tuple[str, Rows], reference: tuple[str, Rows]
) -> tuple[dict[str, Array], Array]:
    """How much each attack takes each row for a member, and how far it lies from other real rows: shape (n,).

    - nearness: minus the distance to the nearest synthetic row (Chen et al. 2020, *GAN-Leaks*),
    - nearness against real rows: the same less the distance to the nearest other real row (calibrated),
    - density: log ratio of the densities of synthetic and of other real rows, by the distances to the fifth
      neighbour (van Breugel et al. 2023, *Membership inference attacks against synthetic data through
      overfitting detection*, there with other estimates of density),
    - counts: synthetic rows within the median distance of a row to the nearest other real row (Hilprecht et
      al. 2019, *Monte Carlo and reconstruction membership inference attacks against generative models*),
    - a classifier: boosted trees' odds that a row is synthetic rather than one of the other real rows.
    """
    queries, seen, known = (_coordinates(tables, part) for part in (rows, [synthetic], [reference]))
    to_known, _ = _neighbours(queries, known, 0.0)
    isolation = to_known[:, 0]
    to_seen, counts = _neighbours(queries, seen, float(np.median(isolation)))
    density = np.log(to_known[:, -1] + 1e-6) - np.log(to_seen[:, -1] + 1e-6)
    return {
        "nearness": -to_seen[:, 0],
        "nearness against real rows": isolation - to_seen[:, 0],
        "density": density,
        "counts": counts,
        "a classifier": _odds(tables, rows, synthetic, reference),
    }, isolation


def _coordinates(tables: Comparison, parts: list[tuple[str, Rows]]) -> tuple[Array, Array]:
    """Numbers by their ranks among the training rows, and the codes of categories."""
    numbers, codes = [], []
    for column in tables.columns:
        values = np.concatenate([tables.values[name][column][rows] for name, rows in parts])
        if column not in tables.numeric:
            codes.append(values.astype(np.float64))
            continue
        numbers.append(ranks(tables, column, values))
    n = sum(len(rows) for _, rows in parts)
    ordered, nominal = (np.column_stack(some) if some else np.zeros((n, 0)) for some in (numbers, codes))
    return ordered, nominal


def _neighbours(
    queries: tuple[Array, Array], reference: tuple[Array, Array], radius: float
) -> tuple[Array, Array]:
    """Distances to the nearest rows, shape (n, k), and how many lie within the radius, shape (n,).

    A distance is the sum of the differences of ranks and of the number of unequal categories.
    """
    nearest, within = [], []
    k = min(NEIGHBOURS, len(reference[0]))
    for start in range(0, len(queries[0]), CHUNK):
        distances = np.zeros((len(queries[0][start : start + CHUNK]), len(reference[0])))
        for some, others, metric in zip(queries, reference, ("cityblock", "hamming"), strict=True):
            width = some.shape[1]
            if width:
                scale = width if metric == "hamming" else 1
                distances += scale * cdist(some[start : start + CHUNK], others, metric)
        nearest.append(np.sort(np.partition(distances, k - 1, axis=1)[:, :k], axis=1))
        within.append((distances <= radius + 1e-9).sum(1))
    return np.vstack(nearest), np.concatenate(within).astype(np.float64)


def _odds(
    tables: Comparison, rows: list[tuple[str, Rows]], synthetic: tuple[str, Rows], reference: tuple[str, Rows]
) -> Array:
    """Log odds of trees that a row is synthetic rather than real, shape (n,)."""
    n_bins = tree_bins(tables)
    known = np.vstack([matrix(tables, *part, n_bins) for part in (synthetic, reference)])
    is_synthetic = np.repeat([1, 0], [len(synthetic[1]), len(reference[1])])
    model = HistGradientBoostingClassifier(
        categorical_features=[column not in tables.numeric for column in tables.columns],
        random_state=tables.seed,
        early_stopping=False,
        max_bins=n_bins,
        max_iter=50,
    )
    model.fit(without_empty(known), is_synthetic)
    odds: Array = model.decision_function(np.vstack([matrix(tables, *part, n_bins) for part in rows]))
    return odds


def worst_auc(scores: dict[str, Array], is_member: NDArray[np.bool_]) -> dict[str, Any]:
    """The greatest AUC of the attacks, with its interval and p-value."""
    n, m = int(is_member.sum()), int((~is_member).sum())
    aucs = {name: roc_auc(score, is_member) for name, score in scores.items()}
    worst = max(aucs, key=lambda name: aucs[name])
    errors = [auc_error(value, min(n, m)) for value in aucs.values()]
    by_chance = np.sqrt((n + m + 1) / (12 * n * m))  # Mann and Whitney 1947
    p_value = len(aucs) * float(stats.norm.sf((aucs[worst] - 0.5) / by_chance))
    limits = worst_interval(list(aucs.values()), errors)
    return {
        "auc": aucs[worst], "worst": worst, "interval": limits, "p_value": min(1.0, p_value), "aucs": aucs
    }  # fmt: skip


def worst_tpr(scores: dict[str, Array], is_member: NDArray[np.bool_]) -> dict[str, Any]:
    """The greatest true positive rate at 1 % false positives, with its interval and p-value.

    By chance the members that score above the others' highest hundredth are as many as are drawn from members
    and others before so many others: a negative hypergeometric number.
    """
    n, m = int(is_member.sum()), int((~is_member).sum())
    accused = max(1, int(FALSE_POSITIVE_RATE * m))
    found = {}
    for name, score in scores.items():
        limit = np.sort(score[~is_member])[-accused]
        found[name] = int((score[is_member] > limit).sum())
    most = max(found.values())
    # As many or more: of the first most + accused - 1 rows, at least so many are members.
    p_value = len(found) * float(stats.hypergeom.sf(most - 1, n + m, n, most + accused - 1))
    shares = [k / n for k in found.values()]
    return {
        "tpr": most / n,
        "tpr_interval": worst_interval(shares, [share_error(share, n) for share in shares]),
        "tpr_p_value": min(1.0, p_value),
        "tprs": dict(zip(found, shares, strict=True)),
    }
