"""Keys, different in every row: newly generated in the format of the training keys; no key is kept."""

from __future__ import annotations

import string
from os.path import commonprefix
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_object_dtype

from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType, Part
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import ColumnFacts

CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
FEW = 5  # keys of one length
HEX = (string.digits + "abcdef", string.digits + "ABCDEF")


class Identifier(ColumnType):
    """Whole numbers or strings that name a row.

    Numbers are drawn without repetition from the range of the training keys, which is widened where they do
    not suffice. Strings are drawn from a template: the lengths that occur, and for each position of a length
    the kind of characters seen there. All keys of one decoded column differ; of the training keys only the
    format is kept, so that one of them may be met again by chance.

    Attributes
    ----------
    format_ : NumberFormat or None
        Of a column of numbers.
    low_, high_ : int
        Their range.
    sorted_ : bool
        Whether the keys rise from row to row.
    templates_ : list of (int, list of str)
        For strings: how many keys have a length, and the characters possible at each position of it.
    missing_ : float
        Share of missing keys.
    """

    kinds = ("identifier",)
    scale = "nominal"
    is_generated = True

    def fit_facts(self, facts: ColumnFacts) -> Identifier:
        """Learn the format of the keys.

        Raises
        ------
        ValueError
            If they are neither whole numbers nor strings.
        """
        column = facts.column
        present = column[~facts.missing]
        self.format_ = facts.number_format
        self._learn_missing(facts)
        self.low_, self.high_, self.count_ = 0, 0, len(present)
        self.templates_: list[tuple[int, list[str]]] = []
        if self.format_ is not None:
            numbers = facts.numbers
            if (numbers != np.rint(numbers)).any():
                raise ValueError(f"column {column.name!r} cannot be an identifier, it holds fractions")
            self.low_, self.high_ = int(numbers.min()), int(numbers.max())
        else:
            keys = present.astype(object).tolist()
            if not all(isinstance(key, str) for key in keys):
                raise ValueError(
                    f"column {column.name!r} cannot be an identifier: neither whole numbers nor strings"
                )
            self.templates_ = _templates(keys)
        self.sorted_ = bool(present.is_monotonic_increasing)
        return self

    def _learn_missing(self, facts: ColumnFacts) -> None:
        """Remember the dtype, how many values are missing, and what stands in their place."""
        null = facts.column[facts.missing].iloc[:1].tolist()
        self.dtype_, self.missing_ = facts.open_dtype, float(facts.missing.mean())
        self.null_ = null[0] if null and is_object_dtype(self.dtype_) else None

    def transform(self, column: pd.Series, rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """Encode which keys are missing: shape (n, 0), or (n, 1) if some are."""
        return find_missing(column)[:, None][:, : len(self.blocks())].astype(np.float32)

    def inverse_transform(
        self, codes: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> pd.Series:
        """Make new keys for n rows, none where the code says missing."""
        return self._make((codes == 1).any(axis=1), rng)

    def renew(
        self, column: pd.Series, rng: np.random.Generator | None = None, part: Part | None = None
    ) -> pd.Series:
        """Generate other keys in place of decoded ones, so that all of the column differ.

        As a `part`, the column holds no number that another part of the same sample holds; strings, which
        can be different only within a part, stay as they are.
        """
        if part is not None and self.format_ is None:
            return column
        return self._make(find_missing(column), rng, part or (0, 1, 0))

    def can_be_missing(self) -> bool:
        """Tell whether the training column had missing keys."""
        return self.missing_ > 0

    def blocks(self) -> list[tuple[BlockKind, int]]:
        """Give nothing, or a onehot of present and missing."""
        return [("onehot", 2)] if self.missing_ else []

    def _make(
        self, missing: NDArray[np.bool_], rng: np.random.Generator | None, part: Part = (0, 1, 0)
    ) -> pd.Series:
        """Make a column of keys, none where `missing`, shape (n,)."""
        rng = np.random.default_rng(rng)
        n = int((~missing).sum())
        if self.format_ is not None:
            return self.format_.write(self._new_numbers(n, self.format_.value_dtype, rng, part), missing)
        keys = np.full(len(missing), self.null_, dtype=object)
        keys[~missing] = self._new_strings(n, rng)
        return pd.Series(keys, dtype=self.dtype_)

    def _new_numbers(
        self, n: int, dtype: np.dtype[Any], rng: np.random.Generator, part: Part
    ) -> NDArray[np.int64]:
        """Draw n different whole numbers as densely as the training keys lie, from the share of a part."""
        place, n_parts, most = part
        total = n_parts * max(n, most)
        narrow = dtype.kind in "iu" and dtype.itemsize < 8
        room = (np.iinfo(dtype).max if narrow else 2**63 - 1) - self.low_ + 1
        if room < total:
            raise ValueError(f"{total} keys from {self.low_} on do not fit into {dtype}; use a wider dtype")
        span = self.high_ - self.low_ + 1
        span = max(span, -(-total * span // self.count_))
        share = min(span, room, 2**63 - 1) // n_parts
        drawn = rng.choice(share, size=n, replace=False)
        # Sorted keys rise from part to part; others are spread over the whole range, by remainders.
        if self.sorted_:
            return self.low_ + place * share + np.sort(drawn)
        return self.low_ + place + n_parts * drawn

    def _new_strings(self, n: int, rng: np.random.Generator) -> NDArray[Any]:
        """Draw n different strings; where a template runs dry, it grows by digits."""
        keys: set[str] = set()
        counts = np.array([count for count, _ in self.templates_])
        extra = 0
        while len(keys) < n:
            before = len(keys)
            sizes = rng.multinomial(n - before, counts / counts.sum())
            for size, (_, sets) in zip(sizes, self.templates_, strict=True):
                keys.update(_draw([*sets, *[string.digits] * extra], int(size), rng))
            extra += len(keys) - before < (n - before) / 2 and len(keys) < n
        ordered = sorted(keys)
        drawn = np.array(ordered, dtype=object)
        return drawn if self.sorted_ else rng.permutation(drawn)


def _templates(keys: list[str]) -> list[tuple[int, list[str]]]:
    """How many keys have each length, and the characters possible at each of its positions."""
    lengths = np.array([len(key) for key in keys])
    backwards = [key[::-1] for key in keys]
    begin, end = len(commonprefix(keys)), len(commonprefix(backwards))  # noqa: RUF071
    found = []
    for length in np.unique(lengths):
        same = [key for key, size in zip(keys, lengths, strict=True) if size == length]
        sets = [_widen(frozenset(characters)) for characters in zip(*same, strict=True)]
        if len(same) < FEW:  # too few to tell what is always so from what is just one of them
            sets = [
                s if k < begin or k >= length - end else _widen(frozenset(s), fixed=False)
                for k, s in enumerate(sets)
            ]
        found.append((len(same), sets))
    return found


def _widen(seen: frozenset[str], fixed: bool = True) -> str:
    """Give the characters that may stand where those `seen` stood: all of their kind, if they vary."""
    if fixed and len(seen) == 1:
        return "".join(seen)
    for digits in HEX:
        if seen <= set(digits) and not seen <= set(string.digits) and seen & set(string.digits):
            return digits
    kinds = [kind for kind in CLASSES if seen & set(kind)]
    wide = set(seen).union(*kinds)
    if "0" not in seen:
        wide.discard("0")  # numbers without leading zeros keep none
    return "".join(sorted(wide))


def _draw(sets: list[str], n: int, rng: np.random.Generator) -> list[str]:
    """Draw n strings, each character from its set; some may be equal."""
    if not n or not sets:
        return [""] * n
    columns = [np.array(list(characters))[rng.integers(len(characters), size=n)] for characters in sets]
    return np.ascontiguousarray(np.stack(columns, axis=1)).view(f"U{len(sets)}").ravel().tolist()
