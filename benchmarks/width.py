"""How the CPU time of a training step grows with the number of columns.

    python -m benchmarks.width [--columns 10,30,100,300,1000] [--steps 30] [--results FILE]

Tables of generated columns of four types in turn (normal numbers, amounts that are mostly zero, six
categories, yes or no) are learned for a few steps each, with nothing held back and no trees, and the time
between steps is taken. One row a width is appended to the results, and a Markdown table printed with the
exponent of growth against the encoded width: 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks import measuring, results
from benchmarks.table import as_table

if TYPE_CHECKING:
    from tabgan.adversarial.training.state import State

COLUMNS = "10,30,100,300,1000"
WARM_UP = 5  # steps that still fill caches and reserve memory


def main() -> None:
    """Measure each width, and print them side by side."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.width", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--columns", default=COLUMNS, metavar="N,N", help="numbers of columns")
    parser.add_argument("--steps", type=int, default=30, help=f"steps to measure, after {WARM_UP} of warm-up")
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="where rows are appended")
    arguments = parser.parse_args()
    parameters = measuring.parse_settings(arguments.set)
    rows = []
    for columns in measuring.parse_seeds(arguments.columns):
        rows.append(measure(columns, arguments.rows, arguments.steps, parameters))
        results.append(arguments.results, rows[-1])
    print(markdown(rows))


def generated(n_columns: int, n_rows: int, seed: int = 0) -> pd.DataFrame:
    """Columns of four types in turn, all of which depend on three hidden factors."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((n_rows, 3))
    table: dict[str, Any] = {}
    for i in range(n_columns):
        value = (factors @ rng.standard_normal(3) + rng.standard_normal(n_rows)) / 2
        match i % 4:
            case 0:
                table[f"number {i}"] = value
            case 1:
                table[f"amount {i}"] = np.where(value > 0.5, np.exp(value), 0.0)
            case 2:
                table[f"category {i}"] = np.array(list("abcdef"))[np.digitize(value, [-1, -0.5, 0, 0.5, 1])]
            case _:
                table[f"flag {i}"] = value > 0
    return pd.DataFrame(table)


class Enough(Exception):
    """All steps are timed; what `fit` does after them is not asked here."""


def measure(n_columns: int, n_rows: int, steps: int, parameters: dict[str, Any]) -> results.Row:
    """Milliseconds of CPU time a training step, the mean after the warm-up."""
    import torch

    from tabgan import TabGAN, Validation

    clock: list[float] = []
    last: list[State] = []

    def on_step(state: State) -> None:
        clock.append(time.process_time())
        if len(clock) > WARM_UP + steps:
            last.append(state)
            raise Enough

    settings = {"validation": Validation(0, patience=None), "refine": False, **parameters}
    model = TabGAN(max_steps=WARM_UP + steps + 1, on_step=on_step, random_state=0, verbose=0)
    model.set_params(**settings)
    try:
        model.fit(generated(n_columns, n_rows))
    except Enough:
        with torch.inference_mode():
            width = last[0].generate(last[0].latent(2)).shape[1]
    return {
        "benchmark": "width", "table": f"generated-{n_columns}", "method": "tabgan",
        "version": measuring.tabgan_version(), "torch": torch.__version__,
        "seed": 0, "parameters": parameters,
        "columns": n_columns, "encoded_width": width, "rows": n_rows, "steps": steps,
        "step_cpu_ms": 1000 * (clock[-1] - clock[WARM_UP]) / steps, "threads": torch.get_num_threads(),
        "machine": f"{platform.machine()}, {platform.system()}", "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def exponent(widths: Sequence[float], times: Sequence[float]) -> float:
    """The p of times ~ widths ** p, by least squares of the logarithms; nan of fewer than two widths.

    Examples
    --------
    >>> round(exponent([10, 100, 1000], [3, 12, 48]), 3)
    0.602
    """
    if len(set(widths)) < 2:
        return math.nan
    x, y = np.log(widths), np.log(times)
    return float(np.polyfit(x - x.mean(), y, 1)[0])


def markdown(rows: Sequence[results.Row]) -> str:
    """A line a width with the exponent since the line before, and the exponent of the whole below."""
    lines = [["columns", "encoded width", "CPU ms a step", "exponent"]]
    for before, row in zip([None, *rows], rows, strict=False):
        pair = [before, row] if before else []
        growth = exponent([r["encoded_width"] for r in pair], [r["step_cpu_ms"] for r in pair])
        lines.append([
            f"{row['columns']:,}", f"{row['encoded_width']:,}", f"{row['step_cpu_ms']:.1f}",
            f"{growth:.2f}" if before else "",
        ])  # fmt: skip
    whole = exponent([row["encoded_width"] for row in rows], [row["step_cpu_ms"] for row in rows])
    if len(rows) < 2:
        return as_table(lines)
    return f"{as_table(lines)}\n\nTime a step grows with the encoded width to the power of {whole:.2f}."


if __name__ == "__main__":
    main()
