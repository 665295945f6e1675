"""Packed rows: what comes out is what went in, in few bytes, whatever the widths of the blocks."""

import numpy as np
import pytest
import torch

from tabgan.adversarial.training.batches import Batches, PackedTable
from tabgan.adversarial.training.packing import Packing
from tabgan.layout import Layout

CPU = torch.device("cpu")


def encoded(widths, n, seed=0):
    """A layout with a scalar, then a onehot of each width, then a scalar; and rows of it."""
    rng = np.random.default_rng(seed)
    blocks = [("scalar", 1), *[("onehot", width) for width in widths], ("scalar", 1)]
    layout = tuple(Layout.from_columns([("a", blocks)]))
    parts = [rng.uniform(-1, 1, (n, 1))]
    for width in widths:
        part = np.zeros((n, width))
        part[np.arange(n), np.append(rng.integers(width, size=n - 1), width - 1)] = 1
        parts.append(part)
    return layout, np.hstack([*parts, rng.uniform(-1, 1, (n, 1))]).astype(np.float32)


@pytest.mark.parametrize(
    ("widths", "row_bytes"),
    [((), 8), ((2,), 12), ((2, 256, 3, 7), 12), ((2, 257), 12), ((40_000, 300, 2), 16)],
)
def test_rows_come_back_exactly(widths, row_bytes):
    layout, rows = encoded(widths, 50)
    packing = Packing(layout)
    packed = packing.pack(rows)
    assert packing.row_bytes == packed.shape[1] == row_bytes
    assert np.array_equal(packing.rows(packed), rows)


def test_a_table_without_blocks_packs_to_nothing():
    packing = Packing(())
    assert packing.rows(packing.pack(np.zeros((5, 0), np.float32))).shape == (5, 0)


def test_mean_is_that_of_the_matrix():
    layout, rows = encoded((5, 300), 1000)
    packing = Packing(layout)
    packed = packing.pack(rows)
    assert np.array_equal(packing.mean(packed), rows.mean(0))
    assert np.allclose(packing.mean(packed, chunk=64), rows.mean(0), atol=1e-6)


def test_batches_are_drawn_from_all_rows_alike():
    layout, rows = encoded((4,), 400)
    table = PackedTable.of(rows, layout)
    torch.manual_seed(0)
    drawn = Batches(table, table.shards[0], CPU).draw(40_000)
    counts = np.unique(drawn[:, 0].numpy(), return_counts=True)[1]
    # 400 rows drawn 100 times each: the chi-square statistic is 399 +- 28; five deviations, 1 in a million
    assert len(counts) == 400
    assert abs(((counts - 100) ** 2 / 100).sum() - 399) < 5 * 28.3


def test_shards_take_turns():
    layout, rows = encoded((4,), 300)
    packing = Packing(layout)
    table = PackedTable(packing, np.split(packing.pack(rows), 3), 300)
    torch.manual_seed(0)
    batches = Batches(table, table.shards[0][10:], CPU)
    place = {value: index for index, value in enumerate(rows[:, 0])}
    seen = [{place[value] // 100 for value in batches.draw(50)[:, 0].tolist()} for _ in range(8)]
    assert seen == [{0}, {0}, {1}, {1}, {2}, {2}, {0}, {0}]
    saved = batches.state_dict()
    other = Batches(table, table.shards[0][10:], CPU)
    other.load_state_dict(saved)
    state = torch.get_rng_state()
    after = [batches.draw(50) for _ in range(3)]
    torch.set_rng_state(state)
    assert all(torch.equal(other.draw(50), rows) for rows in after)
