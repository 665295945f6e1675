"""Fields of a key's template: strings that vary at one place, as the characters possible at each position."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Characters = tuple[str, ...]  # those possible at each position
Field = tuple[tuple[int, Characters], ...]  # alternatives, and how often each occurs

K = 5  # what fewer keys share is not kept
SHOWN = 20  # keys that would show letters at a place, if there were any
MOST = 0.9  # share of keys from which on the others are left out
FEW_WORDS = 10  # of which one is kept for each key; where there are more, they are made anew
CONSONANTS, VOWELS = "bdfghklmnprstvwz", "aeiou"
BYTES = "".join(chr(0xE000 + byte) for byte in range(256))  # stand for bytes that are no text
DIGITS, LOWER, UPPER = string.digits, string.ascii_lowercase, string.ascii_uppercase
HEX = (DIGITS + "abcdef", DIGITS + "ABCDEF")
ALPHABETS = (DIGITS, LOWER, UPPER, *HEX, DIGITS + LOWER, DIGITS + UPPER, LOWER + UPPER)
WIDEST = DIGITS + UPPER + LOWER


def check_field(field: Field) -> None:
    """Refuse what is no field, as a file may hold it: only some of its strings are drawn when it is tried."""
    for count, characters in field:
        check_count(count)
        if not all(isinstance(possible, str) and possible for possible in characters):
            raise ValueError("a template has no characters at a position")
    if not field:
        raise ValueError("a template has an empty field")


def check_count(count: object) -> None:
    """Refuse what is no number of keys or texts."""
    if not isinstance(count, int) or not 0 < count < 2**63:
        raise ValueError(f"a number of strings is {count!r:.80}")


def literal(text: str) -> Field:
    """Give a field that never varies."""
    return ((1, tuple(text)),)


def learn_field(texts: list[str], is_word: bool = False) -> Field:
    """Learn a field from what n keys have at one place.

    Parameters
    ----------
    texts : list of str
        None is empty.
    is_word : bool
        Whether to make new words of letters, that can be spoken.
    """
    counts = Counter(texts)
    shared = {text: count for text, count in counts.items() if count >= K}
    few = not is_word or len(shared) <= FEW_WORDS
    if few and sum(shared.values()) >= MOST * len(texts):
        return tuple((count, tuple(text)) for text, count in shared.items())
    if all(text.isascii() and text.isdigit() for text in texts):
        dense = _dense_range(texts)
        if dense:
            return dense
    lengths = learn_counts([len(text) for text in texts])
    if is_word:
        return tuple((count, word(size, texts[0][:1].isupper())) for size, count in lengths.items())
    alphabet = _alphabet("".join(texts))
    return tuple(
        (count, _positions([text for text in texts if len(text) == size], size, alphabet))
        for size, count in lengths.items()
    )


def learn_counts(numbers: list[int]) -> dict[int, int]:
    """Give whole numbers and how often they occur; those that fewer than K have become a mean."""
    found: dict[int, int] = {}
    block: list[int] = []
    for number, count in sorted(Counter(numbers).items()):
        block += [number] * count
        if len(block) >= K:
            mean = round(sum(block) / len(block))
            found[mean] = found.get(mean, 0) + len(block)
            block = []
    if not found:
        return {round(sum(numbers) / len(numbers)): len(numbers)}
    found[max(found)] += len(block)
    return found


def word(size: int, is_capital: bool = False) -> Characters:
    """Give a word that can be spoken: consonants and vowels in turn."""
    letters = (CONSONANTS, VOWELS) * (size // 2 + 1)
    return ((CONSONANTS.upper() if is_capital else CONSONANTS), *letters[1:size])[:size]


def number_field(low: int, high: int, width: int = 0) -> Field:
    """Give the numbers of a range, each as likely, with leading zeros up to a width."""
    found = []
    for size in range(max(width, len(str(low))), max(width, len(str(high))) + 1):
        first = max(low, 10 ** (size - 1)) if not width and size > 1 else low
        last = min(high, 10**size - 1)
        found += list(_between(f"{first:0{size}d}", f"{last:0{size}d}"))
    return tuple((math.prod(map(len, characters)), characters) for characters in found)


def domain_field(texts: list[str]) -> Field:
    """Learn the domains of addresses: those that K share, and made-up ones in place of the others."""
    shared = {text: count for text, count in Counter(texts).items() if count >= K}
    rest = len(texts) - sum(shared.values())
    kept = tuple((count, tuple(text)) for text, count in shared.items())
    if rest <= (1 - MOST) * len(texts):
        return kept
    ends = Counter(text.rpartition(".")[2] for text in texts)
    ends = Counter({end: count for end, count in ends.items() if count >= K}) or Counter({"com": 1})
    sizes, total = (5, 6, 7, 8), sum(ends.values())
    made = tuple(
        (max(1, rest * count // total // len(sizes)), (*word(size), ".", *end))
        for end, count in ends.items()
        for size in sizes
    )
    return kept + made


def capacity(characters: Characters) -> int:
    """How many different strings there are."""
    return math.prod(map(len, characters))


def widen_field(field: Field) -> Field:
    """Add new strings to a field: a leading zero becomes another digit, or else there is one more."""
    longest = max(len(characters) for _, characters in field)
    columns = zip(*(characters for _, characters in field if len(characters) == longest), strict=True)
    union = tuple("".join(sorted(set("".join(column)))) for column in columns)
    return (*field, (sum(count for count, _ in field), _widen(union)))


def draw_field(
    field: Field, n: int, rng: np.random.Generator, place: int = 0, n_parts: int = 1
) -> NDArray[np.object_]:
    """Draw n strings, of those that belong to one of several parts; none of its strings is in another."""
    made = np.full(n, "", dtype=object)
    open_ = [each for each in field if n_parts == 1 or capacity(each[1]) > place]
    if not open_:
        return made[:0]
    counts = np.array([count for count, _ in open_], dtype=float)
    chosen = rng.choice(len(open_), size=n, p=counts / counts.sum()) if len(open_) > 1 else np.zeros(n)
    for number, (_, characters) in enumerate(open_):
        rows = np.flatnonzero(chosen == number)
        made[rows] = _draw(characters, len(rows), rng, place, n_parts)
    return made


def _draw(
    characters: Characters, n: int, rng: np.random.Generator, place: int, n_parts: int
) -> NDArray[np.object_]:
    """Draw n strings; in parts, the first positions write a number whose remainder is the part's place."""
    if not characters or not n:
        return np.full(n, "", dtype=object)
    room, number, n_first = 1, np.zeros(n, dtype=np.int64), 0
    if n_parts > 1:
        while n_first < len(characters) and room < max(n_parts, 2**31):
            room *= len(characters[n_first])
            n_first += 1
        number = place + n_parts * rng.integers(-(-(room - place) // n_parts), size=n)
    columns = []
    for position, possible in enumerate(characters):
        letters = np.array(list(possible))
        if position < n_first:
            columns.append(letters[number % len(letters)])
            number //= len(letters)
        else:
            columns.append(letters[rng.integers(len(letters), size=n)])
    return np.ascontiguousarray(np.stack(columns, axis=1)).view(f"U{len(columns)}").ravel().astype(object)


def _positions(texts: list[str], size: int, alphabet: str) -> Characters:
    """Give the characters possible at each position of texts of one size."""
    if len(texts) < K:
        first = _without_zero(alphabet) if alphabet == DIGITS else alphabet
        return (first, *[alphabet] * (size - 1))
    return tuple(_possible(column, alphabet) for column in zip(*texts, strict=True))


def _possible(column: tuple[str, ...], alphabet: str) -> str:
    """Give the characters that may stand where others stood: all of their kind, if they vary."""
    counts = Counter(column)
    if len(counts) == 1:
        return column[0]
    kind = _smallest(set(counts)) if len(column) >= SHOWN else WIDEST
    wide = "".join(letter for letter in alphabet if letter in kind)
    if not set(counts) <= set(wide):
        wide = alphabet
    if min(counts.values()) >= K and len(column) >= 10 * len(wide):
        return "".join(sorted(counts))
    return _without_zero(wide) if "0" not in counts and set(wide) <= set(DIGITS) else wide


def _alphabet(text: str) -> str:
    """Give the characters of a field: those seen, if there was ample chance to see all, or their kind."""
    counts = Counter(text)
    wide = _smallest(set(counts))
    marks = "".join(sorted(mark for mark, count in counts.items() if count >= K and mark not in wide))
    if min(counts.values()) >= K and len(text) >= 20 * len(wide):
        return "".join(sorted(counts))
    return wide + marks


def _smallest(seen: set[str]) -> str:
    """Give the smallest alphabet that has all letters and digits seen."""
    if seen & set(BYTES):
        return BYTES
    plain = seen & set(WIDEST)
    return next((each for each in ALPHABETS if plain <= set(each)), WIDEST)


def _without_zero(digits: str) -> str:
    return digits.replace("0", "")


def _dense_range(texts: list[str]) -> Field:
    """Give the range of numbers that fill one, K keys each on average; or nothing."""
    numbers = [int(text) for text in texts]
    low, high = min(numbers), max(numbers)
    sizes = {len(text) for text in texts}
    padded = any(re.match("0.", text) for text in texts)
    if len(texts) < K * (high - low + 1) or (padded and len(sizes) > 1):
        return ()
    return number_field(low, high, max(sizes) if padded else 0)


def _between(low: str, high: str) -> Iterator[Characters]:
    """Give the strings of digits from one to another of the same size, as products of sets."""
    if not low:
        yield ()
    elif low[0] == high[0]:
        yield from ((low[0], *rest) for rest in _between(low[1:], high[1:]))
    elif set(low[1:]) <= {"0"} and set(high[1:]) <= {"9"}:
        yield (_digits(low[0], high[0]), *[DIGITS] * (len(low) - 1))
    else:
        first, last = int(low[0]), int(high[0])
        yield from ((low[0], *rest) for rest in _between(low[1:], "9" * (len(low) - 1)))
        if last - first > 1:
            yield (_digits(str(first + 1), str(last - 1)), *[DIGITS] * (len(low) - 1))
        yield from ((high[0], *rest) for rest in _between("0" * (len(low) - 1), high[1:]))


def _digits(first: str, last: str) -> str:
    return DIGITS[int(first) : int(last) + 1]


def _widen(characters: Characters) -> Characters:
    """Let a fixed digit before the varying ones vary, or put one more character there."""
    varying = [k for k, possible in enumerate(characters) if len(possible) > 1]
    first = varying[0] if varying else len(characters)
    if first and characters[first - 1] == "0":
        return (*characters[: first - 1], DIGITS[1:], *characters[first:])
    if first == len(characters) or set(DIGITS[1:]) & set(characters[first]):
        return (*characters[:first], DIGITS[1:], *characters[first:])
    return (*characters[:first], characters[first], *characters[first:])
