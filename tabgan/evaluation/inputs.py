"""What a report starts from: tables in memory, real rows that stand for a holdout, and notes on both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tabgan.io.containers import as_pandas
from tabgan.io.remote import is_elsewhere
from tabgan.io.subsample import sample_rows
from tabgan.io.tables import read_table

PROMISE = "differential_privacy"  # in `attrs` of a frame, and in the details of a report
MIN_HOLDOUT = 0.2  # of the real rows, where no holdout is given


def in_memory(sources: dict[str, Any], max_rows: int, seed: int) -> tuple[dict[str, Any], list[str]]:
    """The tables as frames, large ones as random samples, and notes on these."""
    if max_rows < 2:
        raise ValueError(f"max_rows must be at least 2, got {max_rows}")
    frames: dict[str, Any] = {}
    notes = []
    for name, stream in zip(sources, np.random.SeedSequence(seed).spawn(len(sources)), strict=True):
        real = frames.get("real")
        like = real if isinstance(real, pd.DataFrame) else None
        if hasattr(sources[name], "tocsr") or hasattr(sources[name], "collect"):  # refused by the checks
            frames[name] = sources[name]
            continue
        try:
            source = sources[name]
            source = read_table(source, like=like) if is_elsewhere(source) else as_pandas(source)
            frames[name], n_rows = sample_rows(source, max_rows, stream, like)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if len(frames[name]) < n_rows:
            notes.append(
                f"Of the {n_rows:,} {name} rows a random sample of {max_rows:,} was read and "
                "compared; copies were sought in it alone."
            )
    return frames, notes


def promise_of(synthetic: Any) -> tuple[dict[str, Any], list[str]]:
    """What a frame that `DPTabGAN` drew says of its differential privacy, and a note on it; else nothing."""
    promise = getattr(synthetic, "attrs", {}).get(PROMISE)
    if not isinstance(promise, dict):
        return {}, []
    note = (
        f"The synthetic rows are differentially private: epsilon {promise['epsilon']:.3g} at delta "
        f"{promise['delta']:.0e}, for {promise['unit']}. Not covered: {'; '.join(promise['not_covered'])}."
    )
    if promise["noise"] != "system":
        note = "The synthetic rows come from noise of a known seed, which protects nothing."
    return {PROMISE: promise}, [note]


def with_holdout(frames: dict[str, pd.DataFrame], seed: int) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables, a part of the real rows as the holdout if there is none, and a note on it."""
    if "holdout" in frames:
        return frames, f"{len(frames['holdout']):,} real rows of the holdout show what real rows reach."
    real = frames["real"]
    # A stream of its own: other samples of as many rows must not pick the same ones.
    order = np.random.default_rng([seed, 1]).permutation(len(real))
    cut = max(1, int(MIN_HOLDOUT * len(real)))
    note = (
        f"No holdout was given: {cut:,} of the real rows were split off to show what real rows reach. "
        "The model may have seen them: no membership inference, and real rows are set against each other "
        "to show how often values and rows come back by chance."
    )
    return frames | {"real": real.iloc[order[cut:]], "holdout": real.iloc[order[:cut]]}, note
