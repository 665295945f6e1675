"""Conditions chosen at random from a table: every drawn row satisfies what plain pandas says of it."""

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tabgan import Not, TabGAN

pytestmark = pytest.mark.slow  # trains networks


def table(n=800, seed=0):
    rng = np.random.default_rng(seed)
    code = rng.choice(4, n, p=[0.5, 0.3, 0.17, 0.03])
    frame = pd.DataFrame({"name": np.array(list("abcd"))[code], "x": (code + rng.random(n)).round(3)})
    frame["hole"] = np.where(rng.random(n) < 0.2 + 0.15 * code, np.nan, rng.normal(size=n))
    frame["kids"] = rng.poisson(code)
    frame["age"] = rng.integers(18, 90, n).astype("uint8")
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    frame["yes"] = pd.array(np.where(rng.random(n) < 0.2, None, rng.random(n) < 0.5), dtype="boolean")
    frame["band"] = pd.cut(frame["x"], [-1, 1, 2, 5])
    return frame


TABLE = table()
RANGES = ("x", "hole", "kids", "age", "when")
CATEGORIES = ("name", "kids", "yes", "band")
LEAST = 3  # records that hold a value or a pair, for a model of such a small table to learn it


@pytest.fixture(scope="module")
def model():
    return TabGAN(max_steps=100, random_state=0, verbose=0).fit(TABLE)


@st.composite
def conditions(draw, known):
    """Choose one to three columns and a condition on each, of the values that samples have."""
    names = draw(st.lists(st.sampled_from(list(TABLE)), min_size=1, max_size=3, unique=True))
    asked = {}
    for name in names:
        values = known[name].dropna().drop_duplicates().sort_values().tolist()
        forms = ["value", "list", "not", "present"]
        forms += ["range", "from", "to", "open", "point"] * (name in RANGES)
        form = draw(st.sampled_from([*forms, *["missing"] * bool(known[name].isna().any())]))
        one, other = sorted(draw(st.tuples(st.sampled_from(values), st.sampled_from(values))))
        asked[name] = {
            "value": one, "list": [one, other], "not": Not([one]), "present": slice(None), "missing": None,
            "range": slice(one, other), "from": slice(one, None), "to": slice(None, other),
            "open": slice(one, None), "point": slice(one, one),
        }[form]  # fmt: skip
        if form == "open" and one < other:
            asked[name] = pd.Interval(one, other, closed="right")
    return asked


def satisfies(column, asked):
    if asked is None:
        return column.isna()
    if isinstance(asked, Not):
        return ~column.isin(asked.condition)
    if isinstance(asked, slice):
        mask = column.notna()
        mask &= True if asked.start is None else (column >= asked.start).fillna(False)
        return mask & (True if asked.stop is None else (column <= asked.stop).fillna(False))
    if isinstance(asked, pd.Interval) and column.name != "band":
        return (column > asked.left) & (column <= asked.right)
    return column.isin(asked if isinstance(asked, list) else [asked])


def n_records(asked, names):
    """Count the training rows that satisfy what some columns are given."""
    return int(np.all([satisfies(TABLE[name], asked[name]) for name in names], axis=0).sum())


def is_right_refusal(error, asked):
    """Tell whether a refusal speaks of columns whose values, as pandas says, hardly ever come together."""
    if isinstance(error, ValueError):
        match = re.match("columns (.*) never held such values together in training", str(error))
        return match and n_records(asked, [name for name in asked if repr(name) in match[1]]) < LEAST
    pairs = combinations([name for name in asked if name in CATEGORIES], 2)
    return "generated rows satisfy" in str(error) and any(n_records(asked, pair) < LEAST for pair in pairs)


def test_rows_satisfy_what_pandas_says(model):
    known = model.sample(400, random_state=1)

    @given(conditions(known))
    @settings(
        max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to shrink what fails would take minutes
    )  # fmt: skip
    def check(asked):
        try:
            drawn = model.sample(8, given=asked, random_state=0)
        except (ValueError, RuntimeError) as error:
            assert is_right_refusal(error, asked), (asked, error)  # noqa: PT017
            return
        assert len(drawn) == 8
        for name, wanted in asked.items():
            assert satisfies(drawn[name], wanted).all(), (name, wanted, drawn[name].tolist())

    check()
