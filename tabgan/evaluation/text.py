"""Names and values as text that can be shown, encoded and distinguished."""

from __future__ import annotations

from typing import Any

JOINERS = "\u200c\u200d"  # between letters, and in emoji


def shown(value: Any) -> str:
    """A value as text in which every character can be seen and encoded.

    Control characters, marks that turn the direction of writing, and lone surrogates are written as escapes,
    as ``repr`` does.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in text)


def encodable(text: str) -> str:
    """The same text, or one in which lone surrogates are escapes, so that UTF-8 can encode it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
