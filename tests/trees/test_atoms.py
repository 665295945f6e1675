"""Settled and spread codes stand for the same table; values that repeat have one code."""

import numpy as np
import pandas as pd
import pytest

from tabgan.layout import Layout
from tabgan.table import Schema, TableTransformer
from tabgan.trees.atoms import Atoms


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    n = 2000
    amount = np.where(rng.random(n) < 0.4, 0.0, np.round(rng.exponential(100, n), 2))
    paid = np.where(rng.random(n) < 0.3, amount, np.round(rng.exponential(100, n), 2))
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "amount": amount,
            "paid": paid,  # often the same as the amount
            "hole": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "kind": rng.choice(["a", "b", "c"], n),
        }
    )
    transformer = TableTransformer(Schema.infer(frame)).fit(frame)
    codes = transformer.transform(frame, 0)
    return frame, transformer, codes, Atoms(transformer.layout_, transformer.encoder_.intervals())


def test_settled_and_spread_codes_are_the_same_table(table):
    _, transformer, codes, atoms = table
    settled = atoms.settle(codes)
    spread = atoms.spread(settled, np.random.default_rng(1))
    expected = transformer.inverse_transform(codes, 0)
    pd.testing.assert_frame_equal(transformer.inverse_transform(settled, 0), expected)
    pd.testing.assert_frame_equal(transformer.inverse_transform(spread, 0), expected)
    assert np.array_equal(atoms.settle(spread), settled)
    assert not np.array_equal(spread, settled)


def test_a_repeated_value_has_one_code_and_an_idle_block_none(table):
    frame, transformer, codes, atoms = table
    assert transformer.repeats_ == {"paid": "amount"}
    settled, layout = atoms.settle(codes), transformer.layout_
    for name in ("age", "amount"):
        place = layout.places(name).start
        per_value = pd.Series(settled[:, place]).groupby(frame[name].to_numpy()).nunique()
        common = frame[name].value_counts() >= 10
        assert (per_value[common[common].index] == 1).all()
    for name in ("paid", "hole"):
        state, number = layout.places(name).start, layout.places(name).stop - 1
        idle = settled[:, state] != 0
        assert idle.any()
        assert (settled[idle, number] == 0).all()
        assert len(atoms.rows(settled, number)) == (~idle).sum()
        free = atoms.spread(settled, np.random.default_rng(1))[idle, number]
        assert abs(free.mean()) < 5 / np.sqrt(3 * idle.sum())  # anywhere between -1 and 1


def test_columns_of_other_types_always_count():
    layout = Layout.from_columns([("own", [("onehot", 2), ("scalar", 1)])])
    codes = np.array([[0, 0.5], [1, 0.25]], dtype=np.float32)
    atoms = Atoms(layout, [None, None])
    assert np.array_equal(atoms.settle(codes), codes)
    assert np.array_equal(atoms.spread(codes, np.random.default_rng(0)), codes)


def test_atoms_come_back_from_their_state(table):
    _, transformer, codes, atoms = table
    again = Atoms.from_state(transformer.layout_, atoms.get_state())
    assert np.array_equal(again.settle(codes), atoms.settle(codes))
