"""The common form of keys: learned from what many of them share, and new keys of that form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.columns.base import Part
from tabgan.table.columns.check_digits import RULES, find_rule
from tabgan.table.columns.key_filter import KeyFilter
from tabgan.table.columns.key_numbers import NumberRange
from tabgan.table.columns.template_fields import (
    BYTES,
    DIGITS,
    MOST,
    Field,
    K,
    capacity,
    check_count,
    check_field,
    domain_field,
    draw_field,
    learn_field,
    literal,
    number_field,
    widen_field,
    word,
)
from tabgan.table.columns.template_forms import ADDRESS, Form, Pieces, are_codes, find_forms, with_dates

MOST_READ = 50_000  # keys, evenly spaced, are enough to learn a form
LONGEST = 10_000  # digits of a running number
LEAST_RATE = 0.02  # of new keys among those drawn, below which a form has no room
IP = ("n", ".", "n", ".", "n", ".", "n")


@dataclass(frozen=True)
class Template:
    """What keys look like.

    Of the training keys, it keeps marks, the kinds of characters at each place, and what at least five of
    them share: prefixes, domains. Where a number runs on from key to key, it keeps how far it has come.

    Parameters
    ----------
    groups : tuple of (int, tuple of Field)
        How many keys have a form, and its fields in order.
    is_sorted : bool
        Whether keys rise from row to row.
    rule : str
        The rule of `check_digits` that all keys obey, if any.
    numbers : NumberRange or None
        Of keys that are running numbers.
    affixes : (str, str, int)
        What stands before and after such a number, and how many digits it has at least.

    Examples
    --------
    >>> template = Template.of([f"C{k:04d}" for k in range(100)])
    >>> template.draw(2, np.random.default_rng(0)).tolist()
    ['C0100', 'C0101']
    >>> Template.of(["yes", "no", "perhaps"] * 10) is None
    True
    """

    groups: tuple[tuple[int, tuple[Field, ...]], ...]
    is_sorted: bool = False
    rule: str = ""
    numbers: NumberRange | None = None
    affixes: tuple[str, str, int] = ("", "", 0)

    def __post_init__(self) -> None:
        before, after, width = self.affixes
        if not (isinstance(before, str) and isinstance(after, str) and isinstance(width, int)):
            raise ValueError("a running number stands between what are no strings")
        if width > LONGEST or (self.numbers is None and not self.groups):
            raise ValueError("a template has no form")
        for count, fields in self.groups:
            check_count(count)
            for field in fields:
                check_field(field)

    @classmethod
    def of(cls, values: Sequence[Any], is_declared: bool = False) -> Template | None:
        """Learn the form of n different strings, bytes, or whole numbers.

        Parameters
        ----------
        values : sequence of str, of bytes, or of int, shape (n,)
            In the order of the rows.
        is_declared : bool
            Whether they are known to be keys, so that there is a template in any case.

        Returns
        -------
        Template or None
            None if the values are of different types, or share no form: texts, words.
        """
        read = as_texts(values)
        if read is None or not len(values):
            return None
        texts = read[1]
        is_sorted = all(one < other for one, other in pairwise(texts))
        if not is_declared and not _look_like_keys(texts):
            return None
        running = _running(texts)
        if running is not None:
            return running
        texts = texts[:: -(-len(texts) // MOST_READ)]
        rule = find_rule(texts)
        forms = find_forms(texts, read[0], rule)
        if forms is None or not (is_declared or are_codes(forms)):
            return cls(((1, (_any_field(*read),)),), is_sorted) if is_declared else None
        groups = [(len(keys), _fields(form, keys)) for form, keys in forms]
        return cls(tuple(groups), is_sorted, rule)

    def draw(
        self,
        n: int,
        rng: np.random.Generator,
        known: KeyFilter | None = None,
        part: Part = (0, 1, 0),
    ) -> NDArray[np.object_]:
        """Make n different new keys, shape (n,); those of two parts of a sample differ.

        Where the form has no room for more keys that are not known, they get a digit more.
        """
        if self.numbers is not None:
            return self._next(self.numbers, n, rng, part)
        template, rate = self, 0.5
        keys: dict[str, None] = {}  # a set in the order of drawing
        while (n_before := len(keys)) < n:
            tried = int(1.1 * (n - n_before) / rate) + 20
            drawn = template._draw_any(tried, rng, part)
            keys |= dict.fromkeys(drawn if known is None else drawn[~known.hits(drawn)])
            rate = (len(keys) - n_before) / tried
            if rate < LEAST_RATE:
                template, rate = template._widened(), 0.5
        made = np.empty(n, dtype=object)
        made[:] = list(keys)[:n]
        return np.sort(made) if self.is_sorted else made

    def _next(
        self, numbers: NumberRange, n: int, rng: np.random.Generator, part: Part
    ) -> NDArray[np.object_]:
        """Give n keys with running numbers that go on."""
        before, after, width = self.affixes
        drawn = numbers.draw(n, rng, part, lambda new: np.zeros(len(new), dtype=bool))
        texts = [f"{before}{numbers.low + number:0{width}d}{after}" for number in drawn.tolist()]
        return np.array(texts, dtype=object)

    def _draw_any(self, n: int, rng: np.random.Generator, part: Part) -> NDArray[np.object_]:
        """Draw n keys, of which some may be equal; fewer, where a form is too narrow for so many parts."""
        place, n_parts, _ = part
        counts = np.array([count for count, _ in self.groups], dtype=float)
        found = []
        for size, (_, fields) in zip(rng.multinomial(n, counts / counts.sum()), self.groups, strict=True):
            widest = _widest(fields)
            keys = draw_field(fields[widest], int(size), rng, place, n_parts)
            columns = [
                keys if k == widest else draw_field(field, len(keys), rng) for k, field in enumerate(fields)
            ]
            found.append(np.sum(columns, axis=0, dtype=object) if len(columns) > 1 else keys)
        drawn = rng.permutation(np.concatenate(found))
        if self.rule:
            drawn = np.array([RULES[self.rule](key) or key for key in drawn], dtype=object)
        return drawn

    def _widened(self) -> Template:
        """Give a template of more keys."""
        groups = []
        for count, fields in self.groups:
            widest = _widest(fields)
            wide = [widen_field(field) if k == widest else field for k, field in enumerate(fields)]
            groups.append((count, tuple(wide)))
        return replace(self, groups=tuple(groups))


def as_texts(values: Sequence[Any]) -> tuple[str, list[str]] | None:
    """Give values as strings, and what they were: "str", "bytes", "raw bytes" or "int"; None if mixed."""
    kinds = {type(value) for value in values}
    if all(issubclass(kind, str) for kind in kinds):
        return "str", [str(value) for value in values]
    if kinds == {bytes}:
        if all(value.isascii() and value.decode().isprintable() for value in values):
            return "bytes", [value.decode() for value in values]
        return "raw bytes", ["".join(BYTES[byte] for byte in value) for value in values]
    if all(issubclass(kind, int | np.integer) and kind is not bool for kind in kinds):
        return "int", [str(value) for value in values]
    return None


def from_texts(content: str, texts: NDArray[np.object_]) -> list[Any]:
    """Undo `as_texts`."""
    if content == "int":
        return list(map(int, texts))
    if content == "bytes":
        return [text.encode() for text in texts]
    if content == "raw bytes":
        first = ord(BYTES[0])
        return [bytes(code - first * (code >= first) for code in map(ord, text)) for text in texts]
    return texts.tolist()


def _look_like_keys(texts: list[str]) -> bool:
    """Tell whether nearly all have a digit, are addresses, or are capitals of one length."""
    if len(set(map(len, texts))) == 1 and all(re.fullmatch("[A-Z]{2,}", text) for text in texts):
        return True
    return sum(bool(re.search(rf"\d|[{BYTES}]", t) or ADDRESS.fullmatch(t)) for t in texts) >= MOST * len(
        texts
    )


def _running(texts: list[str]) -> Template | None:
    """Learn running numbers, which differ in one number only and fill its range."""
    if len(texts) < K:
        return None
    before = _common_start(texts).rstrip(DIGITS)
    after = _common_start([text[::-1] for text in texts])[::-1].lstrip(DIGITS)
    written = [text[len(before) : len(text) - len(after)] for text in texts]
    if not all(number.isascii() and number.isdigit() for number in written):
        return None
    width = min(map(len, written))
    padded = [len(number) for number in written if number[0] == "0" and len(number) > 1]
    if any(size > width for size in padded):
        return None
    numbers = list(map(int, written))
    is_sorted = all(one < other for one, other in pairwise(numbers))
    found = NumberRange.of(numbers, is_sorted)
    if not found.is_running or len(set(numbers)) < len(numbers):
        return None
    return Template((), is_sorted, "", found, (before, after, width if padded else 0))


def _common_start(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    size = next(
        (k for k, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first)
    )
    return first[:size]


def _any_field(content: str, texts: list[str]) -> Field:
    """Give a field for keys of no common form: numbers or bytes of their mean length, or else words."""
    size = max(6, round(sum(map(len, texts)) / len(texts)))
    if content == "int":
        return ((1, (DIGITS[1:], *[DIGITS] * (size - 1))),)
    if content == "raw bytes":
        return ((1, (BYTES,) * size),)
    return tuple((1, word(letters, True)) for letters in (6, 7, 8, 9))


def _fields(form: Form, keys: Pieces) -> tuple[Field, ...]:
    """Learn the fields of one form; neighbours that never vary become one."""
    columns: list[list[str]] = [list(column) for column in zip(*keys, strict=True)]
    form, columns = with_dates(form, columns)
    is_ip = form == IP and all(
        len(text) < 4 and int(text) < 256 for column in columns[::2] for text in column
    )
    fields: list[Field] = []
    for name, column in zip(form, columns, strict=True):
        if len(name) == 1 and not name.isalnum():
            field = literal(name)
        elif name == "domain":
            field = domain_field(column)
        else:
            field = learn_field(column, name in ("Word", "a") and max(map(len, column)) > 3)
        if is_ip and len(field) > 1:
            field = number_field(0, 255)
        if fields and all(len(each) == 1 and capacity(each[0][1]) == 1 for each in (field, fields[-1])):
            field = ((1, fields.pop()[0][1] + field[0][1]),)
        fields.append(field)
    return tuple(fields)


def _widest(fields: tuple[Field, ...]) -> int:
    """Give the place of the field with most room."""
    rooms = [max(capacity(characters) for _, characters in field) for field in fields]
    return rooms.index(max(rooms))
