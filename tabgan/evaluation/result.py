"""What a metric hands back: figures of one form, each with its uncertainty and what real rows reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.uncertainty import jackknife_error

Row = dict[str, Any]


@dataclass(frozen=True)
class MetricResult:
    """What one metric found: entries of `Report.figures`, details for those who look closer, and remarks."""

    figures: list[Row] = field(default_factory=list)
    details: Any = None
    notes: list[str] = field(default_factory=list)


def figure(
    question: str,
    name: str,
    value: float,
    interval: tuple[float, float] | None = None,
    ceiling: float | None = None,
    p_value: float | None = None,
    better: str = "lower",
    meaning: str = "",
) -> Row:
    """An entry of `Report.figures`."""
    low, high = (None, None) if interval is None else interval
    return {
        "question": question, "figure": name, "value": value, "low": low, "high": high,
        "ceiling": ceiling, "p_value": p_value, "better": better, "meaning": meaning,
    }  # fmt: skip


def mean(rows: list[Row], key: str) -> float:
    """Mean of a figure over columns or pairs, 0 if there are none."""
    return float(np.mean([row[key] for row in rows])) if rows else 0.0


def beside_ceiling(
    tables: Comparison, metric: Callable[[Comparison, str], list[Row]]
) -> tuple[list[Row], float]:
    """Distances of synthetic rows, each with what as many real rows would have; the error of their mean.

    Distances of two samples of one law shrink with their sizes, which may differ: those of the holdout are
    brought to the size of the synthetic table.
    """
    rows = metric(tables, "synthetic")
    base = 1 / len(tables.real)
    synthetic, holdout = (base + 1 / len(tables.others[name]) for name in ("synthetic", "holdout"))
    for row, real in zip(rows, metric(tables, "holdout"), strict=True):
        row["ceiling"] = float(np.sqrt(synthetic / holdout)) * real["distance"]
        row["real"] = {key: real[key] for key in ("outside", "lost", "invented") if key in real}
    left_out = [row.pop("left_out") for row in rows]
    return rows, jackknife_error(np.mean(left_out, axis=0)) if rows else 0.0
