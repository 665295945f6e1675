"""Random tables of whatever pandas can hold: each is learned and comes back, or is refused with a reason.

``TABGAN_FUZZ=2000 pytest tests/test_fuzz.py`` tries so many tables instead of a few.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.api.types import is_string_dtype

from tabgan import TabGAN
from tabgan.adversarial.networks import MLP
from tabgan.table.columns.categories import find_missing
from tests.table.dtypes import N, all_columns
from tests.table.odd_dtypes import odd_columns, rare_columns

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

CASES = int(os.environ.get("TABGAN_FUZZ", "12"))
QUICK = {"verbose": 0, "random_state": 0, "refine": False, "batch_size": 16, "backbone": MLP((8,), (8,))}


COLUMNS = {**all_columns(), **odd_columns(), **rare_columns()}


def taken(column: pd.Series, rows: np.ndarray) -> pd.Series:
    """Give some rows of a column; in the byte order of another machine, of which pandas takes none."""
    if isinstance(column.dtype, np.dtype) and not column.dtype.isnative:
        return pd.Series(column.to_numpy()[rows])
    return column.take(rows).reset_index(drop=True)


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
    parts = {i: taken(COLUMNS[name], rows) for i, name in enumerate(names)}
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
    return {(type(cell), cell) for cell in column.astype(object)[~find_missing(column)]}


def _ends(column: pd.Series) -> tuple[object, object]:
    """The least and the greatest value present, of a dtype in which pandas finds them."""
    if str(column.dtype) == "halffloat[pyarrow]":
        column = column.astype("float64[pyarrow]")
    if isinstance(column.dtype, np.dtype) and not column.dtype.isnative:
        column = column.astype(column.dtype.newbyteorder("="))
    column = column[~find_missing(column) & ~_is_remark(column)]
    return column.min(), column.max()


def _is_remark(column: pd.Series) -> np.ndarray:
    """Whether a cell of objects is a string among numbers."""
    is_object = isinstance(column.dtype, np.dtype) and column.dtype.kind == "O"
    return np.array([is_object and isinstance(cell, str) for cell in column], dtype=bool)


def compare(model: TabGAN, table: pd.DataFrame, drawn: pd.DataFrame, n: int) -> None:
    """Look at n drawn rows: the names, dtypes, ranges and values of the table, and no new missing ones."""
    assert drawn.columns.equals(table.columns)
    assert drawn.index.equals(pd.RangeIndex(n))
    for place, (name, schema) in enumerate(model.schema_.items()):
        real, made = table.iloc[:, place], drawn.iloc[:, place]
        _compare_dtypes(real.dtype, made.dtype, schema.dtype)
        missing = find_missing(made)
        assert not missing.any() or find_missing(real).any(), name
        if (missing | (schema.scale == "numeric") & _is_remark(made)).all():
            continue
        if schema.kind == "identifier":
            assert made[~missing].is_unique or not real[~find_missing(real)].is_unique, name
        elif schema.kind == "text":
            assert all(isinstance(cell, str) for cell in made[~missing]), name
        elif schema.scale == "numeric" and not is_string_dtype(real.dropna()):
            low, high = _ends(
                real if isinstance(schema.dtype, pd.CategoricalDtype) else real.astype(schema.dtype)
            )
            least, greatest = _ends(made)
            assert low <= least, name
            assert greatest <= high, name
        elif schema.scale == "nominal":
            assert _cells(made) <= _cells(real), name


def _compare_dtypes(real: Any, made: Any, learned: Any) -> None:
    """The dtype is that of the table, but for categories that are not drawn, and another machine's bytes."""
    if not isinstance(real, pd.CategoricalDtype):
        is_foreign = isinstance(real, np.dtype) and not real.isnative
        assert repr(made) == repr(real.newbyteorder("=") if is_foreign else real)
    elif isinstance(learned, np.dtype):  # hardly any of them repeats
        assert made == np.dtype(object)
    else:
        assert made.ordered == real.ordered
        assert repr(made.categories.dtype) == repr(real.categories.dtype)
        assert made.categories.equals(real.categories[real.categories.isin(made.categories)])


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
    compare(model, table, drawn, 23)
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
    "complex64": "complex",
    "integers beyond float64": "more than 308 digits",
    "decimals and infinity": "infinite",
    "Arrow floats with inf": "infinite",
    "float of one value, or inf": "infinite",
    "all infinite": "infinite",
    "decimals of all sizes": "hardly any of which repeats",
    **dict.fromkeys(
        [
            "lists",
            "dicts",
            "sets",
            "arrays",
            "functions",
            "objects",
            "types",
            "frames",
            "uuids",
            "fractions",
            "enumeration",
            "paths",
            "addresses",
            "byte arrays",
            "ranges",
            "Arrow lists",
            "Arrow structs",
            "Arrow maps",
        ],
        "nested or strange",
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
