"""Packed rows: what comes out is what went in, in few bytes, whatever the widths of the blocks."""

import numpy as np
import pytest
import torch

from tabgan.adversarial.training.batches import Batches, PackedTable
from tabgan.adversarial.training.packing import Packing
from tabgan.layout import Layout

CPU = torch.device("cpu")


def encoded(widths, n, seed=0):
    """A layout with a scalar, then a onehot of each width, then a scalar; and codes of it."""
    rng = np.random.default_rng(seed)
    blocks = [("scalar", 1), *[("onehot", width) for width in widths], ("scalar", 1)]
    layout = tuple(Layout.from_columns([("a", blocks)]))
    categories = [np.append(rng.integers(width, size=n - 1), width - 1) for width in widths]
    codes = np.column_stack([rng.uniform(-1, 1, n), *categories, rng.uniform(-1, 1, n)])
    return layout, codes.astype(np.float32)


@pytest.mark.parametrize(
    ("widths", "row_bytes"),
    [((), 8), ((2,), 12), ((2, 256, 3, 7), 12), ((2, 257), 12), ((40_000, 300, 2), 16)],
)
def test_codes_come_back_exactly(widths, row_bytes):
    layout, codes = encoded(widths, 50)
    packing = Packing(layout)
    packed = packing.pack(codes)
    assert packing.row_bytes == packed.shape[1] == row_bytes
    assert np.array_equal(packing.codes(packed), codes)


def test_a_table_without_blocks_packs_to_nothing():
    packing = Packing(())
    assert packing.codes(packing.pack(np.zeros((5, 0), np.float32))).shape == (5, 0)
    assert packing.frequencies(np.zeros((5, 0), np.uint8)).shape == (0,)


def test_frequencies_are_the_means_of_the_indicators():
    layout, codes = encoded((5, 300), 1000)
    packing = Packing(layout)
    means = np.concatenate([
        [0] if block.kind == "scalar" else (code[:, None] == np.arange(block.width)).mean(0)
        for code, block in zip(codes.T, layout, strict=True)
    ])  # fmt: skip
    for chunk in (2**16, 64):
        assert np.allclose(packing.frequencies(packing.pack(codes), chunk), means, atol=1e-6)


def test_batches_are_drawn_from_all_rows_alike():
    layout, rows = encoded((4,), 400)
    table = PackedTable.of(rows, layout)
    drawn = Batches(table, table.shards[0], CPU).draw(40_000, torch.Generator().manual_seed(0))
    assert drawn.shape == (40_000, 6)
    counts = np.unique(drawn[:, 0].numpy(), return_counts=True)[1]
    # 400 rows drawn 100 times each: the chi-square statistic is 399 +- 28; five deviations, 1 in a million
    assert len(counts) == 400
    assert abs(((counts - 100) ** 2 / 100).sum() - 399) < 5 * 28.3


def test_shards_take_turns():
    layout, rows = encoded((4,), 300)
    packing = Packing(layout)
    table = PackedTable(packing, np.split(packing.pack(rows), 3), 300)
    rng = torch.Generator().manual_seed(0)
    batches = Batches(table, table.shards[0][10:], CPU)
    place = {value: index for index, value in enumerate(rows[:, 0])}
    seen = [{place[value] // 100 for value in batches.draw(50, rng)[:, 0].tolist()} for _ in range(8)]
    assert seen == [{0}, {0}, {1}, {1}, {2}, {2}, {0}, {0}]
    saved = batches.state_dict()
    other = Batches(table, table.shards[0][10:], CPU)
    other.load_state_dict(saved)
    state = rng.get_state()
    after = [batches.draw(50, rng) for _ in range(3)]
    rng.set_state(state)
    assert all(torch.equal(other.draw(50, rng), rows) for rows in after)
