"""The shelf of metrics, by question: each column, each pair, the whole, usefulness, copies."""

from __future__ import annotations

from collections.abc import Callable

from tabgan.evaluation.answer import Answer
from tabgan.evaluation.metrics.familiar import familiar_scores
from tabgan.evaluation.metrics.joint import energy, logistic, support, trees
from tabgan.evaluation.metrics.marginals import each_column
from tabgan.evaluation.metrics.pairs import each_pair
from tabgan.evaluation.metrics.privacy import copying, membership
from tabgan.evaluation.metrics.utility import usefulness
from tabgan.evaluation.views import Comparison

# In the order of the report; the name is that of its entry in `Report.details`.
METRICS: dict[str, Callable[[Comparison], Answer]] = {
    "columns": each_column,
    "pairs": each_pair,
    "classifier": trees,
    "logistic": logistic,
    "energy": energy,
    "support": support,
    "useful": usefulness,
    "copied": copying,
    "members": membership,
    "sdmetrics": familiar_scores,
}

__all__ = ["METRICS"]
