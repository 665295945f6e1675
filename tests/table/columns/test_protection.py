"""Values that few records hold are neither learned, nor drawn, nor kept; common ones are as they were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tabgan.table import FixedCombinations, Schema, TableTransformer
from tabgan.table.columns.facts import ColumnFacts, TableFacts
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.protection import Protection, drawn_in, inner_range, least_records
from tabgan.table.constraints.constraint_set import ConstraintSet


def fitted(frame: pd.DataFrame, least: int = 5, **columns: str) -> TableTransformer:
    table = TableFacts(frame, least=least)
    return TableTransformer(Schema.infer(table, columns)).fit(table)


RNG = np.random.default_rng(0)


def roundtrip(frame: pd.DataFrame, least: int = 5) -> pd.DataFrame:
    table = fitted(frame, least)
    return table.inverse_transform(table.transform(frame, 0), 0)


def test_the_number_of_records_grows_with_the_root_of_the_rows() -> None:
    assert [least_records(n) for n in (19, 20, 4_899, 10_000, 36_100, 10**9)] == [1, 3, 3, 5, 10, 10]


@given(arrays(np.int64, st.integers(3, 60), elements=st.integers(-(2**62), 2**62)), st.integers(2, 10))
def test_numbers_stay_in_the_inner_range_and_on_their_grid(units: np.ndarray, least: int) -> None:
    low, high = inner_range(units, least)
    grid = Grid.of(units, units.dtype)
    moved = drawn_in(units, least, grid)
    assert len(moved) == len(units)
    assert low <= moved.min()
    assert moved.max() <= high
    assert all((int(number) - int(low)) % grid.step == 0 for number in moved)
    distinct, counts = np.unique(units, return_counts=True)
    assert set(distinct[counts >= least]) <= set(moved)


def test_an_outlier_is_left_out_and_a_common_limit_stays() -> None:
    numbers = np.concatenate([np.full(10, 99_999.0), np.linspace(1, 2, 990), [1e7]])
    low, high = inner_range(numbers, 5)
    assert high == 99_999
    assert low == np.sort(numbers)[5]


@pytest.mark.parametrize("numbers", [RNG.integers(10**8, 10**9, 600), RNG.lognormal(10, 0.5, 600).round(2)])
def test_the_ends_of_the_range_are_the_numbers_of_no_record(numbers: np.ndarray) -> None:
    """Where networks draw beyond the range, they draw its ends, again and again."""
    low, high = Protection(ColumnFacts(pd.Series(numbers), least=3)).ends
    ordered = np.sort(numbers)
    assert ordered[3] < low < ordered[4]
    assert ordered[-5] < high < ordered[-4]
    low, high = Protection(ColumnFacts(pd.Series(RNG.integers(18, 70, 600)), least=3)).ends
    assert (low, high) == (18, 69)  # which many records hold


@pytest.mark.parametrize("dtype", [object, "category", "string"])
def test_a_rare_category_becomes_another_and_leaves_no_trace(dtype: object) -> None:
    values = pd.Series(["a"] * 500 + ["b"] * 300 + [None] * 2 + ["secret"] * 4, dtype=dtype)
    table = fitted(pd.DataFrame({"x": values}))
    back = table.inverse_transform(table.transform(pd.DataFrame({"x": values}), 0), 0)["x"]
    assert back.iloc[:802].equals(values.astype(back.dtype).iloc[:802])
    assert back.iloc[802:].isin(["a", "b"]).all()
    assert "secret" not in repr(table.get_state())
    assert "1 with fewer than 5 records" in table.schema["x"].reason


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("days", [False, True])
def test_the_categories_left_keep_their_order(days: bool, ordered: bool) -> None:
    levels = pd.Index(["tall", "short", "nobody's", "secret", "medium"])
    if days:
        levels = pd.DatetimeIndex(["2020-03-01", "2020-01-01", "1999-01-01", "1815-12-10", "2020-02-01"])
    cells = levels.repeat([30, 40, 0, 1, 30])
    values = pd.Series(pd.Categorical(cells, levels, ordered=ordered))
    table = fitted(pd.DataFrame({"x": values}))
    dtype = table.inverse_transform(table.transform(pd.DataFrame({"x": values}), 0), 0)["x"].dtype
    assert dtype.ordered == ordered
    assert dtype.categories.equals(levels[[0, 1, 4]])


def test_a_value_that_training_never_held_is_replaced_as_a_rare_one_is() -> None:
    table = fitted(pd.DataFrame({"x": ["a"] * 50 + ["b"] * 50 + ["rare"]}))
    codes = table.transform(pd.DataFrame({"x": ["never"] * 400}), 0)
    assert 0.4 < codes.mean() < 0.6  # 4 standard errors of a fair coin


def test_truth_values_are_no_secrets() -> None:
    frame = pd.DataFrame({"x": [True] * 2 + [False] * 98})
    assert roundtrip(frame).equals(frame)


def test_few_numbers_move_to_their_neighbours() -> None:
    frame = pd.DataFrame({"x": [0] * 50 + [1] * 30 + [2] * 20 + [9] * 3})
    assert roundtrip(frame)["x"].tolist() == [0] * 50 + [1] * 30 + [2] * 23


@pytest.mark.parametrize("dtype", ["float64", "Int64", "datetime64[s]", "float32"])
def test_extreme_numbers_are_drawn_further_in(dtype: str) -> None:
    rng = np.random.default_rng(0)
    numbers = pd.Series(rng.integers(1_000, 2_000, 500)).astype(dtype)
    numbers.iloc[[3, 4]] = numbers.iloc[[0, 1]].astype("int64").astype(dtype)
    numbers.iloc[7] = pd.Series([10**6]).astype(dtype).iloc[0]
    back = roundtrip(pd.DataFrame({"x": numbers}))["x"]
    assert back.dtype == numbers.dtype
    assert back.max() == numbers.sort_values().iloc[-6] or back.max() < numbers.sort_values().iloc[-5]
    middle = numbers.rank(pct=True).between(0.05, 0.95)
    assert back[middle].equals(numbers[middle]) or dtype in ("float64", "float32")


def test_a_column_of_hardly_any_values_is_learned_as_an_empty_one() -> None:
    frame = pd.DataFrame({"x": [1234.5, 99.25, *[np.nan] * 98], "y": range(100)})
    table = fitted(frame)
    assert table.schema["x"].kind == "missing"
    assert table.inverse_transform(table.transform(frame, 0), 0)["x"].isna().all()


def test_a_column_of_which_nothing_would_be_left_is_refused() -> None:
    frame = pd.DataFrame({"x": [f"v{k // 2}" for k in range(100)]})
    refused = pytest.raises(
        ValueError, match=r"'x': none of its 50 values is held by 5 records.*protect=None"
    )
    with refused, pytest.warns(UserWarning, match="'x' is declared categorical"):
        fitted(frame, x="categorical")


NAMES = [a + b for a in ("Bari", "Soma", "Kelo", "Tavi") for b in ("son", "lund", "vich", "holm", "mann")]


@pytest.mark.parametrize("dtype", [object, "category", "string"])
@pytest.mark.parametrize("more", [[None] * 10, NAMES[:10], [None] * 500])
def test_strings_of_which_none_would_be_left_are_made_anew(more: list[str | None], dtype: object) -> None:
    frame = pd.DataFrame({"x": pd.Series(NAMES + more, dtype=dtype)})
    table = fitted(frame, least=3)
    assert table.schema["x"].kind == "text"
    back = table.inverse_transform(table.transform(frame, 0), 0)["x"]
    assert back.isna().equals(frame["x"].isna())
    assert not set(back.dropna()) & set(NAMES)
    in_file = repr(table.get_state())
    assert not [name for name in NAMES if name in in_file]


def test_codes_of_which_none_would_be_left_are_keys() -> None:
    codes = [f"A{k:03d}" for k in np.random.default_rng(0).choice(900, 15, replace=False)]
    frame = pd.DataFrame({"x": codes + [None] * 10})
    assert fitted(frame).schema["x"].kind == "identifier"
    back = roundtrip(frame)["x"]
    assert back.dropna().str.fullmatch(r"A\d{3}").sum() == 15
    assert not set(back.dropna()) & set(codes)


def test_few_numbers_of_which_none_would_be_left_are_a_scale() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0] * 2 + [np.nan] * 90})
    assert fitted(frame).schema["x"].kind == "integer"
    assert roundtrip(frame)["x"].isna().sum() == 90


def test_rare_combinations_become_the_most_like() -> None:
    pairs = [("Bonn", "DE", 1), ("Lyon", "FR", 2), ("Nice", "FR", 2)]
    rows = [pairs[k % 3] for k in range(300)] + [("Nice", "DE", 1)]
    frame = pd.DataFrame(rows, columns=["city", "country", "zone"])
    constraints = ConstraintSet([FixedCombinations(["city", "country"])])
    table = TableFacts(frame, least=5)
    transformer = TableTransformer(Schema.infer(table), constraints).fit(table)
    back = transformer.inverse_transform(transformer.transform(frame, 0), 0)
    assert back.iloc[:300].equals(frame.iloc[:300])
    assert not ((back["city"] == "Nice") & (back["country"] == "DE")).any()


def test_nothing_is_protected_unless_asked_for() -> None:
    protection = Protection(ColumnFacts(pd.Series([1.0, 2.0, 5.5])))
    assert protection.ends == (1.0, 5.5)
    assert not protection.rare.any()
