"""Figures of few rows as Markdown: means over tables, and differences from tabgan with their errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import mean, stdev

from benchmarks.results import Row
from benchmarks.table import as_table

BASE = "tabgan"
FIGURES: dict[str, tuple[Callable[[Row], float], str]] = {
    "C2ST, 5,000 rows": (lambda row: row["c2st"], ".3f"),
    "C2ST, 1,000 rows": (lambda row: row["c2st_1000"], ".3f"),
    "nearer": (lambda row: row["nearer"], ".3f"),
    "attack": (lambda row: row["attack"], ".3f"),
    "MLE of n rows - real": (lambda row: row["mle_n"] - row["mle_real"], "+.3f"),
    "MLE of all - real": (lambda row: row["mle_all"] - row["mle_real"], "+.3f"),
    "pair error, %": (lambda row: row["pair"], ".1f"),
    "copies, %": (lambda row: row["copies"], ".1f"),
    "CPU s": (lambda row: row["cpu_s"], ".1f"),
}
PAIRED = 7  # so many of these, the first ones, are compared with tabgan's

Measured = dict[tuple[str, int], Row]  # by table and seed


def markdown(rows: list[Row]) -> str:
    """One table for each number of rows, a line a method.

    A cell is the mean over tables of the means over seeds. Means are those of the tables and seeds that all
    methods of the Markdown table were measured on. In brackets is the difference from tabgan on the same
    rows, with its standard error over tables (over seeds, if there is one table).
    """
    return "\n\n".join(
        of_size(n, [row for row in rows if row["n"] == n]) for n in sorted({row["n"] for row in rows})
    )


def of_size(n: int, rows: list[Row]) -> str:
    """The table of one number of rows."""
    methods: dict[str, Measured] = {}
    for row in rows:
        methods.setdefault(row["method"], {})[row["table"], row["seed"]] = row
    shared = set.intersection(*(set(found) for found in methods.values()))
    if not shared:
        return f"### {n:,} rows\n\nNo table and seed was measured with all of {', '.join(methods)}."
    names, seeds = {table for table, _ in shared}, {seed for _, seed in shared}
    lines = [["method", *FIGURES]]
    for method, found in methods.items():
        base = methods[BASE] if BASE in methods and method != BASE else None
        lines.append([method, *(cell(k, found, base, shared) for k in range(len(FIGURES)))])
    said = f"{', '.join(sorted(names))}; {len(seeds)} seed{'s'[: len(seeds) != 1]}."
    return f"### {n:,} rows\n\n{as_table(lines)}\n\n{len(names)} tables: {said}"


def cell(k: int, found: Measured, base: Measured | None, shared: Iterable[tuple[str, int]]) -> str:
    """The mean of figure k, and its difference from the base."""
    figure, form = list(FIGURES.values())[k]
    text = format(grouped_mean({where: figure(found[where]) for where in shared})[0], form)
    if base is None or k >= PAIRED:
        return text
    apart, error = grouped_mean({where: figure(found[where]) - figure(base[where]) for where in shared})
    width = form.removeprefix("+")
    spread = "" if math.isnan(error) else f" ± {error:{width}}"
    return f"{text} ({apart:+{width}}{spread})"


def grouped_mean(values: dict[tuple[str, int], float]) -> tuple[float, float]:
    """Mean over tables of means over seeds, and its standard error over tables; NaN of a single value.

    Examples
    --------
    >>> grouped_mean({("a", 0): 1.0, ("a", 1): 3.0, ("b", 0): 4.0})
    (3.0, 1.0)
    """
    tables: dict[str, list[float]] = {}
    for (table, _), value in values.items():
        tables.setdefault(table, []).append(value)
    groups = [mean(each) for each in tables.values()] if len(tables) > 1 else list(values.values())
    return mean(groups), stdev(groups) / math.sqrt(len(groups)) if len(groups) > 1 else math.nan
