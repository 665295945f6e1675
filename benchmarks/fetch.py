"""Download public tables, and split them as the papers do that results are compared with.

    python -m benchmarks.fetch FOLDER [NAME ...] [--mirror URL]

Each table is written as ``FOLDER/NAME/{train,test}.parquet`` and ``meta.json``. Without names, those are the
five tables of the benchmark; ``--small`` adds the small ones of `benchmarks.small`. Tables that are there
already are left alone.

adult has the training and test file of its authors. Of all others, nine tenths of the rows are for training,
after a shuffle by NumPy's ``RandomState(1234)``, or by the next seeds until every category occurs in them.
That is the split of TabSyn (Zhang et al. 2024) and TabDiff (Shi et al. 2025). Of magic they read the first
row as a header; here it is a training row, and the others are split as there.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

UCI = "https://archive.ics.uci.edu/static/public"
SEED = 1234

Parts = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Archive:
    """A table of the UCI Machine Learning Repository.

    `path` leads to its archive, `read` makes training and test rows of the files there, and `digest` is the
    checksum of the rows that the repository's results were measured on.
    """

    path: str
    read: Callable[[zipfile.ZipFile], Parts]
    target: str
    task: str
    categorical: tuple[str, ...]
    digest: str


@dataclass(frozen=True)
class OpenML:
    """A table of OpenML: its number there, and the task."""

    number: int
    task: str = "classification"


def split(table: pd.DataFrame, categorical: Sequence[str], seed: int = SEED) -> Parts:
    """Nine tenths and one tenth of the rows, every category of the `categorical` columns among the first."""
    n_train = int(0.9 * len(table))
    order = np.arange(len(table))
    np.random.RandomState(seed).shuffle(order)
    train = table.iloc[order[:n_train]].reset_index(drop=True)
    if any(train[name].nunique() < table[name].nunique() for name in categorical):
        return split(table, categorical, seed + 1)
    return train, table.iloc[order[n_train:]].reset_index(drop=True)


def read_adult(files: zipfile.ZipFile) -> Parts:
    """Read the files of the authors; unknown values stay the category "?"."""
    names = [
        "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
        "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
        "income",
    ]  # fmt: skip
    options: dict[str, Any] = {"names": names, "skipinitialspace": True, "keep_default_na": False}
    train = pd.read_csv(member(files, "adult.data"), **options)
    test = pd.read_csv(member(files, "adult.test"), skiprows=1, **options)
    test["income"] = test["income"].str.removesuffix(".")
    return train, test


def read_default(files: zipfile.ZipFile) -> Parts:
    """Read the sheet without its row numbers (pandas needs xlrd for this)."""
    table = pd.read_excel(member(files, ".xls"), header=1).drop(columns="ID")
    return split(table, TABLES["default"].categorical)


def read_shoppers(files: zipfile.ZipFile) -> Parts:
    """Read the only file."""
    return split(pd.read_csv(member(files, "online_shoppers_intention.csv")), TABLES["shoppers"].categorical)


def read_magic(files: zipfile.ZipFile) -> Parts:
    """Read the file, whose first row the papers take for a header."""
    names = [
        "Length",
        "Width",
        "Size",
        "Conc",
        "Conc1",
        "Asym",
        "M3Long",
        "M3Trans",
        "Alpha",
        "Dist",
        "class",
    ]
    table = pd.read_csv(member(files, "magic04.data"), names=names)
    train, test = split(table.iloc[1:], ["class"])
    return pd.concat([table.iloc[:1], train], ignore_index=True), test


def read_beijing(files: zipfile.ZipFile) -> Parts:
    """Read hours whose particles were measured, without their numbers."""
    table = pd.read_csv(member(files, "PRSA_data_2010.1.1-2014.12.31.csv"), keep_default_na=True)
    table = table.drop(columns="No").dropna(subset="pm2.5")
    table["pm2.5"] = table["pm2.5"].astype("int64")
    return split(table, TABLES["beijing"].categorical)


def member(files: zipfile.ZipFile, ending: str) -> io.BytesIO:
    """Give the only file of an archive whose name ends so.

    Raises
    ------
    ValueError
        If there is none.
    """
    for name in files.namelist():
        if name.endswith(ending):
            return io.BytesIO(files.read(name))
    raise ValueError(f"the archive holds no {ending}, but {', '.join(files.namelist())}")


TABLES = {
    "adult": Archive(
        "2/adult.zip", read_adult, "income", "classification",
        ("workclass", "education", "marital-status", "occupation", "relationship", "race", "sex",
         "native-country", "income"),
        "c473609fbbe99b40",
    ),
    "default": Archive(
        "350/default+of+credit+card+clients.zip", read_default, "default payment next month",
        "classification",
        ("SEX", "EDUCATION", "MARRIAGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6",
         "default payment next month"),
        "04480bc7daabf7f3",
    ),
    "shoppers": Archive(
        "468/online+shoppers+purchasing+intention+dataset.zip", read_shoppers, "Revenue",
        "classification",
        ("Month", "OperatingSystems", "Browser", "Region", "TrafficType", "VisitorType", "Weekend",
         "Revenue"),
        "7fe321a3af3dbbc9",
    ),
    "magic": Archive(
        "159/magic+gamma+telescope.zip", read_magic, "class", "classification", ("class",),
        "40a9edd7b93c799e",
    ),
    "beijing": Archive(
        "381/beijing+pm2+5+data.zip", read_beijing, "pm2.5", "regression",
        ("year", "month", "day", "hour", "cbwd"), "f8ee449d301f22cb",
    ),
}  # fmt: skip

SMALL = {
    "pima": OpenML(37),
    "credit": OpenML(31),
    "vehicle": OpenML(54),
    "blood": OpenML(1464),
    "phoneme": OpenML(1489),
    "car": OpenML(40975),
    "abalone": OpenML(183, "regression"),
    "kin8nm": OpenML(189, "regression"),
}


def main() -> None:
    """Fetch the tables that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fetch", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help=f"of {', '.join([*TABLES, *SMALL])}")
    parser.add_argument("--small", action="store_true", help="the small tables, too")
    parser.add_argument("--mirror", default=UCI, metavar="URL", help=f"in place of {UCI}")
    given = parser.parse_args()
    names = given.names or [*TABLES, *(SMALL if given.small else ())]
    if unknown := set(names) - {*TABLES, *SMALL}:
        parser.error(f"unknown tables {', '.join(sorted(unknown))}; there are {', '.join([*TABLES, *SMALL])}")
    for name in names:
        if not (given.folder / name / "meta.json").exists():
            fetch(name, given.folder / name, given.mirror)


