"""The narrow waist: blocks lie side by side, and those of a column are looked up."""

import json

import numpy as np
import pytest

from tabgan.layout import Block, Layout


@pytest.fixture
def layout():
    return Layout.from_columns(
        [
            ("age", [("scalar", 1)]),
            (("a", 1), [("onehot", 3), ("scalar", 1)]),
            (7, []),
            (None, [("onehot", 2)]),
        ]
    )


def test_blocks_lie_side_by_side(layout):
    assert [(block.start, block.stop) for block in layout] == [(0, 1), (1, 4), (4, 5), (5, 7)]
    assert layout.width == sum(block.width for block in layout) == 7
    assert [block.column for block in layout if block.kind == "onehot"] == [("a", 1), None]
    assert layout.of(("a", 1)) == layout[1:3]
    assert layout.of(7) == ()


def test_codes_are_cut_by_column(layout):
    codes = np.arange(8).reshape(2, 4)
    parts = [codes[:, layout.places(column)] for column in [None, 7, ("a", 1), "age", "unknown"]]
    assert [part.shape for part in parts] == [(2, 1), (2, 0), (2, 2), (2, 1), (2, 0)]
    np.testing.assert_array_equal(parts[2], codes[:, 1:3])


def test_json_there_and_back_keeps_names_that_are_no_strings(layout):
    again = Layout.from_dict(json.loads(json.dumps(layout.to_dict())))
    assert again == layout
    assert hash(again) == hash(layout)
    assert again != Layout(layout[:2])


def test_an_empty_layout_is_one():
    assert Layout([]).width == 0
    assert list(Layout([])) == []


@pytest.mark.parametrize(
    "blocks",
    [
        [Block("a", "scalar", 1, 2)],
        [Block("a", "scalar", 0, 1), Block("b", "scalar", 2, 3)],
        [Block("a", "onehot", 0, 0)],
        [Block("a", "scalar", 0, 2)],
        [Block("a", "other", 0, 1)],
    ],
)
def test_blocks_that_do_not_fit_are_refused(blocks):
    with pytest.raises(ValueError, match="block"):
        Layout(blocks)
