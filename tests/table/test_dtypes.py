"""Every dtype comes back as it went in, its values too, also from a file."""

import json

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Schema, TableTransformer
from tests.table.dtypes import all_columns, random_codes

COLUMNS = all_columns()
INEXACT = ("huge", "e308", "tiny", "thirds")  # on no grid, or too fine a one: by range, float32 loses digits
VAST = ("e308", "tiny")  # by rank, too, within the distance of two quantiles


def through_json(table):
    meta, arrays = table.get_state()
    return TableTransformer.from_state(json.loads(json.dumps(meta, allow_nan=False)), arrays)


def typed(column):
    values = zip(column, column.isna(), strict=True)
    return [None if is_missing else (type(value), value) for value, is_missing in values]


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("numeric", ["rank", "minmax"])
def test_round_trip(name, numeric):
    frame = pd.DataFrame({"c": COLUMNS[name]})
    before = frame.copy(deep=True)
    table = TableTransformer(Schema.infer(frame, numeric=numeric)).fit(frame)
    codes = table.transform(frame, random_state=0)
    back = through_json(table).inverse_transform(codes, random_state=0)["c"]

    pd.testing.assert_frame_equal(frame, before)
    assert repr(back.dtype) == repr(frame["c"].dtype)
    assert back.index.equals(pd.RangeIndex(len(frame)))
    if any(part in name for part in (INEXACT if numeric == "minmax" else VAST)):
        decoded, expected = (s.dropna().to_numpy(dtype=float) for s in (back, frame["c"]))
        np.testing.assert_allclose(decoded, expected, atol=1e-6 * np.abs(expected).max(), rtol=0)
    else:
        assert typed(back) == typed(frame["c"])


@pytest.mark.parametrize("name", COLUMNS)
def test_whatever_a_generator_makes_is_decoded_within_the_column(name):
    frame = pd.DataFrame({"c": COLUMNS[name]})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    made = table.inverse_transform(random_codes(table.layout_, 500), random_state=0)["c"]
    assert repr(made.dtype) == repr(frame["c"].dtype)
    if not frame["c"].isna().any():
        assert not made.isna().any()
    if table.schema["c"].scale == "numeric":
        assert made.dropna().min() >= frame["c"].dropna().min()
        assert made.dropna().max() <= frame["c"].dropna().max()
    else:
        assert set(typed(made)) <= set(typed(frame["c"]))


@pytest.mark.parametrize("name", COLUMNS)
def test_encoded_rows_are_valid(name):
    frame = pd.DataFrame({"c": COLUMNS[name]})
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    codes = table.transform(frame, random_state=0)
    assert codes.dtype == np.float32
    assert codes.shape == (len(frame), len(table.layout_))
    for block, of_block in zip(table.layout_, codes.T, strict=True):
        if block.kind == "scalar":
            assert (np.abs(of_block) <= 1).all()
        else:
            assert set(np.unique(of_block)) <= set(range(block.width))


def test_all_of_them_side_by_side():
    frame = pd.DataFrame(COLUMNS)
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    back = table.inverse_transform(table.transform(frame, random_state=0), random_state=0)
    assert [repr(dtype) for dtype in back.dtypes] == [repr(dtype) for dtype in frame.dtypes]
    assert back.columns.equals(frame.columns)


def test_times_keep_their_grid():
    rng = np.random.default_rng(0)
    days = pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.choice(10_000, 3000, replace=False), unit="D")
    frame = pd.DataFrame({"naive": days, "zoned": days.tz_localize("Europe/Berlin"), "hours": days})
    frame["hours"] += pd.to_timedelta(rng.integers(0, 24, 3000), unit="h")
    table = TableTransformer(Schema.infer(frame)).fit(frame)
    made = table.inverse_transform(random_codes(table.layout_, 5000), random_state=0)
    assert not made["naive"].isin(frame["naive"]).all()  # new dates are made
    assert (made["naive"].dt.normalize() == made["naive"]).all()
    assert (made["zoned"].dt.normalize() == made["zoned"]).all()
    assert (made["hours"].dt.floor("h") == made["hours"]).all()
    assert (made["hours"].dt.hour != 0).any()


@pytest.mark.parametrize("numbers", [[np.nan, 1.5, 1.5] * 20, [np.nan, *np.arange(50) / 4]])
def test_a_nan_inside_a_nullable_column_is_a_missing_value(numbers):
    missing = np.isnan(numbers)
    inside = pd.arrays.FloatingArray(np.array(numbers), np.zeros(len(numbers), dtype=bool))
    frame = pd.DataFrame({"c": inside})
    schema = Schema.infer(frame)
    assert schema["c"].missing == missing.mean()
    table = TableTransformer(schema).fit(frame)
    back = through_json(table).inverse_transform(table.transform(frame, random_state=0))
    pd.testing.assert_series_equal(
        back["c"], pd.Series(pd.arrays.FloatingArray(np.array(numbers), missing)), check_names=False
    )
