"""A small table in a folder, as the benchmarks take them."""

import json

import pytest

from tabgan import load_iris


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "iris"
    home.mkdir()
    iris = load_iris().sample(frac=1, random_state=0)
    iris[:100].to_parquet(home / "train.parquet")
    iris[100:].to_parquet(home / "test.parquet")
    numbers = list(iris.select_dtypes("number"))
    meta = {"name": "iris", "task": "classification", "target": "species"}
    (home / "meta.json").write_text(json.dumps({**meta, "numerical": numbers, "categorical": ["species"]}))
    return home
