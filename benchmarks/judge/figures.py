"""All figures of a judge in one dictionary, and what in them is suspicious."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.judge import marginals, privacy, support, two_sample, utility
from benchmarks.judge.tables import Roles, Tables, encode

VERSION = "2.0"
SEED = 20261127
FAST = 4  # "fast" judges a quarter of the rows

QUESTIONS: tuple[Callable[[Tables, np.random.Generator], dict[str, float]], ...] = (
    two_sample.trees, two_sample.xgboost, marginals.shape, marginals.trend, marginals.pairs, utility.efficacy,
    support.precision_and_recall, privacy.attacks, privacy.closest_record, privacy.copies, marginals.validity,
)  # fmt: skip


def judge(
    train: pd.DataFrame,
    test: pd.DataFrame,
    synthetic: pd.DataFrame,
    meta: Mapping[str, Any],
    *,
    fast: bool = False,
) -> dict[str, Any]:
    """Compare a synthetic table with the training table that it imitates, and with held-out rows.

    The same tables give the same figures. Everything runs on one core.

    Parameters
    ----------
    train, test, synthetic : DataFrame
        Tables of the same columns. There should be as many synthetic as training rows: several figures depend
        on their number.
    meta : mapping
        "task" ("classification" or "regression"), "target", and the names of the columns that are "numerical"
        and "categorical"; "name" is optional.
    fast : bool, default=False
        Judge a quarter of the rows, for a quick look; the figures compare with no others.

    Returns
    -------
    dict
        The figures of :mod:`benchmarks.judge`, with "rows", "seconds" and "flags": sentences on what is
        suspicious. What could not be computed is left out.

    Raises
    ------
    ValueError
        If a table lacks a column or has no rows, or the task is unknown.
    """
    began = time.perf_counter()
    if fast:
        train, test, synthetic = (_part(frame) for frame in (train, test, synthetic))
    tables = encode(train, test, synthetic, Roles.from_meta(meta))
    rows = {
        "train": len(tables.train), "test": len(tables.test), "synthetic": len(tables.synthetic)
    }  # fmt: skip
    figures: dict[str, Any] = {
        "judge_version": VERSION,
        "table": tables.roles.name,
        "fast": fast,
        "rows": rows,
    }
    with threadpool_limits(1):
        for k, question in enumerate(QUESTIONS):
            figures |= question(tables, np.random.default_rng([SEED, k]))
    figures["flags"] = list(flags(figures))
    figures["seconds"] = round(time.perf_counter() - began, 1)
    return figures


def flags(figures: Mapping[str, Any]) -> list[str]:
    """Say in sentences what is suspicious, not merely low: what is beyond four standard errors."""
    rows, auc = figures["rows"], figures["c2st_gbdt_auc"]
    n = min(rows["train"], rows["synthetic"])
    suspicions = {
        "copies: rows are nearer to training rows than to held-out ones": (
            figures["dcr_excess"] > max(5, 4 * figures["dcr_excess_se"])
        ),
        "copies: more rows equal a training row than held-out rows do": _exceeds(
            figures["exact_copies"], rows["synthetic"], figures["exact_copies_reference"], rows["test"], 0.5
        ),
        "copies: trees are worse than chance against the training table": (
            auc < 0.5 - max(0.05, 4 / np.sqrt(6 * n))
        ),
        "leaks: an attack names members": (
            figures.get("attack_auc", 0.5) > 0.5 + 4 * figures.get("attack_se", 0.0)
        ),
        "repeats: more rows are repeated than in the training table": _exceeds(
            figures["duplicates"], rows["synthetic"], figures["duplicates_reference"], rows["train"], 1
        ),
        "invalid: numbers outside the training range, or unseen categories": figures["invalid_cells"] > 0.5,
        "size: not as many rows as in the training table": rows["synthetic"] != rows["train"],
    }
    return [sentence for sentence, holds in suspicions.items() if holds]


def _exceeds(percent: float, n: int, reference: float, n_reference: int, least: float) -> bool:
    """Whether a share of n rows lies above another by four standard errors, and by `least` percent."""
    variance = sum(p * (100 - p) / m for p, m in ((percent, n), (reference, n_reference)))
    return percent > reference + max(least, 4 * np.sqrt(variance))


def _part(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(max(len(frame) // FAST, 1), random_state=SEED)
