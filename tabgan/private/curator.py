"""The curator, the one place that sees rows: every answer is noisy, and has a line in a ledger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tabgan.private.domain import Units
from tabgan.private.noise import Source, discrete_gaussian, exponential_mechanism
from tabgan.private.questions import Question, Rows, Table

DENOMINATOR = 2**20  # of variances and epsilons, which are rational so that the noise is exact


class BudgetError(RuntimeError):
    """A question would cost more than is left. It was not asked."""


@dataclass(frozen=True)
class Line:
    """One use of the data.

    Parameters
    ----------
    question : str
        What was asked.
    mechanism : str
        How it was answered.
    sensitivity : float
        How much one row more or less changes what was counted, in the Euclidean norm.
    sigma : float
        Standard deviation of the noise of each number; nan for a choice.
    answers : int
        How many numbers were given, or chosen from.
    rho : float
        What it cost, in zero-concentrated differential privacy.
    """

    question: str
    mechanism: str
    sensitivity: float
    sigma: float
    answers: int
    rho: float


class Curator:
    """Answers questions about rows, until a budget of zero-concentrated differential privacy is spent.

    Neighbours are tables of which one has a row more: the number of rows is no public fact. Questions may
    depend on earlier answers.

    Parameters
    ----------
    rows : Rows
    rho : float
        The budget.
    source : Source
        Of random bytes, for the noise.

    Attributes
    ----------
    ledger : list of Line
    """

    def __init__(self, rows: Rows, rho: float, source: Source) -> None:
        self._rows, self._source = rows, source
        self._left = Fraction(rho)
        self.ledger: list[Line] = []

    @property
    def left(self) -> float:
        """What is left of the budget."""
        return float(self._left)

    def ask(self, question: Question, rho: float) -> Units:
        """Give counts with discrete Gaussian noise.

        Parameters
        ----------
        question : Question
        rho : float
            What it may cost. The variance of the noise is 1 / (2 rho): Canonne, Kamath and Steinke 2020,
            theorem 14, for a sensitivity of 1.

        Returns
        -------
        ndarray of int64
            Of the shape of the counts.

        Raises
        ------
        BudgetError
            If less than `rho` is left.
        """
        variance = Fraction(math.ceil(Fraction(DENOMINATOR) / (2 * Fraction(rho))), DENOMINATOR)
        self._pay(question, 1 / (2 * variance))
        counts = question.count(self._rows)
        noisy = counts + discrete_gaussian(self._source, counts.size, variance)
        cost = float(1 / (2 * variance))
        sigma = math.sqrt(variance)
        self.ledger.append(Line(str(question), "discrete Gaussian", 1.0, sigma, counts.size, cost))
        return noisy

    def choose(
        self, tables: Sequence[Table], expected: Sequence[Units], penalties: Sequence[int], k: int, rho: float
    ) -> list[int]:
        """Choose the k tables that are least as expected, by the exponential mechanism, one after the other.

        Parameters
        ----------
        tables : sequence of Table
        expected : sequence of ndarray of int64
            Counts to compare each with. The score of a table is the sum of the absolute differences, which
            one row more or less changes by at most 1, ...
        penalties : sequence of int
            ... less this.
        k : int
        rho : float
            What all choices together may cost.

        Returns
        -------
        list of int
            Places among the tables, rising.

        Raises
        ------
        BudgetError
            If less than `rho` is left.
        """
        epsilon = Fraction(math.floor(DENOMINATOR * math.sqrt(8 * rho / k)), DENOMINATOR)
        cost = epsilon**2 / 8
        self._pay("a choice of tables", k * cost)
        scores = [
            int(np.abs(table.count(self._rows) - counts).sum()) - penalty
            for table, counts, penalty in zip(tables, expected, penalties, strict=True)
        ]
        left = list(range(len(tables)))
        for _ in range(k):
            chosen = exponential_mechanism(self._source, [scores[place] for place in left], epsilon)
            name = f"choice of one of {len(left)} tables: {tables[left.pop(chosen)]}"
            self.ledger.append(Line(name, "exponential", 1.0, math.nan, len(left) + 1, float(cost)))
        return sorted(set(range(len(tables))) - set(left))

    def _pay(self, what: object, cost: Fraction) -> None:
        if cost > self._left:
            raise BudgetError(f"{what} would cost rho {float(cost):.3g}, and {self.left:.3g} is left")
        self._left -= cost
