"""The schema: kinds inferred or given, shown, checked, and written as JSON."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.datasets import load_adult, load_iris
from tabgan.table import COLUMN_TYPES, Categorical, Continuous, Datetime, Schema
from tests.table.dtypes import all_columns

RNG = np.random.default_rng(0)
TWO = pd.DataFrame({"number": [1.5, 2.5, 3.25, 1.5], "word": ["a", "b", "a", "b"]})


def kinds(schema):
    return {name: column.kind for name, column in schema.items()}


def test_kinds_of_real_tables():
    found = kinds(Schema.infer(load_iris()))
    assert set(list(found.values())[:-1]) == {"continuous"}
    assert found["species"] == "categorical"
    found = kinds(Schema.infer(load_adult()))
    numbers = ("age", "fnlwgt", "capital-gain", "capital-loss", "hours-per-week")
    assert all(found.pop(name) == "integer" for name in numbers)
    assert found.pop("education-num") == "discrete"
    assert set(found.values()) == {"categorical"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 1] * 50, "discrete"),
        ([0.5, 1.5, np.nan, 2.5] * 50, "discrete"),
        (RNG.integers(0, 1000, 300), "integer"),
        (RNG.integers(0, 1000, 300).astype(float), "integer"),
        (RNG.normal(size=300), "continuous"),
        (range(300), "identifier"),
        (range(1970, 2020), "integer"),  # years
        (range(1970, 2120), "identifier"),
        ([1, 2, 3, 4], "integer"),
        ([7] * 30, "constant"),
        ([None] * 30, "missing"),
        ([True, False, None] * 10, "categorical"),
        ([f"item {i % 7}" for i in range(70)], "categorical"),
        ([f"id-{i}" for i in range(70)], "identifier"),
        (pd.date_range("2020", periods=30), "datetime"),
        (pd.timedelta_range("1s", periods=30), "timedelta"),
    ],
)
def test_kinds(values, kind):
    column = Schema.infer(pd.DataFrame({"x": values}))["x"]
    assert column.kind == kind
    assert column.reason


def test_every_kind_occurs_and_has_a_type():
    found = {column.kind for column in Schema.infer(pd.DataFrame(all_columns())).values()}
    assert found | {"identifier", "text", "fake"} == set(COLUMN_TYPES)


def test_free_text_says_what_becomes_of_it():
    frame = pd.DataFrame({"text": ["".join(letters) for letters in RNG.choice(list("abc def"), (1000, 20))]})
    assert "not drawn from training rows" in Schema.infer(frame)["text"].reason
    with pytest.warns(
        UserWarning,
        match="'text' is declared categorical, but few of its 1000 different values repeat .1000 occur",
    ):
        given = Schema.infer(frame, {"text": "categorical"})["text"]
    assert (given.kind, given.reason) == ("categorical", "given")


def test_given_kinds_and_types():
    frame = pd.DataFrame({"zip": RNG.integers(0, 50, 300), "size": RNG.normal(size=300)})
    schema = Schema.infer(frame, {"zip": "categorical", "size": Continuous("minmax")})
    assert kinds(schema) == {"zip": "categorical", "size": "continuous"}
    assert (schema["zip"].scale, schema["size"].scale) == ("nominal", "numeric")
    assert schema["size"].column_type.method == "minmax"
    assert schema["zip"].reason == schema["size"].reason == "given"
    assert Schema.infer(frame, numeric="minmax")["size"].column_type.method == "minmax"


def test_json_there_and_back():
    frame = pd.DataFrame(all_columns())
    schema = Schema.infer(
        frame, {"int32": Continuous(spike_share=0.2), "bool": Categorical(max_categories=3)}
    )
    again = Schema.from_dict(json.loads(json.dumps(schema.to_dict(), allow_nan=False)))
    assert repr(again) == repr(schema)
    assert again["int32"].column_type.spike_share == 0.2
    assert again["bool"].column_type.max_categories == 3
    again.check(frame)


def test_it_prints_as_a_table():
    text = repr(Schema.infer(TWO))
    assert text.splitlines()[0].split() == ["name", "kind", "dtype", "missing", "reason"]
    assert "word" in text
    assert "<table" in Schema.infer(TWO)._repr_html_()


def test_the_order_of_columns_does_not_matter():
    Schema.infer(TWO).check(TWO[["word", "number"]])


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        (TWO[["word"]], ValueError, "lacks columns: 'number'"),
        (TWO.assign(more=1, most=2), ValueError, "schema has not: 'more', 'most'"),
        (TWO.assign(number=["1", "2", "x", "y"]), TypeError, "column 'number' must hold numbers"),
        (TWO.assign(number=pd.Timestamp("2020")), TypeError, "column 'number' must hold numbers.*got times"),
        (pd.concat([TWO, TWO], axis=1), ValueError, "columns of the same name: 'number', 'word'"),
        (TWO.to_numpy(), TypeError, "a pandas DataFrame is needed, got ndarray"),
    ],
)
def test_frames_of_another_form_are_refused(frame, error, message):
    with pytest.raises(error, match=message):
        Schema.infer(TWO).check(frame)


def arrow(values, kind):
    return pd.array(values, dtype=pd.ArrowDtype(kind))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(), "the frame has no columns"),
        (pd.DataFrame({"x": []}), "the frame has 0 row"),
        (pd.DataFrame({"x": [1]}), "the frame has 1 row"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"]), "columns of the same name: 'x'"),
        (pd.DataFrame({"x": [1, np.inf]}), "column 'x' holds infinite numbers"),
        (pd.DataFrame({"x": [1, -np.inf]}, dtype="Float64"), "column 'x' holds infinite numbers"),
        (pd.DataFrame({"x": [1, 1j]}), "column 'x' holds complex numbers"),
        (pd.DataFrame({"x": [[1], [2]]}), r"column 'x' holds nested or strange objects \(of type list\)"),
        (pd.DataFrame({"x": [1, {"a": 1}]}), "column 'x' holds nested .* dict"),
        (pd.DataFrame({"x": [np.zeros(2), None]}), "column 'x' holds nested .* ndarray"),
        (pd.DataFrame({"x": [object(), object()]}), "column 'x' holds nested or strange .* object"),
        (pd.DataFrame({"x": arrow([[1], [2]], pa.list_(pa.int64()))}), "column 'x' holds nested"),
        (
            pd.DataFrame({"x": arrow([{"a": 1}] * 2, pa.struct([("a", pa.int64())]))}),
            "column 'x' holds nested",
        ),
    ],
)
def test_what_no_schema_can_be_inferred_from(frame, message):
    with pytest.raises(ValueError, match=message):
        Schema.infer(frame)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"number": "nonsense"},
            ValueError,
            "column 'number': the kind must be one of .*'nonsense'",
        ),
        ({"other": "integer"}, ValueError, "that the frame has not: 'other'; the columns are"),
        ({"numbr": "integer"}, ValueError, "that the frame has not: 'numbr'; did you mean 'number'"),
        ({"number": "integer"}, ValueError, "column 'number' .* cannot be integer, but continuous"),
        ({"number": "constant"}, ValueError, "cannot be constant"),
        ({"number": "missing"}, ValueError, "cannot be missing"),
        ({"number": "identifier"}, ValueError, "cannot be identifier"),
        ({"word": "continuous"}, ValueError, "column 'word' .* cannot be continuous, but categorical"),
        ({"word": "datetime"}, ValueError, "cannot be datetime"),
        ({"word": Datetime()}, ValueError, "cannot be datetime"),
        ({"number": 3}, TypeError, "column 'number': 3 is no column type"),
        ([("number", "integer")], TypeError, "a mapping from column names"),
    ],
)
def test_kinds_that_do_not_fit_are_refused(given, error, message):
    with pytest.raises(error, match=message):
        Schema.infer(TWO, given)


def test_numeric_is_one_of_two():
    with pytest.raises(ValueError, match="'rank' or 'minmax', got 'other'"):
        Schema.infer(TWO, numeric="other")
    with pytest.raises(TypeError, match="a pandas DataFrame is needed, got list"):
        Schema.infer([[1, 2]])


@pytest.mark.parametrize(
    "index",
    [pd.Index([1.0, np.nan]), pd.DatetimeIndex(["2020-01-01", None]), pd.Index(["a", pd.NA], dtype=object)],
)
def test_a_column_without_a_name_is_refused(index):
    """Nothing would find it again: nan is not equal to itself."""
    with pytest.raises(ValueError, match="column number 1 has no name, but nan, NaT or NA; rename it"):
        Schema.infer(pd.DataFrame(np.ones((5, 2)), columns=index))
