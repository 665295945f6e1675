"""Keys: one distinct value a row, made anew in the same format instead of learned."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import ColumnType, Scale, State, pack_series, unpack_series
from tabgan.table.layout import BlockKind


class Identifier(ColumnType):
    """Whole-number keys go on after the largest; strings get random characters where characters varied.

    The networks see nothing of the column, and no key of the training rows is kept. Keys are distinct
    within one `inverse_transform`; a random string can by chance equal one of training.

    Attributes
    ----------
    last_ : int or None
        The largest whole-number key of the training rows.
    alphabets_ : list of str
        For strings, the characters seen at each position.
    """

    scale: ClassVar[Scale] = "nominal"

    def fit(self, column: pd.Series, y: object = None) -> Identifier:
        self.template_ = column.iloc[:0].reset_index(drop=True)
        self.last_: int | None = None
        self.alphabets_: list[str] = []
        if pd.api.types.is_integer_dtype(column.dtype):
            self.last_ = int(column.max())
            return self
        texts = column.astype(str)
        length = int(texts.str.len().max())
        for position in range(length):
            seen = texts.str[position].dropna().unique()
            self.alphabets_.append(_widen(sorted(seen)))
        return self

    def transform(
        self, column: pd.Series, random_state: np.random.Generator | None = None
    ) -> NDArray[np.float32]:
        return np.empty((len(column), 0), np.float32)

    def inverse_transform(
        self, matrix: NDArray[np.float32], random_state: np.random.Generator | None = None
    ) -> pd.Series:
        rng = random_state or np.random.default_rng()
        n = len(matrix)
        if self.last_ is not None:
            return pd.Series(self._whole_numbers(n)).astype(self.template_.dtype)
        keys: dict[str, None] = {}
        while len(keys) < n:
            drawn = [rng.choice(list(alphabet), 2 * n) for alphabet in self._roomy_alphabets(n)]
            keys.update(dict.fromkeys("".join(letters) for letters in zip(*drawn, strict=True)))
        cells = np.array(list(keys)[:n], dtype=object)
        return pd.Series(cells, dtype=object).astype(self.template_.dtype)

    def _whole_numbers(self, n: int) -> NDArray[np.int64]:
        last = self.last_ or 0
        numpy_name = str(self.template_.dtype).lower().split("[")[0]
        largest = np.iinfo(numpy_name if numpy_name[:3] in ("int", "uin") else "int64").max
        if last + n > largest:  # no room above: start again from the bottom
            return np.arange(n)
        return np.arange(last + 1, last + 1 + n)

    def _roomy_alphabets(self, n: int) -> list[str]:
        """The alphabets, with digits appended until at least ten times n keys are possible."""
        alphabets = list(self.alphabets_)
        while np.prod([float(len(alphabet)) for alphabet in alphabets]) < 10 * n:
            alphabets.append("0123456789")
        return alphabets

    def blocks(self) -> list[tuple[BlockKind, int]]:
        return []

    def get_state(self) -> State:
        data = {"dtype": pack_series(self.template_), "last": self.last_, "alphabets": self.alphabets_}
        return data, {}

    def set_state(self, data: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Identifier:
        self.template_ = unpack_series(data["dtype"])
        self.last_, self.alphabets_ = data["last"], data["alphabets"]
        return self


def _widen(seen: list[str]) -> str:
    """Where several digits were seen, all digits are possible; likewise letters of either case."""
    if len(seen) == 1:
        return seen[0]
    letters = set(seen)
    for alphabet in ("0123456789", "abcdef", "ABCDEF"):
        if letters & set(alphabet):
            letters |= set(alphabet)
    for alphabet in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if (letters & set(alphabet)) - set("abcdefABCDEF"):
            letters |= set(alphabet)
    return "".join(sorted(letters))
