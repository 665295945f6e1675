"""Random tables of whatever pandas can hold: each is learned and comes back, or is refused with a reason.

``TABGAN_FUZZ=2000 pytest tests/test_fuzz.py`` tries so many tables instead of a few.
"""

import datetime
import decimal
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabgan import TabGAN
from tabgan.adversarial.networks import MLP
from tests.table.dtypes import N, all_columns

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

CASES = int(os.environ.get("TABGAN_FUZZ", "12"))
QUICK = {"verbose": 0, "random_state": 0, "refine": False, "batch_size": 16, "backbone": MLP((8,), (8,))}


def _odd_columns() -> dict[str, pd.Series]:
    """Columns that no file would hold: what cannot be learned, and the ends of what can."""
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 5, N)
    texts = [f"{rng.integers(10**9)} sentences, of which none 😀 is like another" for _ in cells]
    return {
        "inf": pd.Series(rng.choice([1.0, np.inf, -np.inf, 2.0], N)),
        "complex": pd.Series(cells + 1j),
        "lists": pd.Series([[int(cell)] for cell in cells]),
        "dicts": pd.Series([{"a": int(cell)} for cell in cells]),
        "sets": pd.Series([{int(cell)} for cell in cells]),
        "frozensets": pd.Series([frozenset({int(cell)}) for cell in cells]),
        "arrays": pd.Series([np.arange(2) + cell for cell in cells]),
        "functions": pd.Series([len, max] * (N // 2)),
        "objects": pd.Series([object() for _ in cells]),
        "types": pd.Series([int, str] * (N // 2)),
        "frames": pd.Series([pd.Series([1, 2])] * N),
        "numpy scalars": pd.Series([np.float32(cell) for cell in cells], dtype=object),
        "numpy times": pd.Series(list(np.array(cells, dtype="M8[D]")), dtype=object),
        "numbers and strings": pd.Series([int(cell) if cell else "none" for cell in cells], dtype=object),
        "numbers and inf": pd.Series([float(cell) if cell else np.inf for cell in cells], dtype=object),
        "decimals and nan": pd.Series([decimal.Decimal("nan")] * N),
        "times and dates": pd.Series(
            [pd.Timestamp("2020-01-01"), datetime.date(2020, 1, 2)] * (N // 2), dtype=object
        ),
        "two zones": pd.Series(
            [pd.Timestamp("2020-01-01", tz="UTC"), pd.Timestamp("2020-01-01", tz="Asia/Tokyo")] * (N // 2),
            dtype=object,
        ),
        "all kinds of missing": pd.Series([None, np.nan, pd.NA, pd.NaT] * (N // 4), dtype=object),
        "sparse with holes": pd.Series(pd.arrays.SparseArray(np.where(cells > 3, np.nan, cells))),
        "sparse integers": pd.Series(pd.arrays.SparseArray(cells, fill_value=0)),
        "sparse bool": pd.Series(pd.arrays.SparseArray(cells > 3)),
        "texts": pd.Series(texts),
        "keys": pd.Series([f"id-{k:05d}" for k in rng.permutation(N)]),
        "long names": pd.Series(["x" * 5000, "y" * 5000] * (N // 2)),
        "surrogates": pd.Series(["\ud800", "\x00", "\u202e"] * (N // 3), dtype=object),
        "old times": pd.Series(pd.date_range("0001-01-01", periods=N, freq="YS", unit="s")),
        "quarters": pd.Series(pd.period_range("1990", periods=N, freq="Q")),
        "business days": pd.Series(pd.date_range("2000", periods=N, freq="B")),
        "category of times": pd.Series(pd.date_range("2000", periods=N)).astype("category"),
        "category of tuples": pd.Series([("a", 1), ("b", 2)] * (N // 2)).astype("category"),
        "category of floats": pd.Series(rng.choice([0.5, -0.0, 2.0], N)).astype("category"),
        "intervals of times": pd.Series(pd.interval_range(pd.Timestamp("2000"), periods=N)),
        "minus zero": pd.Series(rng.choice([0.0, -0.0, 1.0], N)),
        "subnormal": pd.Series(rng.choice([5e-324, 0, 1], N)),
        "both ends": pd.Series(rng.choice([-1.7e308, 1.7e308, 0.1], N)),
        "int64 ends": pd.Series(rng.choice([-(2**63), 2**63 - 1, 0], N)),
        "bool subclass": pd.Series([np.bool_(cell > 2) for cell in cells], dtype=object),
    }


COLUMNS = {**all_columns(), **_odd_columns()}
LABELS = ["text", "numbers", "mixed", "tuples", "levels", "times", "same"]


def labels(kind: str, n: int) -> pd.Index:
    """Names for n columns."""
    if kind == "levels":
        return pd.MultiIndex.from_product([["a", "b"], range(n)], names=["x", None])[:n]
    if kind == "times":
        return pd.date_range("2020-01-01", periods=n)
    odd = ["", " ", "target", "😀", "index", None, 1.5, True, 0, pd.Timestamp("2020"), b"b", -1]
    names = {
        "text": [f"c{i}" for i in range(n)],
        "numbers": list(range(n)),
        "mixed": odd[:n],
        "tuples": [("t", i) for i in range(n)],
        "same": ["c"] * n,
    }
    return pd.Index(names[kind], tupleize_cols=False)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to six columns of up to 60 rows, under names of any kind, over an index of any kind."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=6))
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    rows = rng.integers(0, N if draw(st.booleans()) else 7, n)
    parts = {i: COLUMNS[name].take(rows).reset_index(drop=True) for i, name in enumerate(names)}
    kind = draw(st.sampled_from(LABELS))
    table = pd.DataFrame(parts).set_axis(labels(kind, len(names)), axis=1)
    index = draw(st.sampled_from(["range", "repeated", "levels", "times"]))
    if index == "repeated":
        table.index = pd.Index(["r"] * n)
    elif index == "levels":
        table.index = pd.MultiIndex.from_arrays([range(n), ["k"] * n])
    elif index == "times":
        table.index = pd.date_range("2020", periods=n)
    return table


def _cells(column: pd.Series) -> set[object]:
    return {(type(cell), cell) for cell in column.astype(object)[~column.isna()]}


def check(table: pd.DataFrame) -> str:
    """Fit, sample, save and load: give the reason of a refusal, or an empty string."""
    before = table.copy(deep=True)
    began: list[object] = []
    model = TabGAN(max_steps=2, on_step=lambda state: bool(began.append(state)), **QUICK)
    try:
        model.fit(table)
    except (ValueError, TypeError) as error:
        assert not began, "refused only after training began"
        said = str(error)
        assert "column" in said or "row" in said, said
        assert any(mark in said for mark in (";", "at least")), f"no remedy: {said}"
        return said
    pd.testing.assert_frame_equal(table, before)
    drawn = model.sample(23, random_state=1)
    assert drawn.columns.equals(table.columns)
    assert drawn.index.equals(pd.RangeIndex(23))
    for place, (name, schema) in enumerate(model.schema_.items()):
        real, made = table.iloc[:, place], drawn.iloc[:, place]
        # categories of which hardly any repeats are no list of values to hand on
        is_listed = isinstance(real.dtype, pd.CategoricalDtype) and schema.dtype == object
        assert repr(made.dtype) == repr(np.dtype(object) if is_listed else real.dtype), name
        assert real.isna().any() or not made.isna().any(), name
        if schema.kind == "identifier":
            assert made.dropna().is_unique, name
        elif schema.kind == "text":
            assert all(isinstance(cell, str) for cell in made.dropna()), name
        elif schema.scale == "numeric":
            real, made = real.dropna().astype(schema.dtype), made.dropna()
            assert made.empty or (real.min() <= made.min() and made.max() <= real.max()), name
        else:
            assert _cells(made) <= _cells(real), name
    model.set_params(on_step=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tabgan"
        model.save(path)
        again = TabGAN.load(path).sample(23, random_state=1)
    pd.testing.assert_frame_equal(again, drawn)
    return ""


@settings(max_examples=CASES, deadline=None, derandomize=CASES < 100, suppress_health_check=list(HealthCheck))
@given(tables())
def test_random_tables_come_back_or_are_refused(table):
    check(table)


# One word of the reason that each of them is refused with. All others are learned.
REFUSED = {
    "inf": "infinite",
    "numbers and inf": "infinite",
    "complex": "complex",
    "intervals of times": "hardly any of which repeats",
    **dict.fromkeys(
        ["lists", "dicts", "sets", "arrays", "functions", "objects", "types", "frames"], "nested or strange"
    ),
}


def test_every_column_is_learned_or_refused_by_itself():
    """All of them in a few tables, so that what hypothesis does not draw has its turn too."""
    learned = {name: column for name, column in COLUMNS.items() if name not in REFUSED}
    assert check(pd.DataFrame(learned).sample(60, random_state=0)) == ""
    for name, reason in REFUSED.items():
        said = check(pd.DataFrame({"fine": range(60), name: COLUMNS[name].head(60)}))
        assert f"column {name!r}" in said
        assert reason in said
