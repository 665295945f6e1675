"""Columns that are the sum of others, or add up to a constant, found by least squares."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.numbers import as_floats
from tabgan.table.constraints.constant_sum import ConstantSum
from tabgan.table.constraints.sums import Sum, tolerance_of

LOOK = 2000  # rows in which a constraint must hold first, before all are asked
LEAST_ROWS = 30  # rows that a constraint needs as evidence
WHOLE = 1000.0  # stands for a constant; a great one, so that it is not spread over several sums
LARGEST = 1e150  # numbers of sums that are looked for
NEARLY = 1e-7  # that parts of a constant may be off, as those are that were rounded


def totals(table: TableFacts) -> Iterator[Sum]:
    """Totals, by least squares on some rows: weights of 0 and 1 and nothing left over."""
    names = [name for name, facts in table.items() if _can_be_summed(facts)]
    if len(names) < 3:
        return
    numbers = _complete(table, names)
    if len(numbers) < LEAST_ROWS + len(names):
        return
    rows = numbers[np.linspace(0, len(numbers) - 1, min(LOOK, len(numbers))).astype(int)]
    bound = _dependent(rows, tolerance_of(table.frame[name].dtype for name in names))
    used: set[Hashable] = set()
    for place in bound:
        total = names[place]
        others = [k for k in bound if k != place and names[k] not in used]
        scale = np.abs(rows[:, others]).max(axis=0) + 1e-300
        weights = np.linalg.lstsq(rows[:, others] / scale, rows[:, place], rcond=None)[0] / scale
        parts = [k for k, weight in zip(others, weights, strict=True) if abs(weight - 1) < 1e-3]
        if len(parts) < 2:
            continue
        constraint = Sum([names[k] for k in parts], total)
        several, n = int(((numbers[:, parts] != 0).sum(axis=1) > 1).sum()), len(table.frame)
        if several >= LEAST_ROWS and constraint.check(table.frame).all():
            used.add(total)
            yield replace(constraint, evidence=f"two parts or more are not zero in {several:,} of {n:,} rows")


def constant_sums(table: TableFacts, totals: Collection[Hashable] = ()) -> Iterator[ConstantSum]:
    """Parts of a constant, none of them a total: columns of which one falls by as much as the others rise."""
    names = [name for name, facts in table.items() if _can_be_summed(facts) and name not in totals]
    rows = _complete(table, names)[:LOOK]
    names = (
        [name for name, varies in zip(names, np.ptp(rows, axis=0), strict=True) if varies]
        if len(rows)
        else []
    )
    rows = _complete(table, names)
    if len(names) < 2 or len(rows) < LEAST_ROWS + len(names):
        return
    rows = rows[np.linspace(0, len(rows) - 1, min(LOOK, len(rows))).astype(int)]
    one = np.full((len(rows), 1), WHOLE)
    bound = _dependent(np.column_stack([rows, one]), NEARLY)
    left = [place for place in bound if place < len(names)] if len(names) in bound else []
    while len(left) > 1:
        place, *others = left
        weights = np.linalg.lstsq(np.column_stack([rows[:, others], one]), rows[:, place], rcond=None)[0]
        same = [k for k, weight in zip(others, weights[:-1], strict=True) if abs(weight + 1) < 1e-3]
        left = [k for k in others if k not in same]
        parts = sorted(
            [place, *same], key=lambda k: np.abs(rows[:, k]).mean()
        )  # the greatest is what remains
        total = float(f"{np.median(rows[:, parts].sum(axis=1)):.6g}")
        several, n = int(((rows[:, parts] != 0).sum(axis=1) > 1).sum()), len(rows)
        constraint = ConstantSum([names[k] for k in parts], total) if same else None
        if constraint is not None and several >= LEAST_ROWS and constraint.check(table.frame).all():
            text = f"two parts or more are not zero in {several:,} of {n:,} rows looked at"
            yield replace(constraint, evidence=text)


def _complete(table: TableFacts, names: Sequence[Hashable]) -> NDArray[np.float64]:
    """Give the numbers of some columns in rows that miss none, shape (n, n_names)."""
    if not names:
        return np.zeros((0, 0))
    numbers = np.column_stack([table[name].floats for name in names])
    return numbers[np.isfinite(numbers).all(axis=1)]


def _dependent(rows: NDArray[np.float64], tolerance: float = 1e-9) -> list[int]:
    """Which columns are linear in others: those that occur where a weighted sum of all is zero."""
    scale = np.abs(rows).max(axis=0)
    there = np.flatnonzero(scale)
    triangle = np.linalg.qr(rows[:, there] / scale[there], mode="r")  # quicker to decompose, and alike
    _, values, directions = np.linalg.svd(triangle)
    free = directions[values < tolerance * values.max(initial=0.0)]
    return [int(k) for k in there[(np.abs(free) > 1e-6).any(axis=0)]]


def _can_be_summed(facts: ColumnFacts) -> bool:
    decimals = facts.number_format is not None and facts.number_format.content == "decimal"
    return is_number(facts) and not decimals and not is_flag(facts) and _is_moderate(facts.floats)


def _is_moderate(numbers: NDArray[np.float64]) -> bool:
    """Whether sums and squares of numbers stay numbers."""
    return bool(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0) < LARGEST)


def is_number(facts: ColumnFacts) -> bool:
    """Whether a column holds numbers, in a dtype of theirs."""
    return facts.column.dtype != object and facts.family == "numbers"


def is_flag(facts: ColumnFacts) -> bool:
    """Whether a column holds zeros and ones, or truth values; their codes are then 0 and 1."""
    if facts.column.dtype == object or facts.family not in ("numbers", "truth values"):
        return False
    return not facts.missing.any() and as_floats(facts.categories).tolist() == [0, 1]
