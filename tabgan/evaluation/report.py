"""The report: five questions about two tables, answered as plain data; all else is a view of it."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabgan.evaluation.html import render, write_page
from tabgan.evaluation.metrics import (
    classifier_test,
    compare_columns,
    compare_pairs,
    copies,
    holm,
    sdmetrics_scores,
    train_synthetic_test_real,
)
from tabgan.evaluation.plots import histograms, plot_columns
from tabgan.evaluation.views import Comparison
from tabgan.table import Schema

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIN_HOLDOUT = 0.2  # of the real rows, where no holdout is given
SIGNIFICANT = 0.01


@dataclass(frozen=True)
class Report:
    """How near a synthetic table is to a real one, as plain data.

    Attributes
    ----------
    score : float
        Overall fidelity in [0, 1]: the geometric mean of three parts, times the share of rows that are not
        copies. The parts are one minus the mean distance of columns, one minus the mean distance of pairs
        (each beyond what real rows of the same number reach), and 2 (1 - AUC) of a classifier that tries to
        tell the rows apart, at most 1. Independent columns fail by the pairs and the classifier, unseen
        dependence by the classifier, and copies of the training rows by the last factor.
    figures : list of dict
        One entry a figure: ``question``, ``figure``, ``value``, ``ceiling`` (what real held-out rows reach),
        ``p_value`` (corrected where there are several), ``better``.
    columns, pairs : list of dict
        Details a column and a pair.
    details : dict
        What the classifier, the usefulness and the privacy metrics found beside their main figure.
    notes : list of str
        Which rows were used, and what to keep in mind.
    """

    score: float
    verdict: str
    figures: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    details: dict[str, Any]
    notes: list[str]
    charts: list[dict[str, Any]] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the charts, JSON-able."""
        keys = ("score", "verdict", "figures", "columns", "pairs", "details", "notes")
        data: dict[str, Any] = _plain({key: getattr(self, key) for key in keys})
        return data

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The same as JSON text, also written to `path` if one is given."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False)
        if path is not None:
            write_page(text, path)
        return text

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One self-contained page, also written to `path` if one is given."""
        page = render(self)
        if path is not None:
            write_page(page, path)
        return page

    def plot(self, max_columns: int = 12) -> Figure:
        """Real against synthetic values of the columns that differ most, as a matplotlib figure."""
        return plot_columns(self.charts[:max_columns])

    def _repr_html_(self) -> str:
        return render(self, embedded=True)

    def __str__(self) -> str:
        lines = [f"{self.verdict}", "", f"{'':44s} {'value':>9s} {'real rows':>9s} {'p-value':>9s}"]
        for figure in self.figures:
            cells = [_short(figure[key]) for key in ("value", "ceiling", "p_value")]
            lines.append(f"{figure['figure']:44s} {cells[0]:>9s} {cells[1]:>9s} {cells[2]:>9s}")
        return "\n".join([*lines, "", *self.notes])


def evaluate(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    *,
    holdout: pd.DataFrame | None = None,
    target: Hashable | None = None,
    schema: Schema | None = None,
    random_state: int | None = None,
) -> Report:
    """Compare a synthetic table with the real one it imitates, whoever made it.

    Parameters
    ----------
    real : DataFrame of shape (n_real, n_columns)
        The rows that the synthetic ones were learned from.
    synthetic : DataFrame of shape (n_synthetic, n_columns)
    holdout : DataFrame of shape (n_holdout, n_columns), optional
        Real rows that the model has not seen: what they score is the ceiling. Without it a fifth of `real`
        is split off, which says the same of fidelity and less of copying.
    target : hashable, optional
        A column to predict from the others, for the usefulness of the rows.
    schema : Schema, optional
        What each column is; by default inferred from `real`.
    random_state : int, optional
        Seed of the splits and subsamples; by default 0, so that two calls agree.

    Raises
    ------
    ValueError, TypeError
        If the tables cannot be compared; the message names the columns.
    """
    others = {"synthetic": synthetic} | ({} if holdout is None else {"holdout": holdout})
    _check(real, others, target)
    seed = 0 if random_state is None else int(random_state)
    schema = schema or Schema.infer(real)
    notes = [f"{len(real):,} real and {len(synthetic):,} synthetic rows, {real.shape[1]} columns."]
    if holdout is None:
        order = np.random.default_rng(seed).permutation(len(real))
        cut = max(1, int(MIN_HOLDOUT * len(real)))
        others["holdout"] = real.iloc[order[:cut]]
        reference = real.iloc[order[cut:]]
        notes.append(
            f"No holdout was given: {cut:,} of the real rows were split off to show what real rows reach. "
            "The model may have seen them, so the figures on copies are weaker than with a true holdout."
        )
    else:
        reference = real
        notes.append(f"{len(holdout):,} held-out real rows show what real rows reach.")
    tables = Comparison(reference, {k: v[list(real.columns)] for k, v in others.items()}, schema, seed)
    return _report(tables, target, notes)


def _check(real: pd.DataFrame, others: dict[str, pd.DataFrame], target: Hashable | None) -> None:
    """Refuse tables that cannot be compared, before any work."""
    for name, table in {"real": real, **others}.items():
        if not isinstance(table, pd.DataFrame):
            raise TypeError(f"{name} must be a pandas DataFrame, got {type(table).__name__}")
        if len(table) < 2:
            raise ValueError(f"{name} has {len(table)} row(s); at least 2 are needed to compare")
        missing = [column for column in real.columns if column not in table.columns]
        extra = [column for column in table.columns if column not in real.columns]
        if missing or extra:
            raise ValueError(
                f"{name} must have the columns of real; missing: {missing!r}, unknown: {extra!r}"
            )
    for name, table in others.items():
        for column in real.columns:
            numeric = [pd.api.types.is_numeric_dtype(frame[column].dtype) for frame in (real, table)]
            textual = table[column].dtype == object or isinstance(table[column].dtype, pd.StringDtype)
            if numeric[0] and textual and pd.to_numeric(table[column], errors="coerce").isna().all():
                raise ValueError(f"column {column!r} is numeric in real and text in {name}; convert it first")
    if target is not None and target not in real.columns:
        raise ValueError(f"target {target!r} is no column of the tables; they have {list(real.columns)!r}")


def _report(tables: Comparison, target: Hashable | None, notes: list[str]) -> Report:
    columns, real_columns = (compare_columns(tables, name) for name in ("synthetic", "holdout"))
    for row, adjusted in zip(columns, holm([row["p_value"] for row in columns]), strict=True):
        row["p_adjusted"] = adjusted
    for row, ceiling in zip(columns, real_columns, strict=True):
        row["ceiling"] = ceiling["distance"] * _size_factor(tables)
    pairs, real_pairs = (compare_pairs(tables, name) for name in ("synthetic", "holdout"))
    for row, ceiling in zip(pairs, real_pairs, strict=True):
        row["ceiling"] = ceiling["distance"] * _size_factor(tables)
    trees, real_trees = (classifier_test(tables, name) for name in ("synthetic", "holdout"))
    privacy = copies(tables, "synthetic", "holdout")
    familiar = sdmetrics_scores(tables, "synthetic")
    useful = None
    if target is not None and target in tables.columns:
        useful = train_synthetic_test_real(tables, target, "synthetic", "holdout")
    figures = _figures(columns, pairs, trees, real_trees, useful, privacy, familiar)
    score = _score(columns, pairs, trees, privacy)
    charts = sorted(histograms(tables), key=lambda chart: -chart["distance"])
    details = {"classifier": trees, "classifier_real": real_trees, "useful": useful, "copied": privacy}
    details["sdmetrics"] = familiar
    notes = [
        *notes,
        f"Trees: {trees['rows']:,} rows of each table. Copies: {privacy['rows']:,} rows looked up.",
    ]
    notes.append("p-values of columns are corrected by Holm's method.")
    return Report(score, _verdict(score, trees, privacy), figures, columns, pairs, details, notes, charts)


def _size_factor(tables: Comparison) -> float:
    """Distances of samples of one law shrink with their sizes: from the holdout's to the synthetic one."""
    sizes = {name: 1 / len(table) for name, table in tables.others.items()}
    base = 1 / len(tables.real)
    return float(np.sqrt((base + sizes["synthetic"]) / (base + sizes["holdout"])))


