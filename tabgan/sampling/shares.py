"""Given shares of the values of some columns: how many rows of each kind are to be drawn."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from tabgan.io.names import columns_like
from tabgan.sampling.column_conditions import AllOf, ColumnCondition, Missing, Not, OneOf
from tabgan.sampling.grammar import Grammar
from tabgan.sampling.ranges import Range
from tabgan.table.columns.categories import find_missing
from tabgan.table.constraints.base import Mask

Balance = Hashable | Mapping[Hashable, Any]
ROUNDS = 1000  # of raking, at most
CLOSE = 1e-9  # to shares that are met
MOST_CELLS = 4096  # kinds of rows


@dataclass(frozen=True)
class Class:
    """Some values of a column, and the share of the rows that has them."""

    said: str
    condition: ColumnCondition
    share: float


@dataclass(frozen=True)
class Shares:
    """The classes of one or several columns, those of each column apart from each other and of shares to 1.

    Parameters
    ----------
    classes : dict of column name to list of Class
    """

    classes: Mapping[Hashable, Sequence[Class]]

    @classmethod
    def read(cls, balance: Balance, grammar: Grammar) -> Shares:
        """Read what is asked: a column of which each category gets the same share, or shares by column.

        Raises
        ------
        ValueError
            If a column has no such values, or shares are no shares; the message says what is possible.
        """
        if not isinstance(balance, Mapping):
            return cls({balance: _equal(balance, grammar)})
        if not balance:
            raise ValueError("balance names no column; give shares, as in {'income': {'>50K': 0.4}}")
        shares = cls({name: _read(name, asked, grammar) for name, asked in balance.items()})
        if math.prod(map(len, shares.classes.values())) > MOST_CELLS:
            raise ValueError(f"balance asks for more than {MOST_CELLS:,} kinds of rows; name fewer values")
        return shares

    @property
    def is_joint(self) -> bool:
        """Whether shares of several columns are to be met together."""
        return len(self.classes) > 1

    def kinds(self) -> list[dict[Hashable, Class]]:
        """Give the classes of each kind of row: one of each column."""
        return [dict(zip(self.classes, kind, strict=True)) for kind in product(*self.classes.values())]

    def possible(self, check: Callable[[dict[Hashable, Class]], Any]) -> Shares:
        """Give equal shares to the classes of a column that `check` does not refuse.

        Raises
        ------
        ValueError
            That of the first class, if it refuses all.
        """
        [(name, classes)] = self.classes.items()
        possible, refused = [], []
        for each in classes:
            try:
                check({name: each})
            except ValueError as error:
                refused.append(error)
            else:
                possible.append(each)
        if not possible:
            raise refused[0]
        return Shares({name: [replace(each, share=1 / len(possible)) for each in possible]})

    def counts(self, n: int, pool: pd.DataFrame | None = None) -> NDArray[np.intp]:
        """Give how many of n rows are to be of each kind, so that the shares of every column are met exactly.

        Parameters
        ----------
        n : int
        pool : DataFrame, optional
            Rows of the model, needed where several columns have shares: the kinds of rows stay as frequent as
            they are there, as far as the shares allow (raking).

        Returns
        -------
        ndarray of int, shape (n_kinds,)

        Raises
        ------
        ValueError
            If no rows have these shares, since some values never come together.
        """
        margins = [
            _rounded(np.array([each.share for each in classes]), n) for classes in self.classes.values()
        ]
        if pool is None:
            return margins[0] if len(margins) == 1 else np.zeros(math.prod(map(len, margins)), dtype=np.intp)
        member = [
            np.array([each.condition.includes(pool[name]) for each in classes])
            for name, classes in self.classes.items()
        ]
        shape = tuple(map(len, margins))
        found = np.zeros(shape)
        for kind in np.ndindex(shape):
            found[kind] = np.all([of[place] for of, place in zip(member, kind, strict=True)], axis=0).sum()
        self._check(found > 0, margins, n)
        return _whole(_raked(found, margins), margins).ravel()

    def _check(self, possible: Mask, margins: list[NDArray[np.intp]], n: int) -> None:
        """Refuse shares that the kinds of rows that there are cannot have."""
        rows, wanted = _equations(possible.shape, margins)
        bounds = [(0, None if each else 0) for each in possible.ravel()]
        if linprog(np.zeros(possible.size), A_eq=rows, b_eq=wanted, bounds=bounds).status == 0:
            return
        start = 0
        for name, classes in self.classes.items():
            others = np.ones(len(rows), dtype=bool)
            others[start : start + len(classes)] = False
            for place, each in enumerate(classes):
                row, share = rows[start + place], wanted[start + place]
                for sign, word in ((-1, "at most"), (1, "at least")):
                    result = linprog(sign * row, A_eq=rows[others], b_eq=wanted[others], bounds=bounds)
                    if result.status == 0 and sign * (result.fun * sign - share) > CLOSE * n:
                        raise ValueError(
                            f"balance asks for a share {share / n:.3g} of {each.said} in column {name!r}; "
                            f"with the shares of the other columns, {word} {abs(result.fun) / n:.3g} is "
                            "possible, since some of their values never come together"
                        )
            start += len(classes)
        raise ValueError(
            f"the shares of the columns {', '.join(map(repr, self.classes))} cannot be met together, since "
            "some of their values never come together; balance fewer columns"
        )


def _equal(name: Hashable, grammar: Grammar) -> list[Class]:
    """Give the same share to each category of a column; none to missing values."""
    columns = grammar.table.columns_
    if isinstance(name, str) and name not in columns:
        raise ValueError(f"there is no column {name!r} to balance; {columns_like(name, columns)}")
    nominal = [each for each, column in columns.items() if column.categories is not None]
    if name not in nominal:
        raise ValueError(
            f"balance must be the name of a column of categories, {nominal}, or shares such as "
            f"{{'income': {{'>50K': 0.4}}}}, got {name!r}"
        )
    categories = columns[name].categories
    assert categories is not None
    present = categories[~find_missing(categories)].reset_index(drop=True)
    if not len(present):
        raise ValueError(f"column {name!r} held nothing but missing values; balance another one")
    return [
        Class(repr(value), OneOf(present.iloc[[place]].reset_index(drop=True)), 1 / len(present))
        for place, value in enumerate(present.astype(object).tolist())
    ]


def _read(name: Hashable, asked: Any, grammar: Grammar) -> list[Class]:
    """Read the shares of one column; what is left is the share of all other values."""
    pairs = list(asked.items()) if isinstance(asked, Mapping) else asked
    if (
        not isinstance(pairs, list)
        or not pairs
        or not all(isinstance(p, tuple) and len(p) == 2 for p in pairs)
    ):
        raise ValueError(
            f"column {name!r} needs shares by value, as in {{'>50K': 0.4}}, or a list of pairs of a value or "
            f"range and its share, got {asked!r}"
        )
    classes = []
    for value, share in pairs:
        if isinstance(share, bool) or not isinstance(share, numbers.Real) or not 0 <= float(share) <= 1:
            raise ValueError(
                f"the share of {value!r} in column {name!r} must lie between 0 and 1, got {share!r}"
            )
        classes.append(Class(_said(value), grammar.read(name, value), float(share)))
    total = sum(each.share for each in classes)
    if total > 1 + CLOSE:
        raise ValueError(f"the shares of column {name!r} sum to {total:.6g}; they must not exceed 1")
    _refuse_overlap(name, classes, grammar)
    if total < 1 - CLOSE:
        rest: ColumnCondition = AllOf([Not(each.condition) for each in classes])
        categories = grammar.table.columns_[name].categories
        if categories is not None:
            rest = OneOf(categories[rest.includes(categories)].reset_index(drop=True))
            if not len(rest.values):
                raise ValueError(
                    f"the shares of all values of column {name!r} sum to {total:.6g}, and there are no "
                    "others; they must sum to 1"
                )
        classes.append(Class("all other values", rest, 1 - total))
    return [each for each in classes if each.share > 0]


def _refuse_overlap(name: Hashable, classes: Sequence[Class], grammar: Grammar) -> None:
    """Refuse classes that have a value in common."""
    column = grammar.table.columns_[name]
    probe = column.categories
    if probe is None:  # what codes all over the scale decode to
        kinds = column.blocks()
        levels = np.linspace(-1, 1, MOST_CELLS, dtype=np.float32)
        codes = np.column_stack([levels if kind == "scalar" else np.zeros(MOST_CELLS) for kind, _ in kinds])
        probe = column.inverse_transform(codes.astype(np.float32), np.random.default_rng(0))
    member = np.array([each.condition.includes(probe) for each in classes])
    missing = np.array([isinstance(each.condition, Missing) for each in classes])
    if (member.sum(axis=0) > 1).any() or missing.sum() > 1:
        one, other = np.flatnonzero(member[:, int(member.sum(axis=0).argmax())])[:2]
        raise ValueError(
            f"column {name!r} has values that are in two classes of balance, {classes[one].said} and "
            f"{classes[other].said}; let them not overlap"
        )


def _said(value: Any) -> str:
    return str(Range.of(value) or "") or repr(value)


def _rounded(shares: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Give whole numbers that sum to n in proportion to shares, by the largest remainders."""
    exact = shares / shares.sum() * n
    counts = np.floor(exact + CLOSE).astype(np.intp)
    counts[np.argsort(counts - exact, kind="stable")[: n - counts.sum()]] += 1
    return counts


