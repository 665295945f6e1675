"""A generator fitted to noisy tables: it sees no row, and so nothing that it does costs more privacy.

The tables that a generator is expected to give are compared with the noisy ones, each bin in units of its
noise (Liu, Vietri and Wu 2021, *Iterative methods for private synthetic data*, algorithm GEM, with all tables
at once).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.adversarial.networks.mixture import PointNetwork
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.private.measurement import Measurement, Noisy

LATENT, HIDDEN = 64, (128,)
LEARNING_RATE, BETAS = 6e-3, (0.9, 0.99)
WARM_UP = 50  # steps until the learning rate is reached
COOL_DOWN, MOST_COOL_DOWN = 100, 0.3  # steps in which it falls at the end, and their share of all at most
# It falls from where the mean squared error of a bin, in units of its noise, is this: a little above 1, less
# where tables are worth more standard deviations of noise. Later, noise would be learned. Chosen on adult,
# default and shoppers.
ENOUGH, FOLLOWED, LEAST_ERROR = 1.066, 2.6e-4, 0.93
ALIKE = 4.0  # bins, over which what is learned of one bin of numbers is passed on to its neighbours
AVERAGE, CHECK_EVERY = 0.98, 10  # decay of the running average of weights; steps between looks at its error
SMALLEST = 1e-4  # share from which the generator starts
SURE = 4.0  # standard deviations


@dataclass(frozen=True)
class Fit:
    """What training leaves.

    Parameters
    ----------
    logits : ndarray of float32, shape (n_points, width)
        Columns in their order.
    history : list of (int, float)
        Steps, and the mean squared error of a bin in units of its noise.
    stop_reason : str
    """

    logits: NDArray[np.float32]
    history: list[tuple[int, float]]
    stop_reason: str

    @property
    def n_steps(self) -> int:
        """How many steps were done."""
        return self.history[-1][0] if self.history else 0


class Targets:
    """Noisy tables as parts of square matrices, whose rows and columns are the bins of all columns.

    Parameters
    ----------
    measured : Measurement
    device : torch.device
    """

    def __init__(self, measured: Measurement, device: torch.device) -> None:
        widths = [column.coder.n_bins for column in measured.columns]
        self.widths, self.stops = widths, np.cumsum(widths)
        self.starts = self.stops - widths
        self.n_rows = measured.n_rows
        size, n_groups = int(self.stops[-1]), int(measured.groups.max(initial=-1)) + 1
        shares, precision = np.zeros((1 + n_groups, size, size)), np.zeros((1 + n_groups, size, size))
        pairs = [table for table in measured.tables if len(table.places) == 2]
        for table in pairs:
            at = [slice(self.starts[place], self.stops[place]) for place in table.places]
            which = slice(1, None) if table.by_target else 0
            where = (which, *at)
            counts = np.moveaxis(table.counts, -1, 0) if table.by_target else table.counts
            total = self._total(table)
            shares[where], precision[where] = counts / total, total**2 / table.variance
        single, single_precision = np.zeros(size), np.zeros(size)
        for table in measured.tables:
            if len(table.places) == 1:
                of_column = slice(self.starts[table.places[0]], self.stops[table.places[0]])
                total = self._total(table)
                single[of_column] = table.counts / total
                single_precision[of_column] = total**2 / table.variance
        self.n_bins = int((precision > 0).sum() + (single_precision > 0).sum())
        of_worth = pairs or measured.tables
        worth = float(np.mean([self._total(table) / np.sqrt(table.variance) for table in of_worth]))
        self.enough = max(LEAST_ERROR, ENOUGH - FOLLOWED * worth)
        self.shares, self.precision, self.single, self.single_precision = (
            torch.from_numpy(part).float().to(device)
            for part in (shares, precision, single, single_precision)
        )
        self.kernel = _kernel([column.n_ordered for column in measured.columns], widths).to(device)
        self.of_group = torch.zeros(size, n_groups, device=device)
        if measured.target is not None:
            bins = np.arange(self.starts[measured.target], self.stops[measured.target])
            self.of_group[bins, measured.groups] = 1
        self.start = torch.from_numpy(np.log(self._marginals(measured))).float().to(device)

    def loss(self, shares: Tensor) -> Tensor:
        """Give the mean squared error of a bin in units of its noise, of shares (n_points, width)."""
        weighted = shares / len(shares)
        if not self.of_group.shape[1]:
            expected = (shares.T @ weighted)[None]
        else:
            of_group = shares @ self.of_group
            parts = torch.stack([(shares * part[:, None]).T @ weighted for part in of_group.T])
            expected = torch.cat([parts.sum(0, keepdim=True), parts])
        loss: Tensor = ((expected - self.shares).square() * self.precision).sum()
        loss = loss + ((shares.mean(0) - self.single).square() * self.single_precision).sum()
        return loss / self.n_bins

    def _total(self, table: Noisy) -> float:
        """Give the number of rows in a table: of all, unless noise does not explain that fewer are in it."""
        total = float(table.counts.sum())
        is_all = abs(total - self.n_rows) < SURE * np.sqrt(table.variance * table.counts.size)
        return self.n_rows if is_all else max(total, 1.0)

    def _marginals(self, measured: Measurement) -> NDArray[np.float64]:
        """Give shares of single columns, shape (width,), from all tables that they are part of."""
        sums, weight = np.zeros(int(self.stops[-1])), np.zeros(int(self.stops[-1]))
        for table in measured.tables:
            for axis, place in enumerate(table.places):
                others = tuple(k for k in range(table.counts.ndim) if k != axis)
                at = slice(self.starts[place], self.stops[place])
                accuracy = table.counts.shape[axis] / table.counts.size / table.variance
                sums[at] += accuracy * table.counts.sum(axis=others) / self._total(table)
                weight[at] += accuracy
        shares = np.maximum(sums / weight, SMALLEST)
        return np.concatenate([part / part.sum() for part in np.split(shares, self.stops[:-1])])


def _kernel(n_ordered: list[int], widths: list[int]) -> Tensor:
    """Give a matrix by which bins of numbers learn together, shape (width, width).

    Its square has exp(-distance / ALIKE) between two bins of a column, so that gradient descent learns what
    neighbours have in common before what tells them apart: of their noise, the latter is most.
    """
    kernels = [np.eye(width) for width in widths]
    for kernel, n in zip(kernels, n_ordered, strict=True):
        place = np.arange(n)
        values, vectors = np.linalg.eigh(np.exp(-np.abs(place[:, None] - place) / ALIKE))
        root = (vectors * np.sqrt(values)) @ vectors.T
        kernel[:n, :n] = root / np.linalg.norm(root, axis=1, keepdims=True)
    return torch.block_diag(*(torch.from_numpy(kernel).float() for kernel in kernels))


def fit(
    measured: Measurement,
    n_points: int,
    max_steps: int,
    seed: np.random.SeedSequence,
    device: torch.device,
    on_step: Callable[[int], object] = lambda step: None,
) -> Fit:
    """Fit the probabilities of categories at `n_points` latent points to noisy tables.

    Parameters
    ----------
    measured : Measurement
    n_points, max_steps : int
    seed : numpy.random.SeedSequence
    device : torch.device
    on_step : callable
        ``on_step(step)`` after each.

    Returns
    -------
    Fit
        Training stops where noise explains what is left of the error.
    """
    targets = Targets(measured, device)
    if len(targets.widths) == 1:
        logits = np.tile(targets.start.cpu().numpy(), (n_points, 1))
        return Fit(logits, [], "there is a single column, whose histogram is known")
    with seeded(seed_number(seed), device):
        network = PointNetwork(n_points, LATENT, HIDDEN, targets.widths).to(device)
    with torch.no_grad():
        network.out.weight.mul_(0.5)
        network.out.bias.zero_()
        network.start.copy_(targets.start)
        network.kernel.copy_(targets.kernel)
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, betas=BETAS)
    history: list[tuple[int, float]] = []
    n_cooling = max(1, min(COOL_DOWN, int(MOST_COOL_DOWN * max_steps)))
    last = max_steps
    for step in range(1, max_steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, step / WARM_UP, (last - step + 1) / n_cooling)
        optimizer.zero_grad()
        targets.loss(network()).backward()
        optimizer.step()
        with torch.no_grad():
            for mean, value in zip(average.parameters(), network.parameters(), strict=True):
                mean.lerp_(value, 1 - min(AVERAGE, step / (step + 10)))
        on_step(step)
        if step % CHECK_EVERY == 0 or step == last:
            history.append((step, float(targets.loss(average()))))
            if history[-1][1] < targets.enough:
                last = min(last, step + n_cooling)
        if step == last:
            break
    done = f"noise explains the rest of the error, after {last} steps"
    reason = done if last < max_steps else f"all {max_steps} steps done"
    return Fit(average.logits().float().cpu().numpy(), history, reason)
