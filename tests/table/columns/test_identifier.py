"""Keys: new, all different, in the format of the old ones."""

import re
import uuid

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Identifier, Schema

RNG = np.random.default_rng(0)
KEYS = {
    r"user_[1-9]\d*": [f"user_{i}" for i in range(1, 1001)],
    r"[A-Z]{2}-\d{4}": [f"{a}{b}-{i:04d}" for i, (a, b) in enumerate(RNG.choice(list("ABCXYZ"), (500, 2)))],
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": [str(uuid.UUID(bytes=RNG.bytes(16))) for _ in range(300)],
    r"\d{5}": [f"{i:05d}" for i in range(0, 90_000, 181)],
}


def rows(n):
    return np.empty((n, 0), dtype=np.float32)


@pytest.mark.parametrize("pattern", KEYS)
@pytest.mark.parametrize("n", [0, 1, 300, 5000])
def test_new_strings_have_the_format(pattern, n):
    column = pd.Series(KEYS[pattern])
    assert Schema.infer(pd.DataFrame({"key": column}))["key"].kind == "identifier"
    made = Identifier().fit(column).inverse_transform(rows(n), np.random.default_rng(0))
    assert len(made) == n
    assert made.is_unique
    assert made.dtype == column.dtype
    assert all(re.fullmatch(pattern, key) for key in made)


def test_a_key_of_a_rare_length_is_not_repeated():
    column = pd.Series([f"user_{i}" for i in range(10, 100)] + ["user_4711"])
    made = Identifier().fit(column).inverse_transform(rows(2000), np.random.default_rng(0))
    # Each of 9,000 keys of four digits, of which some 20 are drawn, is met with a chance of 0.0025.
    assert "user_4711" not in set(made)
    assert made.str.fullmatch(r"user_\d{2,}").all()


def test_where_a_format_runs_dry_it_grows():
    column = pd.Series([f"k{i}" for i in range(10)] + [f"k{i}" for i in "abcdefghij"])
    made = Identifier().fit(column).inverse_transform(rows(10_000), np.random.default_rng(0))
    assert made.is_unique
    assert made.str.startswith("k").all()


@pytest.mark.parametrize("dtype", ["int64", "Int32", "uint64", "int64[pyarrow]"])
def test_new_numbers_fill_their_range_and_go_beyond_it(dtype):
    column = pd.Series(range(1000, 1500), dtype=dtype)
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(rows(500), np.random.default_rng(0))
    pd.testing.assert_series_equal(made, column)  # a run of numbers is a run again
    more = fitted.inverse_transform(rows(5000), np.random.default_rng(0))
    assert more.is_unique
    assert (more.min(), more.max()) == (1000, 5999)


def test_shuffled_keys_are_shuffled():
    column = pd.Series(RNG.permutation(1000))
    made = Identifier().fit(column).inverse_transform(rows(1000), np.random.default_rng(0))
    assert not made.is_monotonic_increasing
    assert made.is_unique


@pytest.mark.parametrize("keys", [[f"K{i:03d}" for i in range(200)], list(range(200))])
def test_missing_keys_stay_missing(keys):
    column = pd.Series(keys).mask(RNG.random(200) < 0.3)
    fitted = Identifier().fit(column)
    back = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(0))
    np.testing.assert_array_equal(back.isna(), column.isna())
    renewed = fitted.renew(pd.concat([back, back], ignore_index=True), np.random.default_rng(0))
    np.testing.assert_array_equal(renewed.isna(), [*column.isna(), *column.isna()])
    assert renewed.dropna().is_unique


@pytest.mark.parametrize(
    "measured",
    [
        RNG.integers(20_000, 90_000, 1000),  # salaries
        RNG.normal(size=1000),
        np.round(RNG.normal(170, 10, 1000), 1),
        [f"Name {word}" for word in RNG.permutation(1000)],
        pd.date_range("2020-01-01", periods=1000).strftime("%d/%m/%Y"),
        pd.date_range("2020-01-01", periods=1000),
        ["".join(RNG.choice(list("abcdefgh"), 9)) for _ in range(1000)],  # words, not codes
        RNG.integers(0, 2**62, 1000),
    ],
)
def test_measurements_names_and_dates_are_no_keys(measured):
    assert Schema.infer(pd.DataFrame({"x": measured}))["x"].kind != "identifier"


def test_fractions_cannot_be_keys():
    with pytest.raises(ValueError, match="column 'x' cannot be an identifier, it holds fractions"):
        Identifier().fit(pd.Series([1.5, 2.5], name="x"))


def test_keys_that_do_not_fit_their_dtype_are_refused():
    fitted = Identifier().fit(pd.Series(range(100), dtype="int8"))
    assert fitted.inverse_transform(rows(120)).max() == 119
    with pytest.raises(ValueError, match="200 keys from 0 on do not fit into int8"):
        fitted.inverse_transform(rows(200))


def test_keys_may_use_all_64_bits():
    column = pd.Series(RNG.integers(-(2**63), 2**63 - 1, 500))
    assert Identifier().fit(column).inverse_transform(rows(5000), np.random.default_rng(0)).is_unique
