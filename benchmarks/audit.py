"""Attack DPTabGAN as an adversary who sees all noisy answers, and bound its epsilon from below.

    python -m benchmarks.audit [--epsilons 1 10 30] [--canaries 2000] [--rows 5000] [--runs 1] [--broken]

One run with many canaries (Steinke, Nasr and Jagielski 2023, *Privacy auditing with one (1) training run*):
rows that no other row is like are put into the table, each with a probability of one half, and the adversary
guesses from the noisy answers which are there. All that a model gives out is computed from these answers, so
that no attack on samples or files can do better. Printed are

- the epsilon that the guesses prove at 95 % confidence (theorem 5.2 there), which must not exceed the
  promised one; of several runs the greatest;
- mu, by which the scores of canaries that are there lie above those that are not, in standard deviations: at
  most sqrt(2 rho) for what rho was spent on, with its standard error; the mean over runs;
- the p-value of a chi-squared test that the noise is as great as the ledger says; Fisher's for all runs.

With ``--broken`` the noise is halved, as a fault would do it; the last two must find it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tabgan.private import curator
from tabgan.private.accountant import rho_of
from tabgan.private.curator import Curator
from tabgan.private.declaration import declare
from tabgan.private.measurement import measure
from tabgan.private.noise import system_source
from tabgan.private.questions import Rows, Table

COLUMNS, CATEGORIES = 4, 60  # of the audited table: canaries have bins that are nearly empty
CONFIDENCE = 0.95  # of the epsilon that is proven
ERROR = 0.01  # rate at which an honest build is said to break its promise
DELTA = 1e-9
TINY = 1e-300  # the least p-value whose logarithm is taken


class Witness(Curator):
    """A curator that keeps its questions and answers, as an adversary sees them, and the exact counts."""

    def __init__(self, rows: Rows, rho: float, source: Any = system_source) -> None:
        super().__init__(rows, rho, source)
        self.rows = rows
        self.heard: list[tuple[Any, NDArray[np.int64], NDArray[np.int64]]] = []

    def ask(self, question: Any, rho: float) -> NDArray[np.int64]:
        """Answer, and remember it."""
        answer = super().ask(question, rho)
        self.heard.append((question, answer, question.count(self.rows)))
        return answer


@dataclass(frozen=True)
class Audit:
    """What one run shows.

    Parameters
    ----------
    epsilon : float
        The promised one.
    proven : float
        The epsilon that guesses prove at 95 % confidence.
    mu, error, most : float
        Distance of the scores, its standard error, and what it may be.
    p_value : float
        That the noise is as great as the ledger says, two-sided.
    """

    epsilon: float
    proven: float
    mu: float
    error: float
    most: float
    p_value: float

    @property
    def violates(self) -> bool:
        """Whether the promise is broken: by mu or the noise, at an error rate of 1 % together."""
        z = float(stats.norm.isf(ERROR / 2))
        return self.proven > self.epsilon or self.mu - z * self.error > self.most or self.p_value < ERROR / 2

    @classmethod
    def of_all(cls, runs: Sequence[Audit]) -> Audit:
        """Put runs together that differ by chance alone."""
        mean = {
            name: float(np.mean([getattr(run, name) for run in runs])) for name in ("mu", "error", "most")
        }
        p_value = float(stats.combine_pvalues([max(run.p_value, TINY) for run in runs]).pvalue)
        return cls(
            runs[0].epsilon,
            max(run.proven for run in runs),
            mean["mu"],
            mean["error"] / math.sqrt(len(runs)),
            mean["most"],
            p_value,
        )


def audit(epsilon: float, n_canaries: int, n_rows: int, seed: int = 0) -> Audit:
    """Fit once to a table with canaries, and attack the answers.

    Parameters
    ----------
    epsilon : float
    n_canaries, n_rows : int
        Canaries, half of which are there, and other rows.
    seed : int
        Of the table, and of which canaries are there.

    Returns
    -------
    Audit
    """
    rng = np.random.default_rng(seed)
    names = [f"c{k}" for k in range(COLUMNS)]
    columns = declare(names, {}, {name: list(range(CATEGORIES)) for name in names}, {})
    common = rng.integers(0, 3, (n_rows, COLUMNS))  # other rows fill few bins
    canaries = rng.integers(3, CATEGORIES, (n_canaries, COLUMNS))
    there = rng.random(n_canaries) < 0.5
    table = np.concatenate([common, canaries[there]])
    rows = Rows(len(table), dict(zip(names, table.T, strict=True)))
    witness = Witness(rows, rho_of(epsilon, DELTA))
    measure(columns, None, None, DELTA, witness)
    scores, weight = scores_of(witness, canaries)
    scores_of_both = scores[there], scores[~there]
    spread = math.sqrt(sum(part.var(ddof=1) for part in scores_of_both) / 2)
    mu = (scores_of_both[0].mean() - scores_of_both[1].mean()) / spread
    error = math.sqrt(sum(1 / len(part) for part in scores_of_both) + mu**2 / (2 * n_canaries))
    proven = proven_epsilon(scores, there)
    return Audit(epsilon, proven, mu, error, math.sqrt(weight), noise_p_value(witness))


def scores_of(witness: Witness, canaries: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
    """Give the score of each canary, and its expected rise if the canary is there: its variance, too.

    It is the log likelihood ratio for noise that is Gaussian: the sum over tables of the noisy counts in its
    bins, less what other canaries are expected to bring, by the variance. Two canaries in one bin are noise
    to each other, which counts as such: the distance between both kinds cannot become greater by it.
    """
    scores, weight = np.zeros(len(canaries)), 0.0
    for (question, answer, _), line in zip(witness.heard, witness.ledger, strict=True):
        if not isinstance(question, Table):
            continue
        places = np.ravel_multi_index(
            [canaries[:, int(str(coder.name)[1:])] for coder in question.coders], question.shape
        )
        others = np.bincount(places, minlength=answer.size)[places] - 1
        scores += (answer[places] - others / 2 - 0.5) / line.sigma**2
        weight += 1 / line.sigma**2
    return scores, weight


def proven_epsilon(scores: NDArray[np.float64], there: NDArray[np.bool_]) -> float:
    """Give the greatest epsilon that guesses refute at 95 % confidence, over several numbers of guesses.

    The adversary guesses "there" for the highest and "not there" for the lowest scores, and abstains from the
    rest. That so many are right has, under any smaller epsilon, a probability of at most a binomial tail
    (theorem 5.2 with a delta of 1e-9, which adds next to nothing). The confidence is divided by the number of
    numbers tried (Bonferroni).
    """
    order, best = np.argsort(scores), 0.0
    sizes = [size for size in (20, 50, 100, 200, 500, 1000, 2000) if 2 * size <= len(scores)]
    for size in sizes:
        right = int(there[order[-size:]].sum() + (~there[order[:size]]).sum())
        low, high = 0.0, 50.0
        for _ in range(60):
            middle = (low + high) / 2
            chance = stats.binom.sf(right - 1, 2 * size, 1 / (1 + math.exp(-middle)))
            chance += 2 * len(scores) * DELTA
            low, high = (middle, high) if chance < (1 - CONFIDENCE) / len(sizes) else (low, middle)
        best = max(best, low)
    return best


def noise_p_value(witness: Witness) -> float:
    """Give the two-sided p-value of a chi-squared test of (answer - count) / sigma."""
    parts = [
        (answer - count) / line.sigma
        for (_, answer, count), line in zip(witness.heard, witness.ledger, strict=True)
    ]
    noise = np.concatenate(parts)
    below = float(stats.chi2.cdf(float((noise**2).sum()), len(noise)))
    return 2 * min(below, 1 - below)


@contextmanager
def halved_noise() -> Iterator[None]:
    """Halve the noise inside the block, as a fault in the code would."""
    honest = curator.discrete_gaussian

    def halved(source: Any, n: int, variance: Fraction) -> NDArray[np.int64]:
        return honest(source, n, variance / 4)

    curator.discrete_gaussian = halved  # type: ignore[assignment]
    try:
        yield
    finally:
        curator.discrete_gaussian = honest


def main() -> None:
    """Print a table of Markdown, a row a budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__.split("\n")[0])
    parser.add_argument("--epsilons", nargs="*", type=float, default=[1.0, 10.0, 30.0])
    parser.add_argument("--canaries", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--broken", action="store_true", help="halve the noise")
    given = parser.parse_args()
    print("| epsilon | proven | mu | at most | p-value of the noise | found |\n" + "| --- " * 6 + "|")
    for place, epsilon in enumerate(given.epsilons):
        seeds = range(place * given.runs, (place + 1) * given.runs)
        with halved_noise() if given.broken else nullcontext():
            runs = [audit(epsilon, given.canaries, given.rows, seed) for seed in seeds]
        found = Audit.of_all(runs)
        print(
            f"| {epsilon:g} | {found.proven:.2f} | {found.mu:.3f} ± {found.error:.3f} | {found.most:.3f} "
            f"| {found.p_value:.2g} | {'a violation' if found.violates else 'nothing'} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
