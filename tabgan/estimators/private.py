"""DPTabGAN: a table learned with differential privacy, from noisy tables of counts alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if

from tabgan.adversarial.device import choose_device
from tabgan.adversarial.networks.mixture import Mixture
from tabgan.estimators.conditional import ConditionalMixin
from tabgan.estimators.describing import DescribingMixin
from tabgan.estimators.fitted import FittedMixin
from tabgan.estimators.mixin import SamplingMixin
from tabgan.estimators.parameters import (
    COMMON,
    COUNT,
    POSITIVE,
    Requirement,
    check_parameters,
    one_of,
    optional,
)
from tabgan.io.chunks import is_parts
from tabgan.io.containers import join
from tabgan.io.names import columns_like
from tabgan.private.accountant import rho_of
from tabgan.private.assembly import make_sampler, make_transformer
from tabgan.private.curator import Curator
from tabgan.private.declaration import check_constraints, declare, declared_containers
from tabgan.private.fitting import Fit, fit
from tabgan.private.guarantee import Guarantee
from tabgan.private.measurement import Measurement, measure
from tabgan.private.noise import seeded_source, system_source
from tabgan.private.questions import Rows
from tabgan.private.warning import warn, warn_of_rounding
from tabgan.sampling.model import FittedModel, number_of
from tabgan.sampling.privacy import PrivacyRecord
from tabgan.table import Constraint, parse_constraints

if TYPE_CHECKING:
    from typing_extensions import Self

Seed = int | np.random.RandomState | None
DECLARATION: Requirement = (
    lambda v: isinstance(v, Mapping | pd.Series | None),
    "None or a mapping of column names to what is declared",
)
REQUIREMENTS: dict[str, Requirement] = {
    "epsilon": POSITIVE,
    "delta": (lambda v: POSITIVE[0](v) and v < 1, "a positive number below 1, and below 1 / n for n rows"),
    "bounds": DECLARATION,
    "categories": DECLARATION,
    "dtypes": DECLARATION,
    "constraints": (
        lambda v: isinstance(v, Sequence | None) and not isinstance(v, str),
        "None or a list of constraints that you know: to find them ('auto') would be a look at the table",
    ),
    "n_bins": optional((lambda v: COUNT[0](v) and v >= 2, "a whole number above 1")),
    "n_points": COUNT,
    "max_steps": COUNT,
    "noise": one_of("system", "random_state"),
    **{name: COMMON[name] for name in ("device", "verbose")},
}


def _refuse_score(model: object) -> bool:
    raise AttributeError(
        "DPTabGAN has no score: it would compare samples with real rows, which no budget covers; "
        "tabgan.evaluate does so, and its figures are not private"
    )


def _refuse_more_rows(model: object) -> bool:
    raise AttributeError(
        "DPTabGAN has no partial_fit: each look at rows is paid from the budget, which one fit spends; fit "
        "another model to the new rows"
    )


@dataclass(kw_only=True, eq=False, repr=False)
class DPTabGAN(FittedMixin, SamplingMixin, ConditionalMixin, DescribingMixin, BaseEstimator):
    """Learn a table with differential privacy, and sample new rows of it.

    Samples, files and all else that is made of a fitted model would be nearly as likely had the table one row
    more or less: with probabilities that differ by a factor of at most ``exp(epsilon)``, but for `delta`. The
    table is asked for noisy counts only, each of which has its line in `privacy_ledger_`, and a generator is
    fitted to these. Nothing else is read from it: ranges and categories come from the user.

    Parameters
    ----------
    epsilon : float, default=1.0
        Privacy budget of one fit. Each further fit of the same rows costs its own.
    delta : float, default=1e-9
        Below 1 / n for n rows.
    bounds : mapping, optional
        Of each column of numbers, times or lengths of time, its least and greatest value, ``(low, high)``, or
        ``(low, high, step)`` for a grid that begins at `low`. Without a step, whole numbers are whole, times
        have seconds; "2020-01-31 12:30" is a time. What lies outside counts as the nearer bound. With None
        among them, values may be missing. Under "*" may stand those of all columns that are not declared.
    categories : mapping, optional
        Of each other column, all its values; with None among them, values may be missing.
    dtypes : mapping, optional
        Column name -> dtype of samples, such as ``df.dtypes`` if this is no secret. By default they follow
        from `bounds` and `categories`: int64, float64, datetime64, the dtype of a list of the categories.
    target : hashable, optional
        A column to be predicted from the others, measured together with all pairs of these. By default that
        of `y`.
    constraints : list of Constraint, str or callable, optional
        What is true of every sample, as for :class:`TabGAN`; nothing is learned of them, so that `Sum` and
        `FixedCombinations` are refused.
    n_bins : int, optional
        Into how many bins numbers are cut, about; by default 12 to 64, more where noise is less.
    n_points : int, default=1000
        Latent points of the generator.
    max_steps : int, default=1200
        Steps of training; it ends before, once noise explains the rest of the error.
    noise : {"system", "random_state"}, default="system"
        Where noise comes from: the system's cryptographic generator. With "random_state" the same call gives
        the same noise. **This is for tests alone: who knows or guesses the seed can take the noise away, and
        nothing is protected.**
    device : str, default="auto"
        Where the generator is fitted and sampled.
    random_state : int, RandomState or None, default=None
        Of training and sampling; not of the noise.
    verbose : int, default=1
        0 is silent, 1 shows a progress bar.

    Attributes
    ----------
    guarantee_ : dict
        "epsilon" and "delta" that were spent, "rho", "unit", "noise" and "not_covered".
    privacy_ledger_ : DataFrame
        A row a use of the data: "question", "mechanism", "sensitivity", "sigma", "answers" and "rho", the
        price in zero-concentrated differential privacy. Prices add up.
    schema_ : Schema
    history_ : DataFrame
        "step", and "error": the mean squared error of a bin in units of its noise.
    n_iter_ : int
    stop_reason_ : str
    feature_names_in_, n_features_in_, constraints_, fitted_model_
        As of :class:`TabGAN`.

    Notes
    -----
    Neighbours are tables of which one has a row more; n is not public. Noise is discrete Gaussian and exact
    (Canonne, Kamath and Steinke 2020). The generator is fitted to all two-way tables, and to those of pairs
    by the target, as GEM does (Liu, Vietri and Wu 2021).

    Examples
    --------
    >>> import tabgan
    >>> frame = tabgan.load_adult()[["age", "sex", "income"]]
    >>> model = tabgan.DPTabGAN(
    ...     epsilon=1.0,
    ...     bounds={"age": (17, 90)},
    ...     categories={"sex": ["Female", "Male"], "income": ["<=50K", ">50K"]},
    ...     max_steps=50,
    ...     verbose=0,
    ... ).fit(frame)
    >>> model.sample(1000).shape, model.guarantee_["epsilon"] <= 1
    ((1000, 3), True)
    """

    epsilon: float = 1.0
    delta: float = 1e-9
    bounds: Mapping[Hashable, Any] | None = None
    categories: Mapping[Hashable, Any] | None = None
    dtypes: Mapping[Hashable, Any] | None = None
    target: Hashable | None = None
    constraints: Sequence[Constraint | str | Callable[..., Any]] | None = None
    n_bins: int | None = None
    n_points: int = 1000
    max_steps: int = 1200
    noise: Literal["system", "random_state"] = "system"
    device: str = "auto"
    random_state: Seed = None
    verbose: int = 1

    _HISTORY: ClassVar[Mapping[str, str]] = {"step": "step", "error": "error"}

    def _check(self) -> None:
        """Refuse parameters that cannot be used."""
        check_parameters(self.get_params(deep=False), REQUIREMENTS)

    def fit(self, X: Any, y: Any = None) -> Self:
        """Ask a table for noisy counts, and fit a generator to them.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            A frame of pandas or Polars, an Arrow table or an array, whose columns are called "x0", "x1" ...
        y : Series or array-like of shape (n_rows,), optional
            One more column, under its name or "target".

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If a parameter cannot be used, a column is not declared or not so as it can be; it is named, with
            the remedy, before any look at the values of the table. Also if `delta` is not below 1 / n, by the
            noisy number of rows, which is the first thing to be asked for.
        """
        self._check()
        if is_parts(X):
            raise ValueError("DPTabGAN needs a table in memory; read it first")
        table, containers = join(X, y, minimum=1)
        columns = declare(
            table.columns,
            *(dict({} if given is None else given) for given in (self.bounds, self.categories, self.dtypes)),
        )
        warn_of_rounding(columns, dict(table.dtypes), dict(self.dtypes) if self.dtypes is not None else {})
        target = containers.target if self.target is None else self.target
        if target is not None and target not in table.columns:
            raise ValueError(f"target={target!r} is no column; {columns_like(target, table.columns)}")
        constraints = check_constraints(parse_constraints(self.constraints), table.columns)
        device = choose_device(self.device)
        number = number_of(self.random_state)
        fit_seed, sample_seed, noise_seed, salt_seed = np.random.SeedSequence(number).spawn(4)
        source = system_source if self.noise == "system" else seeded_source(noise_seed)
        rows = Rows(len(table), {column.name: column.units(table[column.name]) for column in columns})
        curator = Curator(rows, rho_of(self.epsilon, self.delta), source)
        measured = measure(columns, target, self.n_bins, self.delta, curator)
        # From here on, nothing comes from the table but its columns' names and what it was given in.
        fitted = self._trained(measured, fit_seed, device)
        transformer = make_transformer(columns, measured, constraints, table.columns)
        model = FittedModel(
            transformer,
            make_sampler(transformer, fitted, device),
            Mixture(self.n_points),
            declared_containers(containers, columns),
            PrivacyRecord(transformer).fit(table.iloc[:0], "nothing", salt_seed),
            sample_seed,
            guarantee=Guarantee.of(curator.ledger, self.delta, self.noise),
        )
        history = pd.DataFrame(fitted.history, columns=list(self._HISTORY))
        self._take_over(model, history, fitted.n_steps, fitted.stop_reason)
        warn(measured, self.noise)
        return self

    def _trained(self, measured: Measurement, seed: np.random.SeedSequence, device: Any) -> Fit:
        """Fit the generator, with a progress bar."""
        from tqdm.auto import tqdm

        with tqdm(total=self.max_steps, unit="step", disable=not self.verbose, dynamic_ncols=True) as bar:
            return fit(measured, self.n_points, self.max_steps, seed, device, lambda step: bar.update())

    @property
    def guarantee_(self) -> dict[str, Any]:
        """What is promised, and what is not."""
        return self._guarantee().statement()

    @property
    def privacy_ledger_(self) -> pd.DataFrame:
        """All uses of the data."""
        return self._guarantee().to_frame()

    def _guarantee(self) -> Guarantee:
        if not self.__sklearn_is_fitted__():
            raise AttributeError("the model is not fitted, so that nothing is promised yet; call fit first")
        guarantee = self.fitted_model_.guarantee
        assert guarantee is not None
        return guarantee

    @available_if(_refuse_more_rows)
    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """There is none: the budget is spent by one fit."""
        raise NotImplementedError

    @available_if(_refuse_score)
    def score(self, X: Any, y: Any = None) -> float:
        """There is none: it would look at real rows outside the budget."""
        raise NotImplementedError
