"""A sample as a folder of Parquet files: each written whole, the rest taken up again after a kill."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tabgan.io.atomic import regular, remove_left, replacing
from tabgan.io.models import pack_model
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.partitions import Plan, Shipped
from tabgan.sampling.request import SampleRequest

DESCRIPTION = "_tabgan.json"  # readers of Parquet folders leave out what begins with an underscore
LOG = "_tabgan-parts.jsonl"  # size and checksum of each part, a line each
MOST_PARTS, LONGEST = 1_000_000, 2**20  # parts whose names sort; bytes of the description
SCHEMA_ROWS = 1000  # drawn to see what type each column has
# What entries of the description are called where they differ; the others are called what they are.
EXPLAINED = {
    "model": "the fitted model or the device", "entropy": "random_state", "spawn_key": "random_state",
}  # fmt: skip


@dataclass(frozen=True)
class Writer:
    """Draws a part and writes it into its file, of the schema of all; goes to other processes whole."""

    shipped: Shipped
    plan: Plan
    folder: Path
    schema: pa.Schema

    def path(self, part: int) -> Path:
        """Give the file of a part."""
        return self.folder / name_of(part)

    def is_written(self, part: int, known: set[tuple[str, int, str]]) -> bool:
        """Whether the file of a part is there, and is one of those that the log knows, down to the bit."""
        path = self.path(part)
        return path.is_file() and _entry(path, path.name) in known

    def write(self, part: int) -> int:
        """Draw a part and write it; give the number of its rows."""
        frame = self.plan.draw(self.shipped.model(), part)
        table = pa.Table.from_pandas(frame, schema=self.schema, preserve_index=False)
        with replacing(self.path(part)) as temporary:
            pq.write_table(table, temporary)
            # Before the part gets its name: a kill in between leaves an entry without a part, and not the
            # other way round. Short lines that are appended do not mix, whichever process writes them.
            with open(self.folder / LOG, "a", encoding="utf-8") as log:
                log.write(json.dumps(_entry(temporary, self.path(part).name)) + "\n")
        return len(frame)


def name_of(part: int) -> str:
    """Give the name of the file of a part."""
    return f"part-{part:06d}.parquet"


def _entry(path: Path, name: str) -> tuple[str, int, str]:
    """Give what the log says of a part: its name, its size in bytes and its checksum."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return name, path.stat().st_size, digest.hexdigest()


def _read_log(folder: Path) -> set[tuple[str, int, str]]:
    """Read the log; a line that a kill cut off counts for nothing."""
    known = set()
    if (folder / LOG).exists():
        for line in regular(folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError, RecursionError):
                name, size, digest = json.loads(line)
                known.add((str(name), int(size), str(digest)))
    return known


def _refuse_others(folder: Path, plan: Plan) -> None:
    """Refuse a folder with visible files that whoever reads it would take for parts."""
    expected = {name_of(part) for part in range(plan.n_parts)}
    others = sorted(
        file.name for file in folder.iterdir() if file.name[0] not in "._" and file.name not in expected
    )
    if others:
        raise ValueError(
            f"the folder {folder} holds {others[0]!r}, which is no part of this sample; remove it, or choose "
            "another folder"
        )


def write_parts(
    model: FittedModel,
    folder: Path,
    n_rows: int,
    rows_per_part: int,
    request: SampleRequest,
    random_state: Seed = None,
    workers: int = 1,
    verbose: int = 1,
) -> Path:
    """See :meth:`tabgan.TabGAN.sample_to`."""
    from tqdm.auto import tqdm

    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    begun = _read_description(folder)
    if begun and random_state is None:
        random_state = np.random.SeedSequence(begun["entropy"], spawn_key=begun["spawn_key"])
    plan = Plan.of(model, n_rows, rows_per_part, request, random_state)
    if plan.n_parts > MOST_PARTS:
        raise ValueError(
            f"{plan.n_rows:,} rows in parts of {plan.rows_per_part:,} are more than {MOST_PARTS:,} parts; "
            "ask for more rows a part"
        )
    writer = Writer(Shipped.of(model), plan, folder, _schema_of(model, min(SCHEMA_ROWS, plan.size(0))))
    _open(folder, begun, _describe(model, plan))
    remove_left(folder, "part-*.parquet")
    _refuse_others(folder, plan)
    known = _read_log(folder)
    missing = [part for part in range(plan.n_parts) if not writer.is_written(part, known)]
    done = plan.n_rows - sum(map(plan.size, missing))
    bar = tqdm(total=plan.n_rows, initial=done, unit=" rows", unit_scale=True, disable=not verbose)
    with bar, _written(writer, missing, workers) as finished:
        for written in finished:
            bar.update(written)
    return folder


