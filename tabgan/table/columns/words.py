"""Words that look like those of some texts: their shapes, and letters that follow each other as there."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.columns.template_fields import CONSONANTS, VOWELS, K, check_count, learn_counts

LOWER, UPPER, DIGIT, OTHER = SHAPES = (
    "\ue200\ue201\ue202\ue203"  # small, capital, numeral, letter without case
)
COMMON = 0.02  # share of texts that has a word which is kept
MOST_PLACES = 8  # words of a text whose places are distinguished
MOST_WORDS = 1_000_000  # of a text
ENOUGH_PAIRS = 30  # of letters; fewer make no words
ALL_VOWELS = "aeiouyæøœαεηιουωаеёиіоуыэюя"
ANY = (0, 0)
Place = tuple[int, int]  # of how many words, which one


@dataclass(frozen=True)
class Words:
    """What is kept of texts: what at least five of them share.

    Parameters
    ----------
    sizes : dict of int to int
        How many texts have a number of words.
    shapes : dict of (int, int) to dict of str to int
        How often a word stands at a place, with a sign for each small letter, capital, numeral and letter
        without case; words that many texts have stand there as they are.
    letters : str
        Small letters that occur.
    follows : ndarray of float64, shape (n_letters + 1, n_letters)
        How often one follows another; in the last row, how often it begins a word.
    others : str
        Letters without case.
    """

    sizes: dict[int, int]
    shapes: dict[Place, dict[str, int]]
    letters: str
    follows: NDArray[np.float64]
    others: str

    def __post_init__(self) -> None:
        shapes = [shape for counts in self.shapes.values() for shape in counts]
        if not all(isinstance(part, str) for part in (self.letters, self.others, *shapes)):
            raise ValueError("words have shapes or letters that are no strings")
        for count in (*self.sizes.values(), *(n for counts in self.shapes.values() for n in counts.values())):
            check_count(count)
        if not self.shapes[ANY] or not self.sizes or not all(0 <= size < MOST_WORDS for size in self.sizes):
            raise ValueError("words have no shape")
        n = len(self.letters)
        if not n or self.follows.shape != (n + 1, n) or not (self.follows >= 0).all():
            raise ValueError(f"{n} letters follow each other in a table of shape {self.follows.shape}")
        if not (np.isfinite(self.follows).all() and self.follows.any(axis=1).all()):
            raise ValueError("a letter is followed by none")

    @classmethod
    def of(cls, texts: list[str]) -> Words:
        """Learn from n different texts."""
        texts = [text.replace("\0", " ") for text in texts]  # which arrays of strings cannot hold
        split = [text.split(" ") for text in texts]
        common = _common_words(split, set(texts))
        whole = Counter(letter for text in texts for letter in set(text.lower()) if letter.isalpha())
        pairs = Counter(pair for text in texts for pair in _pairs(text))
        letters, follows = _letter_table({pair: n for pair, n in pairs.items() if n >= K})
        others = "".join(letter for letter, n in whole.items() if n >= K and _kind(letter) == OTHER)
        sizes = learn_counts(list(map(len, split)))
        return cls(sizes, _shapes(split, common), letters, follows, others or _from_pages(whole))

    def draw_shapes(self, n: int, rng: np.random.Generator) -> NDArray[np.object_]:
        """Draw the shapes of n texts, shape (n,)."""
        sizes = _draw(self.sizes, n, rng).astype(np.int64)
        found = np.empty(n, dtype=object)
        for size in np.unique(sizes).tolist():
            rows = np.flatnonzero(sizes == size)
            places = [_place(size, k) for k in range(size)]
            columns = [_draw(self.shapes.get(p) or self.shapes[ANY], len(rows), rng) for p in places]
            found[rows] = [" ".join(words) for words in zip(*columns, strict=True)]
        return found

    def fill(self, shapes: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
        """Write letters and numerals in place of their signs, shape (n,)."""
        characters = np.array(list("\n".join([*shapes, ""])))
        begins = np.append(True, characters[1:] != characters[:-1])
        digits = np.flatnonzero(characters == DIGIT)
        drawn = rng.integers(np.where(begins[digits], 1, 0), 10, size=len(digits))
        characters[digits] = drawn.astype("U1")
        others = np.flatnonzero(characters == OTHER)
        possible = np.array(list(self.others or self.letters))
        characters[others] = possible[rng.integers(len(possible), size=len(others))]
        self._fill_letters(characters, rng)
        ends = np.cumsum([len(shape) + 1 for shape in shapes])
        text = "".join(characters.tolist())
        filled = np.empty(len(shapes), dtype=object)
        filled[:] = [text[end - len(shape) - 1 : end - 1] for end, shape in zip(ends, shapes, strict=True)]
        return filled

    def _fill_letters(self, characters: NDArray[np.str_], rng: np.random.Generator) -> None:
        """Write letters in place of their signs: a Markov chain along each word."""
        is_capital = characters == UPPER
        places = np.flatnonzero((characters == LOWER) | is_capital)
        if not len(places):
            return
        starts = np.append(True, np.diff(places) > 1)
        begin = np.maximum.accumulate(np.where(starts, np.arange(len(places)), 0))
        step = np.arange(len(places)) - begin
        chance = self._chances()
        drawn = np.full(len(places), len(self.letters))
        is_vowel = np.append(_are_vowels(self.letters), True)
        for k in range(int(step.max()) + 1):
            now = np.flatnonzero(step == k)
            row = drawn[now - 1] if k else drawn[now]
            if k > 1:
                row = row + np.where(is_vowel[row] | is_vowel[drawn[now - 2]], 0, len(is_vowel))
            found = np.searchsorted(chance, row + rng.random(len(now)), side="right")
            drawn[now] = np.minimum(found - row * len(self.letters), len(self.letters) - 1)
        small, capital = np.array(list(self.letters)), np.array(list(self.letters.upper()))
        characters[places] = np.where(is_capital[places], capital[drawn], small[drawn])

    def _chances(self) -> NDArray[np.float64]:
        """Give cumulative chances of each letter after each, and again with vowels only after two consonants.

        Row r lies between r and r + 1, flat, so that one search draws from any row.
        """
        vowels = self.follows * _are_vowels(self.letters)
        vowels = np.where(vowels.any(axis=1, keepdims=True), vowels, self.follows)
        chance = np.cumsum(np.concatenate([self.follows, vowels]), axis=1)
        return (chance / chance[:, -1:] + np.arange(len(chance))[:, None]).ravel()


def loosen(shape: str) -> str:
    """Give the shape of more texts: its last word becomes another one or, if it was, a longer one."""
    if re.search(f"[{SHAPES}]", shape):
        longer = re.sub(f"([{SHAPES}])([^{SHAPES}]*)$", r"\1\1\2", shape)
        return longer.replace(UPPER * 2, UPPER + LOWER)
    before, blank, last = shape.rpartition(" ")
    other = shape_of(last)
    return f"{shape} {LOWER * 4}" if other == last else f"{before}{blank}{other}"


def shape_of(word: str) -> str:
    """Write a word with one sign for all letters of a kind; marks stay."""
    return "".join(map(_kind, word))


def _kind(letter: str) -> str:
    if not letter.isalnum():
        return letter
    if letter.isdecimal():
        return DIGIT
    return LOWER if letter.islower() else UPPER if letter.isupper() else OTHER


def _place(size: int, k: int) -> Place:
    """Give a word's place: in a long text, the first one, the last one, or between."""
    if size <= MOST_PLACES:
        return size, k
    return 0, 1 if not k else 2 if k == size - 1 else 3


