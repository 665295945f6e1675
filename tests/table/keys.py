"""Columns of keys of many kinds, and the pattern that each key of a kind has."""

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from tabgan.table.columns.check_digits import RULES

DIGITS, UPPER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMES = [
    "anna",
    "bob",
    "carl",
    "dana",
    "eve",
    "finn",
    "gina",
    "hugo",
    "iris",
    "smith",
    "jones",
    "mayer",
    "brown",
]
DOMAINS = ["example.com", "example.org", "mail.de"]
BYTE = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
HEX = "[0-9a-f]"

# name -> the pattern of its keys
PATTERNS: dict[str, str] = {
    "customer": r"C\d{5,}",
    "user": r"user_[1-9]\d*",
    "running e-mail": r"user\d+@example\.com",
    "e-mail": r"[a-z]+(\.[a-z]+)?\d{0,2}@[a-z]+\.(com|org|de)",
    "social security": r"\d{3}-\d\d-\d{4}",
    "phone": r"\+49 \d{3} \d{6}",
    "IP": rf"{BYTE}(\.{BYTE}){{3}}",
    "private IP": rf"192\.168\.{BYTE}\.{BYTE}",
    "UUID": rf"{HEX}{{8}}-{HEX}{{4}}-4{HEX}{{3}}-[89ab]{HEX}{{3}}-{HEX}{{12}}",
    "MD5": rf"{HEX}{{32}}",
    "SHA-256": r"[0-9A-F]{64}",
    "MAC": r"[0-9A-F]{2}(:[0-9A-F]{2}){5}",
    "IBAN": r"DE\d{20}|GB\d\d[A-Z]{4}\d{14}|FR\d{12}[A-Z0-9]{11}\d\d",
    "card": r"4\d{3}( \d{4}){3}",
    "ISBN-13": r"978-3-\d{2,4}-\d{4,6}-\d",
    "ISBN-10": r"\d{9}[\dX]",
    "EAN": r"[1-9]\d{12}",
    "plate": r"(B|HH|M|K)-[A-Z]{1,2} [1-9]\d{0,3}",
    "URL": r"https://www\.example\.com/item/\d+",
    "web page": r"https?://(www\.)?[a-z]+\.(com|org)/(shop|blog)/[a-z]+(\?id=\d+)?",
    "version": r"[1-9]?\d\.\d{1,2}\.\d{1,3}",
    "invoice": r"INV-202[345]-\d{5}",
    "file": r"IMG_202[0-5](0[1-9]|1[0-2])(0[1-9]|[12]\d)_\d{6}\.jpg",
    "VIN": r"[A-HJ-NPR-Z0-9]{17}",
    "ULID": r"01H[0-9A-HJKMNP-TV-Z]{23}",
    "base64": r"[A-Za-z0-9+/]{22}==",
    "token": r"[A-Za-z0-9_-]{21}",
    "IPv6": rf"2001:db8(:{HEX}{{1,4}}){{6}}",
    "long number": r"\d{22}",
    "big integer": r"1180\d{18}|1181\d{18}",
    "ASCII bytes": r"K\d{6}",
    "bytes": r"(?s).{16}",
}
CHECKED = {"IBAN": "IBAN", "card": "Luhn", "ISBN-13": "EAN", "ISBN-10": "ISBN-10", "EAN": "EAN"}  # -> rule


