"""A sample as a folder of Parquet files: each written whole, the rest taken up again after a kill."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, fields
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tabgan.io.atomic import replacing
from tabgan.io.models import pack_model
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.partitions import Plan, Shipped
from tabgan.sampling.request import SampleRequest

if TYPE_CHECKING:
    import pyarrow as pa

DESCRIPTION = "_tabgan.json"  # readers of Parquet folders leave out what begins with an underscore
SCHEMA_ROWS = 1000  # drawn to see what type each column has
SEED = ("entropy", "spawn_key")
EXPLAINED = {"model": "the fitted model or the device"}


@dataclass(frozen=True)
class Writer:
    """Draws a part and writes it; goes to other processes whole.

    Parameters
    ----------
    shipped : Shipped
    plan : Plan
    folder : Path
    schema : pyarrow.Schema
        Of all files.
    """

    shipped: Shipped
    plan: Plan
    folder: Path
    schema: pa.Schema

    def path(self, part: int) -> Path:
        """Give the file of a part."""
        return self.folder / f"part-{part:06d}.parquet"

    def is_written(self, part: int) -> bool:
        """Whether the file of a part is there, can be read, and holds all of its rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return bool(pq.read_metadata(self.path(part)).num_rows == self.plan.size(part))
        except (FileNotFoundError, pa.ArrowInvalid):
            return False

    def write(self, part: int) -> int:
        """Draw a part and write it; give the number of its rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

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
    begun = read_description(folder)
    if begun is not None and random_state is None:
        random_state = np.random.SeedSequence(begun["entropy"], spawn_key=begun["spawn_key"])
    plan = Plan.of(model, n_rows, rows_per_part, request, random_state)
    writer = Writer(Shipped.of(model), plan, folder, schema_of(model, min(SCHEMA_ROWS, plan.size(0))))
    _open(folder, begun, describe(model, plan))
    for left in folder.glob(".*-part-*.parquet"):
        left.unlink()  # what was being written when the call before this one was killed
    missing = [part for part in range(plan.n_parts) if not writer.is_written(part)]
    done = plan.n_rows - sum(map(plan.size, missing))
    bar = tqdm(total=plan.n_rows, initial=done, unit=" rows", unit_scale=True, disable=not verbose)
    with bar, _written(writer, missing, workers) as finished:
        for written in finished:
            bar.update(written)
    return folder


def describe(model: FittedModel, plan: Plan) -> dict[str, Any]:
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


def read_description(folder: Path) -> dict[str, Any] | None:
    """Read what the folder was begun with, None if it is new or empty.

    Raises
    ------
    ValueError
        If there is something else.
    """
    if not folder.is_dir():
        return None
    try:
        description = json.loads((folder / DESCRIPTION).read_text())
        if not {"rows", "rows_per_part", *SEED} <= set(description):
            raise ValueError("it is not complete")
    except FileNotFoundError:
        strange = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        if strange:
            raise ValueError(
                f"the folder {folder} is not empty and was not begun by a sample in parts: it has no "
                f"{DESCRIPTION}, but {sorted(strange)[0]}; choose a new folder"
            ) from None
        return None
    except (ValueError, TypeError) as error:
        raise ValueError(f"{folder / DESCRIPTION} cannot be read ({error}); choose a new folder") from error
    return dict(description)


def schema_of(model: FittedModel, n_rows: int) -> pa.Schema:
    """Give the Arrow type of each column, the same for all parts: of n rows, all categories and the bounds.

    Raises
    ------
    ValueError
        If a name is not a string or a column holds what Parquet cannot.
    """
    import pyarrow as pa

    frame = model.sample(n_rows, random_state=np.random.SeedSequence(0))
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(f"Parquet needs column names that are strings, got {odd[:5]}; rename them")
    types = []
    for name in frame.columns:
        values = pd.concat([frame[name], _extremes(model, name, frame[name].dtype)], ignore_index=True)
        try:
            types.append(pa.field(name, pa.Array.from_pandas(values).type))
        except pa.ArrowException as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"Parquet cannot hold column {name!r}: {reason}; convert it, and fit again"
            ) from error
    return pa.schema(types)


def _extremes(model: FittedModel, name: Hashable, dtype: Any) -> pd.Series:
    column = model.transformer.columns_.get(name)
    if column is None:
        return pd.Series([], dtype=dtype)
    values = list(column.bounds() or ()) if column.categories is None else column.categories
    return pd.Series(values, dtype=dtype)


def _open(folder: Path, begun: Mapping[str, Any] | None, description: Mapping[str, Any]) -> None:
    """Make the folder, or refuse one that is to hold other rows."""
    if begun is None:
        folder.mkdir(exist_ok=True)
        with replacing(folder / DESCRIPTION) as temporary:
            temporary.write_text(json.dumps(description, indent=1))
        return
    differ = [name for name in description if description[name] != begun.get(name)]
    if differ:
        names = ", ".join(dict.fromkeys("random_state" if n in SEED else EXPLAINED.get(n, n) for n in differ))
        raise ValueError(
            f"the folder {folder} holds parts of another sample, which differs in {names}; choose another "
            f"folder, remove this one, or repeat the call that began it ({DESCRIPTION} has its arguments)"
        )


def _as_text(value: Any) -> Any:
    """Give a condition as plain data, the same for the same condition."""
    if isinstance(value, Mapping):
        return {repr(name): _as_text(values) for name, values in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    return value if value is None or isinstance(value, bool | float | int | str) else repr(value)


@contextmanager
def _written(writer: Writer, parts: list[int], workers: int) -> Iterator[Iterator[int]]:
    """Give the number of rows of each part as it gets finished, here or in other processes."""
    if workers == 1 or len(parts) < 2:
        yield map(writer.write, parts)
        return
    spawn = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // workers)
    pool = ProcessPoolExecutor(min(workers, len(parts)), spawn, _begin, (writer, threads))
    try:
        futures = [pool.submit(_write, part) for part in parts]
        yield (future.result() for future in as_completed(futures))
    finally:
        pool.shutdown(cancel_futures=True)


_WRITER: list[Writer] = []  # of this process, where it was started to write parts


def _begin(writer: Writer, threads: int) -> None:
    """Make a process ready to write parts; it ends when the one that started it is gone."""
    import torch

    torch.set_num_threads(threads)
    _WRITER[:] = [writer]
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel, os._exit), daemon=True).start()


def _follow(sentinel: int, leave: Callable[[int], object]) -> None:
    wait([sentinel])
    leave(1)


def _write(part: int) -> int:
    return _WRITER[0].write(part)
