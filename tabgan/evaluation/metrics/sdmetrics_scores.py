"""sdmetrics' two headline scores, for people who know them; the only file that touches that library."""

from __future__ import annotations

import contextlib
import io
import warnings

import numpy as np
import pandas as pd

from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.result import Metric, MetricResult

MAX_ROWS = 20_000  # of each table, and
MAX_VALUES = 500_000
MAX_COLUMNS = 16  # of many, a random part: it compares all pairs, slowly


def sdmetrics_scores(tables: Comparison) -> MetricResult:
    """Ask sdmetrics about synthetic rows and about those of the holdout."""
    scores, holdout = (_scores(tables, name) for name in ("synthetic", "holdout"))
    metrics = [
        Metric(
            "sdmetrics", f"sdmetrics {name} score", value,
            ceiling=known if isinstance(known := holdout.get(name), float) else None, better="higher",
            caption="blind to copies, to non-linear dependence and to weakly associated pairs",
        )
        for name, value in scores.items() if isinstance(value, float)
    ]  # fmt: skip
    n = min(tables.affordable(MAX_ROWS, MAX_VALUES), tables.n_rows("real"))
    n_columns = len(tables.columns)
    of_all = f"{min(MAX_COLUMNS, n_columns)} of {n_columns} columns"
    note = str(scores.get("note", f"sdmetrics: up to {n:,} rows and {of_all}."))
    return MetricResult(metrics, scores, note)


def _scores(tables: Comparison, other: str) -> dict[str, float | str]:
    """The Quality and Diagnostic scores of sdmetrics, or why they could not be had.

    They see neither copies nor non-linear dependence, and by default leave out weakly associated pairs.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from sdmetrics.reports import DiagnosticReport, QualityReport
    except ImportError as error:
        return {"note": f"sdmetrics is not installed ({error})"}
    data, metadata = _as_sdmetrics(tables, other)
    scores: dict[str, float | str] = {}
    for name, report in (("Quality", QualityReport()), ("Diagnostic", DiagnosticReport())):
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                report.generate({"table": data["real"]}, {"table": data[other]}, metadata, verbose=False)
            scores[name] = float(report.get_score())
        except Exception as error:  # an error of that library must not cost the rest of the report
            scores["note"] = f"sdmetrics could not compute {name}: {error}"
    return scores


def _as_sdmetrics(tables: Comparison, other: str) -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    """Tables of floats and strings under plain names, which every version of sdmetrics understands."""
    frames = {}
    chosen = tables.rng().permutation(len(tables.columns))[:MAX_COLUMNS]
    compared = [tables.columns[k] for k in np.sort(chosen)]
    for name in ("real", other):
        columns = {}
        some = tables.some_rows(name, tables.affordable(MAX_ROWS, MAX_VALUES))
        for k, column in enumerate(compared):
            values = tables.frames[name][column].iloc[some].reset_index(drop=True)
            text = values.astype(object).where(values.notna(), None).map(str, na_action="ignore")
            is_numeric = column in tables.numeric
            columns[f"c{k}"] = pd.Series(tables.values[name][column][some]) if is_numeric else text
        frames[name] = pd.DataFrame(columns)
    kinds = {
        f"c{k}": {"sdtype": "numerical" if column in tables.numeric else "categorical"}
        for k, column in enumerate(compared)
    }
    return frames, {"tables": {"table": {"columns": kinds}}}
