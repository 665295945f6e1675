"""How long the attacks go on: a moment in the test suite, and as long as one likes by ``make attack``.

``TABGAN_ATTACK`` is the number of seconds of each attack, ``TABGAN_ATTACK_SEED`` the seed,
``TABGAN_ATTACK_LOG`` a folder in which each attack logs what it tried, and ``TABGAN_ATTACK_TABLE`` a file
whose rows are learned while Ctrl-C is pressed, in place of a few.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

SECONDS = float(os.environ.get("TABGAN_ATTACK", "0"))
SEED = int(os.environ.get("TABGAN_ATTACK_SEED", "0"))
TABLE = os.environ.get("TABGAN_ATTACK_TABLE")
LOGS = os.environ.get("TABGAN_ATTACK_LOG")


def times(few: int, many: int = 20) -> int:
    """Give how often something slow is tried."""
    return many if SECONDS else few


class Attack:
    """Tries one thing after the other, a few or for so many seconds, and counts what came of it.

    Each try has a seed of its own, so that one can be repeated alone: its number stands in the log.
    """

    def __init__(self, name: str, few: int) -> None:
        self.name, self.few = name, few
        self.ends: Counter[str] = Counter()
        self.log = Path(LOGS, f"{name}.jsonl") if LOGS else None
        if self.log:
            self.log.write_text("")

    def tries(self) -> Iterator[tuple[int, np.random.Generator]]:
        """Give the number of each try, and its random stream."""
        begin, number = time.monotonic(), 0
        while time.monotonic() - begin < SECONDS or number < self.few:
            yield number, np.random.default_rng([SEED, number])
            number += 1
        print(f"{self.name}: {number:,} tries in {time.monotonic() - begin:.0f} s, {dict(self.ends)}")

    def note(self, number: int, what: str, end: str, **more: Any) -> None:
        """Log a try and how it ended."""
        self.ends[end] += end != "begun"
        if self.log:
            with open(self.log, "a", encoding="utf-8") as log:
                print(json.dumps({"try": number, "what": what, "end": end, **more}), file=log)


def outcome(work: Callable[[], Any], allowed: tuple[type[Exception], ...]) -> tuple[str, Any]:
    """Do something; give "fine" and the result, or "refused" and the error, of a type that it may raise."""
    try:
        return "fine", work()
    except allowed as error:
        return "refused", error
