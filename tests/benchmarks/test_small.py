"""Few rows: simple methods keep what they must, figures tell copies from fresh rows, and runs are resumed."""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import results
from benchmarks.judge.tables import Roles
from benchmarks.runners import SIMPLE
from benchmarks.runners.matrix import kinds, to_matrix, to_table
from benchmarks.runners.values import moved
from benchmarks.small import __main__ as small
from benchmarks.small.figures import score
from benchmarks.small.summary import grouped_mean, markdown
from benchmarks.small.tables import cleaned, find
from tabgan import load_iris

META = {
    "task": "classification", "target": "species",
    "numerical": ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)", "count"],
    "categorical": ["species", "big"],
}  # fmt: skip


@pytest.fixture
def iris():
    table = load_iris().sample(frac=1, random_state=0, ignore_index=True)
    names = dict(zip(table.select_dtypes("number"), META["numerical"], strict=False))
    table = table.rename(columns=names)
    table["count"] = (table["petal length (cm)"] * 10).round().astype("int64")
    table["big"] = table["count"] > 40
    return table


# --- Simple methods -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", SIMPLE)
def test_simple_methods_draw_tables_of_the_same_kind(method, iris):
    sample, _ = importlib.import_module(f"benchmarks.runners.{method}").fit(iris, META, 0)
    rows = sample(500)
    assert list(rows) == list(iris)
    assert rows.dtypes.equals(iris.dtypes)
    assert len(rows) == 500
    assert set(rows["species"]) == set(iris["species"])
    for name in META["numerical"]:
        assert rows[name].between(iris[name].min(), iris[name].max()).all()
    again = importlib.import_module(f"benchmarks.runners.{method}").fit(iris, META, 0)[0](500)
    pd.testing.assert_frame_equal(rows, again)


@pytest.mark.parametrize("method", ["cart", "forests", "gaussian_copula", "smote"])
def test_simple_methods_keep_a_strong_dependence(method, iris):
    rows = importlib.import_module(f"benchmarks.runners.{method}").fit(iris, META, 0)[0](1000)
    # Real 0.96; the standard deviation over seeds is 0.02 for forests and less for the others.
    assert rows["petal length (cm)"].corr(rows["petal width (cm)"]) > 0.75


def test_forests_and_copula_keep_missing_values(iris):
    holes = iris.astype({"count": float})
    holes.loc[:49, "count"] = np.nan
    for method in ("cart", "forests", "gaussian_copula"):
        rows = importlib.import_module(f"benchmarks.runners.{method}").fit(holes, META, 0)[0](2000)
        # A third; of a leaf's rows and 2,000 draws within 0.06 with a chance of 0.999.
        assert abs(rows["count"].isna().mean() - 1 / 3) < 0.06, method


def test_numbers_move_half_way_to_a_neighbour_unless_they_repeat():
    rng = np.random.default_rng(0)
    column = pd.Series([0.5, 0.5, 1.0, 3.0, np.nan])
    donors = np.repeat(np.arange(5), 200)
    drawn = moved(column, donors, rng)
    assert (drawn[:400] == 0.5).all()
    assert drawn[400:600].between(0.75, 2).all()
    assert drawn[600:800].between(2, 3).all()
    assert drawn[400:800].nunique() > 200
    assert drawn[800:].isna().all()


def test_a_matrix_is_the_table_again(iris):
    assert kinds(iris, META).count("integer") == 1
    pd.testing.assert_frame_equal(to_table(to_matrix(iris, META), iris, META), iris)


# --- Figures ------------------------------------------------------------------------------------------------


def cloud(n, seed):
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    return pd.DataFrame(
        {"first": first, "second": first + rng.normal(size=n), "y": np.where(first > 0, "yes", "no")}
    )


ROLES = Roles("cloud", "classification", "y", ("first", "second"), ("y",))


def test_fresh_rows_and_copies_are_at_the_ends():
    train, others = cloud(200, 0), cloud(1000, 1)
    fresh = score(train, others, cloud(1000, 2), ROLES, 0)
    copied = score(train, others, train.sample(1000, replace=True, random_state=0), ROLES, 0)
    # Fixed seeds; over seeds the standard deviations are 0.015, 0.03 and 0.03.
    assert abs(fresh["c2st"] - 0.5) < 0.06
    assert abs(fresh["nearer"] - 0.5) < 0.1
    assert abs(fresh["attack"] - 0.5) < 0.1
    assert (fresh["copies"], copied["copies"]) == (0, 100)
    assert min(copied["nearer"], copied["attack"]) > 0.95
    assert copied["c2st"] > 0.7
    assert min(fresh["mle_n"], fresh["mle_real"]) > 0.95


