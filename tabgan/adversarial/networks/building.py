"""Both networks of a layout, built by a backbone, and the backbone as plain data for a model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.adversarial.networks import BACKBONES, Backbone
from tabgan.adversarial.networks.heads import Block, Heads
from tabgan.adversarial.networks.vae import Autoencoder

STORED: dict[str, type[Backbone]] = {**BACKBONES, "autoencoder": Autoencoder}  # those that a file can name


class NoColumns(nn.Module):
    """Both networks of a table whose columns are all constants or keys: nothing is learned of it."""

    def forward(self, points: Tensor) -> Tensor:
        """Points (n, any) -> rows (n, 0)."""
        return points[:, :0]


def build_networks(
    backbone: Backbone,
    latent_dim: int,
    blocks: Sequence[Block],
    frequencies: NDArray[np.float32] | None = None,
) -> tuple[nn.Module, nn.Module]:
    """Build a generator and a critic.

    Parameters
    ----------
    backbone : Backbone
    latent_dim : int
    blocks : sequence of Block
    frequencies : ndarray of shape (width,), optional
        Mean of the encoded training rows, from which the generator starts; left out where weights are loaded.

    Returns
    -------
    generator, critic : torch.nn.Module
    """
    if not len(blocks):
        return NoColumns(), NoColumns()
    if frequencies is None:
        frequencies = np.zeros(blocks[-1].stop, dtype=np.float32)
    scalars = torch.tensor([block.start for block in blocks if block.kind == "scalar"], dtype=torch.long)
    return backbone.build(latent_dim, Heads(blocks, frequencies), scalars)


def backbone_to_dict(backbone: Any) -> dict[str, Any]:
    """Give a backbone of tabgan as JSON-able data.

    Raises
    ------
    ValueError
        If it is a class of the user's, which a file without code cannot hold.
    """
    name = next((name for name, backbone_class in STORED.items() if type(backbone) is backbone_class), None)
    if name is None:
        raise ValueError(
            f"backbone {type(backbone).__name__} is not one of tabgan; a model file holds no code, so such a "
            "model cannot be saved (`export` writes its generator)"
        )
    return {"name": name, "parameters": asdict(backbone)}


def backbone_from_dict(data: Mapping[str, Any]) -> Backbone:
    """Undo `backbone_to_dict`.

    Raises
    ------
    ValueError
        If there is no such backbone.
    """
    if data["name"] not in STORED:
        raise ValueError(f"there is no backbone {data['name']!r}; there are {', '.join(STORED)}")
    backbone: Any = STORED[data["name"]]
    return backbone(**{field.name: data["parameters"][field.name] for field in fields(backbone)})  # type: ignore[no-any-return]
