"""Constraints that every row of a table obeys and that chance does not explain."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.written_times import form_of, has_zone
from tabgan.table.constraints import FixedCombinations, Inequality, MissingTogether, OneHotGroup
from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.constraint_set import ConstraintSet, build_in
from tabgan.table.constraints.finding_sums import (
    LEAST_ROWS,
    LOOK,
    constant_sums,
    is_flag,
    is_number,
    totals,
)
from tabgan.table.inference import GENERATED_KINDS, MANY_CATEGORIES, kind_of
from tabgan.table.schema import Schema, check_names

TIMES = ("times", "times with a zone", "lengths of time")
MOST_COLUMNS = 200  # wider tables are not looked through for `constraints="auto"`
CHANCE = 1e-6  # greatest probability that any suggestion would hold of unrelated columns
REPEATED = 5  # rows a category, on average, for others to follow from it


def suggest_constraints(df: pd.DataFrame) -> list[Constraint]:
    """Find constraints that hold in every row of a table, to be passed on as ``TabGAN(constraints=...)``.

    Looked for are columns that follow from another one, columns of which exactly one is set, columns that
    are the sum of others or add up to a constant, columns that are missing in the same rows, and columns that
    are never above another. A constraint is left out if columns
    without any relation could obey it by chance (with a probability of more than one in a million, all
    constraints that were tried taken together), or if the ranges of the columns alone imply it. One that has
    rare exceptions in the world may still hold in all rows of the table.

    Parameters
    ----------
    df : DataFrame of shape (n_rows, n_columns)

    Returns
    -------
    list of Constraint
        Each with its `evidence`, in words.

    Raises
    ------
    TypeError
        If `df` is not a DataFrame.
    ValueError
        If columns have the same name.

    Examples
    --------
    >>> city = ["Bonn", "Lyon", "Nice"] * 20
    >>> frame = pd.DataFrame({"city": city, "country": ["DE", "FR", "FR"] * 20, "x": range(60)})
    >>> [str(constraint) for constraint in suggest_constraints(frame)]
    ['fixed combinations of city, country']
    """
    check_names(df)
    return _suggested(TableFacts(df))


def discover_constraints(
    table: pd.DataFrame | TableFacts, schema: Schema, declared: Collection[Hashable] = ()
) -> ConstraintSet:
    """Find the constraints of a training table that samples can be built by and that cost nothing.

    Of those that `suggest_constraints` finds these are sums, one-hot groups, columns missing together, orders
    of points in time, and columns that follow from one of numbers, or from one whose categories are all
    learned anyway. None is on a
    column that was `declared`, or whose values are generated newly.
    """
    table = TableFacts.of(table)
    if len(table) > MOST_COLUMNS:
        return ConstraintSet((), ())
    apart = {*declared, *(name for name, column in schema.items() if column.column_type.is_generated)}
    suggested = [c.learn(table) for c in _suggested(table) if not set(c.columns) & apart]
    built_in = build_in([c for c in suggested if _costs_nothing(c, schema, table)], table.frame)
    together = [each for each in suggested if isinstance(each, MissingTogether)]
    bound = {name for each in built_in for name in each.columns}
    settling = [each for each in suggested if each.settles and set(each.columns) - bound]
    return ConstraintSet([*together, *settling, *built_in], built_in)


def _costs_nothing(constraint: Constraint, schema: Schema, table: TableFacts) -> bool:
    if isinstance(constraint, FixedCombinations):
        key, _ = constraint.learned
        few = key in constraint.names and len(table[key].categories) <= MANY_CATEGORIES
        return few or constraint.on_a_scale
    times = {schema[name].kind for name in constraint.columns} == {"datetime"}
    return times or not isinstance(constraint, Inequality)


def _suggested(table: TableFacts) -> list[Constraint]:
    if len(table.frame) < LEAST_ROWS:
        return []
    groups = list(_groups(table))
    grouped = {name for group in groups for name in group.columns}
    rest = [name for name in table if name not in grouped]
    added = list(totals(table))
    sums: list[Constraint] = [*added, *constant_sums(table, {each.total for each in added})]
    implied = [set(constraint.columns) for constraint in (*groups, *sums)]
    orders = [order for order in _orders(table) if not any(set(order.columns) <= names for names in implied)]
    combinations = list(_combinations(table, rest))  # missing is one of their values
    together = [
        each
        for each in _missing_together(table)
        if not any(set(each.columns) <= set(known.columns) for known in combinations)
    ]
    return [*together, *combinations, *groups, *sums, *orders]


def _missing_together(table: TableFacts) -> Iterator[Constraint]:
    """Columns that are missing in the same rows, more of them than chance explains."""
    groups: dict[bytes, list[Hashable]] = {}
    for name, facts in table.items():
        if facts.missing.any() and not facts.missing.all() and kind_of(facts)[0] not in GENERATED_KINDS:
            groups.setdefault(facts.missing.tobytes(), []).append(name)
    for names in groups.values():
        n, gone = len(table.frame), int(table[names[0]].missing.sum())
        ways = gammaln(n + 1) - gammaln(gone + 1) - gammaln(n - gone + 1)  # to miss so many, as a logarithm
        if len(names) > 1 and ways > np.log(len(table) ** 2 / CHANCE):
            yield MissingTogether(names, evidence=f"{gone:,} of {n:,} rows have none of them, the others all")


def _combinations(table: TableFacts, names: Sequence[Hashable]) -> Iterator[Constraint]:
    """Columns with those that follow from them: from one of few categories, or what that follows from."""
    df = table.frame
    codes = {name: table[name].codes for name in names if _hashable(table[name])}
    sizes = {name: len(table[name].categories) for name in codes}
    keys = sorted((n for n in codes if 2 <= sizes[n] <= len(df) / REPEATED), key=lambda n: sizes[n])
    need = -np.log2(CHANCE / max(1, len(names) ** 2))
    followed: dict[Hashable, Hashable] = {}
    for name in keys:
        root = followed.get(name, name)
        for other in codes:
            is_root = other in followed.values()
            if other in (name, root) or other in followed or (is_root and sizes[root] > MANY_CATEGORIES):
                continue
            if not 2 <= sizes[other] <= sizes[name] or not _follows(codes[other], codes[name]):
                continue
            is_sure = _surprise(codes[other], codes[name]) >= need
            if is_sure and (root == name or _follows(codes[other], codes[root])):
                followed[other] = root
                # What follows from it, as a continent does from a country, then follows from a city, too.
                followed |= {last: root for last, key in followed.items() if key == other}
    for root in dict.fromkeys(followed.values()):
        others = [other for other, key in followed.items() if key == root]
        tested = len(df) - sizes[root]
        verb = "follows" if len(others) == 1 else "follow"
        text = f"{verb} from {root!r}, which {tested:,} of {len(df):,} rows could have contradicted"
        yield FixedCombinations([root, *others], evidence=f"{', '.join(map(repr, others))} {text}")


def _follows(codes: NDArray[np.intp], key: NDArray[np.intp]) -> bool:
    """Whether rows of the same key have the same code; in few rows first, then in all."""
    for part in (slice(LOOK), slice(None)):
        first = np.zeros(int(key.max()) + 1, dtype=np.intp)
        first[key[part][::-1]] = codes[part][::-1]
        if (first[key[part]] != codes[part]).any():
            return False
    return True


def _surprise(codes: NDArray[np.intp], key: NDArray[np.intp]) -> float:
    """Bits of evidence: how unlikely it is that codes without any relation to the key agree so."""
    share = np.bincount(codes) / len(codes)
    first_of_key = np.unique(key, return_index=True)[1]
    bits = -np.log2(share[codes])
    return float(bits.sum() - bits[first_of_key].sum())


def _groups(table: TableFacts) -> Iterator[Constraint]:
    """Columns of zeros and ones of which one is set in each row; three at least: two are just opposites."""
    flags = {name: facts.codes == 1 for name, facts in table.items() if is_flag(facts)}
    left = list(flags)
    while left:
        group, covered = [left[0]], flags[left[0]].copy()
        for name in left[1:]:
            if not (covered & flags[name]).any():
                group.append(name)
                covered |= flags[name]
        left = [name for name in left if name not in group] if covered.all() else left[1:]
        if covered.all() and len(group) > 2:
            least = min(int(flags[name].sum()) for name in group)
            yield OneHotGroup(
                group, evidence=f"each is set in {least:,} rows or more, never two, of {len(covered):,}"
            )


def _orders(table: TableFacts) -> Iterator[Constraint]:
    """Pairs of which one is never above the other, less those that follow from two others."""
    families: dict[Hashable, list[Hashable]] = {}
    for name, facts in table.items():
        if (family := _order_of(facts)) is not None:
            families.setdefault(family, []).append(name)
    orders: dict[tuple[Hashable, Hashable], float] = {}
    for names in families.values():
        tried = max(1, len(names) * (len(names) - 1))
        for low, high in itertools.permutations(names, 2):
            surprise = _never_above(table[low].floats, table[high].floats)
            if (high, low) not in orders and surprise > -np.log(CHANCE / tried):
                orders[low, high] = surprise
    middle = list(dict.fromkeys(name for pair in orders for name in pair))
    for (low, high), surprise in orders.items():
        if not any((low, m) in orders and (m, high) in orders for m in middle):
            text = f"unrelated columns would break it in about {surprise:,.0f} of {len(table.frame):,} rows"
            yield Inequality(low, high, evidence=text).learn(table)


def _never_above(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """In how many rows unrelated columns would break the order; 0 if these do in one, too."""
    there = ~(np.isnan(low) | np.isnan(high))
    low, high = low[there], high[there]
    for part in (slice(LOOK), slice(None)):
        if not (low[part] <= high[part]).all():
            return 0.0
    if len(low) < LEAST_ROWS or (low == high).all():
        return 0.0
    below = np.searchsorted(np.sort(high), low, side="left")  # values of `high` that each is above
    return float(below.mean())


def _order_of(facts: ColumnFacts) -> Hashable | None:
    """Give what columns have in common whose values can be compared; None if these cannot, as keys."""
    if facts.column.dtype == object or facts.family == "strings":
        form = form_of(facts)
        return None if form is None else "written with a zone" if has_zone(form) else ("times", False)
    is_key = is_number(facts) and kind_of(facts)[0] in GENERATED_KINDS
    if is_key or not (is_number(facts) or facts.family in TIMES):
        return None
    return facts.family, isinstance(facts.column.dtype, pd.ArrowDtype)


def _hashable(facts: ColumnFacts) -> bool:
    """Whether its values can be distinguished, which those of several types (1, 1.0, True) may not."""
    column = facts.column
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
        return False
    try:
        facts.categories  # noqa: B018
    except (TypeError, NotImplementedError):
        return False
    return True
