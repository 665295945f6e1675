"""The tables as a judge reads them: numbers as floats, categories as codes that all tables share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

TASKS = ("classification", "regression")
MISSING = "<missing>"


@dataclass(frozen=True)
class Roles:
    """Which columns are numbers, which categories, and which is to be predicted."""

    name: str
    task: str
    target: str
    numerical: tuple[str, ...]
    categorical: tuple[str, ...]

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> Roles:
        """Read a ``meta.json``; the target joins the role that its task implies.

        Raises
        ------
        ValueError
            If the task is neither classification nor regression.
        """
        if meta["task"] not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, got {meta['task']!r}")
        regression = meta["task"] == "regression"
        numerical = [name for name in meta["numerical"] if regression or name != meta["target"]]
        categorical = [name for name in meta["categorical"] if not regression or name != meta["target"]]
        ours = numerical if regression else categorical
        if meta["target"] not in ours:
            ours.append(meta["target"])
        return cls(
            meta.get("name", "table"), meta["task"], meta["target"], tuple(numerical), tuple(categorical)
        )


@dataclass(frozen=True)
class Rows:
    """Encoded rows.

    Attributes
    ----------
    numbers : ndarray of shape (n_rows, n_numerical)
        Missing values are NaN. All are rounded to single precision, in which some methods compute.
    codes : ndarray of shape (n_rows, n_categorical)
        The number of each category.
    """

    numbers: npt.NDArray[np.float64]
    codes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def __getitem__(self, index: Any) -> Rows:
        """Take some rows."""
        return Rows(self.numbers[index], self.codes[index])

    def draw(self, n: int, rng: np.random.Generator) -> Rows:
        """Draw n rows without replacement, or all in random order if there are not as many."""
        return self[rng.permutation(len(self))[:n]]

    def features(self) -> npt.NDArray[np.float64]:
        """Return numbers and codes side by side, of shape (n_rows, n_columns)."""
        return np.hstack([self.numbers, self.codes])


@dataclass(frozen=True)
class Tables:
    """A training table, held-out rows and a synthetic table, encoded alike.

    Codes below `n_known` occur in the training table, those below `n_real` in either real table; one number
    of each a categorical column.
    """

    roles: Roles
    train: Rows
    test: Rows
    synthetic: Rows
    n_known: npt.NDArray[np.int64]
    n_real: npt.NDArray[np.int64]


def encode(train: pd.DataFrame, test: pd.DataFrame, synthetic: pd.DataFrame, roles: Roles) -> Tables:
    """Encode three tables; the order of their columns does not matter.

    Raises
    ------
    ValueError
        If a table lacks a column or has no rows.
    """
    frames = {"training": train, "held-out": test, "synthetic": synthetic}
    for name, frame in frames.items():
        lacking = {*roles.numerical, *roles.categorical} - set(frame.columns)
        if lacking:
            raise ValueError(f"the {name} table lacks the columns {', '.join(sorted(map(str, lacking)))}")
        if len(frame) == 0:
            raise ValueError(f"the {name} table has no rows")
    roles = _settled(roles, train)
    coded = [_codes([frame[name] for frame in frames.values()]) for name in roles.categorical]
    rows = [
        Rows(_numbers(frame, roles), _beside([codes[k] for codes, _ in coded], len(frame)).astype(np.int64))
        for k, frame in enumerate(frames.values())
    ]
    levels = np.array([known for _, known in coded], dtype=np.int64).reshape(-1, 2)
    return Tables(roles, rows[0], rows[1], rows[2], levels[:, 0], levels[:, 1])


def _settled(roles: Roles, train: pd.DataFrame) -> Roles:
    """Take columns of numbers that are all missing for categories."""
    empty = tuple(name for name in roles.numerical if train[name].isna().all())
    numerical = tuple(name for name in roles.numerical if name not in empty)
    return replace(roles, numerical=numerical, categorical=roles.categorical + empty)


def read(path: Path) -> pd.DataFrame:
    """Read a Parquet or CSV file."""
    return pd.read_parquet(path) if path.suffix in (".parquet", ".pq") else pd.read_csv(path)


def _beside(columns: list[npt.NDArray[Any]], n_rows: int) -> npt.NDArray[Any]:
    return np.column_stack(columns) if columns else np.zeros((n_rows, 0))


def _numbers(frame: pd.DataFrame, roles: Roles) -> npt.NDArray[np.float64]:
    columns = [
        pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        for name in roles.numerical
    ]
    return _beside(columns, len(frame)).astype(np.float32).astype(np.float64)


def _codes(columns: list[pd.Series]) -> tuple[list[npt.NDArray[Any]], tuple[int, int]]:
    """Give the codes of one column in each table, and how many categories the first one and two have."""
    spelled = [column.astype(object).map(_spelling, na_action=None) for column in columns]
    code: dict[str, int] = {}
    counts = []
    for column in spelled:
        for category in sorted(column.unique()):
            code.setdefault(category, len(code))
        counts.append(len(code))
    return [column.map(code).to_numpy() for column in spelled], (counts[0], counts[1])


def _spelling(value: object) -> str:
    """Spell a category, so that 1, 1.0 and "1" are the same one."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    text = str(value).strip()
    whole = text.removesuffix(".0")
    return whole if whole.lstrip("-").isdigit() else text
