"""Keys: new, all different, in the format of the old ones."""

import re
import uuid

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN
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


@pytest.mark.parametrize("dtype", ["int64", "Int32", "uint64", "float64", "int64[pyarrow]", "object"])
def test_running_numbers_go_on(dtype):
    column = pd.Series(range(1000, 1500), dtype=dtype)
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(rows(700), np.random.default_rng(0))
    pd.testing.assert_series_equal(made, pd.Series(range(1500, 2200), dtype=dtype))


@pytest.mark.parametrize("dtype", ["int32", "uint64", "Int64"])
def test_other_numbers_leave_the_known_ones_out(dtype):
    known = RNG.choice(np.arange(100_001, 103_000), 1000, replace=False)
    fitted = Identifier().fit(pd.Series(known, dtype=dtype))
    made = fitted.inverse_transform(rows(900), np.random.default_rng(0))
    assert made.dtype == dtype
    assert made.is_unique
    assert not set(made) & set(known)
    assert 100_000 <= made.min() <= made.max() <= 103_100
    more = fitted.inverse_transform(rows(5000), np.random.default_rng(0))  # as dense, so in a wider range
    assert more.is_unique
    assert not set(more) & set(known)


def test_shuffled_keys_are_shuffled():
    column = pd.Series(RNG.permutation(1000))
    made = Identifier().fit(column).inverse_transform(rows(1000), np.random.default_rng(0))
    assert not made.is_monotonic_increasing
    assert sorted(made) == list(range(1000, 2000))


@pytest.mark.parametrize("known", [range(1000), RNG.integers(10**6, 10**7, 1000), RNG.permutation(1000)])
def test_parts_of_a_sample_share_no_number(known):
    fitted = Identifier().fit(pd.Series(known).drop_duplicates())
    made = fitted.inverse_transform(rows(200))
    parts = [fitted.renew(made, np.random.default_rng(k), (k, 6, 200)) for k in range(6)]
    joined = pd.concat(parts)
    assert joined.is_unique
    assert not set(joined) & set(known)
    if isinstance(known, range):
        assert joined.is_monotonic_increasing


@pytest.mark.parametrize("is_grouped", [True, False])
@pytest.mark.parametrize("is_number", [True, False])
def test_keys_of_another_table_repeat_as_often(is_number, is_grouped):
    sizes = RNG.integers(3, 21, 300)
    known = RNG.choice(10**7, 300, replace=False)
    column = pd.Series(np.repeat(known, sizes))
    column = column if is_grouped else column.sample(frac=1, random_state=0, ignore_index=True)
    column = column if is_number else column.map("K{:07d}".format)
    made = Identifier().fit(column).inverse_transform(rows(20_000), np.random.default_rng(0))
    counts = made.value_counts()
    # Sizes have a spread of 5.2 about 11.5, so that the mean of some 1,740 has a standard error of 0.12.
    assert counts.mean() == pytest.approx(sizes.mean(), abs=0.6)
    assert counts.quantile(0.9) == pytest.approx(np.quantile(sizes, 0.9), abs=1)
    assert counts.max() <= 20
    assert not set(made) & set(column)
    assert ((made != made.shift()).sum() == made.nunique()) == is_grouped
    if not is_number:
        assert made.str.fullmatch(r"K\d{7}").all()


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
        [f"Name {''.join(letters)}" for letters in RNG.choice(list("abcdefgh"), (1000, 9))],
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
    known = range(100)
    fitted = Identifier().fit(pd.Series(known, dtype="int8", name="x"))
    made = fitted.inverse_transform(rows(150))  # 28 lie above the known ones, and others below
    assert made.is_unique
    assert not set(made) & set(known)
    with pytest.raises(
        ValueError, match=r"column 'x': there is no room for 200 .* in int8; use a wider dtype"
    ):
        fitted.inverse_transform(rows(200))


def test_values_that_are_no_keys_are_refused():
    with pytest.raises(ValueError, match=r"column 'x' cannot be an identifier: .* convert them to strings"):
        Identifier().fit(pd.Series(["a", b"b", 1], name="x"))


