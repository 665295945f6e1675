"""Both networks of a layout, built by a backbone, and the backbone as plain data for a model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tabgan.adversarial.networks import BACKBONES, DCGAN, Autoencoder, Backbone
from tabgan.adversarial.networks.heads import Generator, Heads, NoColumns
from tabgan.adversarial.networks.mixture import Mixture
from tabgan.layout import Block

MOST_LAYERS, LARGEST = 1000, 2**31 - 1  # of a network that is read from a file; numbers that describe it
STORED: dict[str, type[Any]] = {each.__name__: each for each in (*BACKBONES.values(), Autoencoder, Mixture)}


def build_networks(
    backbone: Backbone, blocks: Sequence[Block], frequencies: NDArray[np.float32] | None = None
) -> tuple[Generator, nn.Module]:
    """Build a generator and a critic.

    Parameters
    ----------
    backbone : Backbone
    blocks : sequence of Block
    frequencies : ndarray of shape (width,), optional
        Mean of the encoded training rows, from which the generator starts; left out where weights are loaded.

    Returns
    -------
    generator : Generator
    critic : torch.nn.Module
    """
    if not len(blocks):
        return NoColumns(), nn.Identity()
    if frequencies is None:
        frequencies = np.zeros(blocks[-1].stop, dtype=np.float32)
    return backbone.build(Heads(blocks, frequencies), _scalars(blocks))


def empty_generator(backbone: Backbone, blocks: Sequence[Block]) -> Generator:
    """Build a generator whose weights have shapes and no values, so that they take no memory.

    They are to be given by ``load_state_dict(..., assign=True)``.
    """
    if not len(blocks):
        return NoColumns()
    heads = Heads(blocks, np.zeros(blocks[-1].stop, dtype=np.float32))
    scalars = _scalars(blocks)
    with torch.device("meta"):
        generator, _ = backbone.build(heads, scalars)
    return generator


def backbone_to_dict(backbone: Any) -> dict[str, Any]:
    """Give a backbone of tabgan as JSON-able data.

    Raises
    ------
    ValueError
        If it is a class of the user's, which a file without code cannot hold.
    """
    if type(backbone) not in STORED.values():
        raise ValueError(
            f"backbone {type(backbone).__name__} is not one of tabgan's; a model file holds no code, so such "
            "a model cannot be saved (`export` writes its generator)"
        )
    return {"type": type(backbone).__name__, "params": plain(backbone.get_params(deep=False))}


def backbone_from_dict(data: Mapping[str, Any]) -> Backbone:
    """Undo `backbone_to_dict`.

    Raises
    ------
    ValueError
        If there is no such backbone.
    """
    if data["type"] not in STORED:
        raise ValueError(f"there is no backbone {data['type']!r}; there are {', '.join(STORED)}")
    stored = STORED[data["type"]]
    backbone: Backbone = stored(**tuples({each.name: data["params"][each.name] for each in fields(stored)}))
    default = stored(shape=(1, 4, 4)) if stored is DCGAN else stored()
    for name, value in vars(backbone).items():
        if not _is_like(value, getattr(default, name)):
            raise ValueError(f"the backbone {data['type']} has {name}={value!r:.80}")
    return backbone


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sequences as lists, NumPy's numbers as Python's, for JSON."""

    def of(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [of(each) for each in value]
        return value.item() if isinstance(value, np.generic) else value

    return {name: of(value) for name, value in values.items()}


def tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists, as JSON has them, as the tuples that parameters are."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _is_like(value: Any, usual: Any) -> bool:
    """Tell whether a parameter that was read is of the type of the usual one, and a size, a possible one."""
    if isinstance(usual, tuple):
        return isinstance(value, tuple) and len(value) <= MOST_LAYERS and all(_is_like(v, 1) for v in value)
    if isinstance(usual, float):
        return type(value) in (int, float) and 0 <= value < 1
    if isinstance(usual, int) and not isinstance(usual, bool):
        return type(value) is int and 0 <= value <= LARGEST
    return type(value) is type(usual)


def _scalars(blocks: Sequence[Block]) -> torch.Tensor:
    return torch.tensor([block.start for block in blocks if block.kind == "scalar"], dtype=torch.long)
