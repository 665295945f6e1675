"""How strings write numbers: decimals, a mark for thousands, a unit before or after, and back."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBER = re.compile(r"(\D*)(\d(?:[\d.,'’ \u00a0\u202f]*\d)?)(\D*)")
FLOAT = re.compile(r"-?\d+(\.\d+)?(e[-+]\d+)?")  # as Python writes one
BLANKS = (" ", "\u00a0", "\u202f")
MARKS = [
    ("", "."),
    (",", "."),
    (".", ","),
    ("", ","),
] + [  # of thousands, and before decimals; tried in order
    (thousands, point) for thousands in (*BLANKS, "'", "’") for point in (",", ".")
]
UNIT_MARKS = set("%‰°/²³µ") | set(BLANKS)
MOST_UNIT = 12  # characters of a unit
CODE_DIGITS = 4  # from here on, whole numbers all of one length are codes: 10115, 4711
MOST_DIGITS = 18  # of an int64
HEAD = 100  # strings looked at first


@dataclass(frozen=True)
class NumberPattern:
    """One way to write numbers as strings.

    Parameters
    ----------
    prefix, suffix : str
        What stands before and after each number: ``"$"``, ``" EUR"``, ``" %"``.
    thousands : str
        The mark between groups of three digits, or nothing.
    point : str
        The mark before the decimals.
    places : int or None
        Most digits after the point. None: as many as Python writes of a float.
    least : int
        Digits after the point that are written even if they are zero.
    sign_first : bool
        Whether a minus stands before the prefix.
    in_parentheses : bool
        Whether parentheses stand for a minus, as in accounts: ``(5,274.65)``.
    """

    prefix: str = ""
    suffix: str = ""
    thousands: str = ""
    point: str = "."
    places: int | None = 0
    least: int = 0
    sign_first: bool = False
    in_parentheses: bool = False

    @classmethod
    def of(cls, texts: Sequence[str]) -> tuple[NumberPattern, NDArray[Any]] | None:
        """Find the pattern that writes each of n different `texts`, and their numbers, if there is one."""
        if any(text.startswith("(") for text in texts):
            return cls._of_accounts(texts)
        for some in (texts[:HEAD], texts):
            matches = [match for text in some if (match := NUMBER.fullmatch(text))]
            if not matches or len(matches) < len(some):
                return cls._of_floats(texts)
        befores, bodies, afters = zip(*(match.groups() for match in matches), strict=True)
        prefixes, suffixes = {before.replace("-", "", 1) for before in befores}, set(afters)
        if len(prefixes) > 1 or len(suffixes) > 1:
            return None
        prefix, suffix = prefixes.pop(), suffixes.pop()
        sign_first = any(before.startswith("-") for before in befores)
        marks = set("".join(bodies)) - set(string.digits)
        if not _is_unit(prefix, suffix, bool(marks)):
            return None
        for thousands, point in MARKS:
            if not marks <= {thousands, point}:
                continue
            fractions = [len(body.partition(point)[2]) for body in bodies]
            pattern = cls(prefix, suffix, thousands, point, max(fractions), min(fractions), sign_first)
            if pattern.read(texts[:HEAD])[1].all() and not pattern._is_of_codes(bodies):
                numbers, fits = pattern.read(texts)
                if fits.all():
                    return pattern, numbers
        return cls._of_floats(texts)

    @classmethod
    def _of_accounts(cls, texts: Sequence[str]) -> tuple[NumberPattern, NDArray[Any]] | None:
        """Give the pattern of `texts`, some of them in parentheses and none with a minus, if there is one."""
        if any("-" in text for text in texts) or all(text.startswith("(") for text in texts):
            return None
        plain = [_with_minus(text) for text in texts]
        found = None if any("(" in text for text in plain) else cls.of(plain)
        if found is None or found[0].places is None:
            return None
        pattern = replace(found[0], in_parentheses=True)
        numbers, fits = pattern.read(texts)
        return (pattern, numbers) if fits.all() else None

    @classmethod
    def _of_floats(cls, texts: Sequence[str]) -> tuple[NumberPattern, NDArray[Any]] | None:
        """Give the pattern of Python's floats, if each of `texts` is one."""
        pattern = cls(places=None)
        if not texts or not all(map(FLOAT.fullmatch, texts)):
            return None
        numbers, fits = pattern.read(texts)
        return (pattern, numbers) if fits.all() else None

    @property
    def example(self) -> str:
        """A number written so."""
        number = 1234.5 if self.thousands else 12.5
        return self._write(number if self.places is None else int(number * 10**self.places))

    def read_freely(self, text: str) -> Decimal | None:
        """Give a number that is written so, decimals and unit perhaps left out; None if it is not."""
        if self.places is None:
            return None
        for pattern in (replace(self, least=0), replace(self, least=0, prefix="", suffix="")):
            (number,), (fits,) = pattern.read([text])
            if fits:
                return Decimal(int(number)).scaleb(-self.places)
        return None

    def read(self, texts: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Give the numbers in `texts`, shape (n,), and which are written exactly so, shape (n,).

        They are int64 in units of the last decimal, or float64 if `places` is None; 0 where it does not fit.
        """
        found = [self._read(text) for text in texts]
        dtype = np.float64 if self.places is None else np.int64
        numbers = np.array([0 if number is None else number for number in found], dtype=dtype)
        fits = [
            number is not None
            and (text == written or (number == 0 and text in (f"-{written}", f"({written})")))
            for number, text, written in zip(found, texts, self.write(numbers), strict=True)
        ]
        return numbers, np.array(fits, dtype=bool)

    def write(self, numbers: NDArray[Any]) -> list[str]:
        """Undo `read`."""
        return [self._write(number) for number in numbers.tolist()]

    def floats(self, numbers: NDArray[Any]) -> NDArray[np.float64]:
        """Give numbers that were read as float64."""
        return numbers / 10.0 ** (self.places or 0)

    def _read(self, text: str) -> int | float | None:
        if self.places is None:
            return float(text) if FLOAT.fullmatch(text) else None
        if self.in_parentheses:
            if "-" in text:
                return None
            text = _with_minus(text)
        body = text.replace("-", "", 1)
        if not body.startswith(self.prefix) or not body.endswith(self.suffix):
            return None
        body = body[len(self.prefix) : len(body) - len(self.suffix)]
        whole, _, fraction = body.partition(self.point)
        digits = (whole.replace(self.thousands, "") if self.thousands else whole) + fraction
        if not (digits.isascii() and digits.isdecimal()) or len(fraction) > self.places:
            return None
        number = int(digits) * 10 ** (self.places - len(fraction))
        if len(str(number)) > MOST_DIGITS:
            return None
        return -number if "-" in text else number

    def _write(self, number: int | float) -> str:
        if self.places is None:
            return repr(float(number))
        whole, fraction = divmod(abs(int(number)), 10**self.places)
        body = f"{whole:,}".replace(",", self.thousands) if self.thousands else str(whole)
        decimals = f"{fraction:0{self.places}d}" if self.places else ""
        decimals = decimals[: self.least] + decimals[self.least :].rstrip("0")
        body += self.point * bool(decimals) + decimals
        if self.in_parentheses:
            written = self.prefix + body + self.suffix
            return f"({written})" if number < 0 else written
        sign = "-" if number < 0 else ""
        before = sign + self.prefix if self.sign_first else self.prefix + sign
        return before + body + self.suffix

    def _is_of_codes(self, bodies: Sequence[str]) -> bool:
        """Tell whether the numbers are rather codes: whole, and of one length."""
        lengths = {len(body) for body in bodies}
        return self.places == 0 and len(lengths) == 1 and max(lengths) >= CODE_DIGITS


def _with_minus(text: str) -> str:
    """Write a minus in place of parentheses."""
    return f"-{text[1:-1]}" if text.startswith("(") and text.endswith(")") else text


def _is_unit(prefix: str, suffix: str, has_marks: bool) -> bool:
    """Tell whether a number with these is a measure: ``$5``, ``5 kg``; ``C1001`` and ``#7`` are keys."""

    def is_currency(text: str) -> bool:
        return any(unicodedata.category(character) == "Sc" for character in text)

    def is_worded(text: str) -> bool:
        return len(text) <= MOST_UNIT and all(
            c.isalpha() or c in UNIT_MARKS or unicodedata.category(c) == "Sc" for c in text
        )

    before = not prefix or (is_worded(prefix) and (has_marks or is_currency(prefix)))
    return before and is_worded(suffix)
