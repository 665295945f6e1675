"""What threads cost: CPU and wall time of training on one and more threads, on quiet and on busy cores.

    python -m benchmarks.threads [--rows 5600] [--steps 150] [--threads 1,2] [--policies active,passive]

A generated table is learned for so many steps in a process of its own, without trees, for each number of
OpenMP threads and each way in which these wait for each other: "active", as OpenMP does by itself, and
"passive", as with ``OMP_WAIT_POLICY=PASSIVE``. Cores are busy while as many processes as there are cores
count in a loop. A Markdown table is printed; a run that takes longer than ``--limit`` seconds is ended.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CODE = """
import json, sys, time
from benchmarks.width import generated
from tabgan import TabGAN
rows, steps, columns = map(int, sys.argv[1:])
table = generated(columns, rows)
TabGAN(max_steps=2, refine=False, random_state=0, verbose=0, device="cpu").fit(table)
cpu, wall = time.process_time(), time.perf_counter()
TabGAN(max_steps=steps, refine=False, random_state=0, verbose=0, device="cpu").fit(table)
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""


def main() -> None:
    """Measure each case, and print them side by side."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.threads", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=5600)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--threads", default="1,2", metavar="N,N")
    parser.add_argument("--policies", default="active,passive", metavar="NAME,NAME")
    parser.add_argument("--limit", type=float, default=600, help="seconds of one run")
    arguments = parser.parse_args()
    size = [str(number) for number in (arguments.rows, arguments.steps, arguments.columns)]
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| threads | they wait | cores | CPU s | wall s |\n| --- | --- | --- | --- | --- |")
    for threads in arguments.threads.split(","):
        for policy in arguments.policies.split(","):
            for is_busy in (False, True):
                with busy_cores(os.cpu_count() or 1 if is_busy else 0):
                    seconds = measure(size, threads, policy, arguments.limit)
                cpu, wall = ("over" if number is None else f"{number:.1f}" for number in seconds)
                print(
                    f"| {threads} | {policy} | {'busy' if is_busy else 'quiet'} | {cpu} | {wall} |",
                    flush=True,
                )


def measure(size: list[str], threads: str, policy: str, limit: float) -> tuple[float | None, float | None]:
    """Give CPU and wall seconds of one fit, None if it took too long."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"OMP_NUM_THREADS": threads} | (
        {"OMP_WAIT_POLICY": "PASSIVE"} if policy == "passive" else {}
    )
    try:
        run = subprocess.run(
            [sys.executable, "-c", CODE, *size],
            env=environment, capture_output=True, text=True, check=True, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, None
    cpu, wall = json.loads(run.stdout)
    return cpu, wall


@contextmanager
def busy_cores(n: int) -> Iterator[None]:
    """Keep so many cores busy until the block ends."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    main()
