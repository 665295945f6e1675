"""Fit, sample and score tabgan on one table, and append what was measured to a results file.

    python -m benchmarks FOLDER [--seed 0] [--judge JUDGE.py] [--results benchmarks/results.jsonl]

FOLDER holds ``train.parquet``, ``test.parquet`` and ``meta.json`` (task, target, numerical, categorical);
without one, Adult is fetched with scikit-learn's ``fetch_openml``. With ``--judge``, an independent script is
called as ``python JUDGE.py TRAIN TEST SYNTHETIC META --json OUT`` and its figures are kept; otherwise those
of tabgan's own report are.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from tabgan import TabGAN, __version__, evaluate

SPEED_ROWS = 100_000


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results.jsonl"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or fetch_adult(Path(scratch))
        parameters = {
            name: json.loads(value) for name, value in (pair.split("=", 1) for pair in arguments.set)
        }
        row = measure(folder, arguments.seed, parameters, arguments.judge, Path(scratch))
    with arguments.results.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(json.dumps(row, indent=1))


def fetch_adult(scratch: Path) -> Path:
    """The Adult table from OpenML, its last third as the test part, in the form of a benchmark folder."""
    from sklearn.datasets import fetch_openml

    table = fetch_openml("adult", version=2, as_frame=True).frame
    table = table.astype(dict.fromkeys(table.select_dtypes("category"), object))
    cut = 2 * len(table) // 3
    table.iloc[:cut].to_parquet(scratch / "train.parquet")
    table.iloc[cut:].to_parquet(scratch / "test.parquet")
    numerical = list(table.select_dtypes("number"))
    meta = {"task": "classification", "target": "class", "numerical": numerical}
    meta["categorical"] = [name for name in table if name not in numerical]
    (scratch / "meta.json").write_text(json.dumps({"name": "adult", **meta}))
    return scratch


def measure(
    folder: Path, seed: int, parameters: dict[str, Any], judge: Path | None, scratch: Path
) -> dict[str, Any]:
    """Fit, sample and score; times in seconds, memory in MiB."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    meta = json.loads((folder / "meta.json").read_text())
    row: dict[str, Any] = {
        "table": meta.get("name", folder.name), "rows": len(train), "seed": seed, "parameters": parameters,
        "tabgan": __version__, "torch": torch.__version__, "threads": torch.get_num_threads(),
        "machine": f"{platform.machine()}, {platform.system()}", "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    model = TabGAN(random_state=seed, verbose=0, **parameters).fit(train)
    row["fit_wall_s"], row["fit_cpu_s"] = time.perf_counter() - wall, time.process_time() - cpu
    row["stop_reason"] = model.stop_reason_
    row["peak_MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall = time.perf_counter()
    model.sample(SPEED_ROWS, random_state=seed)
    row["sample_rows_per_s"] = SPEED_ROWS / (time.perf_counter() - wall)
    synthetic = model.sample(len(train), random_state=seed)
    if judge is None:
        row["report"] = evaluate(train, synthetic, holdout=test, target=meta["target"]).to_dict()["figures"]
    else:
        synthetic.to_parquet(scratch / "synthetic.parquet")
        paths = [folder / "train.parquet", folder / "test.parquet", scratch / "synthetic.parquet"]
        command = [sys.executable, judge, *paths, folder / "meta.json", "--json", scratch / "judge.json"]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
        figures = json.loads((scratch / "judge.json").read_text())
        row["judge"] = {key: value for key, value in figures.items() if isinstance(value, int | float)}
    return row


if __name__ == "__main__":
    main()
