"""What threads cost: CPU time of training on one and more threads, on quiet and on busy cores.

    python -m benchmarks.threads [--rows 5600] [--steps 150] [--threads default,1,2]
        [--policies active,passive]

A generated table is learned for so many steps in a process of its own, without trees, for each number of
OpenMP threads and each way in which these wait for each other: "active", as OpenMP does by itself, and
"passive", as with ``OMP_WAIT_POLICY=PASSIVE``. Cores are busy while as many processes as there are cores
count in a loop. "default" leaves the number of threads to the library, as in plain Python. A Markdown table
is printed; a run that takes longer than ``--limit`` seconds is ended. The exit code is 1 if busy cores more
than double the CPU time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 2.0  # times the CPU time of quiet cores
CODE = """
import json, sys, time
from benchmarks.width import generated
from tabgan import TabGAN
rows, steps, columns = map(int, sys.argv[1:])
table = generated(columns, rows)
TabGAN(max_steps=2, refine=False, random_state=0, verbose=0, device="cpu").fit(table)
cpu = time.process_time()
TabGAN(max_steps=steps, refine=False, random_state=0, verbose=0, device="cpu").fit(table)
print(json.dumps(time.process_time() - cpu))
"""


def main() -> None:
    """Measure each case, and print them side by side."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.threads", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=5600)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--threads", default="default,1,2", metavar="N,N")
    parser.add_argument("--policies", default="active,passive", metavar="NAME,NAME")
    parser.add_argument("--limit", type=float, default=600, help="seconds of one run")
    arguments = parser.parse_args()
    size = [str(number) for number in (arguments.rows, arguments.steps, arguments.columns)]
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(
        "| threads | they wait | CPU s, quiet | CPU s, busy | busy / quiet |\n| --- | --- | --- | --- | --- |"
    )
    worst = 0.0
    for threads in arguments.threads.split(","):
        for policy in arguments.policies.split(","):
            seconds = []
            for n_busy in (0, os.cpu_count() or 1):
                with busy_cores(n_busy):
                    seconds.append(measure(size, threads, policy, arguments.limit))
            quiet, busy = seconds
            worst = max(worst, busy / quiet)
            print(
                f"| {threads} | {policy} | {quiet:.1f} | {busy:.1f} | {busy / quiet:.2f} |",
                flush=True,
            )
    sys.exit(int(worst > MOST))


def measure(size: list[str], threads: str, policy: str, limit: float) -> float:
    """Give the CPU seconds of one fit, infinity if it took too long."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("OMP_WAIT_POLICY", "OMP_NUM_THREADS")
    }
    environment |= {} if threads == "default" else {"OMP_NUM_THREADS": threads}
    environment |= {"OMP_WAIT_POLICY": "PASSIVE"} if policy == "passive" else {}
    try:
        run = subprocess.run(
            [sys.executable, "-c", CODE, *size],
            env=environment, capture_output=True, text=True, check=True, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return float("inf")
    return float(json.loads(run.stdout))


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
