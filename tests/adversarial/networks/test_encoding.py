"""Codes and rows: there and back, and a category that is none."""

import numpy as np
import torch

from tabgan.adversarial.networks.encoding import Encoding
from tabgan.layout import Layout

LAYOUT = Layout.from_columns(
    [
        ("a", [("onehot", 3)]),
        ("b", [("scalar", 1)]),
        ("c", [("onehot", 2), ("scalar", 1)]),
        ("d", [("onehot", 3)]),
    ]
)


def test_codes_become_rows_and_come_back():
    rng = np.random.default_rng(0)
    limits = [3, 0, 2, 0, 3]
    codes = np.column_stack([rng.integers(n, size=50) if n else rng.uniform(-1, 1, 50) for n in limits])
    codes = codes.astype(np.float32)
    encoding = Encoding(LAYOUT, torch.device("cpu"))
    rows = encoding.rows(torch.from_numpy(codes))
    assert np.array_equal(encoding.codes(rows).numpy(), codes)
    for code, block in zip(codes.T, LAYOUT, strict=True):
        positions = rows[:, block.start : block.stop].numpy()
        expected = code[:, None] if block.kind == "scalar" else np.eye(block.width)[code.astype(int)]
        assert np.array_equal(positions, expected)


def test_no_category_is_a_block_of_zeros():
    codes = np.array([[-1, 0.5, 1, -0.5, 2]], dtype=np.float32)
    rows = Encoding(LAYOUT, torch.device("cpu")).rows(torch.from_numpy(codes))
    assert rows.tolist() == [[0, 0, 0, 0.5, 0, 1, -0.5, 0, 0, 1]]
