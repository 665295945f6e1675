"""One-way distributions put right after training: shares of levels, and quantiles of scalars.

Training gets the joint law nearly right and leaves small errors in every single column; these can be
measured on any number of generated rows and taken away. It says nothing about the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tabgan.adversarial.networks.heads import Heads
from tabgan.layout import Block

Rows = NDArray[np.float32]
Curves = dict[int, tuple[Rows, Rows]]
KNOTS = 1001
TAIL_KNOTS = 8  # more of them beyond the outermost, so that extremes are as rare as they should be
ENDS = 8  # of as many generated rows as there are real ones, those that get a column's extreme number
ROUNDS = 12
FLOOR = 1e-4  # share below which a level's own share is not followed


def calibrate_shares(generator: nn.Module, draw: Callable[[int], Rows], real: Rows) -> None:
    """Move the prior of every level towards where generated shares are the real ones.

    Parameters
    ----------
    generator : torch.nn.Module
        Its :class:`Heads`, if it has any, are changed in place.
    draw : callable
        ``draw(k) -> rows`` of the generator as it is; k is the round.
    real : ndarray of shape (n, width)
    """
    heads = next((module for module in generator.modules() if isinstance(module, Heads)), None)
    if heads is None or not heads.nominal_width:
        return
    order = np.argsort(heads.order.cpu().numpy())[: heads.nominal_width]
    shares = real[:, order].mean(0)
    rate, before = np.full(len(order), heads.noise), np.zeros(len(order))
    best, least = heads.prior.clone(), np.inf
    for k in range(ROUNDS):
        found = draw(k)[:, order].mean(0)
        error = float(np.abs(found - shares).sum())
        if error < least:
            best, least = heads.prior.clone(), error
        # How far a level must move depends on how sure the network is: each finds its own rate, faster while
        # it keeps its direction, slower when it turns (Riedmiller and Braun 1993, RPROP).
        shift = np.log(shares + FLOOR) - np.log(found + FLOOR)
        rate *= np.where(before * shift < 0, 0.4, 1.3)
        before = shift
        step = rate * shift.clip(-2, 2)
        heads.prior += torch.as_tensor(step, dtype=heads.prior.dtype, device=heads.prior.device)
    heads.prior.copy_(best)


def calibration_curves(drawn: Rows, real: Rows, blocks: Sequence[Block]) -> Curves:
    """Position of each scalar -> quantiles of generated rows and the real quantiles they should be.

    Where a scalar has a one-hot state before it (it can be missing or a spike), only rows count whose
    scalar does. The least and the greatest number come eight times as often as in the real rows, so that a
    sample seldom misses the range.
    """
    tail = np.geomspace(1 / max(len(drawn), KNOTS), 1 / KNOTS, TAIL_KNOTS)[:-1]
    levels = np.concatenate([[0], tail, np.linspace(0, 1, KNOTS)[1:-1], 1 - tail[::-1], [1]])
    curves = {}
    for block, state in _scalars_with_state(blocks):
        own, target = (rows[_present(rows, state), block.start] for rows in (drawn, real))
        if len(own) > KNOTS and len(target) > 1:
            end = min(ENDS / len(target), 1 / KNOTS)
            there = np.sort(np.append(levels, [end, 2 * end, 1 - 2 * end, 1 - end]))
            wanted = np.interp(there, [end, 2 * end, 1 - 2 * end, 1 - end], [0, 2 * end, 1 - 2 * end, 1])
            own, target = np.quantile(own, there), np.quantile(target, wanted)
            curves[block.start] = own.astype(np.float32), target.astype(np.float32)
    return curves


def apply_curves(curves: Curves, rows: Rows) -> Rows:
    """Move the scalars of `rows` (n, width), which are changed in place, along their curves."""
    for position, (own, real) in curves.items():
        rows[:, position] = np.interp(rows[:, position], own, real)
    return rows


def _scalars_with_state(blocks: Sequence[Block]) -> list[tuple[Block, Block | None]]:
    """Each scalar block with the one-hot block before it in the same column, if there is one.

    Such a block says in its first position whether the scalar counts (it is neither missing nor a spike).
    """
    pairs: list[tuple[Block, Block | None]] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.kind == "scalar":
            same = before is not None and before.kind == "onehot" and before.column == block.column
            pairs.append((block, before if same else None))
    return pairs


def _present(rows: Rows, state: Block | None) -> NDArray[np.bool_]:
    return np.ones(len(rows), bool) if state is None else rows[:, state.start] > 0.5
