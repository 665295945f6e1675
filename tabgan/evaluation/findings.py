"""What the metrics found about one pair of tables, and what follows: the figures, the score, the verdict."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tabgan.evaluation.metrics import (
    classifier_test,
    compare_columns,
    compare_pairs,
    copies,
    holm,
    sdmetrics_scores,
    train_synthetic_test_real,
)
from tabgan.evaluation.views import Comparison

Row = dict[str, Any]
SIGNIFICANT = 0.01
COPIED = 0.1  # share of copies above which a table should not be shared


@dataclass(frozen=True)
class Findings:
    """Results of all metrics; `columns` and `pairs` have the ceiling of real rows beside each distance."""

    columns: list[Row]
    pairs: list[Row]
    trees: Row
    real_trees: Row
    useful: Row | None
    privacy: Row
    familiar: Row

    def score(self) -> float:
        """The overall fidelity, as the docstring of `Report` defines it."""
        excess = [mean(rows, "distance") - mean(rows, "ceiling") for rows in (self.columns, self.pairs)]
        parts = [1 - max(0.0, value) for value in excess]
        parts.append(min(1.0, 2 * (1 - self.trees["auc"])))
        return float(np.prod(parts) ** (1 / 3) * (1 - self.privacy["excess"]))

    def verdict(self) -> str:
        """One sentence that says what to think of it."""
        auc, copied = self.trees["auc"], self.privacy["excess"]
        start = f"Fidelity {self.score():.2f}:"
        if copied > COPIED:
            return f"{start} {copied:.0%} of the rows are copies or nearly so; do not share this table."
        told = f"a classifier tells the rows from real ones (AUC {auc:.2f})"
        if auc < 0.55:
            return f"{start} a classifier can hardly tell the rows from real ones; no copying was found."
        if auc < 0.7:
            told = "a classifier tells the rows from real ones a little better than chance"
        most = ", ".join(str(name) for name, _ in self.trees["giveaways"][:3])
        return f"{start} {told}{', most by ' if most else ''}{most}; no copying was found."

    def figures(self) -> list[Row]:
        """One entry a figure, in the order of the questions."""
        rejected = sum(row["p_adjusted"] < SIGNIFICANT for row in self.columns)
        smallest = min((row["p_adjusted"] for row in self.columns), default=1.0)
        return [
            figure(
                "columns", "Mean distance of columns", "lower",
                mean(self.columns, "distance"), mean(self.columns, "ceiling"), smallest,
            ),
            figure(
                "columns", f"Columns rejected at {SIGNIFICANT:.0%}, of {len(self.columns)}", "lower",
                rejected,
            ),
            figure(
                "pairs", "Mean distance of pairs", "lower",
                mean(self.pairs, "distance"), mean(self.pairs, "ceiling"),
            ),
            figure(
                "whole", "AUC of trees telling the rows apart", "near 0.5",
                self.trees["auc"], self.real_trees["auc"], self.trees["p_value"],
            ),
            *self._figures_of_use(),
            figure(
                "copied", "Rows nearer to a real row than chance", "near real",
                self.privacy["near"], self.privacy["near_fresh"],
            ),
            figure(
                "copied", "Exact copies of real rows", "near real",
                self.privacy["exact"], self.privacy["exact_fresh"],
            ),
            *self._familiar_figures(),
        ]  # fmt: skip

    def _figures_of_use(self) -> list[Row]:
        if self.useful is None:
            return []
        label = f"Trained on these, tested on real ({self.useful['measure']})"
        return [figure("useful", label, "higher", self.useful["synthetic"], self.useful["real"])]

    def _familiar_figures(self) -> list[Row]:
        scores = {name: value for name, value in self.familiar.items() if name != "note"}
        return [figure("familiar", f"sdmetrics {name} score", "higher", v) for name, v in scores.items()]


def figure(
    question: str,
    name: str,
    better: str,
    value: float,
    ceiling: float | None = None,
    p_value: float | None = None,
) -> Row:
    """An entry of `Report.figures`."""
    return {
        "question": question, "figure": name, "value": value,
        "ceiling": ceiling, "p_value": p_value, "better": better,
    }  # fmt: skip


def mean(rows: list[Row], key: str) -> float:
    """Mean of a figure over columns or pairs, 0 if there are none."""
    return float(np.mean([row[key] for row in rows])) if rows else 0.0


def find(tables: Comparison, target: Hashable | None) -> Findings:
    """Ask every metric, of synthetic rows and, for the ceiling, of held-out ones."""
    columns, pairs = (_beside_ceiling(tables, metric) for metric in (compare_columns, compare_pairs))
    for row, adjusted in zip(columns, holm([row["p_value"] for row in columns]), strict=True):
        row["p_adjusted"] = adjusted
    useful = None
    if target in tables.columns:
        useful = train_synthetic_test_real(tables, target, "synthetic", "holdout")
    return Findings(
        columns=columns,
        pairs=pairs,
        trees=classifier_test(tables, "synthetic"),
        real_trees=classifier_test(tables, "holdout"),
        useful=useful,
        privacy=copies(tables, "synthetic", "holdout"),
        familiar=sdmetrics_scores(tables, "synthetic"),
    )


def _beside_ceiling(tables: Comparison, metric: Any) -> list[Row]:
    """Distances of synthetic rows, each with what as many real rows would have.

    Distances of two samples of one law shrink with their sizes, which may differ: those of the holdout are
    brought to the size of the synthetic table.
    """
    rows: list[Row] = metric(tables, "synthetic")
    sizes = {name: 1 / len(table) for name, table in tables.others.items()}
    base = 1 / len(tables.real)
    factor = float(np.sqrt((base + sizes["synthetic"]) / (base + sizes["holdout"])))
    for row, ceiling in zip(rows, metric(tables, "holdout"), strict=True):
        row["ceiling"] = factor * ceiling["distance"]
    return rows
