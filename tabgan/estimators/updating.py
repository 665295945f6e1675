"""What `partial_fit` of every estimator does: new rows are learned, and none of those before is forgotten.

The model rehearses: as many rows of its own as it has learned stand for these (Robins 1995, *Catastrophic
forgetting, rehearsal and pseudorehearsal*, Connection Science 7). So no training row needs to be kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import validate_data

from tabgan.adversarial.networks.growing import can_grow, grow_critic, grow_generator
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.finish import is_refined
from tabgan.adversarial.training.fit import MIN_STEPS, REFINED_STEPS, build, default_steps, learn
from tabgan.adversarial.training.settings import Settings
from tabgan.adversarial.training.state import State
from tabgan.estimators.drift import changes_of
from tabgan.estimators.learning import Outcome, networks_of, outcome_of
from tabgan.estimators.training_data import Source, fit_transformer
from tabgan.io.chunks import Parts, is_parts
from tabgan.io.containers import Containers, join
from tabgan.sampling.model import FittedModel, number_of
from tabgan.table import ColumnType, Constant, Constraint, TableTransformer
from tabgan.table.constraints.constraint_set import asked_of_training

SHARE_OF_STEPS = 0.5  # of those of a fit on all rows, were all of them new

Moves = list[NDArray[np.intp]]


def learn_more(estimator: Any, settings: Settings, X: Any, y: Any) -> tuple[Outcome, pd.DataFrame]:
    """Learn rows on top of a fitted estimator, see :meth:`tabgan.TabGAN.partial_fit`; it is not changed."""
    model: FittedModel = estimator.fitted_model_
    rows = _rows_like(estimator, X, y)
    number = number_of(estimator.random_state)
    seeds = np.random.SeedSequence(number, spawn_key=(model.n_rows,)).spawn(6)
    own = model.sample(model.n_rows, random_state=seeds[4])
    constraints = estimator.constraints
    broken: list[tuple[Constraint, float]] = []
    if isinstance(constraints, str):  # "auto": what was discovered holds on, unless a new row breaks it
        constraints, broken = _still_true(model.transformer.constraint_set_, rows)
    table, transformer = _learned_table(
        estimator, model.transformer, own, rows, constraints, np.random.default_rng(seeds[5])
    )
    record = model.privacy_record.with_more(transformer, rows)
    windows = _source(table).encode(transformer, np.random.default_rng(seeds[0]))
    start = _start(estimator, settings, model.transformer, transformer, windows, seeds[3])
    if start is not None and settings.max_steps is None:
        settings = replace(settings, max_steps=_n_steps(settings, windows, len(rows)))
    learned = learn(windows, settings, seeds[1], estimator.on_step, start)
    updated = FittedModel(
        transformer,
        learned.sampler,
        learned.state.backbone,
        model.containers,
        record,
        seeds[2],
        n_rows=model.n_rows + len(rows),
    )
    changes = changes_of(model.transformer, own, rows, transformer.least_, broken)
    return outcome_of(estimator, updated, learned), changes


def _rows_like(estimator: Any, X: Any, y: Any) -> pd.DataFrame:
    """Give the new rows as a frame of the model's columns.

    Raises
    ------
    ValueError, TypeError
        If they are no rows of the table that was learned.
    """
    if is_parts(X):
        raise ValueError("partial_fit takes a table in memory; read one that is in parts, a part at a time")
    model: FittedModel = estimator.fitted_model_
    rows, containers = join(X, y, minimum=1)
    validate_data(estimator, X, reset=False, skip_check_array=True)
    if containers.target != model.containers.target:
        was = "without y" if model.containers.target is None else f"with y={model.containers.target!r}"
        raise ValueError(f"the model was fitted {was}; give partial_fit the same columns in the same way")
    model.transformer.schema.check(rows)
    return rows[list(model.transformer.schema)]


def _still_true(
    constraints: Iterable[Constraint], rows: pd.DataFrame
) -> tuple[list[Constraint], list[tuple[Constraint, float]]]:
    """Give the constraints that all new rows obey, and the others with the share of rows that break them."""
    kept: list[Constraint] = []
    broken: list[tuple[Constraint, float]] = []
    for constraint in constraints:
        share = 1 - float(asked_of_training(constraint).check(rows).mean())
        if share:
            broken.append((constraint, share))
        else:
            kept.append(replace(constraint, learned=None))
    return kept, broken


def _learned_table(
    estimator: Any,
    before: TableTransformer,
    own: pd.DataFrame,
    rows: pd.DataFrame,
    constraints: Any,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, TableTransformer]:
    """Give own and new rows as one table, and what its columns hold now.

    What few of the new rows hold is protected. What the model knows was held by enough rows, and stays though
    few of its own rows may have it; so protected rows are learned a second time, all of them as they are.
    """
    protect = estimator._group("privacy").protect
    table = _joined(own, rows)
    kinds = _kinds(estimator, before)
    declared = estimator.columns or {}
    first = fit_transformer(_source(table), kinds, constraints, protect, declared)
    if first.least_ == 1:
        return table, first
    protected = first.inverse_transform(first.transform(rows, rng), rng)
    for name, column in first.columns_.items():
        if column.is_generated:  # its keys are not learned, but are not to be drawn
            protected[name] = rows[name].to_numpy()
    table = _joined(own, protected)
    second = fit_transformer(_source(table), kinds, list(first.constraint_set_), None)
    second.least_ = first.least_
    return table, second


def _source(table: pd.DataFrame) -> Source:
    return Source(table, Containers(list(table)), Parts(lambda: iter([("the table", table)])), len(table))


def _kinds(estimator: Any, before: TableTransformer) -> dict[Hashable, str | ColumnType]:
    """Give what each column is: what it was, but for those that had a single value."""
    kinds: dict[Hashable, str | ColumnType] = {
        name: clone(column.column_type)
        for name, column in before.schema.items()
        if not isinstance(column.column_type, Constant)
    }
    return kinds | dict(estimator.columns or {})


def _joined(own: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Put rows below others, with the categories of both."""
    columns = []
    for name in own:
        parts = [own[name], rows[name]]
        dtype = own[name].dtype
        if isinstance(dtype, pd.CategoricalDtype):
            new = [value for value in rows[name].dropna().unique() if value not in dtype.categories]
            every = pd.CategoricalDtype([*dtype.categories, *new], dtype.ordered)
            parts = [part.astype(every) for part in parts]
        columns.append(pd.concat(parts, ignore_index=True))
    return pd.DataFrame(dict(enumerate(columns))).set_axis(own.columns, axis=1)


