"""Parts that add up to a constant: found, kept in samples, conditions and files."""

import numpy as np
import pandas as pd
import pytest

from tabgan import ConstantSum, DPTabGAN, OneHotGroup, Sum, TabGAN, load, suggest_constraints
from tabgan.table.constraints.parse import parse_constraints

QUICK = {"max_steps": 3, "verbose": 0, "random_state": 0}


def shares(n=400, decimals=None, k=4, seed=0):
    """Shares of a whole, rounded as files have them, and a column that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    parts = rng.dirichlet(np.full(k, 0.5), n)
    if decimals is not None:
        parts[:, :-1] = parts[:, :-1].round(decimals)
        parts[:, -1] = (1 - parts[:, :-1].sum(axis=1)).round(decimals)
    return pd.DataFrame(parts, columns=[f"topic {j}" for j in range(k)]).assign(other=rng.normal(size=n))


def sums(frame):
    return [c for c in suggest_constraints(frame) if isinstance(c, ConstantSum)]


@pytest.mark.parametrize("decimals", [None, 3, 10])
def test_shares_are_found(decimals):
    (found,) = sums(shares(decimals=decimals))
    assert set(found.parts) == {f"topic {j}" for j in range(4)}
    assert found.total == 1


def test_several_wholes_are_found_apart():
    frame = pd.concat([shares(k=3), 24 * shares(k=4, seed=1).add_prefix("hours ")], axis=1)
    found = {constraint.total: set(constraint.parts) for constraint in sums(frame)}
    assert found == {
        1: {"topic 0", "topic 1", "topic 2"},
        24: {f"hours topic {j}" for j in range(4)},
    }


def test_nothing_is_found_where_nothing_is():
    frame = shares().drop(columns="topic 0").assign(constant=3.5, total=lambda f: f["other"] * 2 + 1)
    assert sums(frame) == []
    flags = pd.get_dummies(pd.Series(list("abc") * 50)).astype(int)
    assert [type(c) for c in suggest_constraints(flags)] == [OneHotGroup]
    parts = shares(k=3).assign(total=lambda f: f["topic 0"] + f["other"])
    assert {type(c) for c in suggest_constraints(parts)} >= {Sum, ConstantSum}


def test_samples_add_up_by_themselves(tmp_path):
    frame = shares(1500)
    model = TabGAN(**QUICK).fit(frame)
    assert [str(c).endswith("== 1") for c in model.constraints_] == [True]
    drawn = model.sample(500)
    topics = drawn.filter(like="topic")
    assert np.abs(topics.sum(axis=1) - 1).max() < 1e-6
    assert topics.min(axis=None) >= 0
    model.save(tmp_path / "m.tabgan")
    pd.testing.assert_frame_equal(
        load(tmp_path / "m.tabgan").sample(20, random_state=0), model.sample(20, random_state=0)
    )
    for name in topics:
        given = model.sample(20, given={name: slice(0.1, 0.4)})
        assert given[name].between(0.1, 0.4).all()
        assert np.abs(given.filter(like="topic").sum(axis=1) - 1).max() < 1e-6


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "int64[pyarrow]", "uint8", "Sparse[int64]"])
def test_dtypes(dtype):
    rng = np.random.default_rng(0)
    points = rng.multinomial(100, [0.2, 0.3, 0.5], 300)
    frame = pd.DataFrame(points, columns=["a", "b", "c"]).astype(dtype)
    drawn = TabGAN(**QUICK, constraints=["a + b + c == 100"]).fit(frame).sample(50)
    assert drawn.dtypes.equals(frame.dtypes)
    assert (drawn.astype(float).sum(axis=1) == 100).all()


def test_missing_parts_break_nothing():
    frame = shares(300, decimals=3)
    frame.iloc[::3, :4] = np.nan
    model = TabGAN(**QUICK, constraints=[ConstantSum([f"topic {j}" for j in range(4)], 1)]).fit(frame)
    topics = model.sample(100).filter(like="topic")
    assert np.abs(topics.dropna().sum(axis=1) - 1).max() < 1e-6


def test_parts_that_other_constraints_speak_of_are_settled_last():
    """A share that a name fixes stays; net, tax and gross stay one sum."""
    rng = np.random.default_rng(0)
    name = rng.choice(list("xyz"), 900)
    fixed = pd.Series(name).map({"x": 200 / 3, "y": 500 / 7, "z": 1000 / 11})
    frame = pd.DataFrame({"name": name, "s": fixed, "a": (100 - fixed) * rng.beta(2, 3, 900)})
    frame["b"] = 100 - frame["s"] - frame["a"]
    model = TabGAN(**QUICK).fit(frame)
    assert len(model.constraints_) == 2
    drawn = model.sample(300)
    assert np.abs(drawn[["s", "a", "b"]].sum(axis=1) - 100).max() < 1e-9
    assert set(zip(drawn["name"], drawn["s"], strict=True)) <= set(zip(name, fixed, strict=True))

    net = (rng.random(900) * 50).round(2)
    bill = pd.DataFrame({"net": net, "tax": (net * rng.random(900) * 0.3).round(2)})
    bill["gross"] = (bill["net"] + bill["tax"]).round(2)
    bill["rest"] = (100 - bill["gross"]).round(2)
    both = ["net + tax == gross", "gross + rest == 100"]
    drawn = TabGAN(**QUICK, constraints=both).fit(bill).sample(500)
    assert np.abs(drawn["gross"] + drawn["rest"] - 100).max() < 1e-9
    assert np.abs(drawn["net"] + drawn["tax"] - drawn["gross"]).max() < 1e-9


def test_conditions_on_all_parts():
    model = TabGAN(**QUICK).fit(shares(900, k=3))
    ranges = {"topic 0": slice(0, 0.5), "topic 1": slice(0, 0.6), "topic 2": slice(0.1, 0.9)}
    for given in (ranges, "`topic 0` > 0.2 and `topic 1` < 0.5 and `topic 2` > 0.1"):
        drawn = model.sample(50, given=given).filter(like="topic")
        assert np.abs(drawn.sum(axis=1) - 1).max() < 1e-6
    drawn = model.sample(50, given=ranges)
    assert all(drawn[name].between(part.start, part.stop).all() for name, part in ranges.items())
    assert len(model.sample(50, missing=False)) == 50


def test_a_dtype_that_cannot_hold_the_rest_leaves_the_row():
    frame = pd.DataFrame({"a": [100, 10], "b": [60, 90]}, dtype="int8")
    settled = ConstantSum(["a", "b"], 200).settle(frame, ["b"])
    assert settled["a"].tolist() == [100, 110]  # 140 is none of int8's
    assert settled.dtypes.equals(frame.dtypes)


def test_sums_under_differential_privacy():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 50, 600)}).assign(b=lambda f: 100 - f["a"])
    model = DPTabGAN(
        epsilon=5, bounds={"a": (0, 50, 1), "b": (50, 100, 1)}, constraints=["a + b == 100"], verbose=0
    )
    assert (model.fit(frame).sample(50).sum(axis=1) == 100).all()


def test_expressions_and_errors():
    (parsed,) = parse_constraints(["a + b + c == 1.5"])
    assert parsed == ConstantSum(["a", "b", "c"], 1.5)
    assert parse_constraints(["7 == a + b"]) == [ConstantSum(["a", "b"], 7)]
    with pytest.raises(ValueError, match="two or more different parts"):
        ConstantSum(["a", "a"], 1)
    with pytest.raises(ValueError, match="finite number as total, got 'gross'; use Sum for a column"):
        ConstantSum(["a", "b"], "gross")
    with pytest.raises(ValueError, match="column 'b' is not of numbers"):
        TabGAN(**QUICK, constraints=[ConstantSum(["a", "b"], 1)]).fit(
            pd.DataFrame({"a": [0.5] * 30, "b": pd.Series(["0.5"] * 30)})
        )


def test_the_greatest_part_takes_up_what_is_missing():
    """So parts that are near to one of few values in most rows are so in samples, each of them."""
    rng, low = np.random.default_rng(0), np.array([0.02, 0.03, 0.04, 0.05])
    parts = rng.choice(low, 1200)[:, None] + rng.normal(0, 1e-4, (1200, 4))
    parts[np.arange(1200), rng.integers(0, 4, 1200)] += 1 - parts.sum(axis=1)
    frame = pd.DataFrame(parts, columns=list("abcd"))
    model = TabGAN(max_steps=100, verbose=0, random_state=0).fit(frame)
    assert [type(constraint) for constraint in model.constraints_] == [ConstantSum]
    drawn = model.sample(2000)
    assert np.abs(drawn.sum(axis=1) - 1).max() < 1e-6
    for name in frame:  # 0.16 too few in a part that the others leave over
        near = [(np.abs(f[name].to_numpy()[:, None] - low).min(axis=1) < 5e-4).mean() for f in (frame, drawn)]
        assert abs(near[0] - near[1]) < 0.08


def test_only_parts_that_are_not_given_are_settled():
    frame = pd.DataFrame({"a": [0.6, 0.1], "b": [0.2, 0.1], "c": [0.1, 0.7]})
    settled = ConstantSum(list("abc"), 1).learn(frame).settle(frame, ["c"])
    assert settled.round(9).to_numpy().tolist() == [[0.7, 0.2, 0.1], [0.2, 0.1, 0.7]]


def test_a_row_with_a_missing_part_is_left_alone_beside_one_that_is_settled():
    frame = pd.DataFrame({"a": [60, 7], "b": [20.0, np.nan], "c": [10, 5]})
    constraint = ConstantSum(list("abc"), 100).learn(frame.assign(a=[70, 7]))
    assert constraint.settle(frame, ["b"])["a"].tolist() == [70, 7]