def _common_words(split: list[list[str]], texts: set[str]) -> set[str]:
    """Give the words of many texts, none of which is a whole text."""
    counts = Counter(word for words in split for word in set(words))
    least = max(K, COMMON * len(split))
    return {word for word, count in counts.items() if count >= least and word not in texts}


def _shapes(split: list[list[str]], common: set[str]) -> dict[Place, dict[str, int]]:
    """Count the shapes at each place, and those at any place; what fewer than K texts have is left out."""
    shape = {word: word if word in common else shape_of(word) for words in split for word in set(words)}
    seen: Counter[tuple[Place, str]] = Counter()
    n_texts: Counter[tuple[Place, str]] = Counter()
    for words in split:
        found = [(_place(len(words), k), shape[word]) for k, word in enumerate(words)]
        found += [(ANY, each) for _, each in found]
        seen.update(found)
        n_texts.update(set(found))
    shapes: dict[Place, dict[str, int]] = {}
    for (place, each), count in seen.items():
        if n_texts[place, each] >= K:
            shapes.setdefault(place, {})[each] = count
    return shapes if ANY in shapes else {**shapes, ANY: {UPPER + LOWER * 4: 1, UPPER + LOWER * 5: 1}}


def _pairs(text: str) -> set[str]:
    """Give the pairs of letters that follow each other in a text; a blank stands before a word."""
    small = "".join(letter if _is_cased(letter) else " " for letter in f" {text}".lower())
    return {small[k : k + 2] for k in range(len(small) - 1) if small[k + 1] != " "}


def _is_cased(letter: str) -> bool:
    return letter.islower() and len(letter.upper()) == 1 and letter.upper().lower() == letter


def _are_vowels(letters: str) -> NDArray[np.bool_]:
    """Tell which letters are vowels, with or without an accent."""
    return np.array([unicodedata.normalize("NFD", letter)[0] in ALL_VOWELS for letter in letters])


def _letter_table(pairs: dict[str, int]) -> tuple[str, NDArray[np.float64]]:
    """Give letters, and how often each follows each: as in the texts, or consonants and vowels in turn."""
    if len(pairs) < ENOUGH_PAIRS:
        pairs = {f"{one}{other}": 1 for one in f"{VOWELS} " for other in CONSONANTS}
        pairs |= {f"{one}{other}": 1 for one in CONSONANTS for other in VOWELS}
    letters = "".join(sorted({pair[1] for pair in pairs}))
    places = {letter: place for place, letter in enumerate(f"{letters} ")}
    table = np.zeros((len(letters) + 1, len(letters)))
    for pair, count in pairs.items():
        if pair[0] in places:
            table[places[pair[0]], places[pair[1]]] = count
    if not table[-1].any():
        table[-1] = table.sum(axis=0)
    ends = ~table.any(axis=1)
    table[ends] = table[-1]
    return letters, table


def _from_pages(letters: Counter[str]) -> str:
    """Give all letters without case of those pages of 256 characters that K texts use."""
    pages: Counter[int] = Counter()
    for letter, count in letters.items():
        pages[ord(letter) >> 8] += count if _kind(letter) == OTHER else 0
    shared = [page for page, count in pages.items() if count >= K]
    return "".join(
        chr(k) for page in shared for k in range(page << 8, (page + 1) << 8) if _kind(chr(k)) == OTHER
    )


def _draw(counts: dict[Any, int], n: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Draw n of the keys, as often as they were counted."""
    keys = np.empty(len(counts), dtype=object)
    keys[:] = list(counts)
    share = np.array(list(counts.values()), dtype=float)
    return keys[rng.choice(len(keys), size=n, p=share / share.sum())] if n else keys[:0]
