"""The shelf of metrics, by question: each column, each pair, the whole, usefulness, copies."""

from __future__ import annotations

from collections.abc import Callable

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics.joint import energy, logistic, support, trees
from tabgan.evaluation.metrics.marginals import each_column
from tabgan.evaluation.metrics.pairs import each_pair
from tabgan.evaluation.metrics.privacy import copying, membership
from tabgan.evaluation.metrics.sdmetrics_scores import sdmetrics_scores
from tabgan.evaluation.metrics.utility import usefulness
from tabgan.evaluation.result import MetricResult

# In the order of the report; the name is that of its entry in `Report.details`.
METRICS: dict[str, Callable[[Comparison], MetricResult]] = {
    "columns": each_column,
    "pairs": each_pair,
    "classifier": trees,
    "logistic": logistic,
    "energy": energy,
    "support": support,
    "useful": usefulness,
    "copied": copying,
    "members": membership,
    "sdmetrics": sdmetrics_scores,
}

__all__ = ["METRICS"]
