"""Formats of tables on disk: what the ending of a name says, and how each is read and written."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

COMPRESSED = (".gz", ".bz2", ".xz", ".zip", ".zst")  # pandas reads and writes them by their endings
TEXT = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
BINARY = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
    ".xlsx": "excel",
}
SEPARATORS = {"csv": ",", "tsv": "\t"}
KNOWN = ", ".join([*TEXT, *BINARY])


def format_of(path: Path) -> str:
    """Name the format of a file by its ending: "csv", "tsv", "jsonl", "parquet", "feather" or "excel".

    Raises
    ------
    ValueError
        If the ending tells none.
    """
    endings = [ending.lower() for ending in path.suffixes[-2:]]
    if endings and endings[-1] in BINARY:
        return BINARY[endings[-1]]
    if endings and endings[-1] in COMPRESSED:
        endings.pop()
    if endings and endings[-1] in TEXT:
        return TEXT[endings[-1]]
    raise ValueError(
        f"{path} has no ending that tells its format; expected one of {KNOWN}, text also compressed "
        f"({', '.join(COMPRESSED)})"
    )


def has_format(path: Path) -> bool:
    """Whether the ending of a name tells a format."""
    try:
        format_of(path)
    except ValueError:
        return False
    return True


def read_whole(path: Path) -> pd.DataFrame:
    """Read a file that is neither CSV nor TSV."""
    match format_of(path):
        case "parquet":
            return pd.read_parquet(path)
        case "feather":
            return pd.read_feather(path)
        case "excel":
            return pd.read_excel(_with_openpyxl(path), engine="openpyxl")
    return pd.read_json(path, lines=True, dtype=False, convert_dates=False, precise_float=True)


def read_in_chunks(path: Path, n_rows: int) -> Iterator[pd.DataFrame]:
    """Read such a file in frames of at most `n_rows` rows; of Excel, the whole is in memory at first."""
    match format_of(path):
        case "excel":
            frame = read_whole(path)
            yield from (frame.iloc[start : start + n_rows] for start in range(0, len(frame), n_rows))
        case "jsonl":
            options: dict[str, Any] = {"dtype": False, "convert_dates": False, "precise_float": True}
            with pd.read_json(path, lines=True, chunksize=n_rows, **options) as chunks:
                yield from chunks
        case found:
            yield from _batches(path, n_rows, found)


def _batches(path: Path, n_rows: int, found: str) -> Iterator[pd.DataFrame]:
    """Read a file of Arrow's."""
    from pyarrow.dataset import ParquetFragmentScanOptions, dataset

    # Left to itself, Arrow would have whole files in memory beforehand: 400 MiB more for a file of 300 MiB.
    options = ParquetFragmentScanOptions(pre_buffer=False) if found == "parquet" else None
    batches = dataset(path, format=found).to_batches(
        batch_size=n_rows, batch_readahead=1, fragment_readahead=1, fragment_scan_options=options
    )
    yield from (batch.to_pandas() for batch in batches)


def write_whole(
    frame: pd.DataFrame, path: Path, named: Path, sep: str | None = None, encoding: str | None = None
) -> None:
    """Write a table without its index to `path`, in the format that the ending of `named` says."""
    match format_of(named):
        case "parquet":
            frame.to_parquet(path, index=False)
        case "feather":
            frame.reset_index(drop=True).to_feather(path)
        case "excel":
            frame.to_excel(_with_openpyxl(path), index=False, engine="openpyxl")
        case "jsonl":
            frame.to_json(path, orient="records", lines=True, date_format="iso", date_unit="us")
        case text:
            frame.to_csv(path, index=False, sep=sep or SEPARATORS[text], encoding=encoding)


def _with_openpyxl(path: Path) -> Path:
    """The path, if the library that Excel needs is there."""
    if find_spec("openpyxl") is None:
        raise ValueError(f"{path} needs openpyxl: pip install openpyxl, or use .csv or .parquet")
    return path
