"""TabVAE: a scikit-learn estimator that learns a table with a variational autoencoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_array, check_is_fitted

from tabgan.adversarial.networks.vae import VAE, Autoencoder
from tabgan.adversarial.seeding import generator_of
from tabgan.adversarial.training.elbo import elbo_step
from tabgan.adversarial.training.settings import Adam, Validation
from tabgan.adversarial.training.state import TrainingStep
from tabgan.estimators.base import Seed, Synthesizer
from tabgan.estimators.parameters import NOT_NEGATIVE, Privacy, Requirement, instance_of
from tabgan.io.containers import join


@dataclass(kw_only=True, eq=False, repr=False)
class TabVAE(Synthesizer):
    """Learn a table of mixed columns with a variational autoencoder, and sample new rows of it.

    It learns faster than :class:`~tabgan.TabGAN` and less precisely, and it has an inverse: `encode` gives
    the latent point of a row.

    Parameters
    ----------
    columns : mapping, optional
        Column name -> kind ("continuous", "integer", "discrete", "categorical", "datetime", "timedelta",
        "constant", "missing", "identifier", "text") or column type object, where the inferred one is not
        what is needed. Under "*" may stand how numbers are scaled to [-1, 1] in all other columns: "rank"
        (the default), by their rank in the training column, or "minmax", linearly.
    constraints : list of Constraint, str or callable, or "auto" or None, default="auto"
        What is true of every row, and so of every sample: :class:`~tabgan.Inequality`,
        :class:`~tabgan.Range`, :class:`~tabgan.FixedCombinations`, :class:`~tabgan.Sum`,
        :class:`~tabgan.ConstantSum`, :class:`~tabgan.Unique`, :class:`~tabgan.OneHotGroup`,
        :class:`~tabgan.MissingTogether`, :class:`~tabgan.Predicate`, an expression such as
        ``"start <= end"``, or a function of a frame that tells which rows are right. With "auto", those
        constraints that all training rows satisfy and that cost nothing to satisfy: columns that follow from
        others, sums, parts of a constant, one-hot groups, values missing together, orders of dates; tables of
        more than 200 columns, or larger than memory, have none. None allows everything.
    privacy : Privacy, optional
        What the model keeps of the training rows; by default nothing, see :class:`~tabgan.Privacy`.
    backbone : Autoencoder, optional
        Widths of the layers and dimension of the latent space, by default 32; see
        :class:`~tabgan.adversarial.networks.Autoencoder`.
    kl_weight : float, default=1.0
        Weight of the divergence of a row's latent distribution from the standard normal one. At 1 the loss is
        the evidence lower bound; a smaller one reconstructs better and samples worse.
    optimizer : Adam, optional
        Learning rate, running average and number format, see :class:`~tabgan.Adam`; by default
        ``Adam(learning_rate=2e-3, betas=(0.9, 0.999))``. There is no critic, and so no rate of one.
    validation : Validation, optional
        How many rows are in the validation set, and when training stops by it; by default a tenth, see
        :class:`~tabgan.Validation`.
    batch_size : int, default=512
        Rows a step; half as many in the first 40 % of the steps, and fewer if the table has fewer.
    max_steps : int, optional
        Steps of training; by default 40 times the square root of the number of rows, 1,500 at most (5,500
        where `refine` adds no trees), and fewer for very wide tables. With 0, the networks learn nothing, and
        trees move random rows.
    max_time : float, optional
        Seconds after which training stops and keeps what it has learned.
    refine : bool, default=True
        Whether trees help: they move and reject generated rows, and up to 1,500 rows they teach, see
        :class:`~tabgan.TabGAN`.
    warm_start : bool, default=False
        Whether a second `fit` goes on with the networks of the first, for tables of the same columns.
    device : str, default="auto"
        "auto" takes CUDA, then MPS, then the CPU; or a torch device name.
    on_step : callable, optional
        ``on_step(state) -> stop``, called after each step with the training
        :class:`~tabgan.adversarial.training.state.State`; a true value ends training, a string is the
        reason. Its `generator` is the whole autoencoder.
    random_state : int, RandomState or None, default=None
        Seed of everything random in `fit`, and of the stream that `sample` draws from.
    verbose : int, default=1
        0 is silent, 1 shows a progress bar.

    Attributes
    ----------
    schema_ : Schema
        What each column was taken for, and why.
    constraints_ : list of Constraint
        What all samples satisfy; each constraint that was discovered says by what evidence.
    history_ : DataFrame
        Negative log likelihood and divergence, in nats a row, and the fidelity to the validation set and its
        coverage during training.
    n_iter_ : int
        Steps taken.
    stop_reason_ : str
        Why training ended.
    n_features_in_ : int
        Number of columns of `X`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Notes
    -----
    Kingma and Welling 2013, *Auto-encoding variational Bayes*. What a value of a row may be is a
    distribution: categorical for one-hot blocks, normal for scalars; `sample` draws from it at a standard
    normal point.

    Examples
    --------
    >>> from tabgan import TabVAE, load_iris
    >>> model = TabVAE(max_steps=20, random_state=0, verbose=0).fit(load_iris())
    >>> model.sample(3).shape, model.encode(load_iris()).shape
    ((3, 5), (150, 32))
    """

    _HISTORY: ClassVar[Mapping[str, str]] = {
        "step": "step",
        "generator_loss": "negative_log_likelihood",
        "critic_loss": "divergence",
        "fidelity": "fidelity",
        "coverage": "coverage",
    }
    _DEFAULTS: ClassVar[Mapping[str, Callable[[], Any]]] = {
        "privacy": Privacy,
        "backbone": Autoencoder,
        "optimizer": lambda: Adam(learning_rate=2e-3, betas=(0.9, 0.999)),
        "validation": Validation,
    }

    _REQUIREMENTS: ClassVar[Mapping[str, Requirement]] = {
        "backbone": instance_of(Autoencoder),
        "kl_weight": NOT_NEGATIVE,
    }

    backbone: Autoencoder | None = None
    kl_weight: float = 1.0

    def _training_step(self) -> TrainingStep:
        return elbo_step(self.kl_weight)

    def encode(self, X: Any, y: Any = None) -> NDArray[np.float32]:
        """Find the latent points of rows: the means of their latent distributions.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, n_columns)
        y : Series or array-like of shape (n,), optional
            If `fit` had one.

        Returns
        -------
        ndarray of shape (n, latent_dim)

        Raises
        ------
        ValueError
            If there are columns, categories or missing values that the training table had not.
        """
        check_is_fitted(self)
        table, _ = join(X, y, minimum=1)
        transformer, sampler = self.fitted_model_.transformer, self.fitted_model_.sampler
        if not len(transformer.layout_):
            return np.zeros((len(table), sampler.latent_dim), dtype=np.float32)
        codes = transformer.transform(table, random_state=0)
        rows = sampler.encoding.rows(torch.as_tensor(codes, device=sampler.device))
        assert isinstance(sampler.generator, VAE)  # for type checkers: the settings ask for it
        with torch.inference_mode():
            means, _ = sampler.generator.encode(rows)
        points: NDArray[np.float32] = means.cpu().numpy()
        return points

    def decode(self, latent: Any, *, random_state: Seed = None) -> Any:
        """Draw a row at each latent point; a constraint that rows are not built by may be broken.

        Parameters
        ----------
        latent : array-like of shape (n, latent_dim)
        random_state : int, RandomState or None, default=None
            None goes on with the model's own stream.

        Returns
        -------
        DataFrame of shape (n, n_columns), or an array if `fit` saw one

        Raises
        ------
        ValueError
            If `latent` is not of that shape, or not finite.
        """
        check_is_fitted(self)
        points = check_array(latent, dtype=np.float32, ensure_min_samples=0)
        model = self.fitted_model_
        if points.shape[1] != model.sampler.latent_dim:
            raise ValueError(f"latent must have {model.sampler.latent_dim} columns, got {points.shape[1]}")
        draw_seed, decode_seed = model.next_seed(random_state).spawn(2)
        device = model.sampler.device
        codes, _ = model.sampler.at(torch.as_tensor(points, device=device), generator_of(draw_seed, device))
        table = model.transformer.inverse_transform(codes, np.random.default_rng(decode_seed))
        return model.containers.give_back(table)
