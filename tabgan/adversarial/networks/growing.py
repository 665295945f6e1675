"""Networks of a layout that has got more categories: what was learned stays, and the new ones are added."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tabgan.adversarial.networks.mlp import OneStageGenerator, TwoStageGenerator
from tabgan.layout import Block

Places = NDArray[np.intp]
Moves = Sequence[Places]  # of each block, what number each of its categories has now


def can_grow(generator: nn.Module) -> bool:
    """Tell whether the layers of a generator are known, so that categories can be added to them."""
    return isinstance(generator, OneStageGenerator | TwoStageGenerator)


def grow_generator(
    old: nn.Module, new: nn.Module, moves: Moves, before: Sequence[Block], after: Sequence[Block]
) -> None:
    """Copy the weights of a generator into one of more categories, which are as frequent as `new` says.

    Parameters
    ----------
    old, new : Generator
        Of the same backbone, of the layouts `before` and `after`.
    moves : sequence of ndarray of shape (width,)
        Of each block of `before`, what number each of its categories has in `after`.
    """
    places, n_old = _raw_places(moves, before, after), sum(b.width for b in before if b.kind == "onehot")
    source, target = old.state_dict(), new.state_dict()
    for name, values in target.items():
        others = source[name]
        if values.shape == others.shape:
            values.copy_(others)
        elif len(values) != len(others):  # outputs, and the prior shares
            if name != "heads.prior":
                values.zero_()  # so that a new category is as frequent as its prior share says
            values[_index(len(others), len(values), places, 0)] = others
        else:  # inputs, of which the nominal part comes last
            n_inputs = others.shape[1]
            values[:, _index(n_inputs, values.shape[1], places, n_inputs - n_old)] = others


def grow_critic(
    old: nn.Module, new: nn.Module, moves: Moves, before: Sequence[Block], after: Sequence[Block]
) -> None:
    """Copy the weights of a critic into one of more categories, whose own are as they were drawn."""
    parts = [block.start + move for block, move in zip(after, moves, strict=True)]
    places = np.concatenate(parts).astype(np.intp)
    source, target = old.state_dict(), new.state_dict()
    for name, values in target.items():
        others = source[name]
        if values.shape == others.shape:
            values.copy_(others)
        else:
            values[:, _index(others.shape[1], values.shape[1], places, 0)] = others


def _index(before: int, after: int, places: Places, first: int) -> torch.Tensor:
    """Give where outputs or inputs go: those from `first` on to `places`, those behind after all of these."""
    last = first + len(places)
    behind = np.arange(last, before) + after - before
    return torch.from_numpy(np.concatenate([np.arange(first), first + places, behind]))


def _raw_places(moves: Moves, before: Sequence[Block], after: Sequence[Block]) -> Places:
    """Give where each nominal output goes: they stand block after block, by width."""
    starts = {}
    position = 0
    for place in _by_width(after):
        starts[place], position = position, position + after[place].width
    return np.concatenate(
        [np.zeros(0, dtype=np.intp), *(starts[place] + moves[place] for place in _by_width(before))]
    ).astype(np.intp)


def _by_width(blocks: Sequence[Block]) -> list[int]:
    onehots = [place for place, block in enumerate(blocks) if block.kind == "onehot"]
    return sorted(onehots, key=lambda place: blocks[place].width)
