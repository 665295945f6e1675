"""What the metrics found about one pair of tables, and what follows: figures, marks, score, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics import METRICS
from tabgan.evaluation.metrics.marginals import SIGNIFICANT
from tabgan.evaluation.result import MetricResult, Row
from tabgan.evaluation.uncertainty import holm

COPIED = 0.1  # share of copies above which a table should not be shared
GOOD, FAIR = 0.95, 0.8  # marks from which on an answer counts as good, or fair


@dataclass(frozen=True)
class Findings:
    """Answers of all metrics, by name."""

    answers: dict[str, MetricResult]

    @property
    def details(self) -> dict[str, Any]:
        """What each metric found beside its figures."""
        return {name: answer.details for name, answer in self.answers.items()}

    @property
    def notes(self) -> list[str]:
        """What the metrics remark on their sample sizes and limits."""
        return [note for answer in self.answers.values() for note in answer.notes]

    def figures(self) -> list[Row]:
        """One entry a figure, in the order of the questions; p-values corrected for their number."""
        figures = [dict(row) for answer in self.answers.values() for row in answer.figures]
        tested = [row for row in figures if row["p_value"] is not None]
        for row, adjusted in zip(tested, holm([row["p_value"] for row in tested]), strict=True):
            row["p_value"] = adjusted
        return figures

    def marks(self) -> dict[str, float]:
        """How well each question is answered, from 0 to 1; one without an answer has no mark.

        Columns and pairs are marked by the worst of them, copies by the share of rows that are none, and
        with 0.8 at most where a test finds single rows copied.
        """
        useful, copied = self.details["useful"], self.details["copied"]
        marks = {name: 1 - max([0.0, *self._excess(name)]) for name in ("columns", "pairs")}
        marks["whole"] = self._told_apart()
        if useful is not None:
            chance = 0.5 if useful["measure"] == "ROC AUC" else 0.0
            gain = (useful["synthetic"] - chance) / max(useful["real"] - chance, 1e-3)
            marks["useful"] = float(np.clip(gain, 0, 1))
        share = max(0.0, copied["excess"], copied["exact"] - copied["exact_fresh"])
        marks["copied"] = min(1 - share, FAIR if self._suspicious() else 1.0)
        return marks

    def score(self) -> float:
        """The overall fidelity, as the docstring of `Report` defines it."""
        means = [float(np.mean(self._excess(name) or [0.0])) for name in ("columns", "pairs")]
        parts = [*(1 - max(0.0, excess) for excess in means), self._told_apart()]
        return float(np.prod(parts) ** (1 / 3) * (1 - self.details["copied"]["excess"]))

    def _excess(self, name: str) -> list[float]:
        """How much farther off each column or pair is than fresh real rows would be."""
        return [row["distance"] - row["ceiling"] for row in self.details[name]]

    def _told_apart(self) -> float:
        return float(min(1.0, 2 * (1 - self.details["classifier"]["auc"])))

    def _suspicious(self) -> bool:
        """Whether a test says that rows lie too close to single real ones."""
        return any(
            row["question"] == "copied" and row["p_value"] is not None and row["p_value"] < SIGNIFICANT
            for row in self.figures()
        )

    def verdict(self) -> str:
        """One sentence that says what to think of it."""
        trees, copied = self.details["classifier"], self.details["copied"]["excess"]
        start = f"Fidelity {self.score():.2f}:"
        if copied > COPIED:
            return f"{start} {copied:.0%} of the rows are copies or nearly so; do not share this table."
        told = f"a classifier tells the rows from real ones (AUC {trees['auc']:.2f})"
        most = ", ".join(str(name) for name, _ in trees["giveaways"][:3])
        if trees["auc"] < 0.55:
            told, most = "a classifier can hardly tell the rows from real ones", ""
        elif trees["auc"] < 0.7:
            told = "a classifier tells the rows from real ones a little better than chance"
        return f"{start} {told}{', most by ' if most else ''}{most}; {self._copying()}."

    def _copying(self) -> str:
        """What the tests say of single rows, also where most rows are no copies."""
        if not self._suspicious():
            return "no copying was found"
        exact = self.details["copied"]["exact"]
        return f"some rows lie too close to real ones ({exact:.2%} are exact copies)"


def find(tables: Comparison, verbose: int) -> Findings:
    """Ask every metric, of synthetic rows and, for the ceiling, of held-out ones."""
    answers = {}
    with tqdm(METRICS.items(), desc="evaluate", unit="metric", disable=not verbose, leave=False) as bar:
        for name, metric in bar:
            bar.set_postfix_str(name)
            answers[name] = metric(tables)
    return Findings(answers)
