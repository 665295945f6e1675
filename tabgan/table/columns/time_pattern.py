"""How strings write points in time and times of day: read and written by the fields of one format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

MONTHS = (
    "January February March April May June July August September October November December".split()
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FIELD = re.compile(r"%([-^]?[A-Za-z]|\.?[369]f)")
_TWO = r"\d{2}"
# field -> its group and what it looks like; more than strftime's: "%-d" without a leading zero, "%^b" in
# capitals, "%P" in small letters, "%6f" with 6 digits, "%.6f" with the point, and both left out if all are 0
FIELDS: dict[str, tuple[str, str]] = {
    "Y": ("year", r"\d{4}"),
    "y": ("short", _TWO),
    **{name: (group, _TWO) for name, group in zip("mdHIMS", ("month", "day", "hour", "half", "minute", "second"), strict=True)},
    **{f"-{name}": (group, r"\d{1,2}") for name, group in zip("mdHI", ("month", "day", "hour", "half"), strict=True)},
    "B": ("name", "[A-Za-z]{3,9}"),
    "b": ("name", "[A-Za-z]{3}"),
    "^b": ("name", "[A-Z]{3}"),
    "A": ("weekday", "[A-Za-z]{6,9}"),
    "a": ("weekday", "[A-Za-z]{3}"),
    "p": ("noon", "AM|PM"),
    "P": ("noon", "am|pm"),
    **{f"{n}f": ("fraction", rf"\d{{{n}}}") for n in (3, 6, 9)},
    **{f".{n}f": ("fraction", rf"(?:\.\d{{{n}}})?") for n in (3, 6, 9)},
}  # fmt: skip
SECONDS = {"D": 86_400, "s": 1, "us": 1e-6, "ns": 1e-9}

_NUMERIC = [
    f"{first}{mark}{second}{mark}{year}"
    for mark, years in (("/", ("%Y", "%y")), (".", ("%Y", "%y")), ("-", ("%Y", "%y")))
    for year in years
    for first, second in (("%d", "%m"), ("%m", "%d"), ("%-d", "%-m"), ("%-m", "%-d"))
    if mark != "." or not first.endswith("m")
]
_NAMED = [
    form.replace("D", day).replace("M", month)
    for form in ("D M %Y", "D. M %Y", "D-M-%Y", "D-M-%y", "M D, %Y", "M D %Y", "DM%Y")
    for day, month in product(("%d", "%-d"), ("%b", "%B", "%^b"))
]
DATES = [
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y-%-m-%-d", "%Y/%-m/%-d", "%Y%m%d"),
    *_NUMERIC,
    *_NAMED,
    *(f"%a, {form}" for form in _NAMED),
    *(f"%A, {form}" for form in _NAMED),
    *("%Y-%m", "%Y/%m", "%m/%Y", "%-m/%Y", "%b %Y", "%B %Y", "%b-%y"),
]
COMPACT_YEARS = ("%Y%m%d", 1800, 2100)  # eight digits outside these years are no dates
CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2}(?P<point>\.)?(?P<fraction>(?<=\.)(\d{9}|\d{6}|\d{3}))?)?"
    r"(?P<noon> ?(?:[AP]M|[ap]m))?(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?$"
)
JOIN = re.compile(r"(?P<date>.*?)(?P<join>T|,? +|)$")
HEAD = 100  # strings looked at first


@dataclass(frozen=True)
class TimePattern:
    """One way to write points in time, or times of day, as strings.

    Parameters
    ----------
    format : str
        As for `datetime.strptime`; see `FIELDS`. An offset from UTC is part of the text between the fields:
        it is the same in all strings, and times are those of the clock beside it.
    """

    format: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> tuple[TimePattern, TimePattern | None] | None:
        """Find the pattern that writes each of the different `texts`, and another one if that fits, too.

        Where the first number may be the day or the month, it is the day; but if only the second one never
        varies, that one is: so are dates of the first of each month.
        """
        longest = max(texts, key=len, default="")
        found: list[TimePattern] = []
        for pattern in map(cls, _formats(longest)):
            if pattern._fits(texts) and (not found or pattern._differs(found[0], texts)):
                found.append(pattern)
        if len(found) < 2:
            return (found[0], None) if found else None
        first, second = (np.unique(pattern._days(texts)).size for pattern in found[:2])
        return (found[1], found[0]) if second == 1 < first else (found[0], found[1])

    @property
    def unit(self) -> str:
        """The unit of the numbers, as numpy names it."""
        digits = re.search(r"%\.?([369])f", self.format)
        if digits:
            return "ns" if digits[1] == "9" else "us"
        return "s" if {"H", "I", "-H", "-I"} & set(self._names) else "D"

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Give units since 1970, or since midnight, of `texts`, and which are written exactly so: shape (n,) each."""
        matches = [_regex(self.format).fullmatch(text) for text in texts]
        rows = [match.groupdict() if match else {} for match in matches]
        numbers = self._number(rows).astype(np.int64)
        written = self.write(numbers)
        fits = [bool(m) and w == t for m, w, t in zip(matches, written, texts, strict=True)]
        return numbers, np.array(fits, dtype=bool)

    def write(self, numbers: NDArray[np.int64]) -> list[str]:
        """Undo `read`."""
        times = numbers.view(f"M8[{self.unit}]")
        parts: list[list[str]] = []
        for place, part in enumerate(FIELD.split(self.format)):
            parts.append(_written(part, times) if place % 2 else [part.replace("%%", "%")] * len(numbers))
        return ["".join(row) for row in zip(*parts, strict=True)]

    def floats(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give numbers that were read in microseconds."""
        return numbers * (SECONDS[self.unit] * 1e6)

    @property
    def _names(self) -> list[str]:
        return FIELD.findall(self.format)

    def _fits(self, texts: Sequence[str]) -> bool:
        for some in (texts[:HEAD], texts):
            numbers, fits = self.read(some)
            if not fits.all():
                return False
        if self.format.startswith(COMPACT_YEARS[0]):
            years = _years(numbers.view(f"M8[{self.unit}]"))
            return bool((years >= COMPACT_YEARS[1]).all() and (years <= COMPACT_YEARS[2]).all())
        return True

    def _differs(self, other: TimePattern, texts: Sequence[str]) -> bool:
        return bool((self.read(texts)[0] != other.read(texts)[0]).any())

    def _days(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Give the days of the month."""
        dates = self.read(texts)[0].view(f"M8[{self.unit}]").astype("M8[D]")
        return (dates - dates.astype("M8[M]")).astype(np.int64)

    def _number(self, rows: list[dict[str, str]]) -> NDArray[np.int64]:
        """Compute the numbers from the fields of each string; anything, where a field is out of range."""

        def field(name: str, default: int) -> NDArray[np.int64]:
            return np.array([int(row.get(name) or default) for row in rows], dtype=np.int64)

        short = field("short", 70)
        year = field("year", 0)
        year = np.where(year > 0, year, short + np.where(short < 69, 2000, 1900))
        month = field("month", 1)
        if {"b", "B", "^b"} & set(self._names):
            places = {name[:3]: place for place, name in enumerate(MONTHS, 1)}
            month = np.array([places.get(row.get("name", "")[:3].title(), 1) for row in rows])
        months = (year - 1970) * 12 + month - 1
        days = months.astype("M8[M]").astype("M8[D]").astype(np.int64) + field("day", 1) - 1
        if self.unit == "D":
            return days
        noon = np.array([12 * ((row.get("noon") or "").upper() == "PM") for row in rows], dtype=np.int64)
        hour = field("hour", 0) + field("half", 12) % 12 + noon
        seconds = days * 86_400 + hour * 3600 + field("minute", 0) * 60 + field("second", 0)
        if self.unit == "s":
            return seconds
        width = 9 if self.unit == "ns" else 6
        fraction = [int((row.get("fraction") or "").strip(".").ljust(width, "0")) for row in rows]
        with np.errstate(over="ignore"):
            return seconds * 10**width + np.array(fraction, dtype=np.int64)


@lru_cache(maxsize=1024)
def _regex(form: str) -> re.Pattern[str]:
    """Give what strings of a format look like."""
    parts = FIELD.split(form)
    for place, part in enumerate(parts):
        parts[place] = "(?P<{}>{})".format(*FIELDS[part]) if place % 2 else re.escape(part)
    return re.compile("".join(parts), re.ASCII)


def _formats(text: str) -> list[str]:
    """Give all formats that one string may be of."""
    clock = CLOCK.search(text)
    if clock is None:
        return [form for form in DATES if _regex(form).fullmatch(text)]
    before = JOIN.match(text[: clock.start()])
    assert before is not None
    noon = clock["noon"] or ""
    noon = noon.replace(noon.strip(), "%P" if noon.islower() else "%p") if noon else ""
    seconds = [":%S" if clock["second"] else ""]
    if clock["fraction"]:
        digits = len(clock["fraction"])
        seconds = [f":%S.%{digits}f", f":%S%.{digits}f"]
    clocks = [
        f"{hour}:%M{second}{noon}{clock['zone'] or ''}"
        for second in seconds
        for hour in (("%I", "%-I") if noon else ("%H", "%-H"))
    ]
    dates = [form for form in DATES if _regex(form).fullmatch(before["date"])]
    if not before[0]:
        return clocks
    return [date + before["join"] + of_day for date in dates for of_day in clocks]


def _years(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return times.astype("M8[Y]").astype(np.int64) + 1970


def _written(name: str, times: NDArray[np.datetime64]) -> list[str]:
    """Write one field of n times."""
    days, months = times.astype("M8[D]"), times.astype("M8[M]")
    plain = name.removeprefix("-").removeprefix("^")
    width = 0 if name.startswith("-") else 4 if plain == "Y" else 2
    month = months.astype(np.int64) % 12
    if plain in ("b", "B"):
        names = [full if plain == "B" else full[:3] for full in MONTHS]
        return [names[k].upper() if name == "^b" else names[k] for k in month]
    if plain in ("a", "A"):
        weekdays = (days.astype(np.int64) + 3) % 7
        return [DAYS[k] if plain == "A" else DAYS[k][:3] for k in weekdays]
    if plain.endswith("f"):
        digits = int(plain.strip(".f"))
        parts = (times - times.astype("M8[s]")).astype(f"m8[{'ns' if digits == 9 else 'us'}]")
        fractions = parts.astype(np.int64) // (1000 if digits == 3 else 1)
        texts = [f"{fraction:0{digits}d}" for fraction in fractions.tolist()]
        return [f".{t}" if t.strip("0") else "" for t in texts] if plain[0] == "." else texts
    second = (times.astype("M8[s]") - days).astype("m8[s]").astype(np.int64)
    hour = second // 3600
    if plain in ("p", "P"):
        return [("PM" if h >= 12 else "AM") if plain == "p" else ("pm" if h >= 12 else "am") for h in hour]
    numbers = {
        "Y": _years(times),
        "y": _years(times) % 100,
        "m": month + 1,
        "d": (days - months.astype("M8[D]")).astype(np.int64) + 1,
        "H": hour,
        "I": (hour + 11) % 12 + 1,
        "M": second // 60 % 60,
        "S": second % 60,
    }[plain]
    return [f"{number:0{width}d}" for number in numbers.tolist()]
