"""GANRegressionSampler: more rows of rare values of a number."""

from __future__ import annotations

from typing import Any

import numpy as np

from tabgan.augment.containers import New, Rows, Seed
from tabgan.augment.resampler import Resampler
from tabgan.augment.source import fit_source, rare_rows
from tabgan.estimators.gan import TabGAN


class GANRegressionSampler(Resampler):
    """Add rows with rare values of a continuous y, drawn by a TabGAN.

    The TabGAN is fitted to X and y together. Of the rows it draws, those whose y is rare are kept with higher
    probability: with the density of y in the real rows, scaled to [0, 1], as d(y), a row weighs
    ``max(1 - alpha * d(y), 0.001)``.

    Parameters
    ----------
    amount : float, default=0.5
        New rows for each real one.
    alpha : float, default=1.0
        How strongly rare values are preferred; 0 draws as the real rows are, above 1 the most frequent values
        hardly get any rows.
    model : TabGAN, optional
    max_time : float, optional
        As in :class:`GANOverSampler`.
    random_state : int, RandomState or None, default=None
        Seed of everything random; a `model` with a `random_state` keeps it.
    verbose : int, default=0
        1 shows the progress of fitting the default model.

    Attributes
    ----------
    model_ : TabGAN or None
        The fitted model; None if no row was to be added.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Notes
    -----
    The weights are those of DenseWeight, section 3 of Steininger et al. 2021, *Density-based weighting for
    imbalanced regression*, Machine Learning 110, with a kernel density estimate of Scott's bandwidth. There
    they weigh the loss of real rows; here they choose synthetic ones.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from tabgan import GANRegressionSampler, TabGAN
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> sampler = GANRegressionSampler(model=TabGAN(max_steps=20, verbose=0), random_state=0)
    >>> X_more, y_more = sampler.fit_resample(X, y)
    >>> len(y), len(y_more), y_more.name
    (442, 663, 'target')
    """

    NOMINAL = False

    def __init__(
        self,
        *,
        amount: float = 0.5,
        alpha: float = 1.0,
        model: TabGAN | None = None,
        max_time: float | None = None,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.amount = amount
        self.alpha = alpha
        self.model = model
        self.max_time = max_time
        self.random_state = random_state
        self.verbose = verbose

    def _check(self, X: Any, y: Any) -> Rows:
        if not self.amount >= 0:
            raise ValueError(f"amount must be 0 or more new rows for each real one, got {self.amount}")
        if not self.alpha >= 0:
            raise ValueError(f"alpha must be 0 or more, got {self.alpha}")
        return super()._check(X, y)

    def _draw(self, rows: Rows, rng: np.random.RandomState) -> New:
        n_new, self.model_ = round(self.amount * len(rows.frame)), None
        if not n_new:
            return rows.frame.iloc[:0], rows.target.iloc[:0]
        source = fit_source(self.model, rows, rng, self.verbose, self.max_time)
        self.model_ = source.model
        return rare_rows(source, n_new, rows.target, self.alpha, rng)