def fetch(name: str, folder: Path, mirror: str = UCI) -> None:
    """Download one table, and write its folder."""
    if name in TABLES:
        source = TABLES[name]
        print(f"{name}: {mirror}/{source.path}", file=sys.stderr)
        with urllib.request.urlopen(f"{mirror}/{source.path}") as answer:
            train, test = source.read(zipfile.ZipFile(io.BytesIO(answer.read())))
        if digest(train, test) != source.digest:
            print(f"{name}: these are not the rows that the results were measured on", file=sys.stderr)
        write(folder, train, test, source.target, source.task, source.categorical)
        return
    from sklearn.datasets import fetch_openml

    print(f"{name}: OpenML {SMALL[name].number}", file=sys.stderr)
    bunch = fetch_openml(data_id=SMALL[name].number, as_frame=True, parser="pandas")
    write_openml(folder, bunch.frame, bunch.target_names[0], SMALL[name].task)


def write_openml(folder: Path, frame: pd.DataFrame, target: str, task: str) -> None:
    """Split and write a table in OpenML's types; columns of type category are the categorical ones."""
    categorical = [
        name
        for name in frame.select_dtypes(["category", "object", "string"])
        if task == "classification" or name != target
    ]
    table = frame.astype(dict.fromkeys(categorical, object))
    if task == "regression":
        table[target] = pd.to_numeric(table[target].astype(str))
    write(folder, *split(table, categorical), target, task, categorical)


def write(
    folder: Path, train: pd.DataFrame, test: pd.DataFrame, target: str, task: str, categorical: Sequence[str]
) -> None:
    """Write training and test rows, and what is known of their columns."""
    folder.mkdir(parents=True, exist_ok=True)
    train.to_parquet(folder / "train.parquet")
    test.to_parquet(folder / "test.parquet")
    meta = {
        "name": folder.name, "n_train": len(train), "n_test": len(test), "target": target, "task": task,
        "categorical": list(categorical), "numerical": [name for name in train if name not in categorical],
    }  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")


def digest(train: pd.DataFrame, test: pd.DataFrame) -> str:
    """Checksum of the values of two tables, in their order."""
    text = "".join(part.to_csv(index=False, lineterminator="\n") for part in (train, test))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
