"""The shelf of metrics, by question: each column, each pair, the whole, utility, privacy."""

from __future__ import annotations

from collections.abc import Callable

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics.attacks import membership
from tabgan.evaluation.metrics.copies import copying
from tabgan.evaluation.metrics.marginals import marginal
from tabgan.evaluation.metrics.pairs import pairwise
from tabgan.evaluation.metrics.sdmetrics_scores import sdmetrics_scores
from tabgan.evaluation.metrics.support import precision_recall
from tabgan.evaluation.metrics.two_sample import energy, logistic, trees
from tabgan.evaluation.metrics.utility import tstr
from tabgan.evaluation.metrics.values import shared_values
from tabgan.evaluation.result import MetricResult

# In the order of the report; the name is that of its entry in `Report.details`.
METRICS: dict[str, Callable[[Comparison], MetricResult]] = {
    "marginal": marginal,
    "pairwise": pairwise,
    "trees": trees,
    "logistic": logistic,
    "energy": energy,
    "support": precision_recall,
    "utility": tstr,
    "membership": membership,
    "values": shared_values,
    "copies": copying,
    "sdmetrics": sdmetrics_scores,
}

__all__ = ["METRICS"]
