"""Which rules rows can be built by, and which a training table has that cost nothing."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import pandas as pd

from tabgan.table.constraints import FixedCombinations, Inequality
from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.discovery import suggest_constraints
from tabgan.table.inference import MANY_LEVELS
from tabgan.table.schema import Schema

MOST_COLUMNS = 200  # of wider tables no rules are looked for


def discover_constraints(
    frame: pd.DataFrame, schema: Schema, declared: Collection[Hashable] = ()
) -> list[Constraint]:
    """Give the rules of a training table that samples can be built by and that cost nothing.

    Of those that `suggest_constraints` finds these are sums, one-hot groups, orders of points in time, and
    columns that follow from one of numbers, or from one whose levels are all learned anyway. None is on a
    column that was `declared`.
    """
    if len(frame.columns) > MOST_COLUMNS:
        return []
    found = [
        rule.learn(frame) for rule in suggest_constraints(frame) if not set(rule.columns) & set(declared)
    ]
    return build_in([rule for rule in found if _costs_nothing(rule, schema, frame)], frame)[0]


def _costs_nothing(rule: Constraint, schema: Schema, frame: pd.DataFrame) -> bool:
    if isinstance(rule, FixedCombinations):
        name, decides, *_ = rule.learned
        return decides and (rule.on_a_scale or frame[name].nunique() <= MANY_LEVELS)
    return not isinstance(rule, Inequality) or {schema[name].kind for name in rule.columns} == {"datetime"}


def build_in(rules: Sequence[Constraint], frame: pd.DataFrame) -> tuple[list[Constraint], pd.DataFrame]:
    """Which rules change the frame, in which order, and what becomes of it.

    A rule that hides a column goes before those that need it to be there no more: of a <= b <= c, c first.
    """
    built: list[Constraint] = []
    waiting = list(rules)
    while waiting:
        needed = [
            {name for other in waiting if other is not rule for name in other.columns} for rule in waiting
        ]
        ready = [r for r, names in zip(waiting, needed, strict=True) if not names & set(_hides(r, frame))]
        rule = (ready or waiting)[0]
        waiting = [other for other in waiting if other is not rule]
        if _hides(rule, frame):
            changed = rule.forward(frame)
            if _alike(rule.backward(changed), frame):
                built.append(rule)
                frame = changed
    return built, frame


def _hides(rule: Constraint, frame: pd.DataFrame) -> tuple[Hashable, ...]:
    return rule.hides(frame) if all(name in frame.columns for name in rule.columns) else ()


def _alike(frame: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two frames hold the same, but for the order of columns and the last digits of floats."""
    try:
        pd.testing.assert_frame_equal(
            _with_one_null(frame[list(other.columns)]), _with_one_null(other), rtol=1e-9, atol=0
        )
    except AssertionError:
        return False
    return True


def _with_one_null(frame: pd.DataFrame) -> pd.DataFrame:
    """None for whatever says in columns of objects that a cell is missing."""
    objects = frame.columns[[dtype == np.dtype(object) for dtype in frame.dtypes]]
    changed = frame.copy()
    changed[objects] = frame[objects].where(frame[objects].notna(), None)
    return changed
