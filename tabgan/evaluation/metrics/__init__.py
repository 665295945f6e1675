"""The shelf of metrics, by question: each column, each pair, the whole, usefulness, copies."""

from __future__ import annotations

from collections.abc import Callable

from tabgan.evaluation.answer import Answer
from tabgan.evaluation.metrics.familiar import familiar
from tabgan.evaluation.metrics.joint import classifier, energy, logistic, support
from tabgan.evaluation.metrics.marginals import columns, compare_columns
from tabgan.evaluation.metrics.pairs import compare_pairs, pairs
from tabgan.evaluation.metrics.privacy import membership, privacy
from tabgan.evaluation.metrics.utility import usefulness
from tabgan.evaluation.views import Comparison

# In the order of the report; the name is that of its entry in `Report.details`.
METRICS: dict[str, Callable[[Comparison], Answer]] = {
    "columns": columns,
    "pairs": pairs,
    "classifier": classifier,
    "logistic": logistic,
    "energy": energy,
    "support": support,
    "useful": usefulness,
    "copied": privacy,
    "members": membership,
    "sdmetrics": familiar,
}

__all__ = ["METRICS", "compare_columns", "compare_pairs"]
