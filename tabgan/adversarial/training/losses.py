"""What the two networks play for: a GAN as data, each of its terms a pure function of the critic's scores.

``real`` and ``fake`` are always score tensors of shape (batch, 1): raw outputs of the critic, no sigmoid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, softplus

from tabgan.adversarial.training.unrolling import Score, look_ahead

Term = Callable[[Tensor, Tensor], Tensor]
Penalty = Callable[[Score, Tensor, Tensor, torch.Generator], Tensor]


def no_penalty(critic: Score, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    """Leave the critic as it likes."""
    return real.new_zeros(())


@dataclass(frozen=True)
class Objective:
    """A GAN: what the critic minimises, what the generator minimises, and what keeps the critic smooth.

    Parameters
    ----------
    critic, generator : callable
        ``term(real_scores, fake_scores) -> scalar``, both to be minimised; scores have the shape (batch, 1).
    penalty : callable, default=no_penalty
        ``penalty(critic, real_rows, fake_rows, rng) -> scalar``, added to the critic's term; rows have the
        shape (batch, width), and `rng` is the ``torch.Generator`` to draw from.
    penalty_share : float, default=1.0
        The penalty is taken on this share of the batch, which costs less and is enough where it is a mean.
    critic_steps : int, default=1
        Steps of the critic for each one of the generator.
    unrolled_steps : int, default=0
        Steps of the critic that the generator looks ahead (Metz et al. 2016, *Unrolled generative adversarial
        networks*, section 2.2). They are not kept; each takes as long as a second-order gradient does.

    Raises
    ------
    ValueError
        If `penalty_share` is not in (0, 1], `critic_steps` is less than 1, or `unrolled_steps` less than 0.

    Examples
    --------
    >>> from tabgan.adversarial.training.losses import (
    ...     Objective, gradient_penalty, hinge_critic, wasserstein_generator,
    ... )
    >>> Objective(hinge_critic, wasserstein_generator, gradient_penalty(1.0)).critic_steps
    1
    """

    critic: Term
    generator: Term
    penalty: Penalty = no_penalty
    penalty_share: float = 1.0
    critic_steps: int = 1
    unrolled_steps: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.penalty_share <= 1:
            raise ValueError(f"penalty_share must be in (0, 1], got {self.penalty_share!r}")
        if self.critic_steps < 1:
            raise ValueError(f"critic_steps must be at least 1, got {self.critic_steps!r}")
        if self.unrolled_steps < 0:
            raise ValueError(f"unrolled_steps must not be negative, got {self.unrolled_steps!r}")

    def opponent(
        self,
        critic: nn.Module,
        optimizer: torch.optim.Optimizer,
        real: Tensor,
        fake: Tensor,
        rng: torch.Generator,
    ) -> Score:
        """Give the critic that the generator plays against, as ``score(rows) -> scores``.

        Parameters
        ----------
        critic : torch.nn.Module
        optimizer : torch.optim.Optimizer
            Of the critic.
        real, fake : Tensor of shape (batch, width)
            The rows of the critic's last step; `fake` with its gradient.
        rng : torch.Generator
            What a penalty draws from.

        Returns
        -------
        callable
            The critic itself, or as it will be after `unrolled_steps` more steps on these rows.
        """

        def loss(ahead: Score) -> Tensor:
            scores = ahead(torch.cat([real, fake])).split(len(real))
            return self.critic(*scores) + self.penalty(ahead, real, fake, rng)

        return look_ahead(critic, optimizer, loss, self.unrolled_steps) if self.unrolled_steps else critic


def cross_entropy_critic(real: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy of real against fake (Goodfellow et al. 2014, section 3)."""
    return softplus(-real).mean() + softplus(fake).mean()


def minimax_generator(real: Tensor, fake: Tensor) -> Tensor:
    """The generator's side of the same game, log(1 - D(G(z))) (Goodfellow et al. 2014, equation 1)."""
    return -softplus(fake).mean()


def non_saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """-log D(G(z)), which keeps its gradient while the critic wins (Goodfellow et al. 2014, section 3)."""
    return softplus(-fake).mean()


def wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    """The dual form of the earth mover's distance, to be minimised (Arjovsky et al. 2017, equation 2)."""
    return fake.mean() - real.mean()


def wasserstein_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Raise the critic's score of generated rows (Arjovsky et al. 2017, algorithm 1)."""
    return -fake.mean()


def hinge_critic(real: Tensor, fake: Tensor) -> Tensor:
    """Scores count only up to a margin of one (Lim and Ye 2017, *Geometric GAN*)."""
    return relu(1 - real).mean() + relu(1 + fake).mean()


def relativistic_critic(real: Tensor, fake: Tensor) -> Tensor:
    """A real row should score higher than the generated row beside it.

    Jolicoeur-Martineau 2018, *The relativistic discriminator*, in the paired form of Huang et al. 2024,
    *The GAN is dead; long live the GAN!* (R3GAN), equation 2. At equilibrium it is ln 2.
    """
    return softplus(fake - real).mean()


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """The mirror image of :func:`relativistic_critic`."""
    return softplus(real - fake).mean()


def _squared_gradients(critic: Score, rows: Tensor) -> Tensor:
    """Squared norm of the critic's gradient at each row, shape (batch,)."""
    rows = rows.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(rows).float().sum(), rows, create_graph=True)
    return gradient.square().flatten(1).sum(1)


def gradient_penalty(weight: float = 10.0) -> Penalty:
    """Unit gradient norm between real and fake rows (Gulrajani et al. 2017, *Improved training of WGANs*)."""

    def penalty(critic: Score, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
        share = torch.rand(len(real), 1, generator=rng, device=real.device)
        norm = (_squared_gradients(critic, fake.lerp(real, share)) + 1e-12).sqrt()
        return weight * (norm - 1).square().mean()

    return penalty


def zero_centred_penalties(weight: float = 1.0) -> Penalty:
    """R1 and R2: no gradient at real nor at fake rows (Mescheder et al. 2018; both in R3GAN, section 2)."""

    def penalty(critic: Score, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
        squares = _squared_gradients(critic, torch.cat([real, fake]))
        return weight * squares.mean()  # the mean over both batches is (R1 + R2) / 2

    return penalty


OBJECTIVES: dict[str, Objective] = {
    "relativistic": Objective(
        relativistic_critic, relativistic_generator, zero_centred_penalties(0.3), penalty_share=0.125
    ),
    "non-saturating": Objective(cross_entropy_critic, non_saturating_generator),
    "minimax": Objective(cross_entropy_critic, minimax_generator),
    "wasserstein": Objective(
        wasserstein_critic, wasserstein_generator, gradient_penalty(10.0), critic_steps=5
    ),
    "unrolled": Objective(cross_entropy_critic, non_saturating_generator, unrolled_steps=5),
    "hinge": Objective(hinge_critic, wasserstein_generator),
}
