"""Random frames from end to end: learned, sampled, saved, loaded, completed and compared, or refused.

What dtypes and names there are stands in `tests/test_fuzz.py`, which looks at each value; here it is the way,
as a whole, of up to 2,000 rows.
"""

import time
import warnings
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tabgan
from tabgan import TabGAN, evaluate
from tabgan.adversarial.networks import MLP
from tabgan.table.columns.categories import find_missing
from tests.attack.budget import Attack
from tests.test_fuzz import COLUMNS, LABELS, compare, labels, taken

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 2, "verbose": 0, "random_state": 0, "device": "cpu", "batch_size": 32}
ROWS = [0, 1, 2, 3, 5, 10, 30, 100, 300, 1000, 2000]
MOST_SECONDS = 60  # of the processor, for all that is done with one frame


class Frame(pd.DataFrame):
    """A frame of a class of one's own, as those of other packages are."""

    @property
    def _constructor(self):
        return Frame


def frame(rng):
    """Put one together; with holes, odd names and an odd index."""
    names = rng.choice(sorted(COLUMNS), rng.integers(1, 6))
    n = int(rng.choice(ROWS))
    parts = {}
    for place, name in enumerate(names):
        rows = rng.integers(0, len(COLUMNS[name]) if rng.random() < 0.7 else 5, n)
        column = taken(COLUMNS[name], rows)
        if rng.random() < 0.2 and n:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a dtype that pandas itself warns of is not tried
                with suppress(TypeError, ValueError, NotImplementedError, Warning):  # or none with holes
                    column = column.mask(rng.random(n) < rng.choice([0.05, 0.5, 0.97, 1.0]))
        parts[place] = column
    table = pd.DataFrame(parts).set_axis(labels(str(rng.choice(LABELS[:-1])), len(names)), axis=1)
    with suppress(TypeError, ValueError, NotImplementedError, OverflowError):  # what Arrow has not
        if rng.random() < 0.1:
            return pa.Table.from_pandas(table, preserve_index=False), list(map(str, names))
    table.index = index(rng, n)
    if rng.random() < 0.1:
        table = Frame(table)
    return table, list(map(str, names))


def index(rng, n):
    """Give n labels of rows, most often 0 to n - 1."""
    odd = [
        pd.Index(["r"] * n, dtype=object),
        pd.date_range("2020", periods=n),
        pd.MultiIndex.from_arrays([[0] * n, range(n)], names=["c0", None]),
        pd.Index([None] * n, dtype=object),
        pd.CategoricalIndex(rng.choice(["a", "b"], n)),
        pd.RangeIndex(n, 0, -1, name="c0"),
        pd.interval_range(0, periods=n),
        pd.Index(rng.random(n) * np.inf),
    ]
    return odd[rng.integers(len(odd))] if rng.random() < 0.4 else pd.RangeIndex(n)


def end_to_end(table, folder, rng):
    """Do all that one does; give how it ended."""
    model = TabGAN(**QUICK, backbone=MLP((8,), (8,)))
    before = table.copy(deep=True) if isinstance(table, pd.DataFrame) else table
    try:
        model.fit(table)
    except (ValueError, TypeError) as error:
        said = str(error)
        assert "column" in said or "row" in said, said
        return "refused"
    n = min(len(before), 300)
    drawn = model.sample(n, random_state=1)
    if isinstance(table, pd.DataFrame):
        pd.testing.assert_frame_equal(table, before)
        compare(model, table, drawn, n)
    else:
        for made, real in zip(drawn.schema.types, table.schema.types, strict=True):
            # of a dictionary, all of whose values are too rare to be drawn, none is left
            assert plain(made) in (plain(real), pa.null())
        assert drawn.column_names == table.column_names
    model.save(folder / "m.tabgan")
    again = tabgan.load(folder / "m.tabgan", device="cpu")
    redrawn = again.sample(n, random_state=1)
    if isinstance(table, pd.DataFrame):
        pd.testing.assert_frame_equal(redrawn, drawn)
        complete(again, table)
        condition(again, table, rng)
    else:
        assert redrawn.equals(drawn)
    try:
        report = evaluate(table, drawn, random_state=0, max_rows=300)
    except ValueError as error:
        assert "row" in str(error) or "column" in str(error), error  # noqa: PT017
        return "learned, too few rows to compare"
    assert 0 <= report.score <= 1
    report.to_html(folder / "report.html")
    return "learned and compared"


def plain(dtype):
    """Give an Arrow type, of a dictionary that of its values: how wide its indices are is pandas' choice.

    Times of one that hardly repeat become those of Python, in microseconds.
    """
    if not pa.types.is_dictionary(dtype):
        return pa.timestamp("us", dtype.tz) if pa.types.is_timestamp(dtype) else dtype
    return plain(dtype.value_type)


def complete(model, table):
    """Fill the holes of a few rows, or say why not; no hole is new."""
    rows = table.head(20)
    try:
        filled = model.impute(rows, random_state=2)
    except (ValueError, TypeError, RuntimeError) as error:
        said = str(error)
        assert "column" in said or "row" in said, said
        return
    assert filled.shape == rows.shape
    assert filled.index.equals(rows.index)
    for (_, column), (_, before) in zip(filled.items(), rows.items(), strict=True):
        assert not (find_missing(column) & ~find_missing(before)).any()


def condition(model, table, rng):
    """Draw rows with one of the values of a column, or say why not."""
    place = int(rng.integers(table.shape[1]))
    value = table.iloc[int(rng.integers(len(table))), place]
    try:
        drawn = model.sample(7, given={table.columns[place]: value}, random_state=3)
    except (ValueError, TypeError, RuntimeError) as error:
        said = str(error)
        assert "column" in said or "row" in said or "given" in said, said
        return
    assert len(drawn) == 7


def test_frames(tmp_path):
    attack = Attack("frames", 12)
    for number, rng in attack.tries():
        table, names = frame(rng)
        what = f"{table.shape[0]} rows of {names}"
        attack.note(number, what, "begun")
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                end = end_to_end(table, tmp_path, rng)
                assert time.process_time() - start < MOST_SECONDS, "this takes too long"
            except Exception as error:
                attack.note(number, what, "FAULT", error=f"{type(error).__name__}: {error}"[:300])
                raise AssertionError(f"try {number}: {what}") from error
        attack.note(number, what, end)
