"""Kills a fit at random moments, again and again, and tells whether it still ends with the same model.

    python -m benchmarks.kills --times 20

A part of the adult table is fitted with a checkpoint, in a process that is killed by SIGKILL after a random
time and started again. A fit that gets to its end is compared, byte by byte of the model file, with one that
nobody disturbed; the next one begins with an empty folder. Wants a system that can fork.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tabgan import TabGAN
from tabgan.datasets import load_adult


def fit(output: Path, checkpoint: Path | None, rows: int, steps: int) -> None:
    """Fit a part of the table and write the model."""
    import torch

    torch.set_num_threads(1)
    settings: dict[str, Any] = {"max_steps": steps, "random_state": 0, "verbose": 0, "device": "cpu"}
    TabGAN(**settings).fit(load_adult().head(rows), checkpoint=checkpoint).save(output)


def start(*arguments: Any) -> int:
    """Fit in a process of its own; gives its number."""
    process = os.fork()
    if process:
        return process
    try:
        fit(*arguments)
        os._exit(0)
    finally:
        os._exit(1)


def killed_after(process: int, seconds: float) -> bool:
    """Let a process run for so long, then kill it; whether it was still there to be killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            if status:
                raise RuntimeError(f"a fit failed by itself, with status {status}")
            return False
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Kill, and compare; 1 if a model was not the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often to kill")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--random-state", type=int, default=0)
    options = parser.parse_args(arguments)
    rng = random.Random(options.random_state)
    kills, finished, wrong = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        truth, output, checkpoint = (Path(folder) / name for name in ("truth", "output", "checkpoint"))
        began = time.monotonic()
        killed_after(start(truth, None, options.rows, options.steps), 1e6)
        whole = time.monotonic() - began
        while kills < options.times or not finished:
            patience = rng.uniform(0, whole) if kills < options.times else 1e6
            if killed_after(start(output, checkpoint, options.rows, options.steps), patience):
                kills += 1
                continue
            finished += 1
            wrong += output.read_bytes() != truth.read_bytes()
            shutil.rmtree(checkpoint)
    print(f"{kills} kills, {finished} fits came to their end, {finished - wrong} of them with the same model")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
