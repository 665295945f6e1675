"""Pairs that hardly any record has, though many were expected, are never drawn; all others are."""

import numpy as np
import pytest

from tabgan.adversarial.generator.rare_pairs import RarePairs
from tabgan.layout import Layout

LAYOUT = Layout.from_columns(
    [("sex", [("onehot", 2)]), ("age", [("onehot", 2), ("scalar", 1)]), ("role", [("onehot", 3)])]
)


def table(n: int, planted: int) -> np.ndarray:
    """Rows whose last role goes with the first sex only, but for the first few rows."""
    rng = np.random.default_rng(0)
    sex, missing, role = rng.integers(2, size=n), rng.integers(2, size=n), rng.integers(3, size=n)
    sex[role == 2] = 0
    sex[:planted], role[:planted] = 1, 2
    return np.column_stack([sex, missing, rng.uniform(-1, 1, n), role]).astype(np.float32)


def fitted(least: int, planted: int) -> RarePairs:
    stage = RarePairs(LAYOUT, least)
    stage.fit(table(2_000, planted), lambda n, seed: table(n, planted), np.random.SeedSequence(0))
    return stage


@pytest.mark.parametrize("planted", [0, 1, 4])
def test_a_pair_of_few_records_is_rejected(planted: int) -> None:
    stage, rows = fitted(5, planted), table(500, 3)
    assert stage.pairs.tolist() == [[0, 3, 1, 2]]
    assert np.flatnonzero(np.isneginf(stage.log_weight(rows))).tolist() == [0, 1, 2]
    again = RarePairs(LAYOUT)
    again.set_state(stage.get_state())
    np.testing.assert_array_equal(again.log_weight(rows), stage.log_weight(rows))


def test_what_enough_records_have_is_kept() -> None:
    assert not fitted(5, planted=5).log_weight(table(500, 3)).any()


def test_unprotected_nothing_is_rejected() -> None:
    assert not fitted(1, planted=0).log_weight(table(500, 3)).any()


def test_pairs_that_chance_would_hardly_bring_may_be_drawn() -> None:
    stage = RarePairs(LAYOUT, 5)
    rows = table(60, 0)  # 60 * 1 / 3 * 1 / 2 are expected
    stage.fit(rows, lambda n, seed: rows, np.random.SeedSequence(0))
    assert len(stage.pairs) == 0


def test_of_many_columns_rows_are_mended_before_they_are_rejected() -> None:
    """Of 120 columns that go with each other, rows of columns at random have thousands of such pairs."""
    layout = Layout.from_columns([(f"c{k}", [("onehot", 4)]) for k in range(120)])
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=(2000, 1))
    real = (2 * group + rng.integers(2, size=(2000, 120))).astype(np.float32)
    stage = RarePairs(layout, 5)
    stage.fit(
        real, lambda n, seed: rng.integers(4, size=(n, 120)).astype(np.float32), np.random.SeedSequence(0)
    )
    assert len(stage.pairs) == 120 * 119 / 2 * 8
    assert stage.mends
    nearly = np.where(rng.random((500, 120)) < 0.05, rng.integers(4, size=(500, 120)), real[:500])
    again = RarePairs(layout)
    again.set_state(stage.get_state())
    mended = again.apply(nearly, np.random.default_rng(1))
    assert np.isfinite(stage.log_weight(nearly)).mean() < 0.1
    assert np.isfinite(stage.log_weight(mended)).mean() > 0.95
    assert (mended == nearly).mean() > 0.8
    assert not fitted(5, 1).mends
