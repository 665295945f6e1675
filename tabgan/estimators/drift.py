"""How new rows differ from those that a model has learned: in categories, ranges and distributions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tabgan.table import ColumnType, Constraint, TableTransformer
from tabgan.table.columns.categories import find_missing, value_keys
from tabgan.table.columns.numbers import as_floats

COLUMNS = ("column", "change", "known", "new", "share")
FAR, SURE = 0.1, 1e-4  # distance of two distributions, and the probability that chance brings it
OFTEN = 3.0  # times as many numbers outside the range as were beyond it before


def changes_of(
    before: TableTransformer,
    own: pd.DataFrame,
    rows: pd.DataFrame,
    least: int,
    broken: Iterable[tuple[Constraint, float]] = (),
) -> pd.DataFrame:
    """List what is new.

    Parameters
    ----------
    before : TableTransformer
        Of the model.
    own : DataFrame of shape (n, n_columns)
        Rows of the model.
    rows : DataFrame of shape (m, n_columns)
        New ones.
    least : int
        So many records must hold a value for it to be learned.
    broken : iterable of (Constraint, float)
        Constraints that held before, with the share of the new rows that break them.

    Returns
    -------
    DataFrame
        A row for each change: the column, or those of a constraint; "new categories", "wider range", "other
        distribution" or "broken constraint"; what was known and what is new; and the share of the new rows
        that have it, or the distance between both distributions.
    """
    changes: list[tuple[Any, ...]] = [
        (", ".join(map(str, constraint.columns)), "broken constraint", "it held", str(constraint), share)
        for constraint, share in broken
    ]
    for name, column in before.columns_.items():
        if column.is_generated:
            continue
        changes += [
            (name, *change)
            for change in (_new_values(column, rows[name], least), _drift(column, own[name], rows[name]))
            if change is not None
        ]
    return pd.DataFrame(changes, columns=list(COLUMNS))


def _new_values(column: ColumnType, rows: pd.Series, least: int) -> tuple[Any, ...] | None:
    """Give the categories that are new, or the range if more numbers than usual lie outside it."""
    missing = find_missing(rows)
    if column.categories is not None:
        known = set(value_keys(column.categories))
        is_new = np.array([key not in known for key in value_keys(rows)], dtype=bool)
        if not is_new.any():
            return None
        counts = rows[is_new].astype(object).where(~missing[is_new], None).value_counts(dropna=False)
        often = [value for value, count in counts.items() if count >= least]
        rare = f"{len(counts) - len(often)} that too few records hold to be learned"
        new = ", ".join([*map(repr, often), *[rare] * (len(often) < len(counts))])
        return "new categories", f"{len(known)} categories", new, float(is_new.mean())
    if missing.any() and not column.can_be_missing():
        return "new categories", "no missing values", "None", float(missing.mean())
    bounds = column.bounds()
    if bounds is None or missing.all():
        return None
    numbers = as_floats(column.ordered(rows[~missing]))
    low, high = as_floats(column.ordered(pd.Series(list(bounds))))
    outside = (numbers < low) | (numbers > high)
    usual = getattr(column, "outer_", 0.0)  # at each end
    if outside.mean() <= OFTEN * usual or not outside.any():
        return None
    ordered = rows[~missing].iloc[[int(np.argmin(numbers)), int(np.argmax(numbers))]].tolist()
    return (
        "wider range",
        f"{bounds[0]} to {bounds[1]}",
        f"{ordered[0]} to {ordered[1]}",
        float(outside.mean()),
    )


def _drift(column: ColumnType, own: pd.Series, rows: pd.Series) -> tuple[Any, ...] | None:
    """Give the distance of two distributions, if it is large and no chance."""
    if column.categories is None:
        one, other = (as_floats(column.ordered(values[~find_missing(values)])) for values in (own, rows))
        one, other = one[~np.isnan(one)], other[~np.isnan(other)]
        if not len(one) or not len(other):
            return None
        test = stats.ks_2samp(one, other, method="asymp")
        if test.statistic < FAR or test.pvalue > SURE:
            return None
        middle = [f"median {np.median(values):g}" for values in (one, other)]
        return "other distribution", *middle, float(test.statistic)
    shares = [
        pd.Series(value_keys(values), dtype=object).astype(str).value_counts(normalize=True)
        for values in (own, rows)
    ]
    difference = shares[1].sub(shares[0], fill_value=0)
    distance = float(difference.abs().sum() / 2)
    spread = float(np.sqrt(len(difference) / min(len(own), len(rows))))
    if distance < max(FAR, spread):
        return None
    most = difference.abs().idxmax()
    shown = [f"{most}: {share.get(most, 0):.1%}" for share in shares]
    return "other distribution", *shown, distance


def warn_of(changes: pd.DataFrame) -> None:
    """Warn of values that a model had not seen; other distributions are only listed."""
    new = changes[changes["change"] != "other distribution"]
    if len(new):
        said = "; ".join(
            f"{row.column}: {row.change} ({row.new:.60}, {row.share:.1%})" for row in new.itertuples()
        )
        warnings.warn(
            f"the new rows hold values that the model had not learned: {said}; see `changes_`",
            UserWarning,
            stacklevel=3,
        )
