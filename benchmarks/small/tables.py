"""Tables of which few rows are taken: those of scikit-learn, the bundled ones, and folders."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

from benchmarks.folders import meta_of
from benchmarks.judge.tables import Roles, read
from tabgan import load_adult

MOST_OTHERS = 5_000
BUNCHES = {
    "wine": (datasets.load_wine, "classification"),
    "breast_cancer": (datasets.load_breast_cancer, "classification"),
    "diabetes_progression": (datasets.load_diabetes, "regression"),
    "iris": (datasets.load_iris, "classification"),
}


@dataclass(frozen=True)
class Table:
    """All rows of a table and the roles of its columns."""

    roles: Roles
    rows: pd.DataFrame

    def split(self, n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Take n rows to learn from, half of all at most, and others to judge by."""
        rng = np.random.default_rng([seed, n, zlib.crc32(self.roles.name.encode())])
        order = rng.permutation(len(self.rows))
        n = min(n, len(order) // 2)
        train, others = order[:n], order[n : n + MOST_OTHERS]
        first, second = (self.rows.iloc[part].reset_index(drop=True) for part in (train, others))
        return first, second

    def has(self, n: int) -> bool:
        """Whether there are n rows and half as many others."""
        return len(self.rows) >= 1.5 * n


def find(folders: list[Path]) -> Iterator[Table]:
    """Give the tables of scikit-learn and tabgan, and one for each folder that holds a ``meta.json``."""
    for name, (load, task) in BUNCHES.items():
        yield of_bunch(name, load, task)
    yield of_bunch("digits", pooled_digits, "classification")
    try:
        california = datasets.fetch_california_housing(as_frame=True, download_if_missing=False)
        yield of_bunch("california", lambda **_: california, "regression")
    except OSError:
        pass
    names = []
    for folder in folders:
        for path in sorted({folder, *folder.iterdir()} if folder.is_dir() else {folder}):
            if (path / "meta.json").exists():
                names.append(path.resolve().name)
                yield of_folder(path)
    if "adult" not in names:
        census = load_adult()
        numerical = tuple(census.select_dtypes("number"))
        rest = tuple(name for name in census if name not in numerical)
        yield cleaned(Roles("adult", "classification", "income", numerical, rest), census)


def of_bunch(name: str, load: Callable[..., Any], task: str) -> Table:
    """A table of scikit-learn, whose columns but the target of a classification are numbers."""
    frame = load(as_frame=True).frame
    numerical = tuple(column for column in frame if task == "regression" or column != "target")
    categorical = () if task == "regression" else ("target",)
    return cleaned(Roles(name, task, "target", numerical, categorical), frame)


def pooled_digits(as_frame: bool = True) -> Any:
    """Give handwritten digits of 4 by 4 pixels, each the sum of four, and which digit it is."""
    bunch = datasets.load_digits(as_frame=as_frame)
    pixels = bunch.images.reshape(-1, 4, 2, 4, 2).sum(axis=(2, 4)).reshape(-1, 16)
    bunch.frame = pd.DataFrame(pixels).add_prefix("pixel_").assign(target=bunch.target)
    return bunch


def of_folder(folder: Path) -> Table:
    """Both parts of a table on disk."""
    roles = Roles.from_meta(meta_of(folder))
    return cleaned(roles, pd.concat([read(folder / f"{part}.parquet") for part in ("train", "test")]))


def cleaned(roles: Roles, rows: pd.DataFrame) -> Table:
    """Complete rows, with whole numbers as integers and categories as text."""
    rows = rows[[name for name in rows if name in {*roles.numerical, *roles.categorical}]].dropna()
    types = {
        name: "int64" if (rows[name].astype(float) % 1 == 0).all() else "float64" for name in roles.numerical
    }
    return Table(roles, rows.astype(types | dict.fromkeys(roles.categorical, "str")).reset_index(drop=True))
