"""The constraints of a table: what they learn of it, what the networks see of it, and which rows obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.names import columns_like
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.strings import find_pattern
from tabgan.table.columns.time_pattern import TimePattern
from tabgan.table.constraints.base import Comparison, Constraint, Includes, Mask
from tabgan.table.constraints.inequality import Inequality
from tabgan.table.constraints.parse import constraint_from_dict
from tabgan.table.schema import Schema

SHOWN = 3  # columns that an error shows of a row, if a constraint does not say which it speaks of


class ConstraintSet:
    """Constraints that all rows of a table obey; with none, every row does.

    Each constraint that rows can be built by, and that gives the training table exactly back, changes the
    frame before it is encoded, and undoes the change after decoding. All others are left to whoever samples,
    by `check`.

    Parameters
    ----------
    constraints : sequence of Constraint
    built_in : sequence of Constraint, optional
        Those that change the frame, in this order, if all have learned their table; None if none has.
    """

    def __init__(
        self, constraints: Sequence[Constraint] = (), built_in: Sequence[Constraint] | None = None
    ) -> None:
        self.constraints = tuple(constraints)
        self.is_fitted = built_in is not None
        self.built_in = tuple(built_in or ())

    def __len__(self) -> int:
        return len(self.constraints)

    def __iter__(self) -> Iterator[Constraint]:
        return iter(self.constraints)

    def fit(self, table: TableFacts, schema: Schema) -> ConstraintSet:
        """Give the set with what it learns of a table; one that has learned already is of this table.

        Raises
        ------
        ValueError
            If a constraint speaks of a column that is not in the table, or a row breaks it.
        """
        if self.is_fitted:
            return self
        _refuse_absent(self.constraints, table.frame)
        asked = [each.learn(table) if isinstance(each, Inequality) else each for each in self.constraints]
        _refuse_letters(asked, table)
        _refuse_broken(asked, table.frame)
        _refuse_generated(asked, schema)
        learned = [constraint.learn(table) for constraint in self.constraints]
        return ConstraintSet(learned, build_in(learned, table.frame))

    def forward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give what the networks see of a frame."""
        for constraint in self.built_in:
            frame = constraint.forward(frame)
        return frame

    def backward(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Undo `forward`, but for the order of columns."""
        for constraint in reversed(self.built_in):
            frame = constraint.backward(frame)
        return frame

    def translate(
        self, conditions: Mapping[Hashable, Includes], encoded: Collection[Hashable]
    ) -> tuple[dict[Hashable, pd.Series], set[Hashable]]:
        """Find what conditions on columns come down to, where one column is learned for several.

        Returns
        -------
        values : dict of column name to Series
            The values that columns in `encoded` (those that the networks see) may have.
        replaced : set of column names
            Those whose conditions are thereby taken care of.
        """
        values: dict[Hashable, pd.Series] = {}
        replaced: set[Hashable] = set()
        for constraint in self.built_in:
            concerned = {name: conditions[name] for name in constraint.columns if name in conditions}
            for name, possible in constraint.translate(concerned).items() if concerned else ():
                if name not in encoded:  # another constraint derives it
                    continue
                if possible.empty:
                    names = ", ".join(map(repr, concerned))
                    raise ValueError(
                        f"columns {names} never held such values together in training: {constraint}"
                    )
                values[name] = possible
                replaced |= concerned.keys()
        return values, replaced

    def settle(
        self, frame: pd.DataFrame, fixed: Collection[Hashable] = (), loose: Collection[Hashable] = ()
    ) -> pd.DataFrame:
        """Correct rows that break constraints, where that can be, but for the columns `fixed`.

        Those in `loose` are changed where nothing else can be, and so are columns that several constraints
        speak of.
        """
        for constraint in sorted(self.constraints, key=lambda each: not each.settles):
            held = {*fixed, *loose}
            if constraint.settles:
                others = {
                    name for each in self.constraints if each is not constraint for name in each.columns
                }
                choices = ({*held, *others}, {*fixed, *others}, held, set(fixed))
                held = next((each for each in choices if set(constraint.columns) - each), held)
            frame = constraint.settle(frame, held)
        return frame

    def refuse_broken(self, frame: pd.DataFrame) -> None:
        """Raise a ValueError that names the first constraint on single rows that one of n rows breaks."""
        _refuse_broken([each for each in self.constraints if each.row_by_row], frame)

    def check(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows obey all constraints on single rows, shape (n,)."""
        mask = np.ones(len(frame), dtype=bool)
        for constraint in self.constraints:
            if constraint.row_by_row:
                mask &= constraint.check(frame)
        return mask

    def to_dict(self) -> dict[str, Any]:
        """Give the set as JSON-able data."""
        order = [self.constraints.index(constraint) for constraint in self.built_in]
        return {"constraints": [constraint.to_dict() for constraint in self.constraints], "built_in": order}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ConstraintSet:
        """Undo `to_dict`."""
        constraints = [constraint_from_dict(item) for item in data["constraints"]]
        return cls(constraints, [constraints[place] for place in data["built_in"]])


def build_in(constraints: Sequence[Constraint], frame: pd.DataFrame) -> list[Constraint]:
    """Find which constraints can change a frame and give it back, in the order in which they do.

    One that derives a column goes before those that need it no more: of a <= b <= c, c first.
    """
    built_in: list[Constraint] = []
    waiting = list(constraints)
    while waiting:
        users = Counter(name for constraint in waiting for name in set(constraint.columns))
        ready = [c for c in waiting if all(users[name] == 1 for name in _derived(c, frame))]
        constraint = (ready or waiting)[0]
        waiting.remove(constraint)
        if _derived(constraint, frame):
            changed = constraint.forward(frame)
            if constraint.is_exact or _comes_back(constraint, changed, frame):
                built_in.append(constraint)
                frame = changed
    return built_in


def _derived(constraint: Constraint, frame: pd.DataFrame) -> tuple[Hashable, ...]:
    return constraint.derived(frame) if all(name in frame.columns for name in constraint.columns) else ()


def _comes_back(constraint: Constraint, changed: pd.DataFrame, frame: pd.DataFrame) -> bool:
    """Whether a constraint undoes its change, but for values that are protected."""
    known = constraint.check(frame)
    return _alike(constraint.backward(changed)[known], frame[known], constraint.columns)


def _alike(frame: pd.DataFrame, other: pd.DataFrame, names: Sequence[Hashable]) -> bool:
    """Whether some columns of two frames hold the same, but for the last digits of floats."""
    frame, other = _with_one_null(frame[list(names)]), _with_one_null(other[list(names)])
    try:
        pd.testing.assert_frame_equal(frame, other, rtol=1e-9, atol=0)
    except AssertionError:
        return False
    return True


def _with_one_null(frame: pd.DataFrame) -> pd.DataFrame:
    """None for whatever stands in columns of objects for a missing value."""
    objects = frame.columns[[dtype == np.dtype(object) for dtype in frame.dtypes]]
    changed = frame.copy()
    changed[objects] = frame[objects].where(frame[objects].notna(), None)
    return changed


def _refuse_generated(constraints: Iterable[Constraint], schema: Schema) -> None:
    """Keys are generated newly for each sample, so that constraints on their values would be broken."""
    for constraint in constraints:
        for name in constraint.columns if constraint.row_by_row else ():
            if schema[name].column_type.is_generated:
                raise ValueError(
                    f"constraint {constraint}: column {name!r} holds keys or text, newly generated; "
                    f'leave the constraint out, or say columns={{{name!r}: "categorical"}}'
                )


def _refuse_absent(constraints: Iterable[Constraint], frame: pd.DataFrame) -> None:
    """Raise a ValueError for the first constraint that names an unknown column."""
    for constraint in constraints:
        if absent := [name for name in constraint.columns if name not in frame.columns]:
            raise ValueError(
                f"constraint {constraint}: there is no column {absent[0]!r}; "
                f"{columns_like(absent[0], frame.columns)}"
            )


def _refuse_letters(constraints: Iterable[Constraint], table: TableFacts) -> None:
    """Raise a ValueError where strings would be compared whose letters say another order than they mean."""
    for constraint in constraints:
        for name in constraint.compared if isinstance(constraint, Comparison) else ():
            facts = table[name]
            if isinstance(facts.column.dtype, pd.CategoricalDtype):  # these have an order, or none
                continue
            texts = sorted(value for value in facts.categories.astype(object) if isinstance(value, str))
            found = None if facts.reading else find_pattern(texts)
            pattern = facts.reading.number_format.pattern if facts.reading else found and found[0]
            if not pattern:
                continue
            numbers, fits = pattern.read(texts)
            if (np.diff(numbers[fits]) < 0).any():
                is_time = isinstance(pattern, TimePattern)
                what, remedy = ("times", "pd.to_datetime") if is_time else ("numbers", "pd.to_numeric")
                raise ValueError(
                    f"constraint {constraint} compares column {name!r} by its letters, and the {what} that "
                    f"it writes are in another order: convert it first, for example by {remedy}"
                )


def asked_of_training(constraint: Constraint) -> Constraint:
    """Give a constraint as training rows must obey it.

    An order is asked as it has learned how strings write times; others as if they had learned nothing, since
    that leaves out rare values.
    """
    return constraint if isinstance(constraint, Inequality) else replace(constraint, learned=None)


def _refuse_broken(constraints: Iterable[Constraint], frame: pd.DataFrame) -> None:
    """Raise a ValueError for the first constraint that a row breaks."""
    for constraint in constraints:
        try:
            broken = np.flatnonzero(~asked_of_training(constraint).check(frame))
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"constraint {constraint} cannot be asked of columns of these dtypes: {error}; "
                "convert them first"
            ) from error
        if len(broken):
            columns = list(constraint.columns) or list(frame.columns[:SHOWN])
            example = frame.iloc[broken[0]][columns].to_dict()
            raise ValueError(
                f"constraint {constraint} is broken by {len(broken):,} of {len(frame):,} training rows, for "
                f"example row {broken[0]}: {example}; correct or drop these rows, or leave the constraint out"
            )
