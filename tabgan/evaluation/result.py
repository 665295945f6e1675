"""What a metric returns: lines of the report, each with its uncertainty and what real rows reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.uncertainty import SIGNIFICANT


@dataclass(frozen=True)
class Metric:
    """One line of the report.

    Attributes
    ----------
    question : str
        The section of the report: "marginal", "pairwise", "joint", "utility", "privacy" or "sdmetrics".
    name : str
        In the field's terms.
    value : float or int
        Of the synthetic rows.
    interval : tuple of two floats, or None
        The 95 % confidence interval.
    ceiling : float or None
        The value of real rows of the holdout, or of chance where the caption says so.
    p_value : float or None
        Of the test that synthetic rows are as good as real ones; corrected by Holm's method in a report.
    better : str
        Which values are better.
    caption : str
        The name in plain words.
    """

    question: str
    name: str
    value: float
    interval: tuple[float, float] | None = None
    ceiling: float | None = None
    p_value: float | None = None
    better: str = "lower"
    caption: str = ""


@dataclass(frozen=True)
class RedMark:
    """A fault that a test found.

    Attributes
    ----------
    question : str
        The section of the report that it belongs to.
    why : str
        What was found, with its figures.
    advice : str
        What to do next, in one sentence.
    """

    question: str
    why: str
    advice: str


@dataclass(frozen=True)
class MetricResult:
    """Lines of the report, details for those who look closer, and a note on sample sizes or limits.

    `red_marks` holds, by the name of a line, what its test has found if it is significant.
    """

    metrics: list[Metric] = field(default_factory=list)
    details: Any = None
    note: str = ""
    red_marks: dict[str, list[RedMark]] = field(default_factory=dict)


def mean(rows: Sequence[Any], name: str) -> float:
    """Mean of an attribute over columns or pairs, 0 if there are none."""
    return float(np.mean([getattr(row, name) for row in rows])) if rows else 0.0


def with_ceilings(tables: Comparison, rows: Sequence[Any], holdout: Sequence[float]) -> list[Any]:
    """Rows of columns or pairs, each with the distance that real rows of the same number would have.

    Given are the distances of the holdout. Distances of two samples of one distribution shrink with the
    square root of their sizes, which may differ.
    """
    base = 1 / tables.n_rows("real")
    synthetic, fresh = (base + 1 / tables.n_rows(name) for name in ("synthetic", "holdout"))
    scale = float(np.sqrt(synthetic / fresh))
    return [replace(row, ceiling=scale * other) for row, other in zip(rows, holdout, strict=True)]


def excess(row: Any) -> float:
    """How much farther off a column or pair is than real rows would be; 0 where it may be chance."""
    return max(0.0, float(row.distance - row.ceiling)) if row.p_adjusted < SIGNIFICANT else 0.0
