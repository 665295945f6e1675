"""Transport: independent columns come out with the real dependence, odd ones as they are."""

import numpy as np
import pytest

from tabgan.layout import Layout
from tabgan.trees.atoms import Atoms
from tabgan.trees.transport import Transport

LAYOUT = tuple(
    Layout.from_columns(
        [
            ("z", [("onehot", 3)]),
            ("x", [("onehot", 2), ("scalar", 1)]),  # present or missing, and the number
            ("y", [("scalar", 1)]),
            ("one", [("onehot", 1)]),
        ]
    )
)
ZERO = np.array([[-0.1, 0.1]], dtype=np.float32)  # codes that are one value of x
INTERVALS = [None, np.zeros((0, 2), dtype=np.float32), ZERO, None, None]


def table(n, seed):
    """X is missing for z = 2, and often 0 for z = 0; y is x and noise, or about -0.8 where it is missing."""
    rng = np.random.default_rng(seed)
    z = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    missing = z == 2
    spike = (z == 0) & (rng.random(n) < 0.4)
    x = np.where(spike, rng.uniform(-0.1, 0.1, n), rng.choice([-1, 1], n) * rng.uniform(0.1, 1, n))
    y = np.where(missing, -0.8, np.where(spike, 0, x * 0.8)) + rng.normal(0, 0.05, n)
    x = np.where(missing, rng.uniform(-1, 1, n), x)
    return np.column_stack([z, missing, x, y.clip(-1, 1), np.zeros(n)]).astype(np.float32)


def shuffled(codes, n, seed):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.choice(column, n) for column in codes.T])


def fitted(real, blocks=LAYOUT, intervals=INTERVALS):
    transport = Transport(blocks)
    transport.atoms = Atoms(blocks, intervals)
    transport.fit(real, lambda n, seed: shuffled(real, n, seed), np.random.SeedSequence(0))
    return transport


@pytest.fixture(scope="module")
def moved():
    real = table(6000, 0)
    transport = fitted(real)
    return transport, transport.apply(shuffled(real, 20_000, 7), np.random.default_rng(1))


def test_independent_columns_become_dependent(moved):
    z, missing, x, y, one = moved[1].T
    # Each share is of about 4,000 rows or more, so that its standard error is at most 0.008.
    assert np.abs(np.bincount(z.astype(int)) / len(z) - [0.5, 0.3, 0.2]).max() < 0.03
    assert ((z == 2) == (missing == 1)).mean() > 0.99
    zero = (x == 0) & (missing == 0)
    assert abs(zero[z == 0].mean() - 0.4) < 0.04
    assert zero[z == 1].mean() < 0.02
    away = (missing == 0) & ~zero
    assert np.abs(y - 0.8 * x)[away].mean() < 0.08  # 0.04 in real rows, 0.5 in shuffled ones
    assert abs(y[missing == 1].mean() + 0.8) < 0.02
    assert abs(y[zero].std() - 0.05) < 0.03
    assert not one.any()


def test_codes_come_out_settled(moved):
    _, missing, x, *_ = moved[1].T
    assert not (x[missing == 1] != 0).any()
    assert not ((np.abs(x) < 0.0999) & (x != 0)).any()


def test_rows_depend_on_seed_and_state_alone(moved):
    transport, _ = moved
    codes = shuffled(table(2000, 3), 500, 4)
    before = codes.copy()
    first = transport.apply(codes, np.random.default_rng(2))
    again = Transport(LAYOUT)
    again.set_state(transport.get_state())
    assert np.array_equal(again.apply(codes, np.random.default_rng(2)), first)
    assert np.array_equal(codes, before)
    assert not np.array_equal(transport.apply(codes, np.random.default_rng(3)), first)


def test_no_number_of_a_single_record_is_in_the_state(moved):
    transport, _ = moved
    real = transport.atoms.settle(table(6000, 0))
    numbers = np.unique(real[:, 2:4])
    numbers = numbers[(numbers != 0) & (np.abs(numbers) < 1)]  # ends of the scale say nothing
    ends, hits = 0, 0
    for key, array in transport.get_state().items():
        if key.endswith((".low", ".high")):
            ends, hits = ends + array.size, hits + np.isin(array, numbers).sum()
        assert array.size < 6000  # nothing that has an entry for each row
    # one float32 in about 3,000 is one of the numbers by chance; beyond four standard deviations of it: never
    assert ends > 5000
    assert hits < ends / 3000 + 4 * np.sqrt(ends / 3000)


