"""Do single values come back?  Keys, names and outliers that one or two real rows hold, column by column."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.evaluation.comparison import Comparison, learned
from tabgan.evaluation.metrics.neighbours import repeats
from tabgan.evaluation.result import Metric, MetricResult, RedMark
from tabgan.evaluation.uncertainty import SIGNIFICANT, holm, interval, more_often, share_error
from tabgan.table.columns.categories import spell

RARE = 2  # real rows that may hold a value that counts as somebody's own
TAIL = 0.02  # share of the lowest, and of the highest, real numbers that count as extreme,
MIN_TAIL = 20  # and their least number
MAX_ROWS = 200_000  # of each table
MAX_NAMED = 5  # columns with a red mark of their own
RARE_LINE = "Rare values shared with real rows, worst column"
EXTREME_LINE = "Extreme values shared with real rows, worst column"

Array = NDArray[Any]


@dataclass(frozen=True)
class ValueRow:
    """How many of a column's values are those of single real rows.

    Attributes
    ----------
    column : hashable
        Its name.
    kind : str
        What the schema takes it for.
    which : {"all", "lowest", "highest"}
        Which values were looked at; lowest and highest: those as far out as the outermost real ones.
    share : float
        Share of these synthetic values that one or two training rows hold.
    usual : float
        The share of fresh real values that they hold.
    n, n_usual : int
        How many synthetic and how many fresh values were looked at.
    p_value : float
        Of the one-sided test that synthetic values are found no more often than fresh ones; corrected by
        Holm's method for the number of columns and of tests.
    """

    column: Hashable
    kind: str
    which: str
    share: float
    usual: float
    n: int
    n_usual: int
    p_value: float


def shared_values(tables: Comparison) -> MetricResult:
    """Ask of every column, keys and texts too, whether its rare or extreme values are those of real rows."""
    rows = [row for column in tables.schema for row in compare_values(tables, column)]
    adjusted = holm([row.p_value for row in rows]) if rows else []
    rows = [replace(row, p_value=p_value) for row, p_value in zip(rows, adjusted, strict=True)]
    lines = [
        (RARE_LINE, False, "keys, names, exact amounts: share of its values that one or two real rows hold"),
        (EXTREME_LINE, True, "the same of its values that are as far out as the outermost real ones"),
    ]
    metrics, red_marks = [], {}
    for name, is_extreme, caption in lines:
        of_kind = sorted((row for row in rows if (row.which != "all") == is_extreme), key=_suspicion)
        if of_kind:
            metrics.append(_line(name, of_kind[0], caption))
            leaks = [row for row in of_kind if row.p_value < SIGNIFICANT]
            red_marks[name] = [_red_mark(row) for row in leaks[:MAX_NAMED]]
    n = min(MAX_ROWS, tables.n_rows(*learned(tables)))
    note = f"Values: up to {n:,} rows of each table, all columns; p-values are corrected by Holm's method."
    return MetricResult(metrics, rows, note, red_marks)


def _suspicion(row: ValueRow) -> tuple[float, float]:
    return row.p_value, row.usual - row.share


def _line(name: str, worst: ValueRow, caption: str) -> Metric:
    limits = interval(worst.share, share_error(worst.share, worst.n))
    caption = f"{worst.column}: {caption}"
    return Metric("privacy", name, worst.share, limits, worst.usual, worst.p_value, "near real", caption)


def _red_mark(row: ValueRow) -> RedMark:
    looked_at = "values" if row.which == "all" else f"{row.which} values"
    why = (
        f"column {row.column!r} gives real values back ({row.share:.1%} of its {looked_at} are held by one "
        f"or two real rows; of those of fresh real rows, {row.usual:.1%})"
    )
    if row.kind in ("identifier", "text"):
        advice = f"Drop {row.column!r}, or have its values made anew instead of drawn from the real ones."
    elif row.kind == "categorical":
        advice = f"Fit with value protection, or drop {row.column!r} if its values name persons."
    elif row.which == "all":
        advice = f"Round {row.column!r} before fitting, or drop it if its values name persons."
    else:
        advice = f"Fit with value protection, or cap the outermost values of {row.column!r} before."
    return RedMark("privacy", why, advice)


def compare_values(tables: Comparison, column: Hashable) -> list[ValueRow]:
    """Test the values of one column; numbers also where they are extreme.

    Training rows, synthetic rows and fresh ones are compared value by value. A value of one or two training
    rows is somebody's own; fresh rows hold it only by chance, and no more synthetic rows should (Fisher's
    exact test, one-sided). If no holdout was kept from the model, all real rows stand for fresh ones, each
    looked up among the others.
    """
    real, other, fresh = _readings(tables, column)
    n_codes = 1 + max(int(codes.max(initial=-1)) for codes, _ in (real, other, fresh))
    counts = np.bincount(real[0], minlength=n_codes)
    own = 0 if tables.unseen else 1  # a real row does not count for itself
    found, usual = (_is_rare(counts, other[0], 0), _is_rare(counts, fresh[0], own))
    effect = 1.0 if tables.unseen else repeats(counts[counts <= RARE + own])
    kind = tables.schema[column].kind
    rows = [_tested(column, kind, "all", found, usual, effect)]
    if column in tables.numeric and len(real[1]) > 2 * MIN_TAIL:
        low, high = _tails(real[1])
        lowest, highest = found[other[1] < low], found[other[1] > high]
        rows.append(_tested(column, kind, "lowest", lowest, usual[fresh[1] < low], effect))
        rows.append(_tested(column, kind, "highest", highest, usual[fresh[1] > high], effect))
    return [row for row in rows if row.n and row.n_usual]


def _is_rare(counts: NDArray[np.intp], codes: NDArray[np.intp], own: int) -> NDArray[np.bool_]:
    """Which codes are those of few real rows; `own` is how often a row's code counts for itself."""
    times = counts[codes] - own
    return (times > 0) & (times <= RARE)


