"""What a model must remember of its training rows so that no sample comes too near to one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.table.columns.categories import value_keys
from tabgan.table.columns.facts import TableFacts
from tabgan.table.constraints.base import Mask
from tabgan.table.transformer import TableTransformer

REMEMBER = ("nothing", "hashes", "rows")
STEPS = 1000  # of the ranks by which numbers are compared


class PrivacyRecord:
    """Training rows as salted hashes, which tell exact copies, and possibly as codes, which tell distances.

    Parameters
    ----------
    table : TableTransformer
        Fitted; says which columns are compared as numbers.
    arrays : mapping of str to ndarray, optional
        What is remembered, as a file holds it; by default nothing.
    """

    def __init__(self, table: TableTransformer, arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
        self.table = table
        self.arrays = dict(arrays or {})

    def fit(
        self, table: pd.DataFrame | TableFacts, remember: str, seed: np.random.SeedSequence
    ) -> PrivacyRecord:
        """Remember the rows of a table, by their "hashes" or as "rows"."""
        facts = TableFacts.of(table)
        salt = np.random.default_rng(seed).bytes(16)
        self.arrays = {"salt": np.frombuffer(salt, dtype=np.uint8)}
        if remember != "nothing":
            self.arrays["hashes"] = np.unique(self._hashes(facts.frame))
        if remember == "rows":
            for place, (name, column) in enumerate(self.table.columns_.items()):
                if column.is_continuous:
                    numbers = self._floats(facts, name)
                    steps = np.linspace(0, 1, STEPS + 1)
                    quantiles = np.quantile(numbers[~np.isnan(numbers)], steps)
                    self.arrays[f"quantiles.{place}"] = np.unique(quantiles)
            self.arrays["rows"] = self._codes(facts)
        return self

    def with_more(self, table: TableTransformer, rows: pd.DataFrame) -> PrivacyRecord:
        """Give a record that remembers more rows in the same way; `table` is the transformer from now on."""
        record = PrivacyRecord(table, self.arrays)
        if "hashes" in self.arrays:
            record.arrays["hashes"] = np.union1d(self.arrays["hashes"], record._hashes(rows))
        if "rows" in self.arrays:
            codes = record._codes(TableFacts(rows))
            record.arrays["rows"] = np.concatenate([self.arrays["rows"], codes])
        return record

    def copies(self, frame: pd.DataFrame) -> Mask:
        """Tell which of n rows are exact copies of training rows, shape (n,)."""
        if "hashes" not in self.arrays:
            raise ValueError(
                "exclude_copies needs a model that remembers its training rows: fit with "
                'TabGAN(privacy=Privacy(remember="hashes")), or remember="rows"'
            )
        return np.isin(self._hashes(frame), self.arrays["hashes"])

    def distances(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Give the distance of each of n rows to the closest training row: shape (n,), between 0 and 1.

        It is the root of the mean over columns of squared differences: of numbers the difference in rank,
        of other values 0 or 1.
        """
        if "rows" not in self.arrays:
            raise ValueError(
                "min_distance needs a model that keeps its training rows: fit with "
                'TabGAN(privacy=Privacy(remember="rows"))'
            )
        if not len(frame):
            return np.zeros(0)
        nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(self._spread(self.arrays["rows"]))
        distances = nearest.kneighbors(self._spread(self._codes(TableFacts.of(frame))))[0][:, 0]
        return np.asarray(np.clip(distances / np.sqrt(len(self.table.columns_)), 0, 1))

    def _hashes(self, frame: pd.DataFrame) -> NDArray[np.uint64]:
        """A number of 64 bits a row, of its values and the salt."""
        salt = self.arrays["salt"].tobytes()
        keys = zip(*(value_keys(frame[name]) for name in self.table.columns_), strict=True)
        digests = (hashlib.blake2b(repr(row).encode(), digest_size=8, key=salt).digest() for row in keys)
        return np.frombuffer(b"".join(digests), dtype=np.uint64)

    def _floats(self, facts: TableFacts, name: Hashable) -> NDArray[np.float64]:
        """The values of a column as numbers, nan for those that are none, shape (n,)."""
        ordered = self.table.columns_[name].ordered(facts[name].column)
        return facts[name].floats if ordered is facts[name].column else ordered.to_numpy(dtype=float)

    def _codes(self, facts: TableFacts) -> NDArray[np.float32]:
        """Ranks of numbers, 2 for a missing one; hashes of other values, which 24 bits tell apart."""
        parts = []
        for place, name in enumerate(self.table.columns_):
            if f"quantiles.{place}" in self.arrays:
                numbers, quantiles = self._floats(facts, name), self.arrays[f"quantiles.{place}"]
                ranks = np.interp(numbers, quantiles, np.linspace(0, 1, len(quantiles)))
                parts.append(np.where(np.isnan(numbers), 2, ranks))
            else:
                texts = np.array([repr(key) for key in value_keys(facts[name].column)], dtype=object)
                parts.append(pd.util.hash_array(texts) % 2**24)
        return np.column_stack(parts).astype(np.float32)

    def _spread(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Codes in coordinates whose Euclidean distance is that of `distances`."""
        parts = []
        for place in range(codes.shape[1]):
            column = codes[:, place]
            if f"quantiles.{place}" in self.arrays:
                missing = column > 1
                parts += [np.where(missing, 0, column)[:, None], missing[:, None]]
            else:
                known = np.unique(self.arrays["rows"][:, place])
                parts.append((column[:, None] == known) * np.float32(np.sqrt(0.5)))
        return np.concatenate(parts, axis=1, dtype=np.float32)
