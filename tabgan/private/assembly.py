"""From what was measured and fitted to a table's transformer and to a sampler of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.networks.heads import Heads
from tabgan.adversarial.networks.mixture import Mixture, MixtureGenerator
from tabgan.private.domain import Column, Numbers
from tabgan.private.fitting import Fit
from tabgan.private.marginals import ColumnAnswers
from tabgan.private.measurement import Measurement
from tabgan.table import ColumnSchema, Constraint, ConstraintSet, Schema, TableTransformer
from tabgan.table.row_encoder import RowEncoder


def make_transformer(
    columns: Sequence[Column], measured: Measurement, constraints: Sequence[Constraint], index: pd.Index
) -> TableTransformer:
    """Make the transformer of a table.

    Parameters
    ----------
    columns : sequence of Numbers or Categories
    measured : Measurement
    constraints : sequence of Constraint
        Samples are checked by them; they learn nothing.
    index : Index
        Names of the columns.
    """
    pairs = list(zip(columns, measured.columns, strict=True))
    schema = Schema([_column_schema(column, answers, measured.n_rows) for column, answers in pairs], index)
    encoder = RowEncoder({column.name: answers.column_type for column, answers in pairs}, list(schema), {})
    return TableTransformer.of(schema, ConstraintSet(constraints, []), encoder)


def _column_schema(column: Column, answers: ColumnAnswers, n_rows: float) -> ColumnSchema:
    """Say what was declared of a column."""
    kind, declared = "categorical", f"{column.n_units} categories"
    if isinstance(column, Numbers):
        low, high = answers.column_type.bounds() or (None, None)
        kind, declared = column.content, f"bounds {low} and {high}"
    missing = float(np.clip(answers.missing / n_rows, 0, 1))
    return ColumnSchema(
        column.name, kind, column.dtype, f"declared: {declared}", missing, answers.column_type
    )


def make_sampler(table: TableTransformer, fit: Fit, device: torch.device) -> Sampler:
    """Make the sampler of rows whose categories have these probabilities at each latent point."""
    blocks = tuple(table.layout_)
    heads = Heads(blocks, np.zeros(table.layout_.width, dtype=np.float32))
    generator = MixtureGenerator(len(fit.logits), heads)
    positions = [k for block in blocks if block.kind == "onehot" for k in range(block.start, block.stop)]
    of_layout = np.zeros((len(fit.logits), table.layout_.width), dtype=np.float32)
    of_layout[:, positions] = fit.logits
    order = torch.argsort(heads.order)[: heads.nominal_width]
    generator.logits.copy_(torch.from_numpy(of_layout)[:, order])
    generator.to(device).eval().requires_grad_(False)
    return Sampler(generator, Mixture(len(fit.logits)).latent_dim, blocks, device, "float32")