def _tails(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """The bounds of the numbers that are not extreme."""
    ordered, k = np.sort(numbers), max(MIN_TAIL, int(TAIL * len(numbers)))
    return float(ordered[k]), float(ordered[-k - 1])


def _tested(column: Hashable, kind: str, which: str, found: Array, usual: Array, effect: float) -> ValueRow:
    """The row of these values: which of the synthetic and of the fresh ones were found."""
    p_value = more_often(found.sum(), len(found), usual.sum() / effect, len(usual) / effect)
    share, fresh = (float(some.mean()) if len(some) else 0.0 for some in (found, usual))
    return ValueRow(column, kind, which, share, fresh, len(found), len(usual), p_value)


def _readings(tables: Comparison, column: Hashable) -> list[tuple[NDArray[np.intp], Array]]:
    """Of the training, the synthetic and the fresh rows: codes of the values present, and the values."""
    rng, sides = tables.rng(), [learned(tables), ["synthetic"], *([["holdout"]] if tables.unseen else [])]
    readings = []
    for names in sides:
        present = np.concatenate([_present(tables, column, name) for name in names])
        readings.append(present[rng.permutation(len(present))[:MAX_ROWS]])
    if column in tables.numeric and (np.rint(readings[0]) != readings[0]).any():
        # What passed through a float32 in one table alone is no other value.
        readings = [numbers.astype(np.float32) for numbers in readings]
    codes = pd.factorize(np.concatenate(readings))[0]
    parts = np.split(codes, np.cumsum([len(present) for present in readings])[:-1])
    pairs = list(zip(parts, readings, strict=True))
    return pairs if tables.unseen else [*pairs, pairs[0]]


def _present(tables: Comparison, column: Hashable, name: str) -> Array:
    """The values of a table's column that are not missing, as numbers or as texts."""
    if column in tables.numeric:
        numbers = tables.values[name][column]
        return numbers[~np.isnan(numbers)] + 0.0  # -0.0 becomes 0.0
    series = tables.frames[name][column]
    texts: Array = spell(series)[~series.isna().to_numpy(dtype=bool)]
    return texts
