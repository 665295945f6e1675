"""Constraints: every row obeys, exactly n come back, whatever the networks learned, or an error says why."""

import datetime
import json
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

from tabgan import (
    FixedCombinations,
    Inequality,
    OneHotGroup,
    Predicate,
    Privacy,
    Range,
    Sum,
    TabGAN,
    Unique,
    load_adult,
    suggest_constraints,
)
from tabgan.table import (
    ConstraintSet,
    Datetime,
    Schema,
    TableTransformer,
    discover_constraints,
    parse_constraints,
)
from tabgan.table.columns.facts import TableFacts

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 20, "random_state": 0, "verbose": 0, "refine": False}
CITIES = {"Bonn": ("DE", 5), "Lyon": ("FR", 7), "Nice": ("FR", 9)}
CONSTRAINTS = [
    "start <= end",
    "a + b == t",
    FixedCombinations(["city", "country", "code"]),
    OneHotGroup(["k0", "k1", "k2"]),
    "lo <= hi",
    "a < 12 or b >= 1",
    Range("hi", 0, 1),
]


def table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"city": rng.choice(list(CITIES), n)})
    frame["country"] = frame["city"].map({city: country for city, (country, _) in CITIES.items()})
    frame["code"] = frame["city"].map({city: code for city, (_, code) in CITIES.items()})
    frame["start"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    frame["end"] = frame["start"] + pd.to_timedelta(rng.geometric(0.1, n) - 1, unit="D")
    frame["a"], frame["b"] = rng.integers(0, 48, n) * 0.25, np.round(rng.exponential(3, n), 2)
    frame["t"] = (frame["a"] + frame["b"]).round(2)
    one = rng.integers(0, 3, n)
    for k in range(3):
        frame[f"k{k}"] = (one == k).astype("int8")
    frame["hi"] = rng.random(n)
    frame["lo"] = np.where(rng.random(n) < 0.2, np.nan, frame["hi"] * rng.random(n))
    return frame


@pytest.fixture(scope="module")
def model():
    return TabGAN(constraints=CONSTRAINTS, privacy=Privacy("rows"), **QUICK).fit(table())


def assert_obeyed(model, drawn, n):
    assert len(drawn) == n
    pd.testing.assert_series_equal(drawn.dtypes, table().dtypes)
    assert (drawn["start"] <= drawn["end"]).all()
    assert np.allclose(drawn["a"] + drawn["b"], drawn["t"], rtol=0, atol=1e-9)
    assert [CITIES[city] for city in drawn["city"]] == list(zip(drawn["country"], drawn["code"], strict=True))
    assert (drawn[["k0", "k1", "k2"]].sum(axis=1) == 1).all()
    assert not (drawn["lo"] > drawn["hi"]).any()
    assert ((drawn["a"] < 12) | (drawn["b"] >= 1)).all()


def test_rows_are_built_by_the_constraints_that_allow_it(model):
    built = [str(constraint) for constraint in model.fitted_model_.transformer.constraint_set_.built_in]
    assert [name in " ".join(built) for name in ("start", "a + b", "city", "k0")] == [True] * 4
    assert list(model.schema_) == list(table().columns)


@pytest.mark.parametrize("n", [0, 1, 700])
def test_all_obey_and_none_is_lacking(model, n):
    assert_obeyed(model, model.sample(n, random_state=1), n)


@pytest.mark.parametrize(
    ("given", "satisfied"),
    [
        ({"country": "FR", "k1": 1}, lambda d: (d["country"] == "FR") & (d["k1"] == 1)),
        ({"t": 5.25}, lambda d: d["t"] == 5.25),
        ({"end": slice("2021-06-01", None)}, lambda d: d["end"] >= "2021-06-01"),
    ],
)
def test_conditions_on_columns_that_constraints_derive(model, given, satisfied):
    drawn = model.sample(60, given=given, random_state=1)
    assert_obeyed(model, drawn, 60)
    assert satisfied(drawn).all()


def test_balance_and_complete_rows(model):
    drawn = model.sample(31, balance="city", missing=False, random_state=1)
    assert_obeyed(model, drawn, 31)
    assert sorted(drawn["city"].value_counts()) == [10, 10, 11]
    assert drawn.notna().all(axis=None)


def test_balance_leaves_out_what_a_condition_excludes(model):
    drawn = model.sample(30, given={"country": "FR"}, balance="city", random_state=1)
    assert_obeyed(model, drawn, 30)
    assert drawn["city"].value_counts().to_dict() == {"Lyon": 15, "Nice": 15}
    with pytest.raises(ValueError, match="'country' cannot be both given and balanced"):
        model.sample(9, given={"country": "FR"}, balance="country")


def test_given_rows_are_completed_so_that_they_obey(model):
    given = pd.DataFrame({"country": ["FR", "DE", "FR"] * 4, "t": [5.25, np.nan, 3.5] * 4})
    drawn = model.sample(given=given, random_state=1)
    assert_obeyed(model, drawn, 12)
    assert (drawn["country"] == given["country"]).all()
    assert ((drawn["t"] == given["t"]) | given["t"].isna()).all()
    with pytest.raises(RuntimeError, match="1 of 2 given rows have no completion"):
        model.sample(given=pd.DataFrame({"city": ["Bonn", "Lyon"], "country": ["DE", "DE"]}))


def test_a_saved_model_obeys_and_the_file_has_no_code(model, tmp_path):
    model.save(tmp_path / "m.tabgan")
    again = TabGAN.load(tmp_path / "m.tabgan")
    for options in ({}, {"min_distance": 0.05}, {"given": {"t": slice(4, 6)}}):
        expected = model.sample(50, random_state=3, **options)
        pd.testing.assert_frame_equal(again.sample(50, random_state=3, **options), expected)
    assert again.get_params()["constraints"] == parse_constraints(CONSTRAINTS)
    own = TabGAN(constraints=[positive], **QUICK).fit(table(60)[["a", "b"]])
    assert (own.sample(50)["a"] >= 0).all()
    with pytest.raises(ValueError, match="positive is a Python function"):
        own.save(tmp_path / "own.tabgan")


def positive(frame):
    return frame["a"] >= 0


def test_a_file_cannot_smuggle_in_a_call(tmp_path):
    path = tmp_path / "m.tabgan"
    TabGAN(constraints=["a % 2 < 3"], **QUICK).fit(table(60)[["a", "b"]]).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = json.dumps(json.loads(members["model.json"])).replace("a % 2 < 3", "a.to_csv('x') < 3")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", text)
        archive.writestr("weights.safetensors", members["weights.safetensors"])
    with pytest.raises(ValueError, match="has a Call in it"):
        TabGAN.load(path)


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (["end < start"], r"end < start is broken by 400 of 400 training rows, for example row 0: \{'end'"),
        ([Range("a", 0, 5)], r"a <= 5 is broken by \d+ of 400 .* drop these rows"),
        ([Sum(["a", "hi"], "t")], r"a \+ hi == t is broken"),
        ([Unique("city")], "unique city is broken by 397"),
        (["nosuch <= a"], "no column 'nosuch'"),
        (["city <= a"], "cannot be asked of columns of these dtypes"),
        (["a.sum() > 3"], "has a Call in it"),
        (["a <="], "'a <=' is no expression: invalid syntax$"),
        (["a = 1"], "is no expression: .*; equal is written ==$"),
        (["a > 2021-01-01"], "is no expression: .*; write times in quotes$"),
    ],
)
def test_what_is_wrong_is_said_before_training(constraints, message):
    with pytest.raises(ValueError, match=message):
        TabGAN(constraints=constraints, **QUICK).fit(table())


