"""A sample as a folder of Parquet files: each written whole, the rest taken up again after a kill."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, fields
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tabgan.io.atomic import replacing
from tabgan.io.models import pack_model
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.partitions import Plan, Shipped
from tabgan.sampling.request import SampleRequest

DESCRIPTION = "_tabgan.json"  # readers of Parquet folders leave out what begins with an underscore
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
        return self.folder / f"part-{part:06d}.parquet"

    def is_written(self, part: int) -> bool:
        """Whether the file of a part is there, can be read, and holds all of its rows."""
        try:
            return bool(pq.read_metadata(self.path(part)).num_rows == self.plan.size(part))
        except (FileNotFoundError, pa.ArrowInvalid):
            return False

    def write(self, part: int) -> int:
        """Draw a part and write it; give the number of its rows."""
        frame = self.plan.draw(self.shipped.model(), part)
        table = pa.Table.from_pandas(frame, schema=self.schema, preserve_index=False)
        with replacing(self.path(part)) as temporary:
            pq.write_table(table, temporary)
        return len(frame)


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
    writer = Writer(Shipped.of(model), plan, folder, _schema_of(model, min(SCHEMA_ROWS, plan.size(0))))
    _open(folder, begun, _describe(model, plan))
    for left in folder.glob(".*-part-*.parquet"):
        left.unlink()  # what was being written when the call before this one was killed
    missing = [part for part in range(plan.n_parts) if not writer.is_written(part)]
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
        description: dict[str, Any] = json.loads(path.read_text())
        if not {"rows", "rows_per_part", "entropy", "spawn_key"} <= set(description):
            raise ValueError("it is not complete")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} cannot be read ({error}); choose a new folder") from error
    return description


def _open(folder: Path, begun: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Make the folder, or refuse one that is to hold other rows."""
    if not begun:
        folder.mkdir(exist_ok=True)
        with replacing(folder / DESCRIPTION) as temporary:
            temporary.write_text(json.dumps(description, indent=1))
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
            types.append(pa.field(name, pa.Array.from_pandas(values).type))
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
