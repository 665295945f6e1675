"""Words: near-unique strings and free text, newly generated of random words; no training value is kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.identifier import Identifier

LOWER, UPPER, DIGIT, OTHER = "aA0字"  # stand for small, capital, numeral and all other letters
ATTEMPTS = 10  # to replace equal strings


class Text(Identifier):
    """Strings of which hardly any occurs twice: names, addresses, comments.

    What is kept of the training texts is how many words they have, the shapes of words that more than one
    text has ("Aaaa," for "Anna,") and how often each letter occurs. New texts are made of such words,
    independently of the other columns; they say nothing, and are none of the training texts but by chance.

    Attributes
    ----------
    words_ : dict of int to int
        How many texts have a number of words.
    shapes_ : dict of str to int
        How often a word has a shape.
    unique_ : bool
        Whether all texts differ.
    letters_ : dict of str to dict of str to int
        How often each letter occurs, by the letter that stands for its kind in a shape.
    """

    kinds = ("text",)

    def fit_facts(self, facts: ColumnFacts) -> Text:
        """Learn what words look like.

        Raises
        ------
        ValueError
            If a value is no string.
        """
        texts = facts.column[~facts.missing].astype(object).tolist()
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(
                f"column {facts.column.name!r} cannot be text: it holds values that are no strings"
            )
        self._learn_missing(facts)
        self.format_ = None
        self.low_, self.high_, self.count_, self.sorted_, self.templates_ = 0, 0, len(texts), False, []
        self.unique_ = len(set(texts)) == len(texts)
        words = [[shape_of(word) for word in text.split(" ")] for text in texts]
        texts_with = Counter(shape for shapes in words for shape in set(shapes))
        common = Counter(shape for shapes in words for shape in shapes if texts_with[shape] > 1)
        self.shapes_ = dict(common or texts_with)
        self.words_ = dict(Counter(map(len, words)))
        self.letters_: dict[str, dict[str, int]] = {kind: {} for kind in (LOWER, UPPER, DIGIT, OTHER)}
        for letter, count in Counter("".join(texts)).items():
            if letter.isalnum():
                self.letters_[shape_of(letter)][letter] = count
        return self

    def _new_strings(self, n: int, rng: np.random.Generator) -> NDArray[Any]:
        """Make n strings, which differ if those of training did and words are long enough."""
        made = self._texts(n, rng)
        for _ in range(ATTEMPTS if self.unique_ else 0):
            again = np.flatnonzero(pd.Series(made).duplicated())
            made[again] = self._texts(len(again), rng)
        return made

    def _texts(self, n: int, rng: np.random.Generator) -> NDArray[Any]:
        """Make n strings; some may be equal."""
        sizes = _draw(self.words_, n, rng)
        shapes = np.split(_draw(self.shapes_, int(sizes.sum()), rng), np.cumsum(sizes)[:-1].astype(int))
        texts = [" ".join(words) for words in shapes]
        characters = np.array(list("".join(texts)), dtype=object)
        for kind, letters in self.letters_.items():
            places = np.flatnonzero(characters == kind)
            characters[places] = _draw(letters, len(places), rng)
        ends = np.cumsum([len(text) for text in texts])
        made = np.empty(n, dtype=object)
        made[:] = ["".join(part) for part in np.split(characters, ends[:-1])][:n]
        return made


def shape_of(word: str) -> str:
    """Write a word with one letter for all of its kind; marks stay.

    Examples
    --------
    >>> shape_of("O'Neill-2,")
    "A'Aaaaa-0,"
    """
    return "".join(map(_kind, word))


def _kind(letter: str) -> str:
    if not letter.isalnum():
        return letter
    if letter.isdecimal():
        return DIGIT
    return LOWER if letter.islower() else UPPER if letter.isupper() else OTHER


def _draw(counts: dict[Any, int], n: int, rng: np.random.Generator) -> NDArray[Any]:
    """Draw n of the keys, as often as they were counted."""
    keys = np.empty(len(counts), dtype=object)
    keys[:] = list(counts)
    share = np.array(list(counts.values()), dtype=float)
    return keys[rng.choice(len(keys), size=n, p=share / share.sum())] if n else keys[:0]
