"""What every estimator that learns a table shares: fit, sample, score, save, load."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tabgan.adversarial.device import choose_device
from tabgan.adversarial.training.callbacks import HISTORY_COLUMNS
from tabgan.adversarial.training.settings import Adam, Settings, Validation
from tabgan.adversarial.training.state import Callback, State, TrainingStep
from tabgan.estimators.conditional import ConditionalMixin
from tabgan.estimators.describing import DescribingMixin
from tabgan.estimators.drift import warn_of
from tabgan.estimators.fitted import FittedMixin
from tabgan.estimators.learning import learn_table
from tabgan.estimators.mixin import SamplingMixin
from tabgan.estimators.parameters import COMMON, Privacy, Requirement, check_parameters
from tabgan.estimators.updating import learn_more
from tabgan.sampling.model import FittedModel
from tabgan.table import ColumnType, Constraint

if TYPE_CHECKING:
    from typing_extensions import Self

Seed = int | np.random.RandomState | None


@dataclass(kw_only=True, eq=False, repr=False)
class Synthesizer(FittedMixin, SamplingMixin, ConditionalMixin, DescribingMixin, BaseEstimator):
    """An estimator that learns a table and then delegates to its `fitted_model_`.

    A subclass says how its networks learn, by `_training_step`. Some of its parameters are small objects, of
    which None stands for the default one.
    """

    columns: Mapping[Hashable, str | ColumnType] | None = None
    constraints: Sequence[Constraint | str | Callable[..., Any]] | Literal["auto"] | None = "auto"
    privacy: Privacy | None = None
    backbone: Any = None
    optimizer: Adam | None = None
    validation: Validation | None = None
    batch_size: int = 512
    max_steps: int | None = None
    max_time: float | None = None
    refine: bool = True
    warm_start: bool = False
    device: str = "auto"
    on_step: Callback | None = None
    random_state: Seed = None
    verbose: int = 1

    _state: State | None = field(init=False)
    _HISTORY: ClassVar[Mapping[str, str]] = {name: name for name in HISTORY_COLUMNS}

    _DEFAULTS: ClassVar[Mapping[str, Callable[[], Any]]]  # what None stands for
    _REQUIREMENTS: ClassVar[Mapping[str, Requirement]]  # on the parameters that not all estimators have

    @abstractmethod
    def _training_step(self) -> TrainingStep:
        """Give one step of training."""

    def _group(self, name: str) -> Any:
        """Give the object that a parameter is or stands for."""
        value = getattr(self, name)
        return self._DEFAULTS[name]() if value is None else value

    def _check(self) -> None:
        """Refuse parameters that are of another type or range."""
        check_parameters(self.get_params(deep=False), {**COMMON, **self._REQUIREMENTS})

    def _settings(self) -> Settings:
        """Give the parameters, checked, in the form that training takes them."""
        self._check()
        return Settings(
            backbone=self._group("backbone"),
            training_step=self._training_step(),
            optimizer=self._group("optimizer"),
            validation=self._group("validation"),
            batch_size=self.batch_size,
            max_steps=self.max_steps,
            max_time=self.max_time,
            device=choose_device(self.device),
            refine=self.refine,
            verbose=self.verbose,
        )

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also those within a group, as in ``set_params(optimizer__learning_rate=1e-4)``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self
        """
        for name in self._DEFAULTS:
            if getattr(self, name) is None and any(key.startswith(f"{name}__") for key in params):
                setattr(self, name, self._DEFAULTS[name]())
        return super().set_params(**params)

    def fit(self, X: Any, y: Any = None, *, checkpoint: str | os.PathLike[str] | None = None) -> Self:
        """Learn a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            A frame of pandas or Polars, or an Arrow table: samples come back as one. Or a table that is read
            in parts and may be larger than memory: the path of a CSV or Parquet file, of a folder of them, or
            a pattern such as ``"data/*.parquet"``; a ``pyarrow.dataset.Dataset``; a list of frames, or a
            function that gives all of them each time it is called. What its columns are is then learned from
            a random sample of 200,000 rows. A URL of fsspec, such as "s3://bucket/rows.parquet", and an open
            file are read into memory.
        y : Series or array-like of shape (n_rows,), optional
            One more column, under its name or "target".
        checkpoint : str or path, optional
            A folder in which training saves its state fifty times, each in place of the last. The same call
            after a crash or a kill goes on from there and, on the CPU, ends with the same weights, bit by
            bit; once training is done, it gives the same model again. What `on_step` keeps is not saved, and
            `max_time` counts from the new call.

        Returns
        -------
        self
            The same object, now fitted. Interrupted by Ctrl-C, it keeps what it has learned, and
            `stop_reason_` says what was left out; where a whole model takes long after training, a second
            Ctrl-C leaves out the rest.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a column cannot be used; it is named, with the remedy, before any training. Also
            if `checkpoint` holds a run with other parameters or rows.
        OSError
            If a checkpoint cannot be written; the last one is still there.
        RuntimeError
            If training diverged and nothing is worth keeping.
        KeyboardInterrupt
            If Ctrl-C came before anything was learned; a model that there was before stays.
        """
        settings = self._settings()
        learned = learn_table(self, settings, X, y, checkpoint)
        try:
            self._take_over(*learned)
        except KeyboardInterrupt:  # nothing is lost at the last moment
            self._take_over(*learned)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learn more rows, without forgetting those that were learned before.

        As many rows of the model as it has learned stand for these, so that no training row needs to be kept
        (pseudo-rehearsal: Robins 1995). The columns stay what they are; categories may be new and ranges
        wider. Networks go on from where they are, with new outputs for new categories; trees are grown again.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows with the columns of those before. A model that is not fitted learns them as `fit` does.
        y : Series or array-like of shape (n_rows,), optional
            If the model was fitted with y.

        Returns
        -------
        self
            The same object. `n_samples_seen_` counts all rows, and `changes_` lists new categories, wider
            ranges and other distributions.

        Raises
        ------
        ValueError, TypeError
            If the rows have other columns, or values of another kind; the model stays as it was.

        Warns
        -----
        UserWarning
            If there are new categories or wider ranges, or rows break a constraint that was discovered.

        Examples
        --------
        >>> from tabgan import TabGAN, load_iris
        >>> iris = load_iris()
        >>> model = TabGAN(max_steps=20, random_state=0, verbose=0, constraints=None)
        >>> model.partial_fit(iris[::2]).partial_fit(iris[1::2]).n_samples_seen_
        150
        """
        settings = self._settings()
        if not self.__sklearn_is_fitted__():
            return self.fit(X, y)
        outcome, changes = learn_more(self, settings, X, y)
        self._take_over(*outcome)
        self.changes_ = changes
        warn_of(changes)
        return self

    @property
    def n_samples_seen_(self) -> int:
        """Rows that the model has learned, in all calls together."""
        check_is_fitted(self)
        return self.fitted_model_.n_rows

    def _take_over(
        self,
        model: FittedModel,
        history: pd.DataFrame,
        n_iter: int,
        stop_reason: str,
        state: State | None = None,
    ) -> None:
        """Set all fitted attributes at once, so that a failed fit leaves no half-fitted model."""
        self._state = state
        self.__dict__.pop("changes_", None)  # they speak of the call of `partial_fit` before
        super()._take_over(model, history, n_iter, stop_reason)
