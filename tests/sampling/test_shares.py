"""Given shares: exact counts of every column at once, odds ratios kept, and what cannot be is refused."""

import numpy as np
import pandas as pd
import pytest

from tabgan import Not, TabGAN
from tabgan.sampling.grammar import Grammar
from tabgan.sampling.shares import Shares
from tabgan.table import Schema, TableTransformer


def people(n=3000, seed=0):
    """Sex and kin hang together: no woman is a husband; pay hangs on both, age on nothing."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["Female", "Male"], n, p=[0.3, 0.7])
    kin = np.where(rng.random(n) < 0.5, np.where(sex == "Male", "Husband", "Wife"), "Single")
    pay = rng.random(n) < np.where(sex == "Male", 0.3, 0.1)
    frame = pd.DataFrame({"sex": sex, "kin": kin, "pay": np.where(pay, "high", "low")})
    return frame.assign(age=rng.integers(17, 90, n), x=rng.normal(size=n))


@pytest.fixture(scope="module")
def grammar():
    return Grammar(TableTransformer(Schema.infer(people())).fit(people()))


def counted(shares, n, pool):
    """The counts as a table with an axis a column."""
    return shares.counts(n, pool).reshape([len(classes) for classes in shares.classes.values()])


@pytest.mark.parametrize("n", [0, 1, 7, 1001])
def test_counts_are_exact_by_the_largest_remainder(grammar, n):
    shares = Shares.read({"kin": {"Wife": 0.335, "Husband": 0.334}}, grammar)
    wanted = np.array([0.335, 0.334, 0.331]) * n
    counts = shares.counts(n)
    assert counts.sum() == n
    assert (np.abs(counts - wanted) < 1).all()
    assert Shares.read("kin", grammar).counts(n).sum() == n


def test_several_columns_at_once_keep_their_odds(grammar):
    """Pay against sex, with other shares of both: sums exact, the odds ratio that of the pool."""
    pool = people(20_000, seed=1)
    shares = Shares.read({"sex": {"Female": 0.5}, "pay": {"high": 0.4}}, grammar)
    counts = counted(shares, 1001, pool)
    assert counts.sum() == 1001
    assert counts.sum(axis=1).tolist() == [501, 500]
    assert counts.sum(axis=0).tolist() == [400, 601]
    odds = lambda table: table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])  # noqa: E731
    real = pd.crosstab(pool["sex"], pool["pay"]).to_numpy().astype(float)
    assert odds(counts.astype(float)) == pytest.approx(odds(real), rel=0.05)


def test_three_columns_and_ranges(grammar):
    balance = {"sex": {"Female": 0.5}, "kin": {"Wife": 0.25, "Husband": 0.25},
               "age": [(slice(17, 30), 0.5), (pd.Interval(30, 60), 0.25)]}  # fmt: skip
    counts = counted(Shares.read(balance, grammar), 400, people(20_000, seed=1))
    assert counts.sum(axis=(1, 2)).tolist() == [200, 200]
    assert counts.sum(axis=(0, 2)).tolist() == [100, 100, 200]
    assert counts.sum(axis=(0, 1)).tolist() == [200, 100, 100]
    assert counts[0, 1].sum() == counts[1, 0].sum() == 0  # no woman is a husband, no man a wife


@pytest.mark.parametrize(
    ("balance", "complaint"),
    [
        ({"kin": {"Wive": 0.5}}, "'kin' held nothing like 'Wive' .* did you mean 'Wife'"),
        ({"kin": {"Wife": 1.2}}, "the share of 'Wife' in column 'kin' must lie between 0 and 1, got 1.2"),
        ({"kin": {"Wife": True}}, "must lie between 0 and 1, got True"),
        (
            {"kin": {"Wife": 0.7, "Single": 0.6}},
            "the shares of column 'kin' sum to 1.3; they must not exceed 1",
        ),
        ({"sex": {"Male": 0.5, "Female": 0.4}}, "sum to 0.9, and there are no others; they must sum to 1"),
        ({"age": [(slice(20, 40), 0.5), (slice(40, 60), 0.5)]}, "values that are in two classes of balance"),
        ({"age": [(slice(95, None), 0.5)]}, "'age' held nothing in the range from 95"),
        ({"age": 0.5}, "column 'age' needs shares by value"),
        ({"kin": {}}, "column 'kin' needs shares by value"),
        ({}, "balance names no column"),
        ({"nose": {"long": 1}}, "there is no column 'nose'"),
        ("sexx", r"there is no column 'sexx' to balance; did you mean 'sex'\?"),
        ("age", "balance must be the name of a column of categories"),
    ],
)
def test_what_is_no_share_is_refused(grammar, balance, complaint):
    with pytest.raises(ValueError, match=complaint):
        Shares.read(balance, grammar)


def test_an_impossible_wish_is_refused_with_what_is_possible(grammar):
    shares = Shares.read({"sex": {"Female": 0.5}, "kin": {"Husband": 0.8}}, grammar)
    complaint = "asks for a share 0.5 of 'Female' .* at most 0.2 is possible"
    with pytest.raises(ValueError, match=complaint):
        shares.counts(1000, people(20_000, seed=1))


@pytest.mark.slow
def test_rows_have_the_shares():
    model = TabGAN(max_steps=200, random_state=0, verbose=0).fit(people())
    drawn = model.sample(501, balance={"pay": {"high": 0.4}}, random_state=0)
    assert drawn["pay"].value_counts().to_dict() == {"low": 301, "high": 200}
    drawn = model.sample(
        400, balance={"sex": {"Female": 0.5}, "age": [(slice(17, 30), 0.75)]}, random_state=0
    )
    assert (drawn["sex"] == "Female").sum() == 200
    assert (drawn["age"] <= 30).sum() == 300
    drawn = model.sample(
        100, balance={"pay": {"high": 0.4}}, given="sex == 'Female' and age > 40", random_state=0
    )
    assert (drawn["sex"] == "Female").all()
    assert drawn["age"].min() > 40
    assert (drawn["pay"] == "high").sum() == 40
    assert (model.sample(90, given={"kin": Not("Single")}, balance="sex")["kin"] != "Single").all()
    with pytest.raises(ValueError, match="'pay' cannot be both given and balanced"):
        model.sample(10, balance="pay", given={"pay": "low"})
    with pytest.raises(ValueError, match="at most"):
        model.sample(10, balance={"sex": {"Female": 0.5}, "kin": {"Husband": 0.8}})