@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64", "double[pyarrow]", "object"])
@pytest.mark.parametrize("is_gappy", [True, False])
def test_keys_stored_as_floats_are_keys(dtype, is_gappy):
    keys = 1000.0 + RNG.permutation(900)
    column = pd.Series(np.where((np.arange(900) % 9 == 0) & is_gappy, np.nan, keys)).astype(dtype)
    assert Schema.infer(pd.DataFrame({"key": column}))["key"].kind == "identifier"
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(0))
    assert made.dtype == column.dtype
    np.testing.assert_array_equal(made.isna(), column.isna())
    assert made.dropna().is_unique
    assert all(isinstance(key, float) and key.is_integer() for key in made.dropna().tolist())
    assert not set(made.dropna()) & set(column.dropna())


@pytest.mark.parametrize("n", [30, 100, 600])
@pytest.mark.parametrize("dtype", ["int64", "float64", "uint64"])
@pytest.mark.parametrize("share", [1, 3])
def test_keys_with_a_step_keep_it(n, dtype, share):
    known = 1000 + 37 * RNG.choice(max(n, n * n // 60) if share > 1 else n, n, replace=False)
    column = pd.Series(known, dtype=dtype)
    schema = Schema.infer(pd.DataFrame({"key": column}))
    assert schema["key"].kind == ("identifier" if n * n >= 20 * np.ptp(known) / 37 else "integer")
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(rows(2 * n), np.random.default_rng(0))
    assert made.is_unique
    assert set(made.astype("int64") % 37) == {1000 % 37}
    assert not set(made) & set(column)
    parts = [fitted.renew(made[:n], np.random.default_rng(k), (k, 3, n)) for k in range(3)]
    assert pd.concat(parts).is_unique


@pytest.mark.parametrize("step", [1, 2**50])
@pytest.mark.parametrize("dtype", ["int64", "uint64"])
@pytest.mark.parametrize("is_greatest", [True, False])
def test_keys_at_an_end_of_their_dtype_stay_within_it(step, dtype, is_greatest):
    ends = np.iinfo(dtype)
    known = [int(ends.max) - step * i if is_greatest else int(ends.min) + step * i for i in range(120)]
    made = Identifier().fit(pd.Series(known, dtype=dtype)).inverse_transform(rows(300))
    assert made.dtype == dtype
    assert made.is_unique
    assert not set(made) & set(known)
    assert {(key - known[0]) % step for key in made.tolist()} == {0}
    if step == 1:
        assert sorted(made)[0 if is_greatest else -1] == (known[-1] - 300 if is_greatest else known[-1] + 300)


def test_few_keys_have_no_step():
    made = Identifier().fit(pd.Series([1000, 1370, 2110])).inverse_transform(rows(50))
    assert len(set(made % 370)) > 2


def test_keys_may_use_all_64_bits():
    column = pd.Series(RNG.integers(-(2**63), 2**63 - 1, 500))
    assert Identifier().fit(column).inverse_transform(rows(5000), np.random.default_rng(0)).is_unique


def test_a_value_that_a_file_has_repeated_beyond_all_rows_takes_no_time():
    """An edited file had one repeated 2**31 times, which took a minute and 16 GB."""
    frame = pd.DataFrame({"key": [f"K{k:05d}" for k in np.random.default_rng(0).permutation(300).repeat(2)]})
    column = Schema.infer(frame)["key"].column_type.fit(frame["key"])
    column.repeats_ = {2**31: 1}
    made = column.inverse_transform(np.zeros((40, 0), dtype=np.float32), np.random.default_rng(0))
    assert len(made) == 40
    assert len(set(made)) == 1


@pytest.mark.slow
def test_keys_repeat_as_often_where_rows_are_rejected():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"key": [f"K{k:05d}" for k in rng.permutation(300).repeat(3)], "x": rng.normal(size=900)}
    ).query("x < 1")
    quick = {"max_steps": 3, "verbose": 0, "random_state": 0, "refine": False}
    drawn = TabGAN(**quick, constraints=["x < 1 or x > 1"]).fit(frame).sample(900)
    real, made = (table["key"].value_counts().value_counts(normalize=True) for table in (frame, drawn))
    assert abs(real - made).max() < 0.1
