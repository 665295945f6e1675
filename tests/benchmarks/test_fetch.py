"""Fetching tables: archives in a folder stand in for the repository; splits follow their protocol."""

import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from benchmarks import fetch
from benchmarks.folders import meta_of

ADULT = "39, State-gov, 77516, Bachelors, 13, Never-married, ?, Own-child, White, Male, 2174, 0, 40, Cuba, "
BEIJING = {"DEWP": -16, "TEMP": -4.0, "PRES": 1020.0, "cbwd": "SE", "Iws": 1.79, "Is": 0, "Ir": 0}


def archive(mirror, name, files):
    path = mirror / fetch.TABLES[name].path
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


@pytest.fixture
def mirror(tmp_path):
    """Give a folder with four archives in the form of the originals, of few rows each."""
    folder = tmp_path / "mirror"
    archive(
        folder, "adult",
        {"adult.data": f"{ADULT}<=50K\n" * 7, "adult.test": f"|1x3 Cross validator\n{ADULT}>50K.\n"},
    )  # fmt: skip
    n = 40
    hours = pd.DataFrame(
        {"year": 2010, "month": 1, "day": 1, "hour": np.arange(n) % 2, "pm2.5": np.arange(n) * 1.0, **BEIJING}
    )
    hours.loc[[0, 5], "pm2.5"] = np.nan
    hours.insert(0, "No", np.arange(n))
    archive(folder, "beijing", {"PRSA_data_2010.1.1-2014.12.31.csv": hours.to_csv(index=False, na_rep="NA")})
    magic = "".join(f"{k}.5,1,1,1,1,1,1,1,1,1,{'gh'[k % 2]}\n" for k in range(21))
    archive(folder, "magic", {"magic04.data": magic})
    shoppers = pd.DataFrame(dict.fromkeys(fetch.TABLES["shoppers"].categorical, "May"), index=range(20))
    shoppers = shoppers.assign(Weekend=True, Revenue="FALSE", PageValues=np.arange(20.0))
    archive(folder, "shoppers", {"online_shoppers_intention.csv": shoppers.to_csv(index=False)})
    return folder


def test_fetched_tables_are_folders_of_the_benchmark(mirror, tmp_path, monkeypatch, capsys):
    names = ["adult", "beijing", "magic", "shoppers"]
    words = [str(tmp_path / "tables"), *names, "--mirror", mirror.as_uri()]
    monkeypatch.setattr(sys, "argv", ["fetch", *words])
    fetch.main()
    assert capsys.readouterr().err.count("not the rows that the results were measured on") == 4
    parts = {}
    for name in names:
        meta = meta_of(tmp_path / "tables" / name)
        train, test = parts[name] = [
            pd.read_parquet(tmp_path / "tables" / name / f"{part}.parquet") for part in ("train", "test")
        ]
        assert (meta["name"], meta["n_train"], meta["n_test"]) == (name, len(train), len(test))
        assert sorted([*meta["numerical"], *meta["categorical"]]) == sorted(train)
        assert meta["target"] in meta["numerical" if meta["task"] == "regression" else "categorical"]
    train, test = parts["adult"]
    assert (len(train), list(test["income"]), train["occupation"][0]) == (7, [">50K"], "?")
    train, test = parts["beijing"]
    assert (len(train), len(test), train["pm2.5"].dtype) == (34, 4, "int64")
    train, test = parts["magic"]
    assert (len(train), len(test), train["Length"][0]) == (19, 2, 0.5)
    assert parts["shoppers"][0].dtypes[["Weekend", "Revenue"]].eq("bool").all()
    fetch.main()
    assert capsys.readouterr().err == ""


def test_a_split_is_that_of_the_papers():
    table = pd.DataFrame({"x": np.arange(20), "c": ["a"] * 20})
    train, test = fetch.split(table, ["c"])
    order = np.arange(20)
    np.random.RandomState(1234).shuffle(order)
    assert [*train["x"], *test["x"]] == order.tolist()


def test_every_category_is_in_training():
    rare = np.random.RandomState(1234).permutation(20)[-1]  # a test row by the first seed
    table = pd.DataFrame({"x": np.arange(20), "c": np.where(np.arange(20) == rare, "b", "a")})
    train, test = fetch.split(table, ["c"])
    assert set(train["c"]) == {"a", "b"}
    assert sorted([*train["x"], *test["x"]]) == list(range(20))


def test_the_checksum_sees_values_and_their_order():
    table = pd.DataFrame({"x": [1.5, 2.0]})
    assert fetch.digest(table, table) == fetch.digest(table.copy(), table.copy())
    assert fetch.digest(table, table) != fetch.digest(table[::-1], table)


def test_openml_types_become_roles(tmp_path):
    frame = pd.DataFrame({"sex": pd.Categorical(list("MF") * 10), "rings": pd.Categorical(range(20))})
    frame["length"] = np.linspace(0, 1, 20)
    fetch.write_openml(tmp_path / "abalone", frame, "rings", "regression")
    meta = meta_of(tmp_path / "abalone")
    assert (meta["categorical"], meta["numerical"]) == (["sex"], ["rings", "length"])
    assert pd.read_parquet(tmp_path / "abalone" / "train.parquet")["rings"].dtype == "int64"


def test_what_is_missing_is_named(mirror, tmp_path):
    with zipfile.ZipFile(mirror / fetch.TABLES["magic"].path, "w") as empty:
        empty.writestr("readme", "")
    with pytest.raises(ValueError, match=r"no magic04\.data, but readme"):
        fetch.fetch("magic", tmp_path / "magic", mirror.as_uri())


def test_unknown_tables_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["fetch", str(tmp_path), "nonsense"])
    with pytest.raises(SystemExit):
        fetch.main()
    assert "unknown tables nonsense; there are adult" in capsys.readouterr().err
