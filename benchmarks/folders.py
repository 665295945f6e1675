"""Tables on disk: folders with ``train.parquet``, ``test.parquet`` and ``meta.json``.

``meta.json`` holds the name of the table, its task ("classification" or "regression"), target, and which
columns are numerical and which categorical. `benchmarks.fetch` makes such folders.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def meta_of(folder: Path) -> dict[str, Any]:
    """What is known of the table in `folder`; its name is the folder's if it says none.

    Raises
    ------
    ValueError
        If a file is missing.
    """
    missing = [
        name for name in ("train.parquet", "test.parquet", "meta.json") if not (folder / name).exists()
    ]
    if missing:
        raise ValueError(
            f"{folder} is no table: it lacks {', '.join(missing)}; python -m benchmarks.fetch makes tables"
        )
    return {"name": folder.resolve().name, **json.loads((folder / "meta.json").read_text(encoding="utf-8"))}
