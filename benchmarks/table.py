"""Print what the results file holds as Markdown tables, the ones of ``docs/benchmarks.md``.

    python -m benchmarks.table [--results FILE] [--tables adult,magic] [--methods tabgan,ctgan]
                              [--defaults] [--ablation]

A cell is the mean over seeds, with the least and the greatest in brackets. Of one method there is one
Markdown table, a column for each table and one for their mean; of several there is one for each table, a
column for each method, and one for the mean of the tables that every method was measured on. A measurement
made again counts once, the last time. ``--defaults`` leaves out settings other than a method's defaults.

With ``--ablation``, there is one line for each setting of tabgan's parameters instead, and how far each
figure lies from the defaults' on the same tables and seeds; each version has a table of its own.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from benchmarks.results import RESULTS, Row, latest, read


@dataclass(frozen=True)
class Figure:
    """One line of a table: its name, how a row gives it, how it is written, and what real rows reach.

    `error` is the standard error of a single measurement, where the judge knows it.
    """

    name: str
    of: Callable[[Row], float]
    form: str
    real: Callable[[Row], float] | None = None
    error: Callable[[Row], float] | None = None

    def write(self, value: float) -> str:
        """The value as it stands in a table; no figure, no "nan"."""
        return self.form.format(value) if math.isfinite(value) else "-"


def judge(name: str) -> Callable[[Row], float]:
    """A figure of the judge."""
    return lambda row: row["judge"].get(name, math.nan)


def ratio(above: str, below: str, times: float = 1.0) -> Callable[[Row], float]:
    """The quotient of two figures of the judge."""
    return lambda row: times * judge(above)(row) / (judge(below)(row) or math.nan)


def measured(name: str) -> Callable[[Row], float]:
    """A figure of the measurement itself."""
    return lambda row: row.get(name, math.nan)


def real(value: float) -> Callable[[Row], float]:
    """What real rows reach, where that is the same for every table."""
    return lambda row: value


# `mle_gap` is positive where synthetic rows are worse: real - mle of an AUC, mle - real of an RMSE.
FIGURES = (
    Figure("trees' AUC", judge("c2st_gbdt_auc"), "{:.3f}", judge("c2st_gbdt_auc_reference")),
    Figure("trees' AUC, held-out", judge("c2st_gbdt_auc_test"), "{:.3f}"),
    Figure("XGBoost, all rows", judge("xgb_all_auc"), "{:.3f}"),
    Figure("XGBoost, held-out", judge("xgb_heldout_auc"), "{:.3f}", judge("xgb_heldout_reference")),
    Figure("pair error / floor", ratio("pair_error_fixed_bins", "pair_floor"), "{:.2f}", real(1)),
    Figure("trend error, %", judge("trend_error"), "{:.2f}", judge("trend_floor")),
    Figure("shape error, %", judge("shape_error"), "{:.2f}", judge("shape_floor")),
    Figure("MLE gap to real, %", ratio("mle_gap", "mle_real", 100), "{:.1f}", real(0)),
    Figure("alpha-precision, %", judge("alpha_precision"), "{:.1f}"),
    Figure("beta-recall, %", judge("beta_recall"), "{:.1f}"),
    Figure("DCR excess, %", judge("dcr_excess"), "{:.1f}", real(0), judge("dcr_excess_se")),
    Figure("worst attack's AUC", judge("attack_auc"), "{:.3f}", real(0.5), judge("attack_se")),
    Figure("fit, CPU s", measured("fit_cpu_s"), "{:,.0f}"),
    Figure("fit, wall s", measured("fit_wall_s"), "{:,.0f}"),
    Figure("peak memory, MiB", measured("peak_MiB"), "{:,.0f}"),
    Figure("sampling, rows a second", measured("sample_rows_per_s"), "{:,.0f}"),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.table", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--tables", metavar="NAME,NAME", help="only these, in this order")
    parser.add_argument("--methods", metavar="NAME,NAME", help="only these, in this order")
    parser.add_argument("--defaults", action="store_true", help="only what was measured with the defaults")
    parser.add_argument("--ablation", action="store_true", help="compare settings of tabgan's parameters")
    arguments = parser.parse_args()
    rows = scored(read(arguments.results))
    tables = chosen(arguments.tables, (row["table"] for row in rows))
    methods = chosen(arguments.methods, (row["method"] for row in rows))
    rows = [row for row in rows if row["table"] in tables and row["method"] in methods]
    if arguments.defaults:
        rows = [row for row in rows if not row["parameters"]]
    if not rows:
        parser.error(f"no judged row of these tables and methods in {arguments.results}")
    print(ablations(rows) if arguments.ablation else comparison(latest(rows), tables, methods))


def scored(rows: list[Row]) -> list[Row]:
    """The fits that a judge has seen in full."""
    return [row for row in rows if "judge" in row and not row["judge"].get("fast")]


def chosen(names: str | None, there: Iterable[str]) -> list[str]:
    """The names asked for, or else all there are in the order they first occur."""
    return names.split(",") if names else list(dict.fromkeys(there))


# --- Methods and tables -------------------------------------------------------------------------------------


def comparison(rows: list[Row], tables: Sequence[str], methods: Sequence[str]) -> str:
    """Tables of Markdown with the spread over seeds; a method with parameters set is a method of its own."""
    groups: dict[str, list[Row]] = {}
    for method in methods:
        for row in rows:
            if row["method"] == method:
                groups.setdefault(label(row), []).append(row)
    if len(groups) == 1:
        ((name, group),) = groups.items()
        columns = {table: of_table(group, table) for table in tables}
        parts = [f"### {name}", markdown({k: v for k, v in columns.items() if v}, mean_of=group)]
    else:
        parts = []
        for table in tables:
            columns = {name: of_table(group, table) for name, group in groups.items()}
            parts += [f"### {table}", markdown({k: v for k, v in columns.items() if v}, with_real=True)]
        shared = [table for table in tables if all(of_table(group, table) for group in groups.values())]
        if len(shared) > 1:
            parts += [f"### Mean of {', '.join(shared)}", means(groups, shared)]
    return "\n\n".join([*parts, provenance(rows)])


def label(row: Row) -> str:
    """The method, and what was set of its parameters."""
    settings = ", ".join(f"{name}={json.dumps(value)}" for name, value in sorted(row["parameters"].items()))
    return f"{row['method']}, {settings}" if settings else str(row["method"])


def of_table(rows: list[Row], table: str) -> list[Row]:
    """The rows of one table."""
    return [row for row in rows if row["table"] == table]


def markdown(
    columns: dict[str, list[Row]], *, mean_of: list[Row] | None = None, with_real: bool = False
) -> str:
    """A line a figure, a column a group of rows that differ in their seed alone."""
    seeds = {name: f"{name} ({len(rows)} seed{'s'[: len(rows) != 1]})" for name, rows in columns.items()}
    every = [row for rows in columns.values() for row in rows]
    several = mean_of is not None and len(columns) > 1
    lines = [
        ["figure", *(["real rows"] if with_real else []), *seeds.values(), *(["mean"] if several else [])]
    ]
    for figure in FIGURES:
        line = [figure.name]
        if with_real:
            line.append(figure.write(mean(map(figure.real, every))) if figure.real else "-")
        line += [cell(figure, rows) for rows in columns.values()]
        if several:
            line.append(mean_cell(figure, mean_of or [], list(columns)))
        lines.append(line)
    return as_table(lines)


def means(groups: dict[str, list[Row]], tables: Sequence[str]) -> str:
    """A line a figure, a column a method: its mean over tables."""
    lines = [["figure", *groups]]
    lines += [[f.name, *(mean_cell(f, rows, tables) for rows in groups.values())] for f in FIGURES]
    return as_table(lines)


def cell(figure: Figure, rows: list[Row]) -> str:
    """The mean over seeds and its spread."""
    values = [figure.of(row) for row in rows]
    error = mean(map(figure.error, rows)) if figure.error else None
    return written(figure, mean(values), values, error)


def mean_cell(figure: Figure, rows: list[Row], tables: Sequence[str]) -> str:
    """The mean over tables of the means over seeds; its spread over the seeds that all tables have."""
    groups = [of_table(rows, table) for table in tables]
    by_seed = [{row["seed"]: figure.of(row) for row in group} for group in groups]
    seeds = set.intersection(*(set(values) for values in by_seed))
    over_seeds = [mean(values[seed] for values in by_seed) for seed in seeds]
    error = None
    if figure.error:
        error = math.hypot(*(mean(map(figure.error, group)) for group in groups)) / len(groups)
    return written(figure, mean(mean(values.values()) for values in by_seed), over_seeds, error)


def written(figure: Figure, value: float, spread: Sequence[float], error: float | None) -> str:
    """A value with its error and its spread, as far as there are any."""
    text = figure.write(value)
    if error is not None:
        text += f" ± {figure.write(error)}"
    if len(spread) > 1:
        text += f" ({figure.write(min(spread))} to {figure.write(max(spread))})"
    return text


# --- Ablation -----------------------------------------------------------------------------------------------


def ablations(rows: list[Row]) -> str:
    """A section for each version of tabgan that was measured with more than one setting of its parameters."""
    versions: dict[str, list[Row]] = {}
    for row in rows:
        if row["method"] == "tabgan":
            versions.setdefault(row["version"], []).append(row)
    several = {v: latest(group) for v, group in versions.items() if len({label(row) for row in group}) > 1}
    parts = [f"### tabgan {version}\n\n{ablation(group)}" for version, group in several.items()]
    return "\n\n".join(parts) or "No version of tabgan was measured with more than one setting."


def ablation(rows: list[Row]) -> str:
    """A line a setting of tabgan's parameters; in brackets the difference to the defaults, which come first.

    Both are means over the tables and seeds that the setting was measured on; the difference is over those
    that the defaults were measured on as well, with its standard error where there are several.
    """
    settings: dict[str, dict[tuple[str, int], Row]] = {"tabgan": {}}
    for row in rows:
        settings.setdefault(label(row), {})[row["table"], row["seed"]] = row
    defaults = settings["tabgan"]
    lines = [["parameters", "tables", "fits", *(figure.name for figure in FIGURES)]]
    for name, group in settings.items():
        if not group:
            continue
        changed = name.removeprefix("tabgan, ") if name != "tabgan" else "defaults"
        line = [changed, str(len({table for table, _ in group})), str(len(group))]
        line += [ablation_cell(figure, group, defaults) for figure in FIGURES]
        lines.append(line)
    return f"{as_table(lines)}\n\n{provenance(rows)}"


def ablation_cell(
    figure: Figure, group: dict[tuple[str, int], Row], defaults: dict[tuple[str, int], Row]
) -> str:
    """The mean, and the mean of the differences to the defaults on the same table and seed."""
    text = figure.write(mean(map(figure.of, group.values())))
    if group is defaults:
        return text
    apart = [figure.of(group[where]) - figure.of(defaults[where]) for where in group if where in defaults]
    shared = [value for value in apart if math.isfinite(value)]
    if not shared:
        return text
    signed = figure.form.replace("{:", "{:+")
    error = f" ± {figure.write(stdev(shared) / math.sqrt(len(shared)))}" if len(shared) > 1 else ""
    return f"{text} ({signed.format(mean(shared))}{error})"


# --- Writing ------------------------------------------------------------------------------------------------


def provenance(rows: list[Row]) -> str:
    """Where the rows come from: versions, threads, machines and days."""

    def all_of(name: str) -> str:
        return ", ".join(sorted({str(row[name]) for row in rows if name in row}))

    versions = ", ".join(sorted({f"{row['method']} {row['version']}" for row in rows}))
    days = sorted({str(row["date"]) for row in rows})
    return (
        f"{len(rows)} fit{'s'[: len(rows) != 1]}; {versions}; PyTorch {all_of('torch')}; "
        f"threads: {all_of('threads')}; {all_of('machine')}; "
        f"{' to '.join(dict.fromkeys((days[0], days[-1])))}."
    )


def as_table(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first line is its head."""
    head, *rest = ["| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines]
    return "\n".join([head, "| --- " * len(lines[0]) + "|", *rest])


if __name__ == "__main__":
    main()
