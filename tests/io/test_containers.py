"""Frames of other libraries come back as what they were: Polars where it is installed, and Arrow tables."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import TabGAN, evaluate, load
from tabgan.adversarial.networks import MLP
from tabgan.io.containers import as_pandas

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 20, "random_state": 0, "verbose": 0, "backbone": MLP((16,), (16,))}
RNG = np.random.default_rng(0)
N = 300


def arrow_table():
    gone = RNG.random(N) < 0.2
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(int(k)) for k in RNG.integers(0, 900, N)]
    times = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(RNG.integers(0, 9**9, N), unit="ms")
    cells = {
        "count": pa.array(RNG.integers(0, 90, N), pa.int16(), mask=gone),
        "size": pa.array(RNG.normal(size=N).round(2), pa.float32()),
        "name": pa.array(RNG.choice(["Anna", "Bo", "Zoë"], N), pa.large_string()),
        "day": pa.array(days),
        "at": pa.array(times),
        "yes": pa.array(RNG.random(N) < 0.3),
        "color": pa.array(RNG.choice(["red", "blue"], N)).dictionary_encode(),
        "key": pa.array(np.arange(1000, 1000 + N), pa.int64()),
    }  # fmt: skip
    return pa.table(cells)


def nested_categories():
    return pa.Table.from_pandas(pd.DataFrame({"kind": pd.cut(pd.Series([1.0, 2, 3]), 2)}))["kind"]


@pytest.mark.parametrize(
    "column",
    [
        nested_categories(),
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"k" * 16] * 3, pa.binary(16))),
    ],
    ids=["nested categories", "uuid"],
)
def test_arrow_types_that_pandas_cannot_read_are_refused(column):
    with pytest.raises(ValueError, match=r"column 'kind' is of the Arrow type .*; turn it into strings"):
        TabGAN(**QUICK).fit(pa.table({"kind": column, "x": [1, 2, 3]}))
    if isinstance(column, pa.ExtensionArray):
        with pytest.raises(ValueError, match=r"Arrow type extension<arrow\.uuid>"):
            TabGAN(**QUICK).fit(pd.DataFrame({"kind": pd.arrays.ArrowExtensionArray(column), "x": [1, 2, 3]}))


@pytest.mark.parametrize("dtype", ["Float64", "double[pyarrow]"])
def test_nan_in_a_nullable_column_is_its_missing_value(dtype, tmp_path):
    """What a file gives back is NA, and a model in memory draws no other rows than one on disk."""
    kind = pd.array([0.0, 1.0, None] * 20, dtype=dtype)
    frame = pd.DataFrame({"x": pd.Series(kind) / pd.Series(kind), "y": range(60)})
    assert np.isnan(frame["x"].to_numpy(dtype=float, na_value=0)).any()
    model = TabGAN(**QUICK, refine=False).fit(frame)
    drawn = model.sample(50, random_state=0)
    assert drawn.dtypes.equals(frame.dtypes)
    assert not np.isnan(drawn["x"].to_numpy(dtype=float, na_value=0)).any()
    model.save(tmp_path / "m.tabgan")
    pd.testing.assert_frame_equal(load(tmp_path / "m.tabgan").sample(50, random_state=0), drawn)


@pytest.mark.parametrize("as_array", [True, False])
def test_numbers_in_the_byte_order_of_other_machines(as_array):
    numbers = RNG.normal(size=(60, 2)).astype(">f4")
    X = numbers if as_array else pd.DataFrame(numbers, columns=["a", "b"])
    model = TabGAN(**QUICK, refine=False).fit(X)
    drawn = model.sample(20)
    assert str(drawn.dtype) == ">f4" if as_array else (drawn.dtypes == np.float32).all()
    assert 0 <= evaluate(pd.DataFrame(numbers), pd.DataFrame(np.asarray(drawn))).score <= 1


def polars_frame():
    return pytest.importorskip("polars").from_arrow(arrow_table())


@pytest.mark.parametrize("make", [arrow_table, polars_frame])
def test_a_frame_comes_back_as_it_was(make, tmp_path):
    real = make()
    model = TabGAN(**QUICK).fit(real)
    drawn = model.sample(200, random_state=1)
    assert type(drawn) is type(real)
    assert drawn.shape == (200, 8)
    kinds = [[str(field.type) for field in pa.table(table).drop(["color"]).schema] for table in (drawn, real)]
    assert kinds[0] == kinds[1]
    assert set(pa.table(drawn)["color"].to_pylist()) <= {"red", "blue"}
    assert 0 < pa.table(drawn)["count"].null_count < 200
    model.save(tmp_path / "model.tabgan")
    again = load(tmp_path / "model.tabgan").sample(200, random_state=1)
    assert type(again) is type(real)
    assert pa.table(again).equals(pa.table(drawn))
    parts = list(model.sample_batches(100, batch_rows=50, random_state=0))
    assert [type(part) for part in parts] == [type(real)] * 2
    keys = [set(pa.table(part)["key"].to_pylist()) for part in parts]
    assert not keys[0] & keys[1]
    assert evaluate(real, drawn).score == evaluate(as_pandas(real), as_pandas(drawn)).score


@pytest.mark.parametrize(("what", "X"), [("None", None), ("a Series", pd.Series([1.0, 2.0]))])
def test_what_is_no_table(what, X):
    with pytest.raises(TypeError, match=f"X is {what}, and a table is needed: give a DataFrame, an array"):
        TabGAN(**QUICK).fit(X)


def test_mappings_are_tables():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=60), "color": rng.choice(["red", "blue"], 60)})
    for same in (frame.to_dict("list"), frame.to_dict("records")):
        assert TabGAN(**QUICK).fit(same).sample(20).equals(TabGAN(**QUICK).fit(frame).sample(20))