def _describe(model: FittedModel, plan: Plan) -> dict[str, Any]:
    """Give what decides on the rows as JSON-able data; the model as a fingerprint."""
    header, arrays = model.to_content()
    del header["stream"]
    digest = hashlib.sha256(pack_model(header, arrays) + model.sampler.device.type.encode()).hexdigest()
    return {
        "format": "tabgan-parts",
        "model": digest,
        "rows": plan.n_rows,
        "rows_per_part": plan.rows_per_part,
        "entropy": plan.entropy,
        "spawn_key": list(plan.spawn_key),
        **{field.name: _as_text(getattr(plan.request, field.name)) for field in fields(plan.request)},
    }


def _as_text(value: Any) -> Any:
    """Give a condition as plain data, the same for the same condition."""
    if isinstance(value, Mapping):
        return {repr(name): _as_text(values) for name, values in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    return value if isinstance(value, bool | float | int | str | None) else repr(value)


def _read_description(folder: Path) -> dict[str, Any]:
    """Read what the folder was begun with: nothing if it is new or empty. Refuse any other folder."""
    path = folder / DESCRIPTION
    names = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    visible = [name for name in names if not name.startswith(".")]
    if DESCRIPTION not in names:
        if visible:
            raise ValueError(
                f"the folder {folder} is not empty and was not begun by a sample in parts: it has no "
                f"{DESCRIPTION}, but {visible[0]}; choose a new folder"
            )
        return {}
    try:
        if regular(path).stat().st_size > LONGEST:
            raise ValueError("it is too long")
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not {"rows", "rows_per_part", "entropy", "spawn_key"} <= set(description):
            raise ValueError("it is not complete")
        np.random.SeedSequence(description["entropy"], spawn_key=description["spawn_key"])
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read ({error}); choose a new folder") from error
    return description


def _open(folder: Path, begun: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Make the folder, or refuse one that is to hold other rows."""
    if not begun:
        folder.mkdir(exist_ok=True)
        with replacing(folder / DESCRIPTION) as temporary:
            temporary.write_text(json.dumps(description, indent=1), encoding="utf-8")
    elif differ := [EXPLAINED.get(key, key) for key in description if description[key] != begun.get(key)]:
        raise ValueError(
            f"the folder {folder} holds parts of another sample, which differs in "
            f"{', '.join(dict.fromkeys(differ))}; choose another folder, remove this one, or repeat the call "
            f"that began it ({DESCRIPTION} has its arguments)"
        )


def _schema_of(model: FittedModel, n_rows: int) -> pa.Schema:
    """Give the Arrow type of each column, the same for all parts: by n rows, all categories and bounds."""
    frame = model.sample(n_rows, random_state=np.random.SeedSequence(0))
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(f"Parquet needs column names that are strings, got {odd[:5]}; rename them")
    types = []
    for name in frame.columns:
        column = model.transformer.columns_[name]
        extremes = list(column.bounds() or ()) if column.categories is None else column.categories
        values = pd.concat([frame[name], pd.Series(extremes, dtype=frame[name].dtype)], ignore_index=True)
        try:
            array = pa.Array.from_pandas(values)
            # What Arrow holds need not be what Parquet can.
            pq.write_table(pa.table({name: array}), pa.BufferOutputStream())
            types.append(pa.field(name, array.type))
        except pa.ArrowException as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"Parquet cannot hold column {name!r}: {reason}; convert it, and fit again"
            ) from error
    return pa.schema(types)


@contextmanager
def _written(writer: Writer, parts: list[int], workers: int) -> Iterator[Iterator[int]]:
    """Give the number of rows of each part as it gets finished, here or in other processes."""
    if workers == 1 or len(parts) < 2:
        yield map(writer.write, parts)
        return
    spawn = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // workers)
    pool = ProcessPoolExecutor(min(workers, len(parts)), spawn, _prepare, (threads,))
    try:
        futures = [pool.submit(writer.write, part) for part in parts]
        yield (future.result() for future in as_completed(futures))
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare(threads: int) -> None:
    """Make a process ready to write parts; it ends when the one that started it is gone."""
    import torch

    torch.set_num_threads(threads)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
