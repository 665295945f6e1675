"""How keys are cut into pieces, so that most of them are of a few forms."""

from __future__ import annotations

import re
from collections import Counter

from tabgan.table.columns.template_fields import K

COVERED = 0.95  # share of keys that must be of the forms found
FEW_FORMS, MOST_FORMS = 5, 50
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.\w+|\w+://\S+")
# Ways to cut a key into pieces: runs of a kind, mixed runs between marks, mixed runs with marks, not at all
CUTS = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"(?P<domain>(?<=@)[^@\s]+|(?<=://)[^/?#\s]+)"
        r"|(?P<Word>[A-Z][a-z]+)|(?P<A>[A-Z]+)|(?P<a>[a-z]+)|(?P<n>\d+)|.",
        r"(?P<w>[A-Za-z0-9]+)|.",
        r"(?P<w>[A-Za-z0-9+/_-]+)|.",
    )
]
DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
CUTS_OF = {"int": CUTS[:1], "raw bytes": [re.compile(r"(?P<w>.+)", re.DOTALL)]}
Form = tuple[str, ...]  # names of the pieces, or marks
Pieces = list[tuple[str, ...]]  # of each key
Cut = list[tuple[Form, tuple[str, ...]]]


def find_forms(texts: list[str], content: str, rule: str) -> list[tuple[Form, Pieces]] | None:
    """Cut keys into pieces in the first way in which most of them are of few forms; give those forms."""
    if rule == "IBAN":
        by_country: Cut = [((text[:2], str(len(text))), (text[:2], text[2:])) for text in texts]
        return [(("A", "w"), pieces) for _, pieces in _common(by_country)]
    is_address = all(ADDRESS.fullmatch(text) for text in texts)
    for number, cut in enumerate(CUTS_OF.get(content, CUTS)):
        most, share = (MOST_FORMS, 0.5) if is_address and not number else (FEW_FORMS, COVERED)
        forms = _common([_cut(cut, text) for text in texts])[: most + 1]
        if len(forms) <= most and sum(len(pieces) for _, pieces in forms) >= share * len(texts):
            return [split for form, pieces in forms for split in _by_length(form, pieces)]
        if is_address and not number:
            return forms[:most] or None
    return None


def _cut(pattern: re.Pattern[str], text: str) -> tuple[Form, tuple[str, ...]]:
    """Give the form of a key, and its pieces."""
    found = list(pattern.finditer(text))
    return tuple(each.lastgroup or each.group() for each in found), tuple(each.group() for each in found)


def _common(cut: Cut) -> list[tuple[Form, Pieces]]:
    """Group keys by their forms, those that enough of them have; the most frequent first."""
    counts = Counter(form for form, _ in cut)
    forms: dict[Form, Pieces] = {
        form: [] for form, count in counts.most_common() if form and count >= min(K, len(cut))
    }
    for form, pieces in cut:
        if form in forms:
            forms[form].append(pieces)
    return list(forms.items())


def _by_length(form: Form, keys: Pieces) -> list[tuple[Form, Pieces]]:
    """Split keys by the lengths of their pieces, if these vary and their sum does not."""
    lengths = [tuple(str(len(piece)) for piece in pieces) for pieces in keys]
    if len(set(lengths)) == 1 or len({sum(map(int, sizes)) for sizes in lengths}) > 1:
        return [(form, keys)]
    found = _common(list(zip(lengths, keys, strict=True)))
    covered = sum(len(pieces) for _, pieces in found)
    if len(found) > MOST_FORMS or covered < COVERED * len(keys):
        return [(form, keys)]
    return [(form, pieces) for _, pieces in found]


def are_codes(forms: list[tuple[Form, Pieces]]) -> bool:
    """Tell whether no words stand beside blanks, as they do in texts."""
    for form, keys in forms:
        for name, column in zip(form, zip(*keys, strict=True), strict=True):
            if name in ("Word", "a") and " " in form and len(set(column)) > max(1, len(column) / K):
                return False
    return True


def with_dates(form: Form, columns: list[list[str]]) -> tuple[Form, list[list[str]]]:
    """Cut pieces that are all dates without marks, such as 20240131, into year, month and day."""
    names: list[str] = []
    cut: list[list[str]] = []
    for name, column in zip(form, columns, strict=True):
        is_date = name == "n" and len(set(column)) > 1 and all(map(DATE.fullmatch, column))
        ends = ((0, 4), (4, 6), (6, 8)) if is_date else ((0, None),)
        names += [name] * len(ends)
        cut += [[text[first:last] for text in column] for first, last in ends]
    return tuple(names), cut
