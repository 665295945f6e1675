"""Made-up names, addresses and the like of the library Faker, in place of a column's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import Part
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.generated import Generated

ATTEMPTS = 20  # to find another value, where all are to differ


class Fake(Generated):
    """Values that Faker makes up, which know nothing of the training values.

    Parameters
    ----------
    provider : str
        What to make: the name of a method of Faker, such as ``"name"``, ``"address"``, ``"company"``,
        ``"email"``, ``"phone_number"``.
    locale : str, optional
        Of which country, such as ``"de_DE"``; by default ``"en_US"``.
    consistent : bool, default=False
        Whether values of a sample repeat as often as those of the training column do: as many different
        persons, each with one name. Otherwise each row's value is made by itself.

    Examples
    --------
    >>> from tabgan import Fake, TabGAN
    >>> gan = TabGAN(columns={"name": Fake("name", locale="de_DE")})
    """

    kinds = ("fake",)

    def __init__(self, provider: str = "name", locale: str | None = None, consistent: bool = False) -> None:
        self.provider = provider
        self.locale = locale
        self.consistent = consistent

    def fit_facts(self, facts: ColumnFacts) -> Fake:
        """Learn which values are missing and, if `consistent`, how often a value repeats.

        Raises
        ------
        ImportError
            If Faker is not installed.
        ValueError
            If Faker has no such provider or locale, or makes values that the column's dtype cannot hold.
        """
        name = facts.column.name
        made = _make(self.provider, self.locale, 1, 0, name)
        self._learn(facts)
        if not self.consistent:
            self.repeats_ = {1: len(facts.column)}
        try:
            pd.Series(made, dtype=self.dtype_)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"column {name!r} of dtype {self.dtype_} cannot hold {made[0]!r}, which Faker's "
                f"{self.provider!r} makes; convert the column or take another provider"
            ) from error
        return self

    def _fresh(self, n: int, rng: np.random.Generator, part: Part) -> NDArray[Any]:
        """Make n values; if consistent, different ones, the last resort being a number after a string."""
        seed = int(rng.integers(2**63))
        values = np.empty(n, dtype=object)
        values[:] = _make(self.provider, self.locale, n, seed)
        for attempt in range(ATTEMPTS if self.consistent else 0):
            again = np.flatnonzero(pd.Series(values).duplicated())
            more = _make(self.provider, self.locale, len(again), seed + attempt + 1)
            if attempt == ATTEMPTS - 1:
                more = [
                    f"{value} {k + 2}" if isinstance(value, str) else value for k, value in enumerate(more)
                ]
            values[again] = more
        return values


def _make(provider: str, locale: str | None, n: int, seed: int, column: object = None) -> list[Any]:
    """Make n values, some of which may be equal."""
    try:
        import faker
    except ImportError as error:
        raise ImportError(
            f"Fake({provider!r}) needs the library Faker; install it by: pip install 'tabgan-torch[fake]'"
        ) from error
    try:
        fake = faker.Faker(locale)
        make = getattr(fake, provider)
    except AttributeError as error:
        where = f"column {column!r}: Faker has no provider {provider!r} for the locale {locale or 'en_US'!r}"
        raise ValueError(f"{where}; the names are at https://faker.readthedocs.io") from error
    fake.seed_instance(seed)
    return [make() for _ in range(n)]
