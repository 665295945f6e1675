"""Several processes that train together: gradients are averaged, and the first process decides."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from tabgan.adversarial.training.state import Callback, State

T = TypeVar("T")
PATIENCE = timedelta(minutes=30)  # with one that reads a table, say; a dead one is noticed at once
AGREE_EVERY = 50  # steps


def n_processes() -> int:
    """How many processes train together: those of the process group, if there is one."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process among them."""
    return dist.get_rank() if n_processes() > 1 else 0


def process_seed(seed: np.random.SeedSequence) -> np.random.SeedSequence:
    """Give each process another random stream; a single one keeps what it has."""
    return seed if n_processes() == 1 else seed.spawn(n_processes())[rank()]


@contextmanager
def launched() -> Iterator[int]:
    """Form a process group where ``torchrun`` started this process, until the block ends."""
    if "TORCHELASTIC_RUN_ID" not in os.environ or n_processes() > 1:
        yield rank()
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    try:
        yield rank()
    finally:
        dist.destroy_process_group()


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give every process the mean of all gradients: one message for all of them."""
    if n_processes() == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= n_processes()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def from_first(make: Callable[[], T]) -> T:
    """Give every process what the first one makes."""
    if n_processes() == 1:
        return make()
    box = [make() if rank() == 0 else None]
    dist.broadcast_object_list(box, src=0)
    return box[0]  # type: ignore[return-value]


def take_from_first(networks: Iterable[nn.Module]) -> None:
    """Give the networks of every process the weights that those of the first have."""
    if n_processes() == 1:
        return
    for network in networks:
        for values in network.state_dict().values():
            dist.broadcast(values, src=0)


def agreed(callback: Callback) -> Callback:
    """Stop all processes at the same step, for the first one's reason, instead of each for another."""
    if n_processes() == 1:
        return callback
    reasons: list[str | bool | None] = [None]

    def on_step(state: State) -> str | bool | None:
        reasons[0] = reasons[0] or callback(state)
        return from_first(lambda: reasons[0]) if state.step % AGREE_EVERY == 0 else None

    return on_step