def _start(
    estimator: Any,
    settings: Settings,
    before: TableTransformer,
    after: TableTransformer,
    windows: PackedTable,
    seed: np.random.SeedSequence,
) -> State | None:
    """Give networks to go on with, with outputs and inputs for new categories; None if they must be new."""
    moves = _moves(before, after)
    if moves is None:
        return None
    old = networks_of(estimator, settings)
    if [block.width for block in before.layout_] == [block.width for block in after.layout_]:
        return old
    if not can_grow(old.generator):
        return None
    packing = windows.packing
    with seeded(seed_number(seed), settings.device):
        like_old = replace(settings, backbone=old.backbone)
        new = build(packing.blocks, packing.frequencies(windows.shards[0]), like_old)
    layouts = tuple(before.layout_), tuple(after.layout_)
    grow_generator(old.generator, new.generator, moves, *layouts)
    grow_generator(old.average, new.average, moves, *layouts)
    grow_critic(old.critic, new.critic, moves, *layouts)
    new.step = old.step
    return new


def _moves(before: TableTransformer, after: TableTransformer) -> Moves | None:
    """Give what number each category of each block has now; None if there are other blocks."""
    kinds = [[(block.column, block.kind) for block in table.layout_] for table in (before, after)]
    if kinds[0] != kinds[1]:
        return None
    moves: Moves = []
    for name in before.encoded_:
        column = before.encoder_.columns[name]
        blocks = before.layout_.of(name)
        categories = column.categories
        if len(blocks) == 1 and blocks[0].kind == "onehot" and categories is not None:
            numbers, now = (
                table.encoder_.columns[name].transform(categories)[:, 0] for table in (before, after)
            )
            move = np.arange(blocks[0].width)
            known = ~np.isnan(now)
            move[numbers[known].astype(np.intp)] = now[known].astype(np.intp)
            moves.append(move)
        else:
            moves += [np.arange(block.width) for block in blocks]
    is_right = all(
        len(set(move.tolist())) == len(move) and move.max() < block.width
        for move, block in zip(moves, after.layout_, strict=True)
    )
    return moves if is_right else None


def _n_steps(settings: Settings, windows: PackedTable, n_new: int) -> int | None:
    """Give the steps of training: by the share of new rows."""
    n_rows, packing = windows.n_rows, windows.packing
    if not is_refined(settings, n_rows):
        return None
    steps = default_steps(n_rows, packing.width, REFINED_STEPS)
    return max(MIN_STEPS, round(SHARE_OF_STEPS * steps * n_new / n_rows))