def makers(rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Give a function for each kind that makes one key, without an order."""

    def of(letters: str, n: int) -> str:
        return "".join(rng.choice(list(letters), n))

    def number(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    def maybe(text: str, share: float = 0.5) -> str:
        return text if rng.random() < share else ""

    def name() -> str:
        return str(rng.choice(NAMES))

    def domain() -> str:
        return str(rng.choice(DOMAINS)) if rng.random() < 0.8 else f"{name()}{name()}.com"

    def iban() -> str:
        country = number(0, 3)
        bodies = (
            of(DIGITS, 18),
            of(UPPER, 4) + of(DIGITS, 14),
            of(DIGITS, 10) + of(DIGITS + UPPER, 11) + "07",
        )
        return RULES["IBAN"](f"{('DE', 'GB', 'FR')[country]}00{bodies[country]}")

    def isbn() -> str:
        size = number(2, 5)
        return RULES["EAN"](f"978-3-{of(DIGITS, size)}-{of(DIGITS, 8 - size)}-0")

    def page() -> str:
        host = f"{maybe('www.')}{name()}{name()}.{rng.choice(['com', 'org'])}"
        query = maybe(f"?id={number(0, 1000)}")
        return f"http{maybe('s', 0.9)}://{host}/{rng.choice(['shop', 'blog'])}/{name()}{name()}{query}"

    return {
        "e-mail": lambda: f"{name()}{maybe('.' + name())}{maybe(str(number(0, 100)))}@{domain()}",
        "social security": lambda: f"{number(100, 999)}-{number(10, 99)}-{number(1000, 9999)}",
        "phone": lambda: f"+49 {number(100, 999)} {number(100_000, 999_999)}",
        "IP": lambda: ".".join(map(str, rng.integers(1, 255, 4))),
        "private IP": lambda: "192.168." + ".".join(map(str, rng.integers(0, 256, 2))),
        "UUID": lambda: str(uuid.UUID(bytes=rng.bytes(16), version=4)),
        "MD5": lambda: hashlib.md5(rng.bytes(8)).hexdigest(),
        "SHA-256": lambda: hashlib.sha256(rng.bytes(8)).hexdigest().upper(),
        "MAC": lambda: ":".join(of("0123456789ABCDEF", 2) for _ in range(6)),
        "IBAN": iban,
        "card": lambda: RULES["Luhn"](f"4{of(DIGITS, 3)} {of(DIGITS, 4)} {of(DIGITS, 4)} {of(DIGITS, 4)}"),
        "ISBN-13": isbn,
        "ISBN-10": lambda: RULES["ISBN-10"](of(DIGITS, 10)),
        "EAN": lambda: RULES["EAN"](str(number(10**12, 10**13))),
        "plate": lambda: f"{rng.choice(['B', 'HH', 'M', 'K'])}-{of(UPPER, number(1, 3))} {number(1, 9999)}",
        "URL": lambda: f"https://www.example.com/item/{number(0, 10**6)}",
        "web page": page,
        "version": lambda: f"{number(0, 20)}.{number(0, 30)}.{number(0, 200)}",
        "invoice": lambda: f"INV-{number(2023, 2026)}-{number(0, 99_999):05d}",
        "file": lambda: (
            f"IMG_202{number(0, 6)}{number(1, 13):02d}{number(1, 29):02d}_{number(0, 235_959):06d}.jpg"
        ),
        "VIN": lambda: of("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", 17),
        "ULID": lambda: "01H" + of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23),
        "base64": lambda: base64.b64encode(rng.bytes(16)).decode(),
        "token": lambda: of(DIGITS + UPPER + UPPER.lower() + "_-", 21),
        "IPv6": lambda: "2001:db8:" + ":".join(f"{part:x}" for part in rng.integers(0, 65536, 6).tolist()),
        "long number": lambda: of(DIGITS, 22),
        "big integer": lambda: 2**70 + number(0, 10**18),
        "ASCII bytes": lambda: b"K%06d" % number(0, 10**6),
        "bytes": lambda: rng.bytes(16),
    }


def keys(kind: str, n: int, seed: int = 0) -> list[Any]:
    """Make n different keys of a kind."""
    running = {"customer": "C{:05d}", "user": "user_{}", "running e-mail": "user{}@example.com"}
    if kind in running:
        return [running[kind].format(number) for number in range(1, n + 1)]
    made: dict[Any, None] = {}
    make = makers(np.random.default_rng(seed))[kind]
    while len(made) < n:
        made[make()] = None
    return list(made)


def written(key: Any) -> str:
    """Write a key as a string, a letter a byte."""
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)