def _raked(found: NDArray[np.float64], margins: list[NDArray[np.intp]]) -> NDArray[np.float64]:
    """Fit a table to sums along each axis, its odds ratios kept (Deming and Stephan 1940)."""
    fitted = found.astype(float)
    for _ in range(ROUNDS):
        before = fitted.copy()
        for axis, margin in enumerate(margins):
            others = tuple(each for each in range(fitted.ndim) if each != axis)
            sums = fitted.sum(axis=others)
            factor = np.divide(margin, sums, out=np.zeros(len(sums)), where=sums > 0)
            fitted *= factor.reshape([-1 if each == axis else 1 for each in range(fitted.ndim)])
        if np.abs(fitted - before).max() < CLOSE * max(fitted.sum(), 1):
            break
    return fitted


def _whole(fitted: NDArray[np.float64], margins: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Round a table so that its sums along each axis are exactly the margins."""
    rows, wanted = _equations(fitted.shape, margins)
    low = np.floor(fitted.ravel() + CLOSE)
    high = np.where(fitted.ravel() > 0, low + 1, 0)
    for upper in (high, np.where(fitted.ravel() > 0, float(wanted.sum()), 0)):
        result = milp(
            low - fitted.ravel(),
            constraints=LinearConstraint(rows, wanted, wanted),
            integrality=np.ones(fitted.size),
            bounds=Bounds(low if upper is high else np.zeros(fitted.size), upper),
        )
        if result.status == 0:
            return np.rint(result.x).astype(np.intp)
    raise ValueError("the shares cannot be met in whole rows; draw more rows or balance fewer columns")


def _equations(
    shape: tuple[int, ...], margins: list[NDArray[np.intp]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the sums along each axis as equations on the entries: coefficients, and what they must be."""
    places = np.indices(shape).reshape(len(shape), -1)
    rows = [places[axis] == k for axis, margin in enumerate(margins) for k in range(len(margin))]
    return np.array(rows, dtype=float), np.concatenate(margins).astype(float)
