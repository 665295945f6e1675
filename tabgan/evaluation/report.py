"""The report: five questions about two tables, answered as plain data; all else is a view of it."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tabgan.evaluation.charts import draw
from tabgan.evaluation.checks import check_tables, check_types
from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.html import render, write_page
from tabgan.evaluation.plots import plot_columns
from tabgan.evaluation.summary import find
from tabgan.io.containers import as_pandas
from tabgan.io.subsample import sample_rows
from tabgan.table import Schema

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIN_HOLDOUT = 0.2  # of the real rows, where no holdout is given
MAX_ROWS = 500_000  # read of a table that is not in memory


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
        ``low`` and ``high`` (its 95 % interval), ``p_value`` (corrected by Holm's method), ``better``,
        ``meaning``. What does not apply is None.
    marks : dict
        Question -> how well it is answered, from 0 to 1.
    columns, pairs : list of dict
        Details a column and a pair.
    details : dict
        What each metric found beside its figures, by its name.
    notes : list of str
        Which rows were used, and what to keep in mind.
    """

    score: float
    verdict: str
    marks: dict[str, float]
    figures: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    details: dict[str, Any]
    notes: list[str]
    charts: dict[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the charts, JSON-able."""
        keys = ("score", "verdict", "marks", "figures", "columns", "pairs", "details", "notes")
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
        return plot_columns(self.charts["columns"][:max_columns])

    def _repr_html_(self) -> str:
        return render(self, embedded=True)

    def __str__(self) -> str:
        lines = [self.verdict, "", f"{'':54s} {'value':>7s} {'95 %':^15s} {'real rows':>9s} {'p-value':>8s}"]
        for figure in self.figures:
            value, low, high, ceiling, p_value = (
                _short(figure[key]) for key in ("value", "low", "high", "ceiling", "p_value")
            )
            between = f"{low} - {high}" if low else ""
            lines.append(f"{figure['figure']:54s} {value:>7s} {between:^15s} {ceiling:>9s} {p_value:>8s}")
        return "\n".join([*lines, "", *self.notes])


def evaluate(
    real: Any,
    synthetic: Any,
    *,
    holdout: Any = None,
    target: Hashable | None = None,
    schema: Schema | None = None,
    max_rows: int = MAX_ROWS,
    random_state: int | None = None,
    verbose: int = 0,
) -> Report:
    """Compare a synthetic table with the real one it imitates, whoever made it.

    Parameters
    ----------
    real : DataFrame of shape (n_real, n_columns), path, list of paths or Dask DataFrame
        The rows that the synthetic ones were learned from; frames may be of Polars, too. A path is a file
        (.csv or .parquet), a folder of such files, or a pattern.
    synthetic : DataFrame of shape (n_synthetic, n_columns), path, list of paths or Dask DataFrame
    holdout : DataFrame of shape (n_holdout, n_columns), path, list of paths or Dask DataFrame, optional
        Real rows that the model has not seen: what they score is the ceiling. Without it a fifth of `real`
        is split off, which says the same of fidelity and less of copying.
    target : hashable, optional
        A column to predict from the others, for the usefulness of the rows.
    schema : Schema, optional
        What each column is; by default inferred from `real`.
    max_rows : int, default=500_000
        Of a table that is not a DataFrame in memory and has more rows, a random sample of so many is read and
        compared, in bounded memory, and the notes say so. Copies are then sought in the samples alone.
    random_state : int, optional
        Seed of the splits and subsamples; by default 0, so that two calls agree.
    verbose : int, default=0
        Whether to show a progress bar on the standard error stream.

    Returns
    -------
    Report

    Raises
    ------
    ValueError, TypeError
        If the tables cannot be compared; the message names the columns.
    """
    seed = 0 if random_state is None else int(random_state)
    sources = {"real": real, "synthetic": synthetic} | ({} if holdout is None else {"holdout": holdout})
    others, sizes = _in_memory(sources, max_rows, seed)
    real = others.pop("real")
    check_tables(real, others, target)
    schema = schema or Schema.infer(real)
    check_types(real, others, schema, target)
    notes = [f"{len(real):,} real and {len(others['synthetic']):,} synthetic rows, {real.shape[1]} columns."]
    notes += sizes
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
        notes.append(f"{len(others['holdout']):,} held-out real rows show what real rows reach.")
    others = {name: table[list(real.columns)] for name, table in others.items()}
    tables = Comparison(reference, others, schema, seed, unseen=holdout is not None, target=target)
    # The trees are small: several threads would mostly wait for each other (four times slower on two cores).
    with threadpool_limits(1, user_api="openmp"):
        return _report(tables, notes, verbose)


def _in_memory(sources: dict[str, Any], max_rows: int, seed: int) -> tuple[dict[str, Any], list[str]]:
    """The tables as frames, large ones as random samples, and notes on these."""
    if max_rows < 2:
        raise ValueError(f"max_rows must be at least 2, got {max_rows}")
    tables: dict[str, Any] = {}
    notes = []
    for name, own in zip(sources, np.random.SeedSequence(seed).spawn(len(sources)), strict=True):
        real = tables.get("real")
        like = real if isinstance(real, pd.DataFrame) else None
        try:
            found = sample_rows(as_pandas(sources[name]), max_rows, own, like)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        tables[name] = found.frame
        if len(found.frame) < found.n_rows:
            notes.append(
                f"Of the {found.n_rows:,} {name} rows a random sample of {max_rows:,} was read and compared; "
                "copies were sought in it alone."
            )
    return tables, notes


def _report(tables: Comparison, notes: list[str], verbose: int) -> Report:
    """Ask all questions and put the answers together."""
    found = find(tables, verbose)
    details = found.details
    columns, pairs = details.pop("columns"), details.pop("pairs")
    return Report(
        score=found.score(),
        verdict=found.verdict(),
        marks=found.marks(),
        figures=found.figures(),
        columns=columns,
        pairs=pairs,
        details=details,
        notes=[*notes, *found.notes, "p-values of figures are corrected once more, for their number."],
        charts=draw(tables, columns, pairs),
    )


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:d}"
    return f"{value:.3f}" if abs(value) >= 0.001 or value == 0 else f"{value:.0e}"


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
