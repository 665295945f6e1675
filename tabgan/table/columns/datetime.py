"""Dates, times, periods and durations: whole numbers of their unit, ranked like any other number."""

from __future__ import annotations

from tabgan.table.columns.continuous import Continuous


class Datetime(Continuous):
    """Points in time, with or without a zone, and lengths of time; a midnight stays a midnight.

    The grid of the column is kept: a column of dates gets dates, one of whole minutes whole minutes. The
    parameters are those of `Continuous`.
    """

    kinds = ("datetime", "timedelta")
