"""The fields of which strings that write times are made: months, minutes; their texts, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
CENTURY = 69  # years of two digits from here on are of the 20th century, as for `strptime`
DIGITS = {"us": 6, "ns": 9}  # of a fraction of a second, by unit
LIMIT = 9_000_000_000  # seconds that int64 holds in nanoseconds

# The names are those of strptime, and "-d" for "d" without a leading zero, "^b" in capitals, "P" for "p" in
# small letters, "6f" for 6 digits of a fraction, ".6f" for these with the point, or nothing where they are 0.
_RANGES = {"m": 13, "d": 32, "I": 13, "H": 24, "M": 60, "S": 60, "y": 100}
_TEXTS = {
    **{name: [f"{number:02d}" for number in range(stop)] for name, stop in _RANGES.items()},
    **{f"-{name}": [str(number) for number in range(_RANGES[name])] for name in "mdIH"},
    "B": MONTHS,
    "b": [name[:3] for name in MONTHS],
    "^b": [name[:3].upper() for name in MONTHS],
    "A": DAYS,
    "a": [name[:3] for name in DAYS],
    "p": ["AM", "PM"],
    "P": ["am", "pm"],
}
_PLACES = {name: {text: place for place, text in enumerate(texts)} for name, texts in _TEXTS.items()}
_FROM_ONE = ("m", "d", "I")
_ROLES = {
    **dict.fromkeys(("B", "b", "^b"), "name"),
    **dict.fromkeys(("A", "a"), "weekday"),
    **dict.fromkeys(("p", "P"), "noon"),
    **{f"{point}{digits}f": "fraction" for point in ("", ".") for digits in (3, 6, 9)},
}

# field -> what it looks like
FIELDS = {
    **{name: "|".join(texts[name[-1] in _FROM_ONE :]) for name, texts in _TEXTS.items()},
    "Y": r"(?!0000)\d{4}",
    **{f"{digits}f": rf"\d{{{digits}}}" for digits in (3, 6, 9)},
    **{f".{digits}f": rf"(?:\.(?!0{{{digits}}})\d{{{digits}}})?" for digits in (3, 6, 9)},
}


def unit_of(names: Sequence[str]) -> str:
    """Give the coarsest unit, as numpy names it, that tells all times of these fields apart."""
    if any(name.endswith("f") for name in names):
        return "ns" if any(name.endswith("9f") for name in names) else "us"
    return "s" if {"H", "I", "-H", "-I"} & set(names) else "D"


def read_fields(texts: Mapping[str, Sequence[str]], n: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Compute times from the texts of their fields.

    Parameters
    ----------
    texts : mapping of field to sequence of n str
        Each as `FIELDS` has it.
    n : int

    Returns
    -------
    numbers : ndarray of int64, shape (n,)
        In the unit of these fields since 1970, or since midnight if none is of a date.
    exist : ndarray of bool, shape (n,)
        Whether the calendar has such a day, the day of the week included.
    """
    unit = unit_of(list(texts))
    codes = {_role(name): _codes(name, column, unit) for name, column in texts.items()}

    def field(role: str, default: int) -> NDArray[np.int64]:
        return codes.get(role, np.full(n, default))

    short = field("y", 70)
    year = codes.get("Y", short + np.where(short < CENTURY, 2000, 1900))
    month = codes["name"] if "name" in codes else field("m", 1) - 1
    months = ((year - 1970) * 12 + month).astype("M8[M]")
    days = months.astype("M8[D]") + (field("d", 1) - 1)
    day = days.astype(np.int64)
    exist = (days.astype("M8[M]") == months) & (field("weekday", 0) == ((day + 3) % 7) * ("weekday" in codes))
    if unit == "D":
        return day, exist
    hour = field("H", 0) + field("I", 12) % 12 + 12 * field("noon", 0)
    seconds = day * 86_400 + hour * 3600 + field("M", 0) * 60 + field("S", 0)
    if unit == "s":
        return seconds, exist
    if unit == "ns":
        exist &= np.abs(seconds) < LIMIT
        seconds = np.where(exist, seconds, 0)
    return seconds * 10 ** DIGITS[unit] + field("fraction", 0), exist


def write_field(name: str, times: NDArray[np.datetime64]) -> list[str]:
    """Write one field of n times."""
    role = _role(name)
    if role == "fraction":
        digits = int(name.strip(".f"))
        parts = (times - times.astype("M8[s]")).astype(f"m8[{'ns' if digits == 9 else 'us'}]")
        numbers = parts.astype(np.int64) // (1000 if digits == 3 else 1)
        texts = [f"{number:0{digits}d}" for number in numbers.tolist()]
        return [f".{text}" if text.strip("0") else "" for text in texts] if name[0] == "." else texts
    codes = _field(role, times)
    if name == "Y":
        years, places = np.unique(codes, return_inverse=True)
        return np.array([f"{year:04d}" for year in years], dtype=object)[places].tolist()
    return np.array(_TEXTS[name], dtype=object)[codes].tolist()


def _role(name: str) -> str:
    """What a field says, in whatever way."""
    return _ROLES.get(name, name[-1])


def _codes(name: str, texts: Sequence[str], unit: str) -> NDArray[np.int64]:
    """Give the number that each of n texts of a field stands for: a year, a fraction, or its place."""
    if name == "Y":
        return np.array(texts, dtype="U4").astype(np.int64)
    if name.endswith("f"):
        return np.array([int(text.strip(".").ljust(DIGITS[unit], "0")) for text in texts], dtype=np.int64)
    return np.fromiter(map(_PLACES[name].__getitem__, texts), dtype=np.int64, count=len(texts))


def _field(role: str, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Give what n times hold of a field: a year, or the place among its texts."""
    days, months = times.astype("M8[D]"), times.astype("M8[M]")
    if role in ("Y", "y"):
        year = months.astype("M8[Y]").astype(np.int64) + 1970
        return year if role == "Y" else year % 100
    if role in ("name", "m"):
        return months.astype(np.int64) % 12 + (role == "m")
    if role == "d":
        return (days - months.astype("M8[D]")).astype(np.int64) + 1
    if role == "weekday":
        return (days.astype(np.int64) + 3) % 7
    second = (times.astype("M8[s]") - days).astype(np.int64)
    hour = second // 3600
    return {
        "H": hour,
        "I": (hour + 11) % 12 + 1,
        "noon": hour // 12,
        "M": second // 60 % 60,
        "S": second % 60,
    }[role]
