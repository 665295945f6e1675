"""The shelf of metrics, by question: each column, each pair, the whole, usefulness, copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tabgan.evaluation.metrics.familiar import sdmetrics_scores
from tabgan.evaluation.metrics.joint import classifier_test
from tabgan.evaluation.metrics.marginals import compare_columns, holm
from tabgan.evaluation.metrics.pairs import compare_pairs
from tabgan.evaluation.metrics.privacy import copies
from tabgan.evaluation.metrics.utility import train_synthetic_test_real

METRICS: dict[str, Callable[..., Any]] = {
    "columns": compare_columns,
    "pairs": compare_pairs,
    "whole": classifier_test,
    "useful": train_synthetic_test_real,
    "copied": copies,
    "familiar": sdmetrics_scores,
}

__all__ = [
    "METRICS",
    "classifier_test",
    "compare_columns",
    "compare_pairs",
    "copies",
    "holm",
    "sdmetrics_scores",
    "train_synthetic_test_real",
]
