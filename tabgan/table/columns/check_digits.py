"""Keys with check digits: which rule they all obey, and a key put right by it."""

from __future__ import annotations

import re
from collections.abc import Callable

ENOUGH = 10  # keys that obey a rule do so by chance with a probability of 1e-10
Rule = Callable[[str], str]


def find_rule(keys: list[str]) -> str:
    """Give the name of the rule that all keys obey, or nothing."""
    if len(keys) < ENOUGH or not all(key[-1:].isalnum() for key in keys):
        return ""
    return next((name for name, rule in RULES.items() if all(rule(key) == key for key in keys)), "")


def _last_digit(digits: str, weights: tuple[int, ...]) -> str:
    """Complete digits so that their weighted sum, from the right, is a multiple of ten (EAN, UPC)."""
    total = sum(int(d) * weights[k % len(weights)] for k, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _luhn(digits: str) -> str:
    """Give the check digit of bank cards and device numbers (ISO/IEC 7812-1, annex B)."""
    total = sum(int(d) if k % 2 else sum(divmod(2 * int(d), 10)) for k, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _isbn10(digits: str) -> str:
    """Give the check digit of a book number of ten digits, X for ten (ISO 2108:1992)."""
    total = sum(int(d) * (10 - k) for k, d in enumerate(digits))
    return "0123456789X"[-total % 11]


def _by_last(complete: Callable[[str], str], lengths: tuple[int, ...]) -> Rule:
    """Make a rule on the last character of keys that have one of these numbers of digits, marks aside."""

    def right(key: str) -> str:
        digits = re.sub(r"[\s.-]", "", key)[:-1]
        is_one = len(digits) + 1 in lengths and digits.isascii() and digits.isdigit()
        return key[:-1] + complete(digits) if is_one else ""

    return right


def _iban(key: str) -> str:
    """Put the two check digits of a bank account right (ISO 13616)."""
    plain = key.replace(" ", "")
    if not re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{10,30}", plain):
        return ""
    number = "".join(str(int(letter, 36)) for letter in f"{plain[4:]}{plain[:2]}00")
    return f"{key[:2]}{98 - int(number) % 97:02d}{key[4:]}"


RULES: dict[str, Rule] = {
    "IBAN": _iban,
    "Luhn": _by_last(_luhn, tuple(range(12, 20))),
    "EAN": _by_last(lambda digits: _last_digit(digits, (3, 1)), (8, 12, 13)),
    "ISBN-10": _by_last(_isbn10, (10,)),
}
