"""How to learn: the groups of parameters that belong together, and all of them as training takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from sklearn.base import BaseEstimator

from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.training.state import TrainingStep


@dataclass
class Adam(BaseEstimator):
    """The optimizer of both networks: Adam (Kingma and Ba 2014) and a running average of the generator.

    Parameters
    ----------
    learning_rate : float, default=1e-3
        Of the generator at the start; it falls along a cosine.
    critic_learning_rate : float, default=2e-3
        Of the critic, which should be ahead of the generator.
    betas : (float, float), default=(0.0, 0.99)
        Decay of the running means of the gradients and of their squares, for both networks.
    average : float, default=0.995
        Weight of the past in the running average of the generator, which is what samples.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Number format of the steps; "auto" takes bfloat16 where the hardware multiplies it fast.

    Examples
    --------
    >>> from tabgan import Adam, TabGAN
    >>> TabGAN(optimizer=Adam(learning_rate=5e-4)).set_params(optimizer__average=0.99).optimizer.average
    0.99
    """

    learning_rate: float = 1e-3
    critic_learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.99)
    average: float = 0.995
    precision: Literal["auto", "float32", "bfloat16"] = "auto"


@dataclass
class Validation(BaseEstimator):
    """The validation set, and when training stops by it.

    Parameters
    ----------
    fraction : float, default=0.1
        Share of the rows that tell how good samples are and are not trained on; 0 for none. They are 2,000 at
        most, and of small tables a fifth, 50 at most, is taken where the share would be less.
    patience : int or None, default=10
        Stop after so many checks (there are 25) without a better one, and once the critic tells training rows
        from those of the validation set, as it soon does on small tables; None never stops. See
        :class:`~tabgan.adversarial.training.membership.Membership`.

    Examples
    --------
    >>> from tabgan import TabGAN, Validation
    >>> TabGAN(validation=Validation(patience=None)).validation
    Validation(fraction=0.1, patience=None)
    """

    fraction: float = 0.1
    patience: int | None = 10


@dataclass(frozen=True)
class Settings:
    """How to learn; what each means stands in :class:`tabgan.TabGAN`. The estimators alone have defaults."""

    backbone: Backbone
    training_step: TrainingStep
    optimizer: Adam
    validation: Validation
    batch_size: int
    max_steps: int | None
    max_time: float | None
    device: torch.device
    refine: bool
    verbose: int
