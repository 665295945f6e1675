"""The curator keeps to its budget, writes everything down, and its noise is as great as the ledger says."""

import math

import numpy as np
import pytest
from scipy import stats

from tabgan.private.curator import BudgetError, Curator
from tabgan.private.noise import seeded_source
from tabgan.private.questions import Coder, Histogram, NumberOfRows, Rows, Table

N = 5000


def source(seed=0):
    return seeded_source(np.random.SeedSequence(seed))


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return Rows(N, {"a": rng.integers(-1, 40, N), "b": rng.integers(0, 3, N)})


def same(name, n_bins):
    return Coder(name, n_bins, lambda units: units.astype(np.intp))


def questions():
    starts = np.array([0, 10, 30])
    table = Table((same("a", 40), same("b", 3)))
    return [NumberOfRows(), Histogram("a", starts, np.array([5, 20, 40])), table]


def test_counts(rows):
    n, histogram, table = (question.count(rows) for question in questions())
    a, b = rows.units["a"], rows.units["b"]
    assert n.tolist() == [N]
    assert histogram.tolist() == [((a >= s) & (a < e)).sum() for s, e in ((0, 5), (10, 20), (30, 40))]
    assert table.reshape(40, 3)[7, 2] == ((a == 7) & (b == 2)).sum()
    assert table.sum() == (a >= 0).sum()  # undeclared values are in no bin


def test_one_row_more_changes_one_count_by_one(rows):
    for a, b in ((-1, 0), (39, 2), (12, 1)):
        more = Rows(N + 1, {"a": np.append(rows.units["a"], a), "b": np.append(rows.units["b"], b)})
        for question in questions():
            change = question.count(more) - question.count(rows)
            assert np.abs(change).sum() <= 1


def test_ledger_and_budget(rows):
    curator = Curator(rows, 0.1, source())
    for question in questions():
        curator.ask(question, 0.03)
    assert [line.question for line in curator.ledger] == [
        "number of rows", "histogram of 'a'", "table of 'a' x 'b'",
    ]  # fmt: skip
    spent = sum(line.rho for line in curator.ledger)
    assert spent <= 0.09
    assert spent == pytest.approx(0.09, rel=1e-4)
    assert curator.left == pytest.approx(0.1 - spent)
    for line in curator.ledger:
        assert line.rho == pytest.approx(line.sensitivity**2 / (2 * line.sigma**2), rel=1e-12)
    with pytest.raises(BudgetError, match="number of rows would cost rho 0"):
        curator.ask(NumberOfRows(), 0.03)
    assert len(curator.ledger) == 3


def test_all_of_a_budget_can_be_spent(rows):
    curator = Curator(rows, 0.3, source())
    for _ in range(1000):
        curator.ask(NumberOfRows(), 0.3 / 1000 * (1 - 1e-12))
    assert 0 <= curator.left < 1e-6


@pytest.mark.parametrize("rho", [0.2, 1e-3])
def test_noise_is_as_great_as_the_ledger_says(rows, rho):
    # a chi-squared test of noise / sigma, two-sided at 1e-4; the variance of discrete noise differs by 1e-9
    table = questions()[-1]
    curator = Curator(rows, 100 * rho, source())
    noise = np.concatenate([curator.ask(table, rho) - table.count(rows) for _ in range(50)])
    statistic = float((noise**2).sum()) / curator.ledger[0].sigma ** 2
    assert 5e-5 < stats.chi2.cdf(statistic, len(noise)) < 1 - 5e-5
    assert curator.ledger[0].sigma == pytest.approx(math.sqrt(1 / (2 * rho)), rel=1e-6)


def test_choice(rows):
    a = rows.units["a"]
    dependent = Rows(N, {"a": np.abs(a), "b": np.abs(a) % 3, "c": rows.units["b"]})
    tables = [Table((same("a", 40), same(name, 3))) for name in ("b", "c")]
    expected = [np.full(120, N // 120)] * 2
    curator = Curator(dependent, 1.0, source())
    assert curator.choose(tables, expected, [0, 0], 1, 0.5) == [0]
    assert curator.choose(tables, expected, [0, 0], 2, 0.4) == [0, 1]
    assert [line.mechanism for line in curator.ledger] == ["exponential"] * 3
    assert sum(line.rho for line in curator.ledger) == pytest.approx(0.9, rel=1e-4)
    with pytest.raises(BudgetError):
        curator.choose(tables, expected, [0, 0], 1, 0.2)
