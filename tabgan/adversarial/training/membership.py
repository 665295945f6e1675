"""How well the critic knows its training rows: once it does, it teaches these and not their distribution."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor

from tabgan.adversarial.networks.encoding import Encoding
from tabgan.adversarial.training.state import State

ROWS = 2000  # training rows that are asked about
KNOWN = 0.8  # from here on training stops


class Membership:
    """The attack of Hayes et al. 2019, *LOGAN: membership inference attacks against generative models*.

    A critic that overfits gives training rows higher scores than those of the validation set (Karras et al.
    2020, *Training generative adversarial networks with limited data*, section 3, watch for the same sign).
    Its scores then attack: the area under the curve is the chance that a training row gets the higher one.

    Parameters
    ----------
    members, others : ndarray of shape (n, n_blocks) and (m, n_blocks)
        Codes of rows that the critic learns from, and those of the validation set.
    encoding : Encoding
        Makes rows of them.
    device : torch.device
    """

    def __init__(
        self,
        members: NDArray[np.float32],
        others: NDArray[np.float32],
        encoding: Encoding,
        device: torch.device,
    ) -> None:
        codes = torch.as_tensor(np.concatenate([members, others]), device=device)
        self.rows: Tensor = encoding.rows(codes)
        self.is_member = np.arange(len(self.rows)) < len(members)

    @torch.inference_mode()
    def __call__(self, state: State) -> float:
        """Area under the curve, 0.5 for a critic that knows no row; nan where there is no critic."""
        if not any(True for _ in state.critic.parameters()):
            return math.nan
        state.critic.eval()
        with state.autocast():
            scores = state.critic(self.rows).float().cpu().numpy().ravel()
        state.critic.train()
        return float(roc_auc_score(self.is_member, scores)) if np.isfinite(scores).all() else math.nan