def test_one_constraint_alone_is_still_a_list():
    with pytest.raises(ValueError, match="None or a list of constraints"):
        TabGAN(constraints="a <= b", **QUICK).fit(table())


def test_unique_rows_until_there_are_no_more():
    frame = pd.DataFrame([(f"a{i}", f"b{j}") for i in range(6) for j in range(6)], columns=["a", "b"])
    model = TabGAN(constraints=[Unique(["a", "b"])], **QUICK).fit(frame)
    assert not model.sample(30, random_state=0).duplicated().any()
    assert not model.sample(12, balance="a", random_state=0).duplicated().any()
    with pytest.raises(
        RuntimeError, match=r"only \d+ of [\d,]+ drawn rows \(0\.\d+%\) satisfy .*unique a, b"
    ):
        model.sample(37)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "Int64", "float32", "Float64", "timedelta64[s]"])
def test_orders_in_every_dtype_and_chain(dtype):
    """Round trip of a <= b <= c in any order; both steps are narrow, so both are built in."""
    rng = np.random.default_rng(0)
    whole = pd.DataFrame({"a": rng.integers(0, 100, 300)})
    whole["b"] = whole["a"] + rng.integers(0, 9, 300)
    whole["c"] = whole["b"] + rng.integers(0, 9, 300)
    frame = whole.astype(dtype)
    if dtype == "Int64":
        frame.loc[::5, "c"] = pd.NA
    for constraints in (["a <= b", "b <= c"], ["b <= c", "a <= b"]):
        table = TableTransformer(Schema.infer(frame), ConstraintSet(parse_constraints(constraints))).fit(
            frame
        )
        assert len(table.constraint_set_.built_in) == 2
        back = table.inverse_transform(table.transform(frame, random_state=0))
        pd.testing.assert_frame_equal(back, frame)


