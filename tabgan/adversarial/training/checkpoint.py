"""Training that survives: all that a run knows goes into one file now and then, and comes back from it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from tabgan.adversarial.training.state import Optimizers, State

NAME = "checkpoint.safetensors"
FORMAT = "tabgan-checkpoint-1"
SAVES = 50  # in a run, evenly

Tensors = dict[str, Tensor]


class Stateful(Protocol):
    """What has a state of its own beside the networks: batches, history, validation."""

    def get_state(self) -> tuple[dict[str, Any], Tensors]:
        """Give it as JSON-able data and tensors."""

    def set_state(self, data: dict[str, Any], tensors: Tensors) -> None:
        """Take it back."""


class Checkpoint:
    """A folder with the last state of a run; a run of the same parameters and rows goes on from there.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    parameters : mapping of str to str
        What the run depends on, each parameter in words.

    Attributes
    ----------
    seed : int or None
        What the run's random streams begin with, once there is a checkpoint or `start` said so.

    Raises
    ------
    ValueError
        If there is a checkpoint of other parameters, or one that cannot be read.
    """

    def __init__(self, folder: str | os.PathLike[str], parameters: Mapping[str, str]) -> None:
        self.path = Path(folder) / NAME
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.parameters = dict(parameters)
        self.seed: int | None = None
        self.rows = ""
        self._data, self._tensors = self._read() if self.path.exists() else ({}, {})
        if self._data:
            self.seed = self._data["seed"]
            self._compare()

    def start(self, seed: int, rows: str) -> None:
        """Say what the run begins with: its seed, and the fingerprint of the encoded rows."""
        self.seed, self.rows = seed, rows
        if self._data and self._data["rows"] != rows:
            raise ValueError(
                f"{self.path} is of a run on other rows than these; fit the same table, or name an empty "
                "folder to begin anew"
            )

    def save(self, step: int, state: State, players: Optimizers, parts: Mapping[str, Stateful]) -> None:
        """Write the whole state after `step` steps; the file before is replaced once the new one is complete.

        Raises
        ------
        OSError
            If it cannot be written; the last checkpoint is still there.
        """
        found = {name: part.get_state() for name, part in parts.items()}
        tensors = {f"{name}.{key}": value for name, (_, own) in found.items() for key, value in own.items()}
        for name, network in _networks(state).items():
            tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
            if network in players:
                tensors |= _optimizer_tensors(f"optimizer.{name}", players[network])
        tensors["random.cpu"] = torch.random.default_generator.get_state()
        if state.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(state.device)
        data = {
            "format": FORMAT,
            "step": step,
            "total": state.step,
            "seed": self.seed,
            "rows": self.rows,
            "parameters": self.parameters,
            "parts": {name: own for name, (own, _) in found.items()},
        }
        self._write(data, {name: value.cpu().contiguous() for name, value in tensors.items()})

    def resume(self, state: State, players: Optimizers, parts: Mapping[str, Stateful]) -> int:
        """Put everything back as it was saved, torch's random streams too; gives the step to go on from."""
        if not self._data:
            return 0
        for name, network in _networks(state).items():
            network.load_state_dict(_under(f"{name}.", self._tensors))
            if network in players:
                _restore_optimizer(players[network], _under(f"optimizer.{name}.", self._tensors))
        for name, part in parts.items():
            own = _under(f"{name}.", self._tensors)
            part.set_state(self._data["parts"][name], {k: v.to(state.device) for k, v in own.items()})
        torch.random.default_generator.set_state(self._tensors["random.cpu"])
        if state.device.type == "cuda" and "random.cuda" in self._tensors:
            torch.cuda.set_rng_state(self._tensors["random.cuda"], state.device)
        state.step = self._data["total"]
        step: int = self._data["step"]
        self._tensors = {}
        return step

    def _read(self) -> tuple[dict[str, Any], Tensors]:
        try:
            with safe_open(self.path, framework="pt") as file:
                data = json.loads((file.metadata() or {}).get("tabgan", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, ValueError, OSError) as error:
            raise ValueError(f"{self.path} cannot be read ({error}); delete it to begin anew") from error
        if data.get("format") != FORMAT:
            raise ValueError(f"{self.path} is no checkpoint of this version of tabgan; name another folder")
        return data, tensors

    def _compare(self) -> None:
        """Refuse to go on with other parameters."""
        saved = self._data["parameters"]
        for name in sorted(saved.keys() | self.parameters.keys()):
            before, now = saved.get(name), self.parameters.get(name)
            if before != now:
                raise ValueError(
                    f"{self.path} is of a run with {name}={before}, and now it is {now}; take the same "
                    "parameters, or name an empty folder to begin anew"
                )

    def _write(self, data: Mapping[str, Any], tensors: Tensors) -> None:
        temporary = self.path.with_name(f".{NAME}.new")  # the same each time: a kill leaves one at most
        try:
            with open(temporary, "wb") as file:
                file.write(save(tensors, {"tabgan": json.dumps(data)}))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            message = f"no checkpoint could be written ({error.strerror}), the last one is intact; make room"
            raise OSError(error.errno, message, str(self.path)) from error


def _networks(state: State) -> dict[str, nn.Module]:
    return {"generator": state.generator, "critic": state.critic, "average": state.average}


def _optimizer_tensors(name: str, optimizer: torch.optim.Optimizer) -> Tensors:
    saved = optimizer.state_dict()["state"]
    return {f"{name}.{place}.{key}": value for place, own in saved.items() for key, value in own.items()}


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {}
    for name, value in tensors.items():
        place, _, key = name.partition(".")
        whole["state"].setdefault(int(place), {})[key] = value
    optimizer.load_state_dict(whole)


def _under(prefix: str, tensors: Tensors) -> Tensors:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
