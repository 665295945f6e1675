"""What follows from the results of all metrics: lines of the report, marks, score, verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.metrics import METRICS
from tabgan.evaluation.metrics.copies import EXACT_LINE, NEAR_LINE
from tabgan.evaluation.metrics.two_sample import TREES_LINE
from tabgan.evaluation.metrics.utility import TSTR_LINE
from tabgan.evaluation.red_marks import red_marks
from tabgan.evaluation.result import Metric, MetricResult, RedMark, excess
from tabgan.evaluation.uncertainty import SIGNIFICANT, holm

COPIED = 0.1  # share of copies above which a table should not be shared
GOOD, FAIR, POOR = 0.95, 0.8, 0.5  # marks from which on an answer counts as good, or fair; one of a leak


@dataclass(frozen=True)
class Summary:
    """Results of all metrics, by name."""

    results: dict[str, MetricResult]

    @property
    def details(self) -> dict[str, Any]:
        """What each metric computed beside its lines; columns and pairs stand by themselves in a report."""
        return {
            name: result.details
            for name, result in self.results.items()
            if name not in ("marginal", "pairwise")
        }

    @property
    def notes(self) -> list[str]:
        """What the metrics remark on their sample sizes and limits."""
        return [result.note for result in self.results.values() if result.note]

    def metrics(self) -> list[Metric]:
        """The lines of the report, in the order of the questions; p-values corrected for their number."""
        lines = [metric for result in self.results.values() for metric in result.metrics]
        adjusted = iter(holm([metric.p_value for metric in lines if metric.p_value is not None]))
        return [
            metric if metric.p_value is None else replace(metric, p_value=next(adjusted)) for metric in lines
        ]

    @cached_property
    def red_marks(self) -> list[RedMark]:
        """What tests have found, privacy first: what is significant, and questions answered poorly."""
        poor = {question for question, mark in self._answers().items() if mark < FAIR}
        return red_marks(self.results, self.metrics(), poor)

    def marks(self) -> dict[str, float]:
        """How well each question is answered, from 0 to 1; one without an answer has no mark.

        Columns and pairs are marked by the worst of them, copies by the share of rows that are none, and
        with 0.5 at most where a test finds that somebody's data come back. Only what a test finds counts:
        what fresh real rows could differ by, by chance, costs nothing.
        """
        marks = self._answers()
        return marks | {"privacy": min(marks["privacy"], POOR)} if self._leaks else marks

    def _answers(self) -> dict[str, float]:
        """The marks without regard to tests of privacy."""
        utility, copies = self.details["utility"], self.details["copies"]
        marks = {
            name: 1 - max([0.0, *map(excess, self.results[name].details)])
            for name in ("marginal", "pairwise")
        }
        marks["joint"] = self._indistinguishable() if self._found(TREES_LINE) else 1.0
        if utility is not None:
            chance = 0.5 if utility["measure"] == "ROC AUC" else 0.0
            gain = (utility["synthetic"] - chance) / max(utility["real"] - chance, 1e-3)
            marks["utility"] = float(np.clip(gain, 0, 1)) if self._found(TSTR_LINE) else 1.0
        near = copies["excess"] if self._found(NEAR_LINE) else 0.0
        equal = copies["exact"] - copies["exact_holdout"] if self._found(EXACT_LINE) else 0.0
        marks["privacy"] = 1 - max(0.0, near, equal)
        return marks

    def _found(self, line: str) -> bool:
        """Whether the test of a line has found something; its p-value is corrected, as the page shows it."""
        return any(
            metric.p_value < SIGNIFICANT
            for metric in self.metrics()
            if metric.name.startswith(line) and metric.p_value is not None
        )

    def score(self) -> float:
        """The overall fidelity, as the docstring of `Report` defines it."""
        means = [
            float(np.mean([row.distance - row.ceiling for row in self.results[name].details] or [0.0]))
            for name in ("marginal", "pairwise")
        ]
        factors = [*(1 - max(0.0, mean) for mean in means), self._indistinguishable()]
        return float(np.prod(factors) ** (1 / 3) * (1 - self.details["copies"]["excess"]))

    def _indistinguishable(self) -> float:
        return float(min(1.0, 2 * (1 - self.details["trees"]["auc"])))

    @property
    def _leaks(self) -> list[RedMark]:
        """Red marks of privacy."""
        return [mark for mark in self.red_marks if mark.question == "privacy"]

    def verdict(self) -> str:
        """One sentence that says what to think of it."""
        trees, copied = self.details["trees"], self.details["copies"]["excess"]
        start = f"Fidelity {self.score():.2f}:"
        if copied > COPIED:
            return f"{start} {copied:.0%} of the rows are copies or nearly so; do not share this table."
        columns = ", ".join(str(column) for column, _ in trees["giveaways"][:3])
        finding = f"a classifier tells the rows from real ones (AUC {trees['auc']:.2f})"
        if trees["auc"] < 0.55:
            finding, columns = "a classifier can hardly tell the rows from real ones", ""
        elif trees["auc"] < 0.7:
            finding = "a classifier tells the rows from real ones a little better than chance"
        return f"{start} {finding}{', most by ' if columns else ''}{columns}; {self._copying()}."

    def _copying(self) -> str:
        """What the tests of privacy say, also where most rows are no copies."""
        if not self._leaks:
            return "no copying was found"
        others = len(self._leaks) - 1
        more = f", and {others} more red mark{'s' if others > 1 else ''}" if others else ""
        return f"do not share this table yet: {self._leaks[0].why}{more}"


def summarize(tables: Comparison, verbose: int) -> Summary:
    """Compute every metric, of synthetic rows and, for the ceiling, of rows of the holdout."""
    results = {}
    with tqdm(METRICS.items(), desc="evaluate", unit="metric", disable=not verbose, leave=False) as bar:
        for name, metric in bar:
            bar.set_postfix_str(name)
            results[name] = metric(tables)
    return Summary(results)
