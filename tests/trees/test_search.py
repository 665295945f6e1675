"""Binary search of many numbers at once: what numpy finds in each part by itself."""

import numpy as np
import pytest

from tabgan.trees.search import first_from


@pytest.mark.parametrize("above", [False, True])
def test_it_finds_what_numpy_finds(above):
    rng = np.random.default_rng(0)
    size = rng.integers(1, 40, 50)
    parts = [np.sort(rng.integers(0, 30, each)).astype(np.float32) for each in size]
    start = np.cumsum(size) - size
    which = rng.integers(50, size=2000)
    wanted = rng.integers(-2, 33, 2000).astype(np.float32)
    found = first_from(np.concatenate(parts), start[which], size[which], wanted, above)
    side = "right" if above else "left"
    expected = [
        start[k] + min(np.searchsorted(parts[k], number, side), size[k] - 1)
        for k, number in zip(which, wanted, strict=True)
    ]
    assert found.tolist() == expected


def test_one_part_for_all():
    rising = np.array([0.0, 1.0, 2.0])
    assert first_from(rising, 0, 3, np.array([-1.0, 0.5, 9.0])).tolist() == [0, 1, 2]
    assert not len(first_from(rising, 0, 3, np.array([])))
