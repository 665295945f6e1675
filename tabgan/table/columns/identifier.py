"""Keys, which name a row or a row of another table: newly generated in the format of the training keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import Part
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.facts import MIN_KEYS, ColumnFacts
from tabgan.table.columns.generated import Generated
from tabgan.table.columns.key_filter import KeyFilter
from tabgan.table.columns.key_numbers import Limits, NumberRange
from tabgan.table.columns.templates import Template, as_texts, from_texts

WHOLE_FLOATS = {2: 2**11, 4: 2**24, 8: 2**53}  # up to here a float of so many bytes has all whole numbers


class Identifier(Generated):
    """Whole numbers of any size, strings or bytes that name something.

    New keys have the form of the training keys, and none of them is a training key. Running numbers continue
    after the greatest. All others are drawn at random, and left out if a `KeyFilter` of the training keys has
    them. Keys differ in every row if those of training did; otherwise they repeat as often. A remark among
    numbers becomes a key, too.

    Attributes
    ----------
    format_ : NumberFormat or None
        Of a column of numbers.
    numbers_ : NumberRange or None
        Where they lie.
    template_ : Template or None
        The form of strings, bytes, and whole numbers beyond 64 bits.
    content_ : str
        What these are, see `tabgan.table.columns.templates.as_texts`.
    known_ : KeyFilter
        Which keys are left out.
    """

    kinds = ("identifier",)

    def fit_facts(self, facts: ColumnFacts) -> Identifier:
        """Learn the format of the keys.

        Raises
        ------
        ValueError
            If they are neither whole numbers nor strings nor bytes.
        """
        name, reading = facts.column.name, facts.reading
        if reading and (reading.remarks or reading.n_rare):
            facts = ColumnFacts(facts.column[reading.is_number | facts.missing], facts.least)
        values = self._learn(facts).astype(object).tolist()
        self.format_, self.template_, self.numbers_, self.content_ = None, None, None, ""
        is_written = any(isinstance(value, str) for value in values)
        if facts.number_format is not None and not is_written:
            numbers = facts.numbers
            if (numbers != np.rint(numbers)).any():
                raise ValueError(f"column {name!r} cannot be an identifier, it holds fractions")
            self.format_ = facts.number_format
            whole = [number + self._shift for number in pd.unique(numbers.astype(np.int64)).tolist()]
            is_sorted = bool((numbers[1:] >= numbers[:-1]).all())
            step = facts.grid.step if len(whole) >= MIN_KEYS else 1  # of fewer it may be chance
            self.numbers_ = NumberRange.of(whole, is_sorted, self._limits(), step)
            texts = list(map(str, whole))
        else:
            read = as_texts(values)
            if read is None:
                raise ValueError(
                    f"column {name!r} cannot be an identifier: its values are not all whole numbers, nor all "
                    "strings, nor all bytes; convert them to strings"
                )
            self.content_, texts = read
            self.template_ = Template.of(values, is_declared=True)
        self.known_ = KeyFilter.of(texts, str(name))
        return self

    def renew(
        self, column: pd.Series, rng: np.random.Generator | None = None, part: Part | None = None
    ) -> pd.Series:
        """Generate other keys in place of decoded ones; as a `part`, none that another part has."""
        return self._make(find_missing(column), rng, part or (0, 1, 0))

    def _fresh(self, n: int, rng: np.random.Generator, part: Part) -> NDArray[Any]:
        """Make n different keys."""
        if self.numbers_ is not None:
            return self._new_numbers(self.numbers_, n, rng, part)
        assert self.template_ is not None
        texts = self.template_.draw(n, rng, self.known_, part)
        keys = np.empty(n, dtype=object)
        keys[:] = from_texts(self.content_, texts)
        return keys

    def _new_numbers(
        self, numbers: NumberRange, n: int, rng: np.random.Generator, part: Part
    ) -> NDArray[Any]:
        """Make n different numbers, as the format reads them."""
        assert self.format_ is not None

        def is_known(drawn: NDArray[np.int64]) -> NDArray[np.bool_]:
            return self.known_.hits([str(numbers.low + number) for number in drawn.tolist()])

        try:
            drawn = numbers.draw(n, rng, part, is_known, self._limits())
        except ValueError as error:
            raise ValueError(
                f"column {self.known_.salt!r}: {error} in {self.dtype_}; use a wider dtype"
            ) from error
        # modulo 2**64, since the first number may lie just beyond the greatest of an int64
        start = np.uint64((numbers.low - self._shift) % 2**64)
        keys = (drawn.astype(np.int64).view(np.uint64) + start).view(np.int64)
        return keys.astype(float) if self.format_.content == "float" else keys

    def _limits(self) -> Limits:
        """Give the least and the greatest number that the dtype has."""
        assert self.format_ is not None
        dtype = self.format_.value_dtype
        if self.format_.content == "float":
            most = WHOLE_FLOATS[dtype.itemsize if dtype.kind == "f" else 8]
            return -most, most
        if dtype.kind in "iu" and dtype.itemsize < 8:
            return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        return -(2**63) + self._shift, 2**63 - 1 + self._shift

    @property
    def _shift(self) -> int:
        """What a format has taken off its numbers."""
        return 2**63 if self.format_ is not None and self.format_.content == "uint64" else 0

    def _write(self, values: NDArray[Any], missing: NDArray[np.bool_]) -> pd.Series:
        """Put keys into a column with missing ones, in the dtype of training."""
        return (
            super()._write(values, missing) if self.format_ is None else self.format_.write(values, missing)
        )
