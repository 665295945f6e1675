"""Tables on disk: folders with ``train.parquet``, ``test.parquet`` and ``meta.json``; or from OpenML.

``meta.json`` holds the name of the table, its task ("classification" or "regression"), target, and which
columns are numerical and which categorical.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Name -> version and target on OpenML, for who has no folder at hand.
OPENML = {"adult": (2, "class"), "diabetes": (1, "class")}


def find(names: list[str], scratch: Path) -> list[Path]:
    """The folder of each name: the path itself, or a table of that name fetched into `scratch`.

    Without names, Adult is fetched.
    """
    return [Path(name) if Path(name).is_dir() else fetch(name, scratch) for name in names or ["adult"]]


def fetch(name: str, scratch: Path) -> Path:
    """Fetch a table from OpenML and write it in the form of a folder, its last third as the test part.

    Raises
    ------
    ValueError
        If there is neither a folder nor a known table of that name.
    """
    from sklearn.datasets import fetch_openml

    if name not in OPENML:
        raise ValueError(f"no folder {name!r}, and of OpenML only {', '.join(OPENML)} are known here")
    version, target = OPENML[name]
    table = fetch_openml(name, version=version, as_frame=True).frame
    table = table.astype(dict.fromkeys(table.select_dtypes("category"), object))
    cut = 2 * len(table) // 3
    folder = scratch / name
    folder.mkdir()
    table.iloc[:cut].to_parquet(folder / "train.parquet")
    table.iloc[cut:].to_parquet(folder / "test.parquet")
    numerical = list(table.select_dtypes("number"))
    categorical = [column for column in table if column not in numerical]
    # Another split than the official one, so another name.
    meta: dict[str, Any] = {"name": f"{name}-openml", "task": "classification", "target": target}
    meta |= {"numerical": numerical, "categorical": categorical}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return folder


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
        raise ValueError(f"{folder} is no table: it lacks {', '.join(missing)}")
    return {"name": folder.resolve().name, **json.loads((folder / "meta.json").read_text(encoding="utf-8"))}
