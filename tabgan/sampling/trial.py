"""A model that was read is tried before it is given out, so that a wrong one is refused and not met later."""

from __future__ import annotations

import numpy as np
import torch

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.seeding import generator_of
from tabgan.io.containers import Containers
from tabgan.sampling.privacy import PrivacyRecord
from tabgan.table import TableTransformer

ROWS = 64


def try_out(table: TableTransformer, sampler: Sampler, containers: Containers, record: PrivacyRecord) -> None:
    """Decode values of every column, from the least to the greatest, and draw some rows; change nothing.

    Raises
    ------
    Exception
        Of any kind, if the model is not one that `fit` leaves.
    """
    if set(containers.names) != set(table.schema):
        raise ValueError("the columns of X and y are not those of the table")
    parts = np.linspace(0, 1, ROWS)
    every = [2 * parts - 1 if b.kind == "scalar" else np.floor(parts * (b.width - 1)) for b in table.layout_]
    codes = np.column_stack([*every, parts])[:, :-1].astype(np.float32)
    decoded = table.encoder_.decode(codes, table.encoded_, np.random.default_rng(0))
    for name, values in decoded.items():
        table.columns_.get(name, table.encoder_.columns[name]).transform(values, np.random.default_rng(0))
    seed = np.random.SeedSequence(0)
    rng = generator_of(seed, sampler.device)
    latent = torch.randn(ROWS, sampler.latent_dim, generator=rng, device=sampler.device)
    drawn, log_weight = sampler.at(latent, rng)
    if np.isnan(log_weight).any() or not 0 < sampler.rate <= 1:
        raise ValueError("rows are kept with probabilities that are none")
    frame = table.constraint_set_.settle(table.inverse_transform(drawn, 0))
    table.obey(frame)
    containers.give_back(frame, return_X_y=containers.target is not None)
    if "hashes" in record.arrays:
        record.copies(frame)
    if "rows" in record.arrays:
        record.distances(frame)
