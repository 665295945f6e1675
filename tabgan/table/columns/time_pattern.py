"""How strings write points in time and times of day: read and written by the fields of one format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tabgan.table.columns.time_fields import FIELDS, read_fields, unit_of, write_field

FIELD = re.compile(r"%([-^]?[A-Za-z]|\.?[369]f)")
MICROSECONDS = {"D": 86_400e6, "s": 1e6, "us": 1.0, "ns": 1e-3}
HEAD = 100  # strings looked at first

_NUMERIC = [
    f"{first}{mark}{second}{mark}{year}"
    for mark, year in product("/.-", ("%Y", "%y"))
    for first, second in (("%d", "%m"), ("%m", "%d"), ("%-d", "%-m"), ("%-m", "%-d"))
    if mark != "." or first.endswith("d")
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
    *(f"{weekday}, {form}" for weekday in ("%a", "%A") for form in _NAMED),
    *("%Y-%m", "%Y/%m", "%m/%Y", "%-m/%Y", "%b %Y", "%B %Y", "%b-%y"),
]
COMPACT, COMPACT_YEARS = "%Y%m%d", (1800, 2100)  # eight digits outside these years are no dates
CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?P<second>:\d{2}(?:\.(?P<fraction>\d{9}|\d{6}|\d{3}))?)?"
    r"(?P<noon> ?(?:[AP]M|[ap]m))?(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?$"
)
OFFSET = re.compile(r" ?(Z|UTC|GMT|[+-](0\d|1[0-4]):?(00|15|30|45)?$)")  # that there is
MOST = 0.9  # of the strings, that are times
JOIN = re.compile(r"(?P<date>.*?)(?P<join>T|,? +|)$", re.DOTALL)


@dataclass(frozen=True)
class TimePattern:
    """One way to write points in time, or times of day, as strings.

    Parameters
    ----------
    format : str
        As for `datetime.strptime`, with the fields of `FIELDS`. An offset from UTC is part of the text
        between the fields: it is the same in all strings, and times are those of the clock beside it.
    """

    format: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> tuple[TimePattern, TimePattern | None, NDArray[np.int64]] | None:
        """Find the pattern that writes each of n different `texts`, another one if there is, their numbers.

        Where each of two numbers may be the day or the month, the first is the day; but if the second one
        never varies and the first does, the second is, as in dates of the first of each month.
        """
        found: list[tuple[TimePattern, NDArray[np.int64]]] = []
        for pattern in map(cls, _formats(max(texts, key=len, default=""))):
            if not pattern.read(texts[:HEAD])[1].all():
                continue
            numbers, fits = pattern.read(texts)
            is_new = not found or bool((numbers != found[0][1]).any())
            if fits.all() and is_new and pattern._plausible(numbers):
                found.append((pattern, numbers))
        if len(found) < 2:
            return (found[0][0], None, found[0][1]) if found else None
        (first, of_first), (second, of_second) = found[:2]
        if second._n_days(of_second) == 1 < first._n_days(of_first):
            return second, first, of_second
        return first, second, of_first

    @staticmethod
    def offsets(texts: Sequence[str]) -> list[str]:
        """Give the offsets from UTC in n different `texts`, if most are times that differ in them alone."""
        found = [clock and clock["zone"] for clock in map(CLOCK.search, texts)]
        real = [(text, zone) for text, zone in zip(texts, found, strict=True) if zone and OFFSET.match(zone)]
        zones = {zone.strip() for _, zone in real}
        if len(zones) < 2 or len(real) < MOST * len(texts):
            return []
        pattern = TimePattern.of(list({text.removesuffix(zone) for text, zone in real}))
        return [] if pattern is None or pattern[0].is_time_of_day else sorted(zones)

    @classmethod
    def given(cls, form: str) -> TimePattern:
        """Take a format of the user's.

        Raises
        ------
        ValueError
            If it has fields that are unknown, or none.
        """
        names = FIELD.findall(form)
        if not names or (unknown := [f"%{name}" for name in names if name not in FIELDS]):
            what = f"has no field {unknown[0]}" if names else "has fields such as %Y"
            raise ValueError(
                f"a format {what}, got {form!r}; there are {', '.join(f'%{name}' for name in FIELDS)}"
            )
        return cls(form)

    @property
    def unit(self) -> str:
        """The unit of the numbers, as numpy names it."""
        return unit_of(self._names)

    @property
    def is_time_of_day(self) -> bool:
        """Whether there is no date."""
        return not {"Y", "y"} & set(self._names)

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Give the numbers in `texts`, shape (n,), and which are written exactly so, shape (n,).

        They are int64: units since 1970, or since midnight; 0 where it does not fit.
        """
        match = _regex(self.format).fullmatch
        rows = [found.groups() if (found := match(text)) else None for text in texts]
        fits = np.array([row is not None for row in rows], dtype=bool)
        numbers = np.zeros(len(texts), dtype=np.int64)
        if fits.any():
            fields = dict(zip(self._names, zip(*filter(None, rows), strict=True), strict=True))
            numbers[fits], fits[fits] = read_fields(fields, int(fits.sum()))
        return numbers, fits

    def write(self, numbers: NDArray[np.int64]) -> list[str]:
        """Undo `read`."""
        times = numbers.view(f"M8[{self.unit}]")
        parts = FIELD.split(self.format)
        texts = [write_field(part, times) if k % 2 else [part] * len(times) for k, part in enumerate(parts)]
        return list(map("".join, zip(*texts, strict=True)))

    def floats(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give numbers that were read in microseconds."""
        return np.asarray(numbers * MICROSECONDS[self.unit], dtype=np.float64)

    @property
    def _names(self) -> list[str]:
        return FIELD.findall(self.format)

    def _plausible(self, numbers: NDArray[np.int64]) -> bool:
        """Tell whether eight digits without marks are likely to be dates."""
        if not self.format.startswith(COMPACT):
            return True
        years = numbers.view(f"M8[{self.unit}]").astype("M8[Y]").astype(np.int64) + 1970
        return COMPACT_YEARS[0] <= years.min() and years.max() <= COMPACT_YEARS[1]

    def _n_days(self, numbers: NDArray[np.int64]) -> int:
        """Count the days of the month that occur."""
        days = numbers.view(f"M8[{self.unit}]").astype("M8[D]")
        return len(np.unique(days - days.astype("M8[M]").astype("M8[D]")))


@lru_cache(maxsize=1024)
def _regex(form: str) -> re.Pattern[str]:
    """Give what strings of a format look like, with a group a field."""
    parts = FIELD.split(form)
    return re.compile(
        "".join(f"({FIELDS[p]})" if k % 2 else re.escape(p) for k, p in enumerate(parts)), re.ASCII
    )


def _formats(text: str) -> list[str]:
    """Give all formats that one string may be of."""
    clock = CLOCK.search(text)
    if clock is None:
        return [form for form in DATES if _regex(form).fullmatch(text)]
    before = JOIN.match(text[: clock.start()])
    assert before is not None
    noon = clock["noon"] or ""
    half = noon.replace(noon.strip(), "%P" if noon.islower() else "%p") if noon else ""
    seconds = [":%S" if clock["second"] else ""]
    if clock["fraction"]:
        digits = len(clock["fraction"])
        seconds = [f":%S.%{digits}f", f":%S%.{digits}f"]
    hours = ("%I", "%-I") if noon else ("%H", "%-H")
    clocks = [f"{h}:%M{s}{half}{clock['zone'] or ''}" for s, h in product(seconds, hours)]
    if not before[0]:
        return clocks
    dates = [form for form in DATES if _regex(form).fullmatch(before["date"])]
    return [date + before["join"] + of_day for date, of_day in product(dates, clocks)]
