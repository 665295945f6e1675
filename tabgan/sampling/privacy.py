"""What a model must remember of its training rows so that no sample comes too near to one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.table.columns import Continuous
from tabgan.table.constraints.base import Mask, keys
from tabgan.table.transformer import TableTransformer

REMEMBER = ("nothing", "hashes", "rows")
STEPS = 1000  # of the ranks by which numbers are compared


class PrivacyRecord:
    """Training rows as salted hashes, which tell exact copies, and possibly as codes, which tell distances.

    Parameters
    ----------
    table : TableTransformer
        Fitted; says which columns are compared as numbers.
    """

    def __init__(self, table: TableTransformer) -> None:
        self.table = table
        self.salt = b""
        self.arrays: dict[str, NDArray[Any]] = {}

    def fit(self, frame: pd.DataFrame, remember: str, seed: np.random.SeedSequence) -> PrivacyRecord:
        """Remember the rows of `frame`, by their "hashes" or as "rows"."""
        self.salt = np.random.default_rng(seed).bytes(16)
        self.arrays = {"salt": np.frombuffer(self.salt, dtype=np.uint8)}
        if remember != "nothing":
            self.arrays["hashes"] = np.unique(self._hashes(frame))
        if remember == "rows":
            for place, column in enumerate(self.table.columns_.values()):
                if isinstance(column, Continuous):
                    numbers = _numbers(frame[list(self.table.columns_)[place]])
                    known = numbers[~np.isnan(numbers)]
                    steps = np.linspace(0, 1, STEPS + 1)
                    self.arrays[f"knots.{place}"] = np.unique(np.quantile(known, steps))
            self.arrays["rows"] = self._codes(frame)
        return self

    def copies(self, frame: pd.DataFrame) -> Mask:
        """Which rows, shape (n,), stand in the training table just so."""
        if "hashes" not in self.arrays:
            raise ValueError(
                "exclude_copies needs a model that remembers its training rows: fit with "
                'TabGAN(privacy=Privacy(remember="hashes")), or remember="rows"'
            )
        return np.isin(self._hashes(frame), self.arrays["hashes"])

    def distances(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """How far each row, shape (n,), is from the nearest training row: between 0 and 1.

        It is the root of the mean over columns of squared differences: of numbers that in rank, of levels
        0 or 1.
        """
        if "rows" not in self.arrays:
            raise ValueError(
                "min_distance needs a model that keeps its training rows: fit with "
                'TabGAN(privacy=Privacy(remember="rows"))'
            )
        if not len(frame):
            return np.zeros(0)
        nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(self._spread(self.arrays["rows"]))
        found = nearest.kneighbors(self._spread(self._codes(frame)))[0][:, 0]
        distances: NDArray[np.float64] = np.clip(found / np.sqrt(len(self.table.columns_)), 0, 1)
        return distances

    def _hashes(self, frame: pd.DataFrame) -> NDArray[np.uint64]:
        """A number of 64 bits a row, of its cells and the salt."""
        salted = (repr(key).encode() for key in keys(frame, list(self.table.columns_)))
        digests = [hashlib.blake2b(row, digest_size=8, key=self.salt).digest() for row in salted]
        return np.frombuffer(b"".join(digests), dtype=np.uint64)

    def _codes(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Ranks of numbers, 2 for a missing one, and numbers of levels, as far as 24 bits tell them apart."""
        parts = []
        for place, name in enumerate(self.table.columns_):
            if f"knots.{place}" in self.arrays:
                numbers, knots = _numbers(frame[name]), self.arrays[f"knots.{place}"]
                ranks = np.interp(numbers, knots, np.linspace(0, 1, len(knots)))
                parts.append(np.where(np.isnan(numbers), 2, ranks))
            else:
                cells = pd.Series([key[0] for key in keys(frame, [name])]).map(repr)
                parts.append(pd.util.hash_array(cells.to_numpy(dtype=object)) % 2**24)
        return np.column_stack(parts).astype(np.float32)

    def _spread(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Codes in a form whose Euclidean distance is the one wanted."""
        parts = []
        for place in range(codes.shape[1]):
            own = codes[:, place]
            if f"knots.{place}" in self.arrays:
                missing = own > 1
                parts += [np.where(missing, 0, own)[:, None], missing[:, None]]
            else:
                levels = np.unique(self.arrays["rows"][:, place])
                parts.append((own[:, None] == levels) * np.float32(np.sqrt(0.5)))
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give what is remembered as arrays."""
        return self.arrays

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> PrivacyRecord:
        """Undo `get_state`."""
        self.arrays = dict(arrays)
        self.salt = self.arrays["salt"].tobytes() if "salt" in self.arrays else b""
        return self


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    """Numbers and times as floats, nan where a cell is missing."""
    if column.dtype.kind in "mM":
        column = column.astype("int64").where(column.notna())
    if isinstance(column.dtype, pd.PeriodDtype | pd.DatetimeTZDtype):
        column = column.astype("int64").where(column.notna())
    if column.dtype == object:
        column = pd.Series([_plain(cell) for cell in column.where(column.notna(), np.nan)], dtype=float)
    return column.to_numpy(dtype=float, na_value=np.nan)


def _plain(cell: Any) -> float:
    return float(cell.toordinal() if hasattr(cell, "toordinal") else cell)
