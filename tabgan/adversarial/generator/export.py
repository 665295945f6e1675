"""The generator as a program that runs without tabgan: a pure function of normal points, by torch.export."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tabgan.adversarial.generator.sampler import Sampler
from tabgan.trees.leaf_maps import RankMap
from tabgan.trees.transport import Transport


class Program(nn.Module):
    """Standard normal points -> encoded rows, before rejection; the same points give the same rows.

    The first `latent_dim` coordinates of a point are the latent ones. The others stand in for the noise: one
    for each position of a one-hot block, and of a variational autoencoder one for each scalar, too.

    Parameters
    ----------
    sampler : Sampler
        Its averaged generator and its calibration are copied.
    """

    def __init__(self, sampler: Sampler) -> None:
        super().__init__()
        self.generator = copy.deepcopy(sampler.generator).to("cpu", torch.float32).eval()
        self.widths = [sampler.latent_dim, self.generator.noise_width]
        marginals = sampler.stages["marginals"]
        assert isinstance(marginals, Transport)
        maps = marginals.rank_maps()
        positions = [sampler.blocks[place].start for place in maps]
        self.calibrate = Calibration(positions, list(maps.values())) if maps else nn.Identity()

    def forward(self, points: Tensor) -> Tensor:
        """Points (n, latent_dim + noise_width) -> rows (n, width)."""
        latent, noise = points.split(self.widths, 1)
        rows: Tensor = self.calibrate(self.generator(latent, torch.special.ndtr(noise))[0])
        return rows


class Calibration(nn.Module):
    """Each scalar moved to its real distribution, as the stage "marginals" does it."""

    positions: Tensor
    generated: Tensor
    real: Tensor

    def __init__(self, positions: list[int], maps: Sequence[RankMap]) -> None:
        super().__init__()
        longest = max(len(each.left) for each in maps)
        self.register_buffer("positions", torch.tensor(positions))
        for name, ends in {"generated": ("left", "right"), "real": ("low", "high")}.items():
            knots = [np.column_stack([getattr(each, end) for end in ends]).ravel() for each in maps]
            padded = [np.pad(each, (0, 2 * longest - len(each)), "edge") for each in knots]
            self.register_buffer(name, torch.from_numpy(np.stack(padded)))

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (n, width) -> rows (n, width)."""
        values = rows.index_select(1, self.positions).T.contiguous()
        after = torch.searchsorted(self.generated, values, right=True).clamp(1, self.generated.shape[1] - 1)
        left, right = self.generated.gather(1, after - 1), self.generated.gather(1, after)
        share = ((values - left) / (right - left).clamp_min(1e-12)).clamp(0, 1)
        moved = torch.lerp(self.real.gather(1, after - 1), self.real.gather(1, after), share)
        return rows.index_copy(1, self.positions, moved.T)


def write_program(path: str | os.PathLike[str], sampler: Sampler, table: Mapping[str, Any]) -> None:
    """Trace the generator of a sampler, for any number of points, and write it, with `table` beside it.

    Raises
    ------
    ValueError
        If the name of the file does not end in ``.pt2``, or there is no block to generate.
    """
    if os.path.splitext(path)[1] != ".pt2":
        raise ValueError(
            "an exported generator is a file that ends in .pt2 (TorchScript, .pt, is no longer written), "
            f"got {os.fspath(path)!r}"
        )
    if not sampler.blocks:
        raise ValueError("there is nothing to export: every column is a constant or a key")
    program = Program(sampler).eval()
    width = sum(program.widths)
    points = torch.randn(4, width, generator=torch.Generator().manual_seed(0))
    document = json.dumps({"points": width, **table}, ensure_ascii=False)
    any_number = ({0: torch.export.Dim("rows")},)
    with torch.no_grad():
        exported = torch.export.export(program, (points,), dynamic_shapes=any_number, strict=False)
    torch.export.save(exported, os.fspath(path), extra_files={"table.json": document})