def test_members_mixed_are_nearer_to_the_distribution_than_one(monkeypatch):
    """A number follows two others; the error of its means in 40 parts of these, over four tables."""
    layout = tuple(Layout.from_columns([(name, [("scalar", 1)]) for name in "abc"]))

    def expected(a, b):
        return 0.5 * np.sin(3 * a) * np.sign(b)

    def error(seed):
        rng = np.random.default_rng(seed)
        a, b = rng.uniform(-1, 1, (2, 1000))
        c = (expected(a, b) + rng.normal(0, 0.15, 1000)).clip(-1, 1)
        real = np.column_stack([a, b, c]).astype(np.float32)
        a, b, c = fitted(real, layout, ()).apply(shuffled(real, 40_000, 9), np.random.default_rng(1)).T
        part = np.floor((a + 1) * 10).astype(int).clip(0, 19) + 20 * (b > 0)
        away = np.bincount(part, c - expected(a, b), minlength=40) / np.bincount(part, minlength=40)
        return np.sqrt((away**2).mean())

    mixed = np.mean([error(seed) for seed in range(4)])
    monkeypatch.setattr("tabgan.trees.transport.MEMBERS", 1)
    assert mixed < 0.92 * np.mean([error(seed) for seed in range(4)])  # 0.031 and 0.037


def test_fewer_members_learn_a_larger_table(monkeypatch):
    layout = tuple(Layout.from_columns([(name, [("scalar", 1)]) for name in "ab"]))
    real = np.random.default_rng(0).uniform(-1, 1, (41_000, 2)).astype(np.float32)
    assert [len(fitted(real[:n], layout, ()).members) for n in (500, 18_000, 41_000)] == [4, 2, 1]
    monkeypatch.setattr("tabgan.trees.transport.MEMBER_CODES", 2000)
    assert len(fitted(real[:500], layout, ()).members) == 2


def test_without_predictors_scalars_alone_are_moved():
    real = table(3000, 0)
    marginals = Transport(LAYOUT, predictors=0)
    marginals.atoms = Atoms(LAYOUT, INTERVALS)
    drawn = shuffled(real, 50_000, 1)
    drawn[:, 3] /= 2
    marginals.fit(real, lambda n, seed: drawn[:n], np.random.SeedSequence(0))
    result = marginals.apply(drawn, np.random.default_rng(0))
    assert marginals.keeps_categories
    assert np.array_equal(result[:, :2], drawn[:, :2])
    levels = np.linspace(0.05, 0.95, 19)
    # the two middle quantiles lie in a gap
    gaps = np.abs(np.quantile(result[:, 3], levels) - np.quantile(real[:, 3], levels))
    assert np.median(gaps) < 0.01
    assert set(marginals.rank_maps()) == {2, 3}


@pytest.mark.parametrize("n", [1, 2, 10, 30])
def test_few_rows(n):
    real = table(n, 0)
    rows = fitted(real).apply(shuffled(real, 300, 1), np.random.default_rng(0))
    assert np.isfinite(rows).all()
    assert set(rows[:, 0]) <= set(real[:, 0])
    assert rows[:, 3].min() >= -1
    assert rows[:, 3].max() <= 1


def test_a_wide_table_takes_the_predictors_that_matter():
    """Of 120 columns, each even one gives the next one's value."""
    rng = np.random.default_rng(0)
    even = rng.uniform(-1, 1, (1000, 60))
    real = np.stack([even, even], axis=2).reshape(1000, 120).astype(np.float32)
    layout = tuple(Layout.from_columns([(k, [("scalar", 1)]) for k in range(120)]))
    transport = fitted(real, layout, ())
    rows = transport.apply(shuffled(real, 1000, 1), np.random.default_rng(0))
    correlations = [np.corrcoef(rows[:, k], rows[:, k + 1])[0, 1] for k in range(0, 120, 2)]
    assert min(correlations) > 0.95
    assert [len(member.passes) for member in transport.members] == [1]
