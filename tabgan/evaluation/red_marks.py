"""What a report warns of: what each significant test has found, and what to do about it."""

from __future__ import annotations

from tabgan.evaluation.result import Metric, MetricResult, RedMark, excess
from tabgan.evaluation.uncertainty import SIGNIFICANT

ADVICE = {
    "marginal": "Look at its chart, and declare the column's kind if the schema takes it for another.",
    "pairwise": "Fit for longer or on more rows, and state what ties the two columns as a constraint.",
    "joint": "Look at the columns that give the rows away, and fit for longer or on more rows.",
    "utility": "Fit for longer or on more rows, or train on real rows what must be exact.",
}


def red_marks(results: dict[str, MetricResult], metrics: list[Metric], poor: set[str]) -> list[RedMark]:
    """Red marks, privacy first.

    Parameters
    ----------
    results : dict of str to MetricResult
        Results of all metrics, by name.
    metrics : list of Metric
        The lines of the report, their p-values corrected for their number.
    poor : set of str
        Questions with a poor mark. One of fidelity gets a red mark if a line is also significantly worse than
        that of real rows: small tables differ by chance.
    """
    significant = [metric.name for metric in metrics if metric.p_value is not None and _is_worse(metric)]
    found = [
        mark for result in results.values() for name in significant for mark in result.red_marks.get(name, [])
    ]
    worse = {metric.question for metric in metrics if _is_worse(metric)}
    return [*found, *(_of_question(question, results) for question in ADVICE if question in poor & worse)]


def _is_worse(metric: Metric) -> bool:
    """Whether a line is worse than that of real rows beyond chance; without a test, beyond its interval."""
    if metric.p_value is not None:
        return metric.p_value < SIGNIFICANT
    return metric.interval is not None and metric.interval[0] > (metric.ceiling or 0.0)


def _of_question(question: str, results: dict[str, MetricResult]) -> RedMark:
    """The red mark of a question of fidelity that is answered poorly."""
    if question in ("marginal", "pairwise"):
        worst = max(results[question].details, key=excess)
        name = f"column {worst.column!r}" if question == "marginal" else f"pair {worst.columns!r}"
        why = f"{name} is {worst.distance:.2f} off, in fresh real rows {worst.ceiling:.2f}"
    elif question == "joint":
        why = f"a classifier tells the rows from real ones (AUC {results['trees'].details['auc']:.2f})"
    else:
        utility = results["utility"].details
        why = (
            f"a model trained on the rows reaches {utility['synthetic']:.2f} ({utility['measure']}), "
            f"one trained on real rows {utility['real']:.2f}"
        )
    return RedMark(question, why, ADVICE[question])
