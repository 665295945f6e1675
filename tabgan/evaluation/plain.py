"""Reports as plain data and as files."""

from __future__ import annotations

import datetime
import os
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from tabgan._version import __version__
from tabgan.evaluation.text import shown
from tabgan.io.atomic import replacing
from tabgan.io.remote import Place, is_elsewhere, sent
from tabgan.io.remote import shown as shown_place


def facts(sources: dict[str, Any]) -> dict[str, str]:
    """The date, the version, and the paths of tables that were given as such."""
    paths = {
        name: shown_place(source)
        for name, source in sources.items()
        if isinstance(source, str | os.PathLike) or is_elsewhere(source)
    }
    return {**paths, "date": datetime.date.today().isoformat(), "tabgan": __version__}


def written(text: str, path: Place | None) -> str:
    """The text, also written to `path` if one is given."""
    if path is not None:
        with sent(path) if is_elsewhere(path) else replacing(Path(cast(str, path))) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return text


def plain(value: Any) -> Any:
    """The same in types that JSON knows; what is not a number becomes None."""
    if is_dataclass(value):
        return plain(vars(value))
    if isinstance(value, dict):
        return {shown(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, int) or value is None else shown(value)