def test_regression_is_scored_by_r2():
    roles = Roles("cloud", "regression", "second", ("first", "second"), ("y",))
    figures = score(cloud(300, 0), cloud(300, 1), cloud(300, 2), roles, 0)
    # A half is explained.
    assert 0.3 < figures["mle_real"] < 0.6
    wrong = cloud(300, 2).assign(second=lambda rows: -rows["second"])
    assert score(cloud(300, 0), cloud(300, 1), wrong, roles, 0)["mle_all"] < -0.5


def test_tables_are_complete_and_split_apart():
    tables = {table.roles.name: table for table in find([])}
    assert {"iris", "wine", "breast_cancer", "diabetes_progression", "digits", "adult"} <= set(tables)
    assert tables["digits"].rows.shape == (1797, 17)
    assert not any(table.rows.isna().any(axis=None) for table in tables.values())
    train, others = tables["wine"].split(100, 0)
    assert (len(train), len(others)) == (89, 89)
    train, others = tables["breast_cancer"].split(100, 0)
    assert (len(train), len(others)) == (100, 469)
    assert not pd.concat([train, others]).duplicated().any()
    assert tables["iris"].has(100)
    assert not tables["iris"].has(150)


def test_cleaned_rows_have_whole_numbers_and_text():
    rows = cleaned(
        Roles("", "classification", "c", ("x", "z"), ("c",)),
        pd.DataFrame({"x": [1.0, 2.0, np.nan], "z": [0.5, 1, 2], "c": [True, False, True], "other": 0}),
    ).rows
    assert rows.dtypes.astype(str).tolist() == ["int64", "float64", "object"]
    assert rows["c"].tolist() == ["True", "False"]


# --- Runs ---------------------------------------------------------------------------------------------------


def row(method, table, seed, c2st):
    figures = dict.fromkeys(("c2st_1000", "nearer", "attack", "mle_n", "mle_all", "mle_real", "pair"), 0.5)
    return {
        "benchmark": "small", "table": table, "n": 100, "method": method, "version": "1", "seed": seed,
        "parameters": {}, "c2st": c2st, **figures, "copies": 0.0, "cpu_s": 1.0,
    }  # fmt: skip


def test_differences_are_paired_by_table_and_seed():
    rows = [row("tabgan", table, seed, 0.9) for table in "ab" for seed in (0, 1)]
    rows += [row("cart", "a", seed, 0.8) for seed in (0, 1)] + [
        row("cart", "b", seed, 0.6) for seed in (0, 1)
    ]
    rows += [row("tabgan", "c", 0, 0.0)]  # cart was not measured there
    text = markdown(rows)
    # Differences of tables -0.1 and -0.3: mean -0.2, standard error 0.1414 / sqrt(2) = 0.1.
    assert "| cart | 0.700 (-0.200 ± 0.100) |" in text
    assert "| tabgan | 0.900 |" in text
    assert "2 tables: a, b; 2 seeds." in text


def test_one_table_has_errors_over_seeds():
    assert grouped_mean({("a", 0): 1.0, ("a", 1): 3.0}) == (2.0, 1.0)
    assert np.isnan(grouped_mean({("a", 0): 1.0})[1])


def test_a_run_is_printed_and_not_repeated(tmp_path, monkeypatch, capsys):
    path = tmp_path / "small.jsonl"
    words = ["--rows", "100", "--seed", "0", "--tables", "iris", "--methods", "cart,bootstrap,real"]
    monkeypatch.setattr(sys, "argv", ["small", *words, "--results", str(path)])
    small.main()
    first = capsys.readouterr().out
    assert "| bootstrap |" in first
    assert [r["rows"] for r in results.read(path)] == [75, 75, 75]
    small.main()
    assert capsys.readouterr().out == first
    assert len(results.read(path)) == 3


def test_a_method_that_is_not_installed_is_passed_over(tmp_path, monkeypatch, capsys):
    words = ["--rows", "100", "--seed", "0", "--tables", "iris", "--methods", "ctgan"]
    monkeypatch.setattr(sys, "argv", ["small", *words, "--results", str(tmp_path / "small.jsonl")])
    with pytest.raises(SystemExit):
        small.main()
    assert "ctgan is not installed" in capsys.readouterr().err
