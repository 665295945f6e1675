"""How well the critic knows its training rows: once it does, it teaches these and not their law."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor

from tabgan.adversarial.device import autocast
from tabgan.adversarial.training.state import State

ROWS = 2000  # training rows that are asked about
KNOWN = 0.8  # from here on training stops


class Membership:
    """The attack of Hayes et al. 2019, *LOGAN: membership inference attacks against generative models*.

    A critic that overfits gives training rows higher scores than held-out ones (Karras et al. 2020,
    *Training generative adversarial networks with limited data*, section 3, watch for the
    same sign). Its scores then attack: the area under the curve is the chance that a training row gets the
    higher one.

    Parameters
    ----------
    kept, held_out : ndarray of shape (n, width) and (m, width)
        Encoded rows that the critic learns from, and others.
    device : torch.device
    precision : {"auto", "float32", "bfloat16"}
    """

    def __init__(
        self,
        kept: NDArray[np.float32],
        held_out: NDArray[np.float32],
        device: torch.device,
        precision: str,
    ) -> None:
        self.rows: Tensor = torch.as_tensor(np.concatenate([kept[:ROWS], held_out]), device=device)
        self.member = np.arange(len(self.rows)) < len(self.rows) - len(held_out)
        self.precision = precision

    @torch.inference_mode()
    def __call__(self, state: State) -> float:
        """Area under the curve, 0.5 for a critic that knows no row; nan where there is no critic."""
        if not any(True for _ in state.critic.parameters()):
            return math.nan
        state.critic.eval()
        with autocast(state.device, self.precision):
            scores = state.critic(self.rows).float().cpu().numpy().ravel()
        state.critic.train()
        return float(roc_auc_score(self.member, scores)) if np.isfinite(scores).all() else math.nan
