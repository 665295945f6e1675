"""Rules that every row of a table obeys and that chance does not explain."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.constraints import FixedCombinations, Inequality, OneHotGroup, Sum
from tabgan.table.constraints.base import Constraint
from tabgan.table.inference import GENERATED_KINDS, infer_kind

LOOK = 2000  # rows that a rule must hold in first, before all are asked
CHANCE = 1e-6  # greatest probability that any suggestion would hold of unrelated columns
REPEATED = 5  # rows a level, on average, for others to follow from it
LEAST_ROWS = 30  # rows that a rule needs as witnesses


def suggest_constraints(df: pd.DataFrame) -> list[Constraint]:
    """Find rules that hold in every row of a table, to be passed on as ``TabGAN(constraints=...)``.

    Looked for are columns that follow from another one, columns of which exactly one is set, columns that
    are the sum of others, and columns that are never above another. A rule is left out if columns without
    any relation could obey it by chance (with a probability of more than one in a million, all the rules
    that were tried taken together), or if the ranges of the columns alone imply it. A rule that has rare
    exceptions in the world may still hold in all rows there are.

    Parameters
    ----------
    df : DataFrame of shape (n_rows, n_columns)

    Returns
    -------
    list of Constraint
        Each with its `evidence`, in words.

    Examples
    --------
    >>> city = ["Bonn", "Lyon", "Nice"] * 20
    >>> frame = pd.DataFrame({"city": city, "country": ["DE", "FR", "FR"] * 20, "x": range(60)})
    >>> [str(rule) for rule in suggest_constraints(frame)]
    ['fixed combinations of city, country']
    """
    if not isinstance(df, pd.DataFrame):
        raise TypeError(f"a pandas DataFrame is needed, got {type(df).__name__}; use pd.DataFrame(...)")
    if not df.columns.is_unique:
        raise ValueError("columns of the same name; rename them")
    if len(df) < LEAST_ROWS:
        return []
    groups = list(_groups(df))
    grouped = {name for rule in groups for name in rule.columns}
    rest = [name for name in df.columns if name not in grouped]
    sums = list(_sums(df))
    implied = [set(rule.columns) for rule in (*groups, *sums)]
    orders = [rule for rule in _orders(df) if not any(set(rule.columns) <= names for names in implied)]
    return [*_combinations(df, rest), *groups, *sums, *orders]


def _combinations(df: pd.DataFrame, names: Sequence[Hashable]) -> Iterator[Constraint]:
    """Columns with those that follow from them; each follows from the one of fewest levels."""
    codes = {name: pd.factorize(df[name], use_na_sentinel=False)[0] for name in names if _hashable(df[name])}
    levels = {name: int(own.max()) + 1 for name, own in codes.items()}
    keys = sorted((n for n in codes if 2 <= levels[n] <= len(df) / REPEATED), key=lambda n: levels[n])
    need = -np.log2(CHANCE / max(1, len(names) ** 2))
    followed: dict[Hashable, Hashable] = {}
    evidence: dict[Hashable, float] = {}
    for name in keys:
        root = followed.get(name, name)
        for other in codes:
            if other in (name, root) or other in followed or other in followed.values():
                continue
            if not 2 <= levels[other] <= levels[name] or not _follows(codes[other], codes[name]):
                continue
            bits = _surprise(codes[other], codes[name])
            if bits >= need and (root == name or _follows(codes[other], codes[root])):
                followed[other], evidence[other] = root, bits
    for root in dict.fromkeys(followed.values()):
        others = [other for other, key in followed.items() if key == root]
        tested = len(df) - levels[root]
        verb = "follows" if len(others) == 1 else "follow"
        text = f"{verb} from {root!r}, which {tested:,} of {len(df):,} rows could have contradicted"
        yield FixedCombinations([root, *others], evidence=f"{', '.join(map(repr, others))} {text}")


def _follows(own: NDArray[np.intp], key: NDArray[np.intp]) -> bool:
    """Whether rows of the same key have the same code; in few rows first, then in all."""
    for part in (slice(LOOK), slice(None)):
        first = np.zeros(int(key.max()) + 1, dtype=np.intp)
        first[key[part][::-1]] = own[part][::-1]
        if (first[key[part]] != own[part]).any():
            return False
    return True


def _surprise(own: NDArray[np.intp], key: NDArray[np.intp]) -> float:
    """Bits of evidence: how unlikely it is that codes without any relation to the key agree so."""
    share = np.bincount(own) / len(own)
    first_of_key = np.unique(key, return_index=True)[1]
    bits = -np.log2(share[own])
    return float(bits.sum() - bits[first_of_key].sum())


def _groups(df: pd.DataFrame) -> Iterator[Constraint]:
    """Columns of zeros and ones of which one is set in each row; three at least: two are just opposites."""
    flags = {name: df[name].to_numpy(dtype=bool) for name in df.columns if _is_flag(df[name])}
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
                group, evidence=f"each is set in {least:,} rows or more, never two, of {len(df):,}"
            )


def _is_flag(column: pd.Series) -> bool:
    if column.isna().any() or not pd.api.types.is_numeric_dtype(column.dtype):
        return False
    return bool(column.isin([0, 1]).all()) and column.nunique() == 2


def _sums(df: pd.DataFrame) -> Iterator[Constraint]:
    """Totals, by least squares on some rows: weights of 0 and 1 and nothing left over."""
    names = [name for name in df.columns if _is_number(df[name]) and not _is_flag(df[name])]
    if len(names) < 3:
        return
    table = np.column_stack([_as_floats(df[name], "numbers") for name in names])
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < LEAST_ROWS + len(names):
        return
    rows = table[np.linspace(0, len(table) - 1, min(LOOK, len(table))).astype(int)]
    bound = _dependent(rows)
    used: set[Hashable] = set()
    for place in bound:
        total = names[place]
        others = [k for k in bound if k != place and names[k] not in used]
        scale = np.abs(rows[:, others]).max(axis=0) + 1e-300
        weights = np.linalg.lstsq(rows[:, others] / scale, rows[:, place], rcond=None)[0] / scale
        parts = [k for k, weight in zip(others, weights, strict=True) if abs(weight - 1) < 1e-3]
        if len(parts) < 2:
            continue
        rule = Sum([names[k] for k in parts], total)
        several = int(((table[:, parts] != 0).sum(axis=1) > 1).sum())
        if several >= LEAST_ROWS and rule.check(df).all():
            used.add(total)
            yield replace(rule, evidence=f"two parts or more are not zero in {several:,} of {len(df):,} rows")


def _dependent(rows: NDArray[np.float64]) -> list[int]:
    """Which columns are linear in others: those that occur where a weighted sum of all is zero."""
    scale = np.abs(rows).max(axis=0)
    there = np.flatnonzero(scale)
    triangle = np.linalg.qr(rows[:, there] / scale[there], mode="r")  # quicker to decompose, and alike
    _, values, directions = np.linalg.svd(triangle)
    free = directions[values < 1e-9 * values.max(initial=0.0)]
    return [int(k) for k in there[(np.abs(free) > 1e-6).any(axis=0)]]


def _orders(df: pd.DataFrame) -> Iterator[Constraint]:
    """Pairs of which one is never above the other, less those that follow from two others."""
    families: dict[str, list[Hashable]] = {}
    for name in df.columns:
        if (family := _family(df[name])) is not None:
            families.setdefault(family, []).append(name)
    found: dict[tuple[Hashable, Hashable], float] = {}
    for family, names in families.items():
        cells = {name: _as_floats(df[name], family) for name in names}
        tried = max(1, len(names) * (len(names) - 1))
        for low, high in itertools.permutations(names, 2):
            surprise = _never_above(cells[low], cells[high])
            if (high, low) not in found and surprise > -np.log(CHANCE / tried):
                found[low, high] = surprise
    middle = list(dict.fromkeys(name for pair in found for name in pair))
    for (low, high), surprise in found.items():
        if not any((low, m) in found and (m, high) in found for m in middle):
            text = f"unrelated columns would break it in about {surprise:,.0f} of {len(df):,} rows"
            yield Inequality(low, high, evidence=text)


def _never_above(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """In how many rows unrelated columns would break the order; 0 if these do in one, too."""
    there = ~(np.isnan(low) | np.isnan(high))
    low, high = low[there], high[there]
    for part in (slice(LOOK), slice(None)):
        if not (low[part] <= high[part]).all():
            return 0.0
    if len(low) < LEAST_ROWS or (low == high).all():
        return 0.0
    below = np.searchsorted(np.sort(high), low, side="left")  # cells of `high` that each is above
    return float(below.mean())


def _as_floats(column: pd.Series, family: str) -> NDArray[np.float64]:
    if family == "numbers":
        return column.to_numpy(dtype=float, na_value=np.nan)
    cells = column.dt.tz_convert("UTC").dt.tz_localize(None) if family == "zoned times" else column
    micros = cells.dt.as_unit("us").to_numpy().astype(np.int64).astype(float)
    return np.where(column.isna(), np.nan, micros)


def _family(column: pd.Series) -> str | None:
    """Columns of one family can be compared; keys and truth values have none."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return "zoned times"
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return "times"
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return "lengths of time"
    return "numbers" if _is_number(column) and infer_kind(column)[0] not in GENERATED_KINDS else None


def _is_number(column: pd.Series) -> bool:
    dtype = column.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not (
        pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_complex_dtype(dtype)
    )


def _hashable(column: pd.Series) -> bool:
    """Whether its cells can be told apart, which those of several types cannot surely: 1, 1.0 and True."""
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
        return False
    try:
        pd.factorize(column.head(LOOK))
    except (TypeError, NotImplementedError):
        return False
    return True
