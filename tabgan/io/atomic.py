"""Files that are replaced once the new one is complete, and never half written."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; it takes the place of `path` only if all went well."""
    # The ending is kept because pandas compresses by it; opened by name, the file obeys the user's umask.
    temporary = path.with_name(f".{secrets.token_hex(8)}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
