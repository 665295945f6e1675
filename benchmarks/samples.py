"""Samples that are larger than memory: how fast, in how much memory, and whether kills leave a trace.

    python -m benchmarks.samples speed [--model FILE] [--rows 1000000,3000000] [--workers 1] [--score]
    python -m benchmarks.samples kills [--times 20] [--seed 0]
    python -m benchmarks.samples dask [--rows 10000000] [--rows-per-part 250000]

`speed` runs ``tabgan sample`` into a folder, and with ``--score`` ``tabgan evaluate`` on it, and prints the
seconds of the clock and of all cores, rows a second of one core, and the peak memory. `kills` sends SIGKILL
to the same command at random moments, so many times, and whenever it got to its end compares all files with
those of an uninterrupted run. `dask` samples and scores on a cluster of two processes, one of which is killed
on the way, and compares with the cluster left alone. Without a model, one is fitted to the bundled Adult
table for 300 steps.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tabgan import TabGAN, evaluate, load_adult, load_iris

TABGAN = [sys.executable, "-m", "tabgan"]


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.samples", description="Samples in parts.")
    commands = parser.add_subparsers(required=True)
    speed_ = commands.add_parser("speed")
    speed_.add_argument("--rows", default="1000000,3000000", help="how many, with commas between")
    speed_.add_argument("--workers", type=int, default=1)
    speed_.add_argument("--score", action="store_true")
    speed_.set_defaults(run=speed)
    kills_ = commands.add_parser("kills")
    kills_.add_argument("--times", type=int, default=20)
    kills_.add_argument("--seed", type=int, default=0)
    kills_.add_argument("--rows", type=int, default=500_000)
    kills_.add_argument("--rows-per-part", type=int, default=2_000)
    kills_.add_argument("--longest", type=float, default=3, help="seconds to a kill, at most")
    kills_.set_defaults(run=kills)
    dask_ = commands.add_parser("dask")
    dask_.add_argument("--rows", type=int, default=10_000_000)
    dask_.add_argument("--rows-per-part", type=int, default=250_000)
    dask_.set_defaults(run=on_dask)
    for command in (speed_, dask_):
        command.add_argument("--model", type=Path, help="a fitted model")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        arguments.run(arguments, Path(scratch))


def speed(arguments: argparse.Namespace, scratch: Path) -> None:
    """Sample into a folder, and score it, for growing numbers of rows."""
    load_adult().to_parquet(real := scratch / "adult.parquet", index=False)
    model = model_of(arguments, scratch)
    for rows in map(int, arguments.rows.split(",")):
        folder = scratch / f"{rows}"
        workers = ["--workers", arguments.workers, "--verbose", 0]
        report("sample", rows, *measured("sample", model, "-n", rows, "-o", f"{folder}/", *workers))
        if arguments.score:
            report("evaluate", rows, *measured("evaluate", real, folder, "--verbose", 0))


def report(what: str, rows: int, wall: float, cpu: float, mebibytes: float) -> None:
    print(
        f"{what:9s} {rows:>13,} rows {wall:8.1f} s of the clock {cpu:8.1f} s of cores "
        f"{rows / cpu:9,.0f} rows a second of one core {mebibytes:7,.0f} MiB",
        flush=True,
    )


def measured(*arguments: object) -> tuple[float, float, float]:
    """Seconds, of the clock and of all cores, and peak MiB of the command `tabgan` (its largest process)."""
    start = time.perf_counter()
    run = subprocess.Popen([*TABGAN, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0, f"it failed with {run.returncode}"
    wall = time.perf_counter() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def kills(arguments: argparse.Namespace, scratch: Path) -> None:
    """Kill at random moments of a run; nothing may be lost, torn or drawn otherwise."""
    TabGAN(max_steps=20, random_state=0, verbose=0).fit(load_iris()).save(model := scratch / "model")
    sizes = ["-n", arguments.rows, "--rows-per-part", arguments.rows_per_part]
    options = [*sizes, "--random-state", 1, "--verbose", 0]
    whole, killed = scratch / "whole", scratch / "killed"
    command = [*TABGAN, "sample", model, *options, "-o"]
    subprocess.run([*map(str, command), f"{whole}/"], check=True, stdout=subprocess.DEVNULL)
    chance, done, ends = random.Random(arguments.seed), 0, 0
    while True:
        run = subprocess.Popen([*map(str, command), f"{killed}/"], stdout=subprocess.DEVNULL)
        try:
            limit = chance.uniform(0, arguments.longest) if done < arguments.times else None
            before = len(parts_of(killed))
            while limit is not None and done % 2 and len(parts_of(killed)) == before and run.poll() is None:
                time.sleep(0.01)  # every other time, the clock runs from the first part on
            run.wait(limit)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            done += 1
            torn = len(list(killed.glob(".*")))
            print(f"kill {done}: {len(parts_of(killed))} parts, {torn} torn", flush=True)
            continue
        ends += 1
        assert run.returncode == 0, f"it failed with {run.returncode}"
        assert digests(whole) == digests(killed), "the files differ from those of an uninterrupted run"
        if done >= arguments.times:
            break
        shutil.rmtree(killed)  # it got to its end before the last kill: once more
    print(f"{done} kills, {ends} ends: all files are those of an uninterrupted run")


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def on_dask(arguments: argparse.Namespace, scratch: Path) -> None:
    """Sample and score on two processes, and once more with one of them killed."""
    model = TabGAN.load(model_of(arguments, scratch))
    marks = [on_cluster(model, arguments, kill) for kill in (False, True)]
    print("the same rows and scores" if marks[0] == marks[1] else "THEY DIFFER")
    sys.exit(marks[0] != marks[1])


def on_cluster(model: TabGAN, arguments: argparse.Namespace, kill: bool) -> tuple[int, float]:
    """Sum of the hashes of all rows, and the score."""
    from distributed import Client, LocalCluster

    from tabgan import sample_dask

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        start = time.perf_counter()
        frame = sample_dask(model, arguments.rows, rows_per_part=arguments.rows_per_part, random_state=0)
        frame = frame.persist()
        if kill:
            time.sleep(arguments.rows / 100_000)
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        total = int(frame.map_partitions(hashed, meta=pd.Series(dtype=np.uint64)).compute().sum())
        drawn = time.perf_counter() - start
        score = evaluate(load_adult(), frame, max_rows=50_000).score
        seconds = time.perf_counter() - start
    print(
        f"{'a worker killed' if kill else 'undisturbed':15s} {arguments.rows:,} rows drawn in {drawn:.0f} s, "
        f"scored {score:.4f} after {seconds:.0f} s",
        flush=True,
    )
    return total, score


def hashed(frame: pd.DataFrame) -> pd.Series:
    return pd.Series([pd.util.hash_pandas_object(frame).sum()], dtype=np.uint64)


def model_of(arguments: argparse.Namespace, scratch: Path) -> Path:
    if arguments.model is None:
        path = scratch / "adult.tabgan"
        TabGAN(max_steps=300, random_state=0, verbose=0).fit(load_adult()).save(path)
        return path
    return Path(arguments.model)


if __name__ == "__main__":
    main()