def test_the_policy_on_missing_values():
    frame = pd.DataFrame(
        {"a": [1.0, np.nan, 3.0, 3.0], "b": [2.0, 0.0, np.nan, 1.0], "c": [3.0, 1.0, 9.0, 4.0]}
    )
    for constraint, expected in (
        (Inequality("a", "b"), [1, 1, 1, 0]),
        (Range("a", 2, None), [0, 1, 1, 1]),
        (Sum(["a", "b"], "c"), [1, 1, 1, 1]),
        (Predicate("a < b and not c in [9]"), [1, 1, 1, 0]),
        (Predicate("0 < `a` <= 3 - b"), [1, 1, 1, 0]),
        (Unique("a"), [1, 1, 1, 0]),
        (FixedCombinations(["a", "b"]).learn(frame.iloc[:2]), [1, 1, 0, 0]),
    ):
        assert constraint.check(frame).astype(int).tolist() == expected, constraint


def test_suggestions_find_what_is_planted():
    found = {str(constraint): constraint for constraint in suggest_constraints(table(1000))}
    assert set(found) == {
        "fixed combinations of city, country, code", "exactly one of k0, k1, k2", "a + b == t",
        "start <= end", "lo <= hi",
    }  # fmt: skip
    assert all(constraint.evidence for constraint in found.values())
    adult = suggest_constraints(load_adult())
    assert [str(constraint) for constraint in adult] == ["fixed combinations of education, education-num"]


