"""Near-unique strings and free text: newly generated of words that look alike; no training value is kept."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.table.columns.base import Part
from tabgan.table.columns.facts import ColumnFacts
from tabgan.table.columns.generated import Generated
from tabgan.table.columns.key_filter import KeyFilter
from tabgan.table.columns.words import Words, loosen

ATTEMPTS = 12  # to replace equal and known texts by others of their shape, before these change
MOST_READ = 50_000  # texts, evenly spaced, are enough to learn words


class Text(Generated):
    """Strings of which hardly any occurs twice: names, addresses, comments.

    New texts are made of random words, independently of the other columns; they say nothing, and none is a
    training text. What is kept of the training texts is what at least five of them share: how many words
    they have, the shapes of words ("Aaaa," for "Anna,"), words that one in fifty has and pairs of letters
    that follow each other.

    Attributes
    ----------
    words_ : Words
        What words look like.
    known_ : KeyFilter
        Which texts are left out.
    """

    kinds = ("text",)

    def fit_facts(self, facts: ColumnFacts) -> Text:
        """Learn what words look like.

        Raises
        ------
        ValueError
            If a value is no string.
        """
        texts = self._learn(facts).astype(object).tolist()
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(
                f"column {facts.column.name!r} cannot be text: it holds values that are no strings"
            )
        self.words_ = Words.of(texts[:: -(-len(texts) // MOST_READ)])
        self.known_ = KeyFilter.of(texts, str(facts.column.name))
        return self

    def _fresh(self, n: int, rng: np.random.Generator, part: Part) -> NDArray[Any]:
        """Make n different texts."""
        shapes = np.full(n, "", dtype=object)
        made, again = shapes.copy(), np.arange(n)
        for attempt in count():
            if attempt < ATTEMPTS:
                shapes[again] = self.words_.draw_shapes(len(again), rng)
            else:
                shapes[again] = [loosen(shape) for shape in shapes[again]]
            made[again] = self.words_.fill(shapes[again], rng)
            is_old = pd.Series(made).duplicated().to_numpy()
            is_old[again] |= self.known_.hits(made[again])
            again = np.flatnonzero(is_old)
            if not len(again):
                break
        return made
