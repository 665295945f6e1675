"""evaluate and its Report: five questions about two tables, answered as plain data."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from tabgan.evaluation.charts import draw
from tabgan.evaluation.checks import check_holdout, check_tables, check_types
from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.html import number, render
from tabgan.evaluation.inputs import in_memory, promise_of, with_holdout
from tabgan.evaluation.metrics.marginals import ColumnRow
from tabgan.evaluation.metrics.pairs import PairRow
from tabgan.evaluation.plain import facts, plain, written
from tabgan.evaluation.result import Metric, RedMark
from tabgan.evaluation.sample import place_of
from tabgan.evaluation.summary import summarize
from tabgan.io.remote import Place
from tabgan.table import Schema

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_ROWS = 500_000  # read of a table that is not in memory


@dataclass(frozen=True, repr=False)
class Report:
    """How near a synthetic table is to a real one; what :func:`evaluate` returns.

    ``print(report)`` shows the verdict and the metrics, a notebook the whole page.

    Attributes
    ----------
    score : float
        Overall fidelity in [0, 1]: the geometric mean of three factors, times the share of rows that are not
        copies. The factors are one minus the mean distance of columns, one minus the mean distance of pairs
        (each beyond what real rows of the same number reach), and 2 (1 - AUC) of a classifier that tries to
        tell the rows apart, at most 1. Independent columns fail by the pairs and the classifier, unseen
        dependence by the classifier, and copies of the training rows by the share of copies.
    verdict : str
        The main results in one sentence.
    marks : dict of str to float
        How well each question is answered, in [0, 1]: "marginal", "pairwise", "joint", "privacy", and
        "utility" if there is a target.
    metrics : list of Metric
        The lines of the report: ``question``, ``name``, ``value``, ``interval`` (of 95 % confidence),
        ``ceiling`` (what real rows of the holdout reach), ``p_value`` (corrected by Holm's
        method), ``better`` and ``caption``. What does not apply is None.
    columns : list of ColumnRow
        Test, distance, missing values and lost categories of each column, in the order of the table.
    pairs : list of PairRow
        Distance and association of each pair of columns.
    details : dict of str to dict or list
        What each metric computed beside its lines, by its name: "trees", "logistic", "energy", "support",
        "utility", "membership", "values", "copies", "sdmetrics"; None for a metric that does not apply. Of
        rows of a :class:`DPTabGAN`, also "differential_privacy": epsilon, delta and what they cover.
    notes : list of str
        Which rows were used, and what to keep in mind.
    red_marks : list of RedMark
        What tests have found, privacy first: ``question``, ``why``, and in ``advice`` what to do next.
    about : dict of str to str
        What stands at the head of the page: date, version, seed, and what `evaluate` was given.
    charts : dict
        What the page and :meth:`plot` draw, as numbers; a sample of the rows of both tables among it.
    """

    score: float
    verdict: str
    marks: dict[str, float]
    metrics: list[Metric]
    columns: list[ColumnRow]
    pairs: list[PairRow]
    details: dict[str, Any]
    notes: list[str]
    red_marks: list[RedMark]
    about: dict[str, Any]
    charts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the charts as plain data.

        Returns
        -------
        dict
            Of str, int, float, bool, None, lists and dicts, so that `json` can write it; nan and infinity
            become None.
        """
        data: dict[str, Any] = plain({name: value for name, value in vars(self).items() if name != "charts"})
        return data

    def to_json(self, path: Place | None = None) -> str:
        """The same as :meth:`to_dict` in JSON.

        Parameters
        ----------
        path : str, path or open file, optional
            A file that is written, or replaced once all is written; also a URL of fsspec.

        Returns
        -------
        str
            The JSON text.
        """
        return written(json.dumps(self.to_dict(), indent=1, ensure_ascii=False), path)

    def to_html(self, path: Place | None = None, *, rows: bool = True) -> str:
        """One self-contained page with all metrics and charts, to be explored in a browser.

        Parameters
        ----------
        path : str, path or open file, optional
            A file that is written, or replaced once all is written; also a URL of fsspec.
        rows : bool, default=True
            Whether the page shows rows of both tables: the first ones, and those that lie nearest to each
            other. Charts of pairs hold a sample of the rows in any case, as places on their axes.

        Returns
        -------
        str
            The page.
        """
        charts = self.charts if rows else {**self.charts, "first_rows": None, "pointed_rows": []}
        return written(render(self.to_dict(), charts), path)

    def plot(self, *columns: Hashable, max_columns: int = 12) -> Figure:
        """Draw real against synthetic values; a notebook shows the picture.

        Parameters
        ----------
        *columns : hashable
            One column, or two for the pair of them; by default those that differ most.
        max_columns : int, default=12
            How many are drawn by default.

        Returns
        -------
        matplotlib.figure.Figure
            Four histograms in a row; that of one column; or the rows of both tables on two columns, and the
            difference of their shares.

        Raises
        ------
        ValueError
            If a column has no chart, or if there are more than two.

        Examples
        --------
        >>> from tabgan import evaluate, load_iris
        >>> flowers = load_iris()
        >>> report = evaluate(flowers[::2], flowers[1::2])
        >>> len(report.plot("species").axes), len(report.plot("petal_length", "petal_width").axes)
        (1, 4)
        """
        from tabgan.evaluation.plots import plot_columns, plot_pair

        if len(columns) > 2:
            raise ValueError(f"give one column, or two for the pair of them, not {len(columns)}: {columns!r}")
        if len(columns) == 2:
            return plot_pair(self.charts, *columns)
        charts = self.charts["columns"]
        return plot_columns([charts[place_of(self.charts, columns[0])]] if columns else charts[:max_columns])

    def _repr_html_(self) -> str:
        return render(self.to_dict(), self.charts, embedded=True)

    def __repr__(self) -> str:
        marks = ", ".join(f"{name} {value:.2f}" for name, value in self.marks.items())
        return f"<Report: score {self.score:.2f}; {marks}; {len(self.red_marks)} red marks>"

    def __str__(self) -> str:
        marks = [f"! {mark.why}. {mark.advice}" for mark in self.red_marks]
        lines = [
            self.verdict,
            *marks,
            "",
            f"{'':55s} {'value':>7s} {'95 %':^15s} {'real rows':>9s} {'p-value':>8s}",
        ]
        for metric in self.metrics:
            between = " - ".join(map(number, metric.interval or ()))
            lines.append(
                f"{metric.name:55s} {number(metric.value):>7s} {between:^15s} {number(metric.ceiling):>9s} "
                f"{number(metric.p_value):>8s}"
            )
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
    about: Mapping[str, str] | None = None,
    verbose: int = 0,
) -> Report:
    """Compare a synthetic table with the real one it imitates, whoever made it.

    Parameters
    ----------
    real : DataFrame of shape (n_real, n_columns), path, list of paths or Dask DataFrame
        The rows that the synthesizer was fitted to; frames may be of Polars, too. A path is a file
        (.csv or .parquet), a folder of such files, or a pattern. Also a URL of fsspec, such as
        "s3://bucket/rows.csv", or an open file, which are read into memory.
    synthetic : DataFrame of shape (n_synthetic, n_columns), path, list of paths or Dask DataFrame
        Rows with the same columns, in any order of columns.
    holdout : DataFrame of shape (n_holdout, n_columns), path, list of paths or Dask DataFrame, optional
        Real rows that the model has not seen: what they reach is the ceiling. Without it a fifth of `real`
        is split off, which says the same of fidelity and less of privacy: there is then no membership
        inference, and copies are judged by how often real rows are like each other.
    target : hashable, optional
        A column to predict from the others, for the utility of the rows.
    schema : Schema, optional
        What each column is; by default inferred from `real`.
    max_rows : int, default=500_000
        Of a table that is not a DataFrame in memory and has more rows, a random sample of so many is read and
        compared, in bounded memory, and the notes say so. Copies are then sought in the samples alone.
    random_state : int, optional
        Seed of the splits and subsamples; by default 0, so that two calls agree.
    about : mapping of str to str, optional
        What the head of the page says beside date, version and seed: "name" is its title; "model" or
        "command", say, stand below.
    verbose : int, default=0
        Whether to show a progress bar on the standard error stream.

    Returns
    -------
    Report

    Raises
    ------
    ValueError, TypeError
        If the tables cannot be compared; the message names the columns.

    Notes
    -----
    Each metric names its source in its docstring, and the documentation lists all of them. Metrics of the
    holdout stand beside those of the synthetic rows: no synthetic table need be better than that.

    Examples
    --------
    >>> from tabgan import evaluate, load_iris
    >>> flowers = load_iris().sample(frac=1, random_state=0)
    >>> report = evaluate(flowers[:60], flowers[60:120], holdout=flowers[120:], target="species")
    >>> list(report.marks)
    ['marginal', 'pairwise', 'joint', 'utility', 'privacy']
    """
    seed = 0 if random_state is None else int(random_state)
    sources = {"real": real, "synthetic": synthetic} | ({} if holdout is None else {"holdout": holdout})
    frames, sampled = in_memory(sources, max_rows, seed)
    check_tables(frames, target)
    real = frames["real"]
    schema = schema or Schema.infer(real)
    check_types(frames, schema, target)
    check_holdout(frames)
    n_real, n_synthetic = len(real), len(frames["synthetic"])
    notes = [f"{n_real:,} real and {n_synthetic:,} synthetic rows, {real.shape[1]} columns.", *sampled]
    frames, note = with_holdout(frames, seed)
    promise, of_promise = promise_of(synthetic)
    notes += [note, *of_promise]
    tables = Comparison(frames, schema, seed, unseen=holdout is not None, target=target)
    # The trees are small: several threads would mostly wait for each other (four times slower on two cores).
    with threadpool_limits(1, user_api="openmp"):
        head = {**facts(sources), "seed": str(seed), **dict(about or {})}
        return _report(tables, notes, head, promise, verbose)


def _report(
    tables: Comparison, notes: list[str], about: dict[str, Any], promise: dict[str, Any], verbose: int
) -> Report:
    """Compute all metrics and put the results together."""
    summary = summarize(tables, verbose)
    columns, pairs = (summary.results[name].details for name in ("marginal", "pairwise"))
    return Report(
        score=summary.score(),
        verdict=summary.verdict(),
        marks=summary.marks(),
        metrics=summary.metrics(),
        columns=columns,
        pairs=pairs,
        details=summary.details | promise,
        notes=[*notes, *summary.notes, "p-values of metrics are corrected once more, for their number."],
        red_marks=summary.red_marks,
        about=about,
        charts=draw(tables, columns, pairs, summary.details["copies"]),
    )