@pytest.mark.parametrize("order", [["city", "country", "continent"], ["continent", "country", "city"]])
def test_a_hierarchy_is_found_whole(order):
    places = np.random.default_rng(0).integers(0, 20, 600)
    frame = pd.DataFrame({"city": places, "country": places // 3, "continent": places // 9}).astype(str)
    (found,) = suggest_constraints(frame[order])
    assert found.columns[0] == "city"
    assert set(found.columns) == set(order)


def test_a_hierarchy_whose_root_has_too_many_categories_keeps_the_rest():
    places = np.arange(3000) % 300
    frame = pd.DataFrame({"town": places, "country": places // 20, "continent": places // 60}).astype(str)
    assert ["continent", "country"] in [sorted(found.columns) for found in suggest_constraints(frame)]


def test_suggestions_do_not_fall_for_chance():
    """Twenty unrelated columns of few rows; any suggestion has a probability of one in a million a table."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({f"n{k}": rng.integers(0, 2 + k, 40) for k in range(10)})
        for k in range(10):
            frame[f"c{k}"] = rng.choice(["x", "y", "z"], 40, p=[0.9, 0.07, 0.03])
        assert suggest_constraints(frame) == []


class TestDiscovery:
    """What `constraints="auto"`, the default, stands for."""

    EXPECTED = (
        "fixed combinations of city, country, code",
        "exactly one of k0, k1, k2",
        "a + b == t",
        "start <= end",
    )

    def test_all_samples_obey(self, tmp_path):
        model = TabGAN(**QUICK).fit(table())
        names = {str(constraint) for constraint in model.constraints_}
        assert names == set(self.EXPECTED)  # not lo <= hi, of numbers
        assert len(model.fitted_model_.transformer.constraint_set_.built_in) == len(self.EXPECTED)
        drawn = model.sample(300)
        for constraint in model.constraints_:
            assert constraint.check(drawn).all(), constraint
        assert (model.sample(20, given={"country": "FR", "code": slice(8, None)})["city"] == "Nice").all()
        with pytest.raises(ValueError, match="'city', 'code' never held such values together"):
            model.sample(5, given={"city": "Bonn", "code": [7, 9]})
        model.save(tmp_path / "model.tabgan")
        again = TabGAN.load(tmp_path / "model.tabgan")
        assert again.get_params()["constraints"] == "auto"
        assert [constraint.evidence for constraint in again.constraints_] == [
            constraint.evidence for constraint in model.constraints_
        ]
        other = table(50, seed=1).assign(country="FR")  # breaks a constraint, and can still be scored
        assert 0 <= model.score(other) < 1

    def test_none_allows_everything_and_a_list_is_all_there_is(self):
        frame = table(200)
        assert TabGAN(constraints=None, **QUICK).fit(frame).constraints_ == []
        assert list(map(str, TabGAN(constraints=["lo <= hi"], **QUICK).fit(frame).constraints_)) == [
            "lo <= hi"
        ]

    def test_a_column_that_was_declared_is_left_alone(self):
        model = TabGAN(columns={"code": "continuous", "t": "continuous"}, **QUICK).fit(table())
        assert {str(constraint) for constraint in model.constraints_} == set(
            self.EXPECTED[1:2] + self.EXPECTED[3:]
        )

    def test_keys_that_repeat_are_left_alone(self):
        """Else the constraint would keep them, and what follows from each."""
        customer = np.random.default_rng(0).integers(0, 100, 2000)
        frame = pd.DataFrame({
            "customer": [f"K{code:03d}" for code in customer], "age": customer % 50 + 20.5,
        })  # fmt: skip
        assert len(discover_constraints(frame, Schema.infer(frame, {"customer": "categorical"}))) == 1
        assert list(discover_constraints(frame, Schema.infer(frame, {"customer": "identifier"}))) == []

    def test_nothing_follows_from_more_levels_than_are_learned(self):
        """Else the state, which is learned well, would follow from a zip code, which is not."""
        zip_code = np.random.default_rng(0).integers(0, 400, 4000)
        frame = pd.DataFrame({
            "zip": [f"z{code}" for code in zip_code], "state": [f"s{code % 7}" for code in zip_code],
        })  # fmt: skip
        assert len(suggest_constraints(frame)) == 1
        assert list(discover_constraints(frame, Schema.infer(frame))) == []

    @pytest.mark.parametrize("dtype", ["int64", "float32", "Int64", "int32[pyarrow]", "datetime64[s]"])
    def test_what_follows_from_a_number_is_that_of_the_nearest_known_one(self, dtype):
        rng = np.random.default_rng(0)
        days = rng.integers(0, 300, 4000)
        months = [f"m{day // 30}" for day in days]
        frame = pd.DataFrame({"day": pd.Series(days).astype(dtype), "month": months})
        frame.loc[::50, ["day", "month"]] = None
        (constraint,) = discover_constraints(frame, Schema.infer(frame))
        assert constraint.derived(frame) == ("month",)
        model = TabGAN(**QUICK).fit(frame)
        assert model.schema_["day"].scale == "numeric"
        assert "scalar" in {block.kind for block in model.fitted_model_.transformer.layout_.of("day")}
        drawn = model.sample(500, random_state=0)
        assert drawn.dtypes.equals(frame.dtypes)
        known = dict(frame.dropna().itertuples(index=False))
        there = drawn.dropna()
        assert [known[day] for day in there["day"]] == list(there["month"])
        assert len(there) > 400
        assert (drawn["day"].isna() == drawn["month"].isna()).all()

    def test_wide_tables_are_looked_through_in_no_time(self):
        """The search for sums, of a thousand columns, once took hours."""
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(rng.normal(size=(1500, 250)).round(3)).rename(columns=str)
        frame["total"] = (frame["3"] + frame["7"] + frame["11"]).round(3)
        start = time.process_time()
        assert list(map(str, suggest_constraints(frame))) == ["3 + 7 + 11 == total"]
        assert time.process_time() - start < 20  # about 2 on one core


class TestDistanceToTrainingRows:
    def test_copies_are_left_out(self):
        frame = pd.DataFrame(
            [(i, j) for i in "abcd" for j in "abcd" if (i, j) != ("a", "a")], columns=["x", "y"]
        )
        model = TabGAN(privacy=Privacy("hashes"), **QUICK).fit(frame)
        plain = model.sample(300, random_state=0)
        assert (plain.merge(frame, on=["x", "y"])).shape[0] > 100
        drawn = model.sample(20, exclude_copies=True, random_state=0)
        assert len(drawn) == 20
        assert drawn.eq("a").all(axis=None)

    def test_near_rows_are_left_out(self, model):
        real = table()
        drawn = model.sample(200, min_distance=0.15, random_state=0)
        assert_obeyed(model, drawn, 200)
        guard = model.fitted_model_.privacy_record
        assert guard.distances(drawn).min() >= 0.15
        assert guard.distances(real.iloc[::-1].reset_index(drop=True)).max() < 1e-3  # float32, squared
        assert guard.copies(real).all()
        assert not guard.copies(drawn).any()

    def test_it_says_when_nothing_is_far_enough(self, model):
        with pytest.raises(RuntimeError, match=r"only 0 of .* drawn rows \(0\.000%\) satisfy"):
            model.sample(5, min_distance=1.0, random_state=0)

    def test_a_model_that_forgot_says_what_to_do(self, tmp_path):
        model = TabGAN(**QUICK).fit(table(60)[["a", "b"]])
        with pytest.raises(ValueError, match='privacy=Privacy\\(remember="hashes"'):
            model.sample(5, exclude_copies=True)
        with pytest.raises(ValueError, match='remember="rows"'):
            model.sample(5, min_distance=0.1)
        with pytest.raises(ValueError, match="min_distance must lie between 0 and 1"):
            model.sample(5, min_distance=-1)


@pytest.mark.parametrize("low", ["uint64[pyarrow]", "uint64", "UInt64", "int64[pyarrow]", "Int64"])
@pytest.mark.parametrize("high", ["uint64[pyarrow]", "uint64", "UInt64", "float64[pyarrow]", "Float64"])
def test_whole_numbers_beyond_floats_are_compared_with_any(low, high):
    """PyArrow compares them with no number that it would have to round, and adds none."""
    rng = np.random.default_rng(0)
    first = rng.permutation(300).astype(np.uint64) * np.uint64(7) + np.uint64(
        2**62 if low[0].lower() == "i" else 2**63
    )
    second = first + rng.integers(2000, 9000, 300).astype(np.uint64)
    kind = "float64" if "float" in high.lower() else "uint64"
    frame = pd.DataFrame(
        {"low": pd.Series(first).astype(low), "high": pd.Series(second).astype(kind).astype(high)}
    )
    constraint = Inequality("low", "high")
    assert constraint.holds(frame).all()
    assert not constraint.holds(frame.assign(low=pd.Series(first + np.uint64(100_000)).astype(low))).any()
    learned = constraint.learn(frame)
    back = learned.backward(learned.forward(frame)) if learned.derived(frame) else frame
    assert back["high"].dtype == frame["high"].dtype
    assert parse_constraints(["low < high or low != low"])[0].holds(frame).all()


@pytest.mark.parametrize(
    "write",
    [
        lambda times: times.dt.strftime("%d.%m.%Y"),
        lambda times: times.dt.strftime("%Y-%m-%d").astype("string[pyarrow]"),
        lambda times: times.dt.date.astype(object),
    ],
    ids=["text", "Arrow", "dates"],
)
def test_orders_of_dates_that_are_no_times_of_pandas(write):
    """As of a CSV file, or of a database: found, built in, and asked of a frame as they read."""
    rng = np.random.default_rng(0)
    start = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, 500), unit="D"))
    end = start + pd.to_timedelta(rng.integers(0, 40, 500), unit="D")
    frame = pd.DataFrame({"start": write(start), "end": write(end).mask(rng.random(500) < 0.1, np.nan)})
    table = TableTransformer(Schema.infer(frame), discover_constraints(frame, Schema.infer(frame))).fit(frame)
    (order,) = table.constraint_set_
    assert (type(order), order.columns) == (Inequality, ("start", "end"))
    assert table.constraint_set_.built_in == (order,)
    back = table.inverse_transform(table.transform(frame, 0), 0)
    pd.testing.assert_frame_equal(back, frame)
    assert not order.check(frame.assign(start=frame["end"], end=frame["start"]))[
        start.ne(end) & frame["end"].notna()
    ].any()
    assert (
        Inequality("end", "start", strict=True).learn(frame).check(frame).sum() == frame["end"].isna().sum()
    )


def dates(n=300):
    rng = np.random.default_rng(0)
    start = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D"))
    return start, start + pd.to_timedelta(rng.integers(0, 40, n), unit="D")


def learned(frame, **columns):
    schema = Schema.infer(TableFacts(frame), columns)
    return ConstraintSet([Inequality("start", "end")]).fit(TableFacts(frame), schema)


def test_remarks_among_dates_break_no_order():
    start, end = (times.dt.strftime("%d.%m.%Y") for times in dates())
    frame = pd.DataFrame({"start": start, "end": end.where(start.index % 9 > 0, "open")})
    constraints = learned(frame)
    assert constraints.check(frame).all()
    assert not constraints.built_in
    assert not constraints.check(pd.DataFrame({"start": ["02.01.2024"], "end": ["01.02.2023"]})).any()


def test_dates_as_they_are_declared_to_be_written():
    start, end = dates()
    few = (start.dt.day <= 12) & (end.dt.day <= 12)
    frame = pd.DataFrame({"start": start[few], "end": end[few]}).apply(lambda c: c.dt.strftime("%m/%d/%Y"))
    form = Datetime(format="%m/%d/%Y")
    schema = Schema.infer(table := TableFacts(frame), {"start": form, "end": form})
    assert ConstraintSet([Inequality("start", "end")]).fit(table, schema).check(frame).all()


def test_written_dates_beside_times_and_other_clocks():
    start, end = dates()
    written = {name: times.dt.strftime("%d.%m.%Y") for name, times in (("start", start), ("end", end))}
    for unit in ("s", "us", "ns"):
        frame = pd.DataFrame({"start": start.dt.as_unit(unit), "end": end.dt.as_unit(unit)})
        for name in written:
            mixed = frame.assign(**{name: written[name]})
            (order,) = discover_constraints(mixed, Schema.infer(mixed)).built_in
            assert str(order) == "start <= end"
            pd.testing.assert_frame_equal(order.backward(order.forward(mixed))[list(mixed)], mixed)
    west = (start + pd.Timedelta("30min") - pd.Timedelta("5h")).dt.strftime("%Y-%m-%dT%H:%M:%S-05:00")
    frame = pd.DataFrame({"start": start.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"), "end": west})
    assert learned(frame).check(frame).all()
    frame = frame.rename(columns={"start": "end", "end": "start"})
    with pytest.raises(ValueError, match="is broken by 300 of 300"):
        learned(frame)


def test_days_beyond_those_of_python_are_rejected():
    start, end = dates()
    far = end.dt.date.where(start.index % 30 > 0, datetime.date(9999, 12, 31))
    constraints = learned(frame := pd.DataFrame({"start": start.dt.date, "end": far}))
    changed = constraints.forward(frame)
    back = constraints.backward(changed.sample(frac=1, random_state=0).assign(start=changed["start"]))
    assert {type(value) for value in back["end"]} == {datetime.date}


def test_a_value_that_is_written_in_another_way_is_named():
    start, end = (times.dt.strftime("%d.%m.%Y") for times in dates())
    constraints = learned(frame := pd.DataFrame({"start": start, "end": end}))
    with pytest.raises(ValueError, match=r"column 'end' holds '2024-01-02', and in training it held times"):
        constraints.forward(frame.assign(end="2024-01-02"))
    assert constraints.check(frame.assign(end=5)).all()
    (found,) = suggest_constraints(frame)
    assert found.check(frame).all()


@pytest.mark.parametrize(
    ("constraint", "asked"),
    [
        ("day >= '01.01.1900'", "'day'.*times"),
        (Range("day", high="31.12.2099"), "'day'.*times"),
        ("day < '01.01.2020' or count > '5'", "'day'.*times"),
        ("count < size", "'count'.*numbers"),
        (Range("price", "1 EUR", "9 EUR"), "'price'.*numbers"),
        ("iso >= '1900-01-01'", None),
        ("day == '01.01.1900' or count != '5'", None),
        ("kind < 'z'", None),
    ],
)
def test_strings_are_not_compared_by_letters_where_they_mean_another_order(constraint, asked):
    rng = np.random.default_rng(0)
    days, counts = dates()[0], pd.Series(rng.integers(6, 2000, 300))
    frame = pd.DataFrame(
        {
            "day": days.dt.strftime("%d.%m.%Y"), "iso": days.dt.strftime("%Y-%m-%d"),
            "count": counts.astype(str), "size": (counts + 1).astype(str),
            "price": counts.map("{} EUR".format), "kind": rng.choice(["a", "b"], 300),
        }
    )  # fmt: skip
    model = TabGAN(constraints=[constraint], **QUICK | {"max_steps": 1})
    if asked is None:
        assert len(model.fit(frame).sample(10)) == 10
        return
    with pytest.raises(ValueError, match=f"compares column {asked} that it writes are in another order"):
        model.fit(frame)


@pytest.mark.parametrize("dtype", ["float16", "float32", "Float32", "float[pyarrow]", "Float64"])
def test_sums_and_orders_of_short_floats(dtype):
    """Their own arithmetic is exact to some digits only; what is rounded must not overflow on the way."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": 500 * rng.random(300), "b": 20 * rng.random(300), "x": rng.random(300)})
    frame = frame.round(3).astype(dtype)
    frame["c"] = frame["a"] + frame["b"]
    assert [str(found) for found in suggest_constraints(frame)] == ["a + b == c"]
    assert not Sum(["a", "b"], "x").check(frame).any()
    for constraint in ("a + b == c", "a <= c"):
        drawn = TabGAN(**QUICK | {"max_steps": 3}, constraints=[constraint]).fit(frame).sample(300)
        assert drawn.dtypes.equals(frame.dtypes)
        assert np.isfinite(drawn.astype(float)).all(axis=None)
        assert (drawn["a"] <= drawn["c"]).all()
        if "==" in constraint:
            assert Sum(["a", "b"], "c").check(drawn).all()
