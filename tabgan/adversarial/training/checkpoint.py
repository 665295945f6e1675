"""Training that survives: all that a run knows goes into one file now and then, and comes back from it."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import torch

from tabgan.adversarial.training.state import Callback, State

NAME = "checkpoint.pt"
FORMAT, CHECKSUM = "tabgan-checkpoint-5", "sha256"
CONTENT = {"seed": int, "rows": str, "parameters": dict, "step": int, "total": int, "random": torch.Tensor}
SAVES = 50  # in a run, evenly


class Stateful(Protocol):
    """What has a state: networks, optimizers, batches, history, early stopping."""

    def state_dict(self) -> dict[str, Any]:
        """Give it as tensors, numbers and strings, in dictionaries and lists."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
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
        self._saved = self._read() if self.path.exists() else {}
        if self._saved:
            self.seed = self._saved["seed"]
            self._compare(self._saved["parameters"])

    def start(self, seed: int, rows: str) -> None:
        """Say what the run begins with: its seed, and the fingerprint of the encoded rows."""
        self.seed, self.rows = seed, rows
        if self._saved and self._saved["rows"] != rows:
            raise ValueError(
                f"{self.path} is of a run on other rows than these; fit the same table, or name an empty "
                "folder to start from the beginning"
            )

    def resume(self, state: State, parts: Mapping[str, Stateful]) -> int:
        """Put everything back as it was saved, the random stream too; gives the step to go on from."""
        if not self._saved:
            return 0
        saved, self._saved = self._read(state.device), {"rows": self.rows}
        try:
            if best := saved["early stopping"]["weights"]:
                state.average.load_state_dict(best)  # as it will be at the end; what is saved of it follows
            for name, part in parts.items():
                part.load_state_dict(saved[name])
            state.rng.set_state(saved["random"].cpu())
        except Exception as error:  # of many kinds, as networks and optimizers read it
            raise ValueError(
                f"{self.path} does not fit this run ({type(error).__name__}); delete it to start from the "
                "beginning"
            ) from error
        state.step = saved["total"]
        step: int = saved["step"]
        return step

    def saving(self, before: int, steps: int, parts: Mapping[str, Stateful]) -> Callback:
        """Give a callback that saves now and then in a run of `steps`, and at its end.

        The networks had taken `before` steps when the run began. The callback raises an OSError if the file
        cannot be written; the last checkpoint is still there.
        """
        every = max(1, math.ceil(steps / SAVES))

        def on_step(state: State) -> None:
            step = state.step - before
            if step % every == 0 or step == steps:
                content = {"step": step, "total": state.step, "random": state.rng.get_state()}
                self._write(content | {name: part.state_dict() for name, part in parts.items()})

        return on_step

    def _write(self, content: dict[str, Any]) -> None:
        """Write the content with what the run depends on, and replace the file once all of it is there."""
        content |= {"format": FORMAT, "seed": self.seed, "rows": self.rows, "parameters": self.parameters}
        content[CHECKSUM] = _checksum(content)
        temporary = self.path.with_name(f".{NAME}.new")  # the same each time: a kill leaves one at most
        try:
            with open(temporary, "wb") as file:
                torch.save(content, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except (OSError, RuntimeError) as error:
            temporary.unlink(missing_ok=True)
            message = f"no checkpoint could be written ({error}), the last one is intact; make room"
            raise OSError(getattr(error, "errno", None), message, str(self.path)) from error

    def _read(self, device: torch.device | str = "cpu") -> dict[str, Any]:
        if not self.path.is_file():
            raise ValueError(f"{self.path} is no file; name another folder")
        try:
            _check_members(self.path)
            content: dict[str, Any] = torch.load(self.path, map_location=device, weights_only=True)
        except Exception as error:  # of many kinds, as the bytes may be any
            # torch's message is long and advises to run whatever code may be in the file
            kind = type(error).__name__
            raise ValueError(
                f"{self.path} cannot be read ({kind}); delete it to start from the beginning"
            ) from error
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"{self.path} is no checkpoint of this version of tabgan; name another folder")
        is_whole = all(isinstance(content.get(name), kind) for name, kind in CONTENT.items())
        is_whole = is_whole and min(content[name] for name, kind in CONTENT.items() if kind is int) >= 0
        if not is_whole or content.pop(CHECKSUM, None) != _checksum(content):
            raise ValueError(
                f"{self.path} is damaged: its checksum does not fit; delete it to start from the beginning"
            )
        return content

    def _compare(self, saved: Mapping[str, str]) -> None:
        """Refuse to go on with other parameters."""
        for name in sorted(saved.keys() | self.parameters.keys()):
            before, now = saved.get(name), self.parameters.get(name)
            if before != now:
                raise ValueError(
                    f"{self.path} is of a run with {name}={before}, and now it is {now}; take the same "
                    "parameters, or name an empty folder to start from the beginning"
                )


def _check_members(path: Path) -> None:
    """Refuse an archive with members that are compressed, so that they could be of any size, or damaged."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                raise ValueError(f"{info.filename} is compressed")
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} is damaged")


def _checksum(content: Any) -> str:
    """Give what tells these tensors, numbers and strings, in dictionaries and lists, from any others."""
    digest = sha256()

    def add(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            array = value.detach().cpu()
            digest.update(f"{array.dtype} {tuple(array.shape)}".encode())
            digest.update(
                array.contiguous().flatten().view(torch.uint8).numpy().data if array.numel() else b""
            )
        elif isinstance(value, Mapping):
            digest.update(f"{len(value)} entries".encode())
            for key, each in value.items():
                add(key)
                add(each)
        elif isinstance(value, list | tuple):
            digest.update(f"{len(value)} items".encode())
            for each in value:
                add(each)
        else:
            digest.update(f"{type(value).__name__} {value!r};".encode())

    add(content)
    return digest.hexdigest()
