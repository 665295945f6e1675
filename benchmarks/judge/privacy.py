"""Is anyone copied? Distance to the closest record, membership inference attacks, copies and repeats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

from benchmarks.judge.tables import Rows, Tables

MOST_ASKED = 5_000  # synthetic rows whose closest record is sought
MOST_MEMBERS = 2_000  # members, and as many others, that are attacked
MOST_SEEN = 20_000  # rows that an attacker sees
CHUNK = 500
TIE = 1e-9

Array = npt.NDArray[np.float64]


def closest_record(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Whether the closest real record of a synthetic row is a training row more often than by chance.

    The distance adds up differences of numbers as shares of the training range, and 2 for each category that
    differs. `dcr_share` compares parts of the training table, as large as the held-out one, with that.
    `dcr_excess` compares all of it, where the chance is n_train / (n_train + n_test), and rescales what is
    above that chance: 0 is no copying, 100 a copy of every row, negative is noise.
    """
    train, asked = tables.train, tables.synthetic.draw(MOST_ASKED, rng)
    held_out = tables.test.draw(len(train), rng)
    n_parts, n = len(train) // len(held_out), len(held_out)
    train = train.draw(len(train), rng)
    low, high = np.nanmin(train.numbers, axis=0), np.nanmax(train.numbers, axis=0)
    span, centre = np.where(high > low, high - low, 1), np.nanmean(train.numbers, axis=0)

    def scaled(rows: Rows) -> Rows:
        return Rows(np.where(np.isnan(rows.numbers), centre, rows.numbers) / span, rows.codes)

    shares, nearer = [], []
    chance = len(train) / (len(train) + n)
    chunks = zip(
        distances(scaled(asked), scaled(train), 2), distances(scaled(asked), scaled(held_out), 2), strict=True
    )
    for to_train, to_test in chunks:
        test = to_test.min(axis=1)
        parts = to_train[:, : n_parts * n].reshape(len(test), n_parts, n).min(axis=2)
        shares.append(_wins(parts, test[:, None], 0.5))
        nearer.append(_wins(to_train.min(axis=1), test, chance))
    error = np.sqrt(chance * (1 - chance) / len(asked))
    return {
        "dcr_share": 100 * float(np.concatenate(shares).mean()),
        "dcr_excess": 100 * float((np.concatenate(nearer).mean() - chance) / (1 - chance)),
        "dcr_excess_se": 100 * float(error / (1 - chance)),
    }


def attacks(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """How well members of the training table are told from others by who sees only synthetic rows.

    The attacker has real rows of others besides. Four scores of a record: nearness to a synthetic row; the
    same less that to another real row; the log ratio of the densities of five neighbours (as DOMIAS); the
    number of synthetic rows within the median distance of real ones. `attack_auc` is that of the worst.
    Numbers are compared by their rank among training rows. Nothing is computed of fewer than 50 members.
    """
    m = min(MOST_MEMBERS, len(tables.test) // 2, len(tables.train) // 2)
    if m < 50:
        return {}
    sorted_train = np.sort(tables.train.numbers, axis=0)  # missing ones last
    test = tables.test.draw(len(tables.test), rng)
    members, others, reference = tables.train.draw(m, rng), test[:m], test[m : m + MOST_SEEN]
    asked = Rows(np.vstack([members.numbers, others.numbers]), np.vstack([members.codes, others.codes]))
    asked, reference, seen = (
        ranks(rows, sorted_train) for rows in (asked, reference, tables.synthetic.draw(MOST_SEEN, rng))
    )
    real = np.vstack([_closest_five(d) for d in distances(asked, reference, 1)])
    radius = np.median(real[:, 0])
    found = [(_closest_five(d), (d <= radius).sum(axis=1)) for d in distances(asked, seen, 1)]
    near, count = np.vstack([d for d, _ in found]), np.concatenate([c for _, c in found])
    density = np.log(real[:, -1] + 1e-6) - np.log(near[:, -1] + 1e-6)
    is_member = np.repeat([1, 0], m)
    scores = (-near[:, 0], real[:, 0] - near[:, 0], density, count)
    outlier = real[:, 0] >= np.quantile(real[:, 0], 0.9)
    figures = {
        "attack_auc": max(float(roc_auc_score(is_member, score)) for score in scores),
        "attack_se": float(np.sqrt((2 * m + 1) / (12 * m * m))),
        "attack_tpr": 100 * float((density[:m] > np.quantile(density[m:], 0.99)).mean()),
    }
    if len(np.unique(is_member[outlier])) == 2:
        figures["attack_outlier_auc"] = float(roc_auc_score(is_member[outlier], density[outlier]))
    return figures


def copies(tables: Tables, rng: np.random.Generator) -> dict[str, float]:
    """Rows that equal a training row, and rows that repeat another of the same table."""
    train, test, synthetic = (
        pd.util.hash_pandas_object(pd.DataFrame(rows.features()), index=False)
        for rows in (tables.train, tables.test, tables.synthetic)
    )
    return {
        "exact_copies": 100 * float(synthetic.isin(train).mean()),
        "exact_copies_reference": 100 * float(test.isin(train).mean()),
        "duplicates": 100 * float(synthetic.duplicated().mean()),
        "duplicates_reference": 100 * float(train.duplicated().mean()),
    }


def distances(asked: Rows, rows: Rows, weight: float) -> Iterator[Array]:
    """Give distances chunk by chunk, each of shape (at most 500, n_rows)."""
    n_categorical = rows.codes.shape[1]
    for start in range(0, len(asked), CHUNK):
        part = asked[start : start + CHUNK]
        apart = np.zeros((len(part), len(rows)))
        if rows.numbers.shape[1]:
            apart += cdist(part.numbers, rows.numbers, "cityblock")
        if n_categorical:
            apart += weight * n_categorical * cdist(part.codes, rows.codes, "hamming")
        yield apart


def _wins(first: Array, second: Array, tie: float) -> Array:
    return np.where(np.abs(first - second) <= TIE, tie, first < second)


def _closest_five(apart: Array) -> Array:
    k = min(5, apart.shape[1])
    return np.sort(np.partition(apart, k - 1, axis=1)[:, :k], axis=1)


def ranks(rows: Rows, sorted_train: Array) -> Rows:
    """Numbers as the share of training values below, ties in the middle; missing ones are -1."""
    ranks = np.full(rows.numbers.shape, -1.0)
    for k, (values, known) in enumerate(zip(rows.numbers.T, sorted_train.T, strict=True)):
        known = known[~np.isnan(known)]
        here = ~np.isnan(values)
        below, up_to = (np.searchsorted(known, values[here], side) for side in ("left", "right"))
        ranks[here, k] = (below + up_to) / (2 * max(len(known), 1))
    return Rows(ranks, rows.codes)
