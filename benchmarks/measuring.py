"""One measurement: fit and sample in a process of its own, have the rows judged, and say all in one row."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.folders import meta_of
from benchmarks.results import Row, append, read, stands
from benchmarks.runners import OWN, RUNNERS

ROOT = Path(__file__).parents[1]
# What decides which rows come out of tabgan; a change anywhere else leaves a measurement valid.
SOURCES = ("layout.py", "estimators", "sampling", "table", "adversarial", "trees")


@dataclass(frozen=True)
class Job:
    """What is to be measured: a method, in the Python that has it, on a table, with a seed and parameters."""

    method: str
    folder: Path
    seed: int
    parameters: dict[str, Any]
    python: str = sys.executable


@dataclass(frozen=True)
class Bench:
    """How everything in one run is measured: by which judge, on how many threads, and where it is written.

    Without a `judge`, :mod:`benchmarks.judge` is asked. `speed_rows` are drawn to take the time of sampling.
    """

    results: Path
    judge: Path | None = None
    missing: bool = False
    threads: int = 1
    speed_rows: int = 100_000

    def run(self, jobs: list[Job]) -> int:
        """Measure one job after another, append each row at once, and give the number of those that failed.

        With `missing`, what already stands in the results is not measured again.
        """
        failed = 0
        for job in jobs:
            said = f"{job.method} on {meta_of(job.folder)['name']}, seed {job.seed}, {job.parameters}"
            try:
                row = self.head(job)
                if self.missing and stands(row, read(self.results)):
                    print(f"{said}: stands already", file=sys.stderr)
                    continue
                print(f"{said}: {row['version']}", file=sys.stderr, flush=True)
                row |= self.measure(job)
            except subprocess.CalledProcessError as error:
                failed += 1
                tail = "\n".join((error.stderr or "").splitlines()[-20:])
                print(f"{said}: failed with exit code {error.returncode}\n{tail}", file=sys.stderr)
                continue
            append(self.results, row)
            print(json.dumps(row, indent=1), flush=True)
        return failed

    def head(self, job: Job) -> Row:
        """Everything of a row that is known before the measurement."""
        found = self.call(job, "--version")
        if RUNNERS[job.method] == OWN:
            found["version"] = tabgan_version()
        return {
            "benchmark": "fit", "table": meta_of(job.folder)["name"], "method": job.method, "seed": job.seed,
            "parameters": job.parameters, **found, "threads": self.threads,
            "machine": f"{platform.machine()}, {platform.system()}", "date": time.strftime("%Y-%m-%d"),
        }  # fmt: skip

    def measure(self, job: Job) -> Row:
        """Fit, sample and score: times in seconds, memory in MiB."""
        import pyarrow.parquet

        train, meta = job.folder / "train.parquet", job.folder / "meta.json"
        n_rows = pyarrow.parquet.read_metadata(train).num_rows
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "synthetic.parquet"
            parameters = json.dumps(job.parameters)
            measured = self.call(
                job, train.resolve(), meta.resolve(), out, n_rows, job.seed,
                "--speed-rows", self.speed_rows, "--set", parameters,
            )  # fmt: skip
            scored = judged(job.folder, out, self.judge)
        return {"rows": n_rows, **measured, "judge": scored}

    def call(self, job: Job, *arguments: object) -> dict[str, Any]:
        """Run a method's file in its own Python, on as many threads as all others, and read what it says."""
        threads = str(self.threads)
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        command = [job.python, "-m", "benchmarks.runners", job.method, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, encoding="utf-8"
        )
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


def judged(folder: Path, synthetic: Path, judge: Path | None = None) -> dict[str, Any]:
    """The figures of :mod:`benchmarks.judge`, or of another script with the same arguments."""
    out = synthetic.with_name("judge.json")
    paths = [folder / "train.parquet", folder / "test.parquet", synthetic, folder / "meta.json"]
    script = [judge.resolve()] if judge else ["-m", "benchmarks.judge"]
    command = [sys.executable, *script, *(path.resolve() for path in paths), "--json", out]
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, capture_output=True, text=True)
    figures = json.loads(out.read_text(encoding="utf-8"))
    return {name: value for name, value in figures.items() if isinstance(value, int | float)}


def tabgan_version() -> str:
    """The version and a fingerprint of the sources that fit and sample, which change between releases."""
    from tabgan import __version__

    package = ROOT / "tabgan"
    files = [path for name in SOURCES for path in sorted([package / name, *(package / name).rglob("*.py")])]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def threads_given() -> int:
    """As many threads as OMP_NUM_THREADS says, or else as there are cores."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """NAME=JSON, as often as given.

    Examples
    --------
    >>> parse_settings(["max_steps=100", 'objective="hinge"'])
    {'max_steps': 100, 'objective': 'hinge'}
    """
    return {name: json.loads(value) for name, value in (pair.split("=", 1) for pair in pairs)}


def parse_seeds(text: str) -> list[int]:
    """Whole numbers with commas between.

    Examples
    --------
    >>> parse_seeds("0,1,2")
    [0, 1, 2]
    """
    return [int(part) for part in text.split(",")]
