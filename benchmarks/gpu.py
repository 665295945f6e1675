"""A GPU against the CPU: time of a fit, steps a second, fidelity, rows a second and memory, within minutes.

    python -m benchmarks.gpu FOLDER ... [--seconds 28] [--max-steps N] [--devices cpu,cuda]

Each table is fitted on the GPU and on the CPU; a fit ends after ``--seconds`` at most, and the row says why.
Without a GPU, only the CPU is measured. FOLDER as in ``python -m benchmarks``. Prints a Markdown table, and
appends a row a fit to the results.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from benchmarks import measuring, results
from benchmarks.folders import meta_of
from benchmarks.judge.tables import Roles, encode
from benchmarks.judge.two_sample import trees_auc
from benchmarks.table import as_table
from tabgan import TabGAN

if TYPE_CHECKING:
    from tabgan.adversarial.training.state import State

DEVICES = ("cuda", "cpu")
WARM_UP = 20  # steps that do not count in steps a second
MOST = 10_000  # rows of each kind that trees are to distinguish


def main() -> None:
    """Measure each table on each device that this machine has."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", nargs="+", type=Path, help="folders of tables")
    parser.add_argument("--seconds", type=float, default=28, help="of a fit, at most")
    parser.add_argument("--max-steps", type=int, help="steps of a fit, at most")
    parser.add_argument("--sample-rows", type=int, default=100_000, help="rows drawn to take the time")
    parser.add_argument("--devices", default=",".join(DEVICES), help="with commas between")
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="where rows are appended")
    given = parser.parse_args()
    devices = given.devices.split(",")
    if unknown := set(devices) - set(DEVICES):
        parser.error(f"unknown devices {', '.join(sorted(unknown))}; there are {', '.join(DEVICES)}")
    if not torch.cuda.is_available():
        devices = [name for name in devices if name == "cpu"]
    rows = []
    for folder in given.folder:
        for device in devices:
            rows.append(measure(folder, device, given.seconds, given.max_steps, given.sample_rows))
            results.append(given.results, rows[-1])
    print(markdown(rows))


def measure(
    folder: Path, device: str, seconds: float, max_steps: int | None, sample_rows: int
) -> results.Row:
    """Fit once; times in seconds, memory in MiB, of the GPU where that is the device."""
    meta = meta_of(folder)
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    clock: list[float] = []

    def on_step(state: State) -> None:
        if state.step % WARM_UP == 0:
            synchronise(device)
            clock.append(time.perf_counter())

    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    model = TabGAN(device=device, max_steps=max_steps, max_time=seconds, on_step=on_step)
    began = time.perf_counter()
    model.set_params(random_state=0, verbose=0).fit(train)
    synchronise(device)
    fitted = time.perf_counter() - began
    began = time.perf_counter()
    model.sample(sample_rows, random_state=1)
    sampled = time.perf_counter() - began
    span = clock[-1] - clock[0] if len(clock) > 1 else float("nan")
    return {
        "benchmark": "gpu", "table": meta["name"], "method": "tabgan", "seed": 0,
        "version": measuring.tabgan_version(), "torch": torch.__version__, "parameters": {},
        "device": torch.cuda.get_device_name() if device == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(), "date": time.strftime("%Y-%m-%d"),
        "fit_wall_s": fitted, "steps": model.n_iter_, "stop_reason": model.stop_reason_,
        "steps_per_s": WARM_UP * (len(clock) - 1) / span, "sample_rows_per_s": sample_rows / sampled,
        "peak_gpu_MiB": torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else None,
        "c2st_gbdt_auc": fidelity(model.sample(len(train), random_state=0), train, test, meta),
    }  # fmt: skip


def synchronise(device: str) -> None:
    """Wait for all that the device has to do."""
    if device == "cuda":
        torch.cuda.synchronize()


def fidelity(rows: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, meta: dict[str, Any]) -> float:
    """AUC of boosted trees that distinguish synthetic from training rows."""
    tables = encode(train, test, rows, Roles.from_meta(meta))
    return trees_auc(tables.train, tables.synthetic, np.random.default_rng(0), MOST)


def markdown(rows: list[results.Row]) -> str:
    """A line a fit."""
    head = ["table", "device", "fit, s", "steps", "steps a second", "trees' AUC", "rows a second"]
    lines = [[*head, "peak memory of the GPU, MiB", "why training ended"]]
    for row in rows:
        memory = "-" if row["peak_gpu_MiB"] is None else f"{row['peak_gpu_MiB']:,.0f}"
        lines.append([
            row["table"], row["device"], f"{row['fit_wall_s']:.1f}", f"{row['steps']:,}",
            f"{row['steps_per_s']:.0f}", f"{row['c2st_gbdt_auc']:.3f}", f"{row['sample_rows_per_s']:,.0f}",
            memory, row["stop_reason"],
        ])  # fmt: skip
    return as_table(lines)


if __name__ == "__main__":
    main()
