"""What is asked of a sample is checked in one place, before anything is drawn."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.sampling.request import SampleRequest

ROWS = pd.DataFrame({"a": [1]})


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({"given": [1, 2]}, TypeError, "given must be a mapping of column names to .* got list"),
        ({"given": ROWS, "balance": "b"}, ValueError, "balance and missing have no meaning"),
        ({"given": ROWS, "missing": False}, ValueError, "balance and missing have no meaning"),
        ({"min_distance": 1.5}, ValueError, "min_distance must lie between 0 and 1, got 1.5"),
        ({"min_distance": -0.1}, ValueError, "min_distance must lie between 0 and 1, got -0.1"),
        ({"min_distance": float("nan")}, ValueError, "min_distance must lie between 0 and 1, got nan"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        SampleRequest(**arguments)


def test_the_number_of_rows():
    anything = SampleRequest()
    assert [anything.n_rows(n) for n in (None, 0, np.int64(7))] == [1, 0, 7]
    rows = SampleRequest(given=pa.table({"a": [1, 2, 3]}))  # a frame of another package is one all the same
    assert isinstance(rows.given, pd.DataFrame)
    assert [rows.n_rows(n) for n in (None, 3)] == [3, 3]
    with pytest.raises(ValueError, match="n_samples is 2, but given has 3 rows to complete; leave it out"):
        rows.n_rows(2)
    with pytest.raises(TypeError, match="n_samples must be a whole number, got True"):
        anything.n_rows(True)
    with pytest.raises(ValueError, match="n_samples must be at least 0, got -1"):
        anything.n_rows(-1)
