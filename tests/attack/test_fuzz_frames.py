"""Random frames from end to end: learned, sampled, saved, loaded, completed and compared, or refused.

What dtypes and names there are stands in `tests/test_fuzz.py`, which looks at each value; here it is the way,
as a whole, of up to 2,000 rows.
"""

import warnings
from contextlib import suppress

import pandas as pd
import pytest

import tabgan
from tabgan import TabGAN, evaluate
from tabgan.adversarial.networks import MLP
from tests.attack.budget import Attack
from tests.test_fuzz import COLUMNS, LABELS, labels

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 2, "verbose": 0, "random_state": 0, "device": "cpu", "batch_size": 32}
ROWS = [0, 1, 2, 3, 5, 10, 30, 100, 300, 1000, 2000]


def frame(rng):
    """Put one together; with holes, odd names and an odd index."""
    names = rng.choice(sorted(COLUMNS), rng.integers(1, 6))
    n = int(rng.choice(ROWS))
    parts = {}
    for place, name in enumerate(names):
        rows = rng.integers(0, len(COLUMNS[name]) if rng.random() < 0.7 else 5, n)
        column = COLUMNS[name].take(rows).reset_index(drop=True)
        if rng.random() < 0.2 and n:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a dtype that pandas itself warns of is not tried
                with suppress(TypeError, ValueError, NotImplementedError, Warning):  # or none with holes
                    column = column.mask(rng.random(n) < rng.choice([0.05, 0.5, 0.97, 1.0]))
        parts[place] = column
    table = pd.DataFrame(parts).set_axis(labels(str(rng.choice(LABELS[:6])), len(names)), axis=1)
    if rng.random() < 0.3:
        table.index = pd.Index(["r"] * n) if rng.random() < 0.5 else pd.date_range("2020", periods=n)
    return table, list(map(str, names))


def end_to_end(table, folder):
    """Do all that one does; give how it ended."""
    model = TabGAN(**QUICK, backbone=MLP((8,), (8,)))
    try:
        model.fit(table)
    except (ValueError, TypeError) as error:
        said = str(error)
        assert "column" in said or "row" in said, said
        return "refused"
    drawn = model.sample(min(len(table), 300), random_state=1)
    model.save(folder / "m.tabgan")
    again = tabgan.load(folder / "m.tabgan", device="cpu")
    pd.testing.assert_frame_equal(again.sample(min(len(table), 300), random_state=1), drawn)
    complete(again, table)
    try:
        report = evaluate(table, drawn, random_state=0, max_rows=300)
    except ValueError as error:
        assert "row" in str(error) or "column" in str(error), error  # noqa: PT017
        return "learned, too few rows to compare"
    assert 0 <= report.score <= 1
    report.to_html(folder / "report.html")
    return "learned and compared"


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
        assert not (column.isna().to_numpy(dtype=bool) & before.notna().to_numpy(dtype=bool)).any()


def test_frames(tmp_path):
    attack = Attack("frames", 12)
    for number, rng in attack.tries():
        table, names = frame(rng)
        what = f"{table.shape[0]} rows of {names}"
        attack.note(number, what, "begun")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                end = end_to_end(table, tmp_path)
            except Exception as error:
                attack.note(number, what, "FAULT", error=f"{type(error).__name__}: {error}"[:300])
                raise AssertionError(f"try {number}: {what}") from error
        attack.note(number, what, end)
