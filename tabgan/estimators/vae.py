"""TabVAE: a scikit-learn estimator that learns a table with a variational autoencoder."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_array, check_is_fitted

from tabgan.adversarial.device import choose_device
from tabgan.adversarial.networks.vae import VAE, Autoencoder
from tabgan.adversarial.seeding import seed_number, seeded
from tabgan.adversarial.training.elbo import reconstruction
from tabgan.adversarial.training.fit import Settings
from tabgan.estimators.base import Seed, Synthesizer
from tabgan.estimators.parameters import check_parameters
from tabgan.io.containers import join

if TYPE_CHECKING:
    from tabgan.adversarial.training.state import Callback
    from tabgan.table import ColumnType, Constraint


class TabVAE(Synthesizer):
    """Learn a table of mixed columns with a variational autoencoder, and sample new rows of it.

    It learns faster than :class:`~tabgan.TabGAN` and less precisely, and it has an inverse: `encode` finds
    the latent point of a row. Parameters that are not explained here are those of `TabGAN`.

    Parameters
    ----------
    columns, numeric, constraints, remember
        What the columns are, how numbers are scaled, what is true of every row, what the model keeps of them.
    encoder, decoder : sequence of int, default=(256, 256)
        Widths of the hidden layers; the decoder has them once for its nominal and once for its scalar part.
    latent_dim : int, default=32
        Dimension of the latent space.
    kl_weight : float, default=1.0
        Weight of the divergence of a row's latent distribution from the standard normal one. At 1 the loss is
        the evidence lower bound; a smaller one reconstructs better and samples worse.
    batch_size, max_steps
        As there.
    learning_rate : float, default=2e-3
        Of Adam at the start; it falls along a cosine.
    betas : (float, float), default=(0.9, 0.999)
        Of Adam.
    average, validation_fraction, patience, max_time, refine, warm_start, device, precision, on_step
        As there; what `on_step` sees as the state's `generator` is the whole autoencoder.
    random_state, verbose
        As there.

    Attributes
    ----------
    schema_, n_iter_, stop_reason_, n_features_in_, feature_names_in_
        As those of `TabGAN`.
    constraints_ : list of Constraint
        What all samples obey; each rule that was found says by what evidence.
    history_ : DataFrame
        Negative log likelihood and divergence, in nats a row, fidelity and coverage during training.

    Notes
    -----
    Kingma and Welling 2013, *Auto-encoding variational Bayes*. What a cell of a row may be is a distribution:
    categorical for one-hot blocks, normal for scalars; `sample` draws from it at a standard normal point.

    Examples
    --------
    >>> from tabgan import TabVAE, load_iris
    >>> model = TabVAE(latent_dim=2, max_steps=20, random_state=0, verbose=0).fit(load_iris())
    >>> model.sample(3).shape, model.encode(load_iris()).shape
    ((3, 5), (150, 2))
    """

    _HISTORY: ClassVar[Mapping[str, str]] = {
        "step": "step",
        "generator_loss": "negative_log_likelihood",
        "critic_loss": "divergence",
        "fidelity": "fidelity",
        "coverage": "coverage",
    }

    def __init__(
        self,
        *,
        columns: Mapping[Hashable, str | ColumnType] | None = None,
        numeric: str = "rank",
        constraints: Sequence[Constraint | str | Callable[..., Any]] | Literal["auto"] | None = "auto",
        remember: str = "nothing",
        encoder: Sequence[int] = (256, 256),
        decoder: Sequence[int] = (256, 256),
        latent_dim: int = 32,
        kl_weight: float = 1.0,
        batch_size: int = 512,
        max_steps: int | None = None,
        learning_rate: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        average: float = 0.995,
        validation_fraction: float = 0.1,
        patience: int | None = 10,
        max_time: float | None = None,
        refine: bool = True,
        warm_start: bool = False,
        device: str = "auto",
        precision: str = "auto",
        on_step: Callback | None = None,
        random_state: Seed = None,
        verbose: int = 1,
    ) -> None:
        self.columns = columns
        self.numeric = numeric
        self.constraints = constraints
        self.remember = remember
        self.encoder = encoder
        self.decoder = decoder
        self.latent_dim = latent_dim
        self.kl_weight = kl_weight
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.learning_rate = learning_rate
        self.betas = betas
        self.average = average
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.max_time = max_time
        self.refine = refine
        self.warm_start = warm_start
        self.device = device
        self.precision = precision
        self.on_step = on_step
        self.random_state = random_state
        self.verbose = verbose

    def _settings(self) -> Settings:
        """The parameters, checked, in the form that training takes them."""
        check_parameters(self.get_params(deep=False))
        return Settings(
            backbone=Autoencoder(tuple(self.encoder), tuple(self.decoder)),
            play=reconstruction(self.kl_weight),
            latent_dim=self.latent_dim,
            batch_size=self.batch_size,
            max_steps=self.max_steps,
            learning_rate=self.learning_rate,
            critic_learning_rate=self.learning_rate,
            betas=(float(self.betas[0]), float(self.betas[1])),
            average=self.average,
            validation_fraction=self.validation_fraction,
            patience=self.patience,
            max_time=self.max_time,
            refine=self.refine,
            device=choose_device(self.device),
            precision=self.precision,
            verbose=self.verbose,
        )

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
            If there are columns, levels or missing cells that the training table had not.
        """
        check_is_fitted(self)
        table, _ = join(X, y, minimum=1)
        rows = torch.as_tensor(self.fitted_model_.transformer.transform(table, random_state=0))
        if not rows.shape[1]:
            return np.zeros((len(rows), self.latent_dim), dtype=np.float32)
        sampler = self.fitted_model_.sampler
        assert isinstance(sampler.generator, VAE)  # for type checkers: the settings ask for it
        with torch.inference_mode():
            means, _ = sampler.generator.encode(rows.to(sampler.device))
        found: NDArray[np.float32] = means.cpu().numpy()
        return found

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
        if points.shape[1] != self.latent_dim:
            raise ValueError(f"latent must have {self.latent_dim} columns, got {points.shape[1]}")
        model = self.fitted_model_
        draw_seed, decode_seed = model.next_seed(random_state).spawn(2)
        with seeded(seed_number(draw_seed), model.sampler.device):
            rows = model.sampler.at(torch.as_tensor(points, device=model.sampler.device)).rows
        table = model.transformer.inverse_transform(rows, np.random.default_rng(decode_seed))
        return model.containers.give_back(table)
