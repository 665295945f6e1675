"""Columns of strings that write times and numbers, by name, and how a reader of each tells that it is one."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

# name -> how `datetime.strptime` reads it; "%" stands for a field that may lack its leading zero
TIMES: dict[str, str] = {
    "ISO": "%Y-%m-%dT%H:%M:%S",
    "ISO with a blank": "%Y-%m-%d %H:%M:%S",
    "UTC": "%Y-%m-%dT%H:%M:%SZ",
    "offset": "%Y-%m-%d %H:%M:%S+02:00",
    "minutes": "%Y-%m-%d %H:%M",
    "ISO date": "%Y-%m-%d",
    "day first": "%d.%m.%Y",
    "day first, slashes": "%d/%m/%Y",
    "day first, two digits": "%d.%m.%y",
    "month first": "%m/%d/%Y",
    "month name": "%d %b %Y",
    "full month name": "%B %d, %Y",
    "weekday": "%a, %d %b %Y",
    "compact": "%Y%m%d",
    "time of day": "%H:%M",
    "with seconds": "%H:%M:%S",
    "afternoon": "%I:%M %p",
}
UNPADDED: dict[str, tuple[str, Callable[[datetime], str]]] = {
    "no zeros": ("%d.%m.%Y", lambda t: f"{t.day}.{t.month}.{t.year}"),
    "month first, no zeros": (
        "%m/%d/%Y %I:%M %p",
        lambda t: f"{t.month}/{t.day}/{t.year} {t.hour % 12 or 12}:{t:%M %p}",
    ),
    "month name first": ("%b %d, %Y", lambda t: f"{t:%b} {t.day}, {t.year}"),
}
NUMBERS: dict[str, tuple[str, Callable[[float], str]]] = {
    "euros": (r"-?\d{1,3}(,\d{3})*\.\d\d EUR", lambda v: f"{v:,.2f} EUR"),
    "dollars": (r"-?\$\d+\.\d\d", lambda v: f"{'-' * (v < 0)}${abs(v):.2f}"),
    "comma": (r"-?\d{1,3}(\.\d{3})*,\d\d", lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,"))),
    "blanks": (r"-?\d{1,3}( \d{3})*,\d", lambda v: f"{v:,.1f}".translate(str.maketrans(",.", " ,"))),
    "apostrophe": (r"-?\d{1,3}('\d{3})*\.\d\d", lambda v: f"{v:,.2f}".replace(",", "'")),
    "per cent": (r"-?\d+ %", lambda v: f"{v:.0f} %"),
    "weight": (r"-?\d+\.\d kg", lambda v: f"{v:.1f} kg"),
    "trimmed": (r"-?\d+\.\d{1,3}", lambda v: str(round(v, 3))),
    "floats": (r"-?\d+\.\d+(e-\d+)?", lambda v: repr(v)),
    "tiny floats": (r"-?\d+(\.\d+)?e-\d+", lambda v: repr(v * 1e-9)),
    "accounts": (
        r"\(\d{1,3}(,\d{3})*\.\d\d\)|\d{1,3}(,\d{3})*\.\d\d",
        lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    ),
    "whole": (r"-?\d+", lambda v: str(round(v))),
}
WRITTEN = [*TIMES, *UNPADDED, *NUMBERS]


def values(n: int, seed: int = 0) -> tuple[list[datetime], list[float]]:
    """Give n times, whole minutes, and n numbers."""
    rng = np.random.default_rng(seed)
    times = pd.Timestamp("1971-02-03") + pd.to_timedelta(rng.integers(0, 20_000 * 1440, n), unit="min")
    return times.to_pydatetime().tolist(), (rng.normal(0, 2000, n)).tolist()


def written(name: str, n: int) -> list[str]:
    """Give n strings of a kind."""
    times, numbers = values(n)
    if name in TIMES:
        return [time.strftime(TIMES[name]) for time in times]
    if name in UNPADDED:
        return [UNPADDED[name][1](time) for time in times]
    return [NUMBERS[name][1](number) for number in numbers]


def is_written(name: str, value: Any) -> bool:
    """Tell whether a value is a string of a kind."""
    if name in NUMBERS:
        return re.fullmatch(NUMBERS[name][0], value) is not None
    if name in TIMES:
        return datetime.strptime(value, TIMES[name]).strftime(TIMES[name]) == value
    form, write = UNPADDED[name]
    return write(datetime.strptime(value, form)) == value
