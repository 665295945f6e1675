"""Where to compute and how exactly: the device and the number format that suit the machine."""

from __future__ import annotations

import contextlib
import os
from functools import lru_cache

import torch
from threadpoolctl import ThreadpoolController

thread_pools = lru_cache(ThreadpoolController)  # looks for all of them at the first call
PRECISIONS = ("auto", "float32", "bfloat16")
MANY_ROWS = 512  # a batch from which several threads are worth their coordination


def choose_device(name: str) -> torch.device:
    """The torch device called `name`; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises
    ------
    ValueError
        If the name is unknown or the device is not there.
    """
    if name == "auto":
        mps = torch.backends.mps.is_available()
        return (
            torch.device("cuda", torch.cuda.current_device())
            if torch.cuda.is_available()
            else torch.device("mps" if mps else "cpu")
        )
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device={name!r} is not available here ({error}); try device='auto'") from error
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


def fast_bfloat16(device: torch.device) -> bool:
    """Whether `device` multiplies matrices of bfloat16 in hardware; without, it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "amx_tile", "bf16"))


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager[object]:
    """Mixed precision for a block of code.

    Parameters
    ----------
    device : torch.device
    precision : {"auto", "float32", "bfloat16"}
        "auto" takes bfloat16 where the hardware multiplies it fast.

    Weights are converted each time that they are used. PyTorch would keep them, but for all threads together:
    a block that ends in another thread would forget them, and gradients would be added up in another order.
    """
    if precision == "bfloat16" or (precision == "auto" and fast_bfloat16(device)):
        return torch.autocast(device.type, dtype=torch.bfloat16, cache_enabled=False)
    return contextlib.nullcontext()


def threads_for(batch_size: int) -> contextlib.AbstractContextManager[object]:
    """One thread on the CPU, or as many as torch has where that pays; as before after the block.

    Several pay for large batches, and where threads that wait for each other sleep. By themselves, OpenMP's
    threads keep a processor busy while they wait; beside other programs they wait long, and a fit takes many
    times its CPU time. That cannot be changed once OpenMP runs: ``OMP_WAIT_POLICY=PASSIVE`` must stand in the
    environment before torch is imported, as the command line has it. The limit holds in the calling thread
    alone; `torch.set_num_threads` would change threads that start meanwhile, too.
    """
    if batch_size >= MANY_ROWS and os.environ.get("OMP_WAIT_POLICY", "").upper() == "PASSIVE":
        return contextlib.nullcontext()
    return thread_pools().limit(limits=1, user_api="openmp")