def _mean(rows: list[dict[str, Any]], key: str) -> float:
    return float(np.mean([row[key] for row in rows])) if rows else 0.0


def _figures(
    columns: list[dict[str, Any]],
    pairs: list[dict[str, Any]],
    trees: dict[str, Any],
    real_trees: dict[str, Any],
    useful: dict[str, Any] | None,
    privacy: dict[str, Any],
    familiar: dict[str, Any],
) -> list[dict[str, Any]]:
    rejected = sum(row["p_adjusted"] < SIGNIFICANT for row in columns)
    smallest = min((row["p_adjusted"] for row in columns), default=1.0)
    rows = [
        (
            "columns",
            "Mean distance of columns",
            _mean(columns, "distance"),
            _mean(columns, "ceiling"),
            smallest,
            "lower",
        ),
        (
            "columns",
            f"Columns rejected at {SIGNIFICANT:.0%}, of {len(columns)}",
            rejected,
            None,
            None,
            "lower",
        ),
        ("pairs", "Mean distance of pairs", _mean(pairs, "distance"), _mean(pairs, "ceiling"), None, "lower"),
        (
            "whole",
            "AUC of trees telling the rows apart",
            trees["auc"],
            real_trees["auc"],
            trees["p_value"],
            "near 0.5",
        ),
    ]
    if useful is not None:
        label = f"Trained on these, tested on real ({useful['measure']})"
        rows.append(("useful", label, useful["synthetic"], useful["real"], None, "higher"))
    rows += [
        (
            "copied",
            "Rows nearer to a real row than chance",
            privacy["near"],
            privacy["near_fresh"],
            None,
            "near real",
        ),
        ("copied", "Exact copies of real rows", privacy["exact"], privacy["exact_fresh"], None, "near real"),
    ]
    rows += [
        ("familiar", f"sdmetrics {name} score", value, None, None, "higher")
        for name, value in familiar.items()
        if name != "note"
    ]
    keys = ("question", "figure", "value", "ceiling", "p_value", "better")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _score(
    columns: list[dict[str, Any]], pairs: list[dict[str, Any]], trees: dict[str, Any], privacy: dict[str, Any]
) -> float:
    """The overall fidelity, as the docstring of `Report` defines it."""
    parts = [1 - max(0.0, _mean(rows, "distance") - _mean(rows, "ceiling")) for rows in (columns, pairs)]
    parts.append(min(1.0, 2 * (1 - trees["auc"])))
    return float(np.prod(parts) ** (1 / 3) * (1 - privacy["excess"]))


def _verdict(score: float, trees: dict[str, Any], privacy: dict[str, Any]) -> str:
    """One sentence that says what to think of it."""
    if privacy["excess"] > 0.1:
        return (
            f"Fidelity {score:.2f}: {privacy['excess']:.0%} of the rows are copies or near-copies of "
            "real rows; do not share this table."
        )
    if trees["auc"] < 0.55:
        told = "a classifier can hardly tell the rows from real ones"
    elif trees["auc"] < 0.7:
        told = "a classifier tells the rows from real ones a little better than chance"
    else:
        told = f"a classifier tells the rows from real ones (AUC {trees['auc']:.2f})"
    where = ""
    if trees["auc"] >= 0.55 and trees["giveaways"]:
        where = ", most by " + ", ".join(str(name) for name, _ in trees["giveaways"][:3])
    return f"Fidelity {score:.2f}: {told}{where}; no copying was found."


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return (
        f"{value:d}"
        if isinstance(value, int)
        else f"{value:.3f}"
        if value >= 0.001 or value == 0
        else f"{value:.0e}"
    )


def _plain(value: Any) -> Any:
    """The same in types that JSON knows; what is not a number becomes None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool) or value is None else str(value)
