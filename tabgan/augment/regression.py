"""GANRegressionSampler: more rows of rare values of a number."""

from __future__ import annotations

from typing import Any

from sklearn.utils import check_random_state

from tabgan.augment.containers import Table, Target
from tabgan.augment.resampler import Resampler, Seed
from tabgan.augment.source import fit_source, rare_rows, rarity_weight
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

    def __init__(
        self,
        *,
        amount: float = 0.5,
        alpha: float = 1.0,
        model: TabGAN | None = None,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.amount = amount
        self.alpha = alpha
        self.model = model
        self.random_state = random_state
        self.verbose = verbose

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Add ``round(amount * n_rows)`` rows.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,)
            Numbers.

        Returns
        -------
        X_resampled : DataFrame or array of shape (n_rows_new, n_columns)
            The rows of X, then the new ones; in the container and the dtypes of X, with a new index.
        y_resampled : Series or array of shape (n_rows_new,)
            In the container, the dtype and under the name of y.

        Raises
        ------
        ValueError, TypeError
            If X, y, `amount` or `alpha` cannot be used.
        """
        table, target = self._check(X, y)
        rng = check_random_state(self.random_state)
        n_new = round(self.amount * len(table.frame))
        self.model_ = None
        if not n_new:
            return table.with_rows(table.frame.iloc[:0]), target.with_values(target.values.iloc[:0])
        source = fit_source(self.model, table, target, nominal=False, rng=rng, verbose=self.verbose)
        self.model_ = source.model
        weight = rarity_weight(target.values, self.alpha) if self.alpha else None
        new, values = rare_rows(source, n_new, weight, rng)
        return table.with_rows(new), target.with_values(values)

    def _check(self, X: Any, y: Any) -> tuple[Table, Target]:
        if not self.amount >= 0:
            raise ValueError(f"amount must be 0 or more new rows for each real one, got {self.amount}")
        if not self.alpha >= 0:
            raise ValueError(f"alpha must be 0 or more, got {self.alpha}")
        return self._containers(X, y, nominal=False)
