"""What is meant by a name that is not there: those like it, or else those that there are."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable

SHOWN = 20  # columns of a wide table


def like(text: object, known: Iterable[Hashable]) -> list[Hashable]:
    """Give those whose text is nearly the given one, in upper or lower case; three at most."""
    texts = {str(each).lower(): each for each in known}
    return [texts[each] for each in difflib.get_close_matches(str(text).lower(), texts, n=3)]


def columns_like(name: Hashable, columns: Iterable[Hashable]) -> str:
    """Say which columns may be meant by a name that none has; if no name is like it, which there are."""
    columns = list(columns)
    if close := like(name, columns):
        return f"did you mean {' or '.join(map(repr, close))}?"
    more = f" and {len(columns) - SHOWN:,} more" if len(columns) > SHOWN else ""
    return f"the columns are {', '.join(map(repr, columns[:SHOWN]))}{more}"
