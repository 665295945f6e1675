"""What every estimator that learns a table shares: fit, sample, score, save, load."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from tabgan.adversarial.generator.export import write_program
from tabgan.adversarial.training.callbacks import HISTORY_COLUMNS
from tabgan.adversarial.training.distributed import from_first, n_processes
from tabgan.adversarial.training.fidelity import PairFidelity
from tabgan.adversarial.training.fit import Learned, Settings, learn, restore
from tabgan.estimators.parameters import (
    check_distance,
    number_of_rows,
    open_checkpoint,
    pack_parameters,
    unpack_parameters,
)
from tabgan.estimators.streams import InParts
from tabgan.estimators.training_data import Source, opened
from tabgan.io.chunks import is_parts
from tabgan.io.containers import Containers, as_pandas, join
from tabgan.io.models import load_model, save_model
from tabgan.sampling.completion import complete
from tabgan.sampling.draw import draw, draw_balanced, draw_given, present
from tabgan.sampling.filters import RowFilter
from tabgan.sampling.privacy import PrivacyRecord
from tabgan.table import ConstraintSet, Schema, TableTransformer, discover_constraints, parse_constraints
from tabgan.table.columns.facts import TableFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from typing_extensions import Self

    from tabgan.adversarial.training.state import Callback, State
    from tabgan.table import ColumnType, Constraint

Seed = int | np.random.RandomState | None


class Synthesizer(InParts, BaseEstimator):
    """A generator of rows behind a table's encoding; what it is and how it learns, a subclass says."""

    columns: Mapping[Hashable, str | ColumnType] | None
    numeric: str
    constraints: Sequence[Constraint | str | Callable[..., Any]] | str | None
    remember: str
    warm_start: bool
    random_state: Seed
    on_step: Callback | None
    _HISTORY: ClassVar[Mapping[str, str]] = {name: name for name in HISTORY_COLUMNS}

    @abstractmethod
    def _settings(self) -> Settings:
        """The parameters, checked, in the form that training takes them."""

    def fit(self, X: Any, y: Any = None, *, checkpoint: str | os.PathLike[str] | None = None) -> Self:
        """Learn a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            A frame of pandas or Polars, or an Arrow table: samples come back as one. Or a table that is read
            in parts and may be larger than memory: the path of a CSV or Parquet file, of a folder of them, or
            a pattern such as ``"data/*.parquet"``; a ``pyarrow.dataset.Dataset``; a list of frames, or a
            function that gives them anew each time it is called. What its columns are is then learned from a
            random sample of 200,000 rows.
        y : Series or array-like of shape (n_rows,), optional
            One more column, under its own name or "target".
        checkpoint : str or path, optional
            A folder in which training saves its state fifty times, each in place of the last. The same call
            after a crash or a kill goes on from there and, on the CPU, ends with the same weights, bit by
            bit; once training is done, it gives the same model again. What `on_step` keeps is not saved, and
            `max_time` counts anew.

        Returns
        -------
        self
            The same object, now fitted. Interrupted by Ctrl-C, it keeps what it has learned.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a column cannot be used; it is named, with the remedy, before any training. Also
            if `checkpoint` holds a run with other parameters or rows.
        OSError
            If a checkpoint cannot be written; the last one is still there.
        RuntimeError
            If training diverged and nothing is worth keeping.
        """
        settings = self._settings()
        if is_parts(X) and self.remember != "nothing":
            raise ValueError(f"remember={self.remember!r} needs a table in memory; give a DataFrame")
        if checkpoint is not None and n_processes() > 1:
            raise ValueError("a checkpoint is for one process, and here several train together; leave it out")
        saved = open_checkpoint(checkpoint, self)
        number = from_first(lambda: int(check_random_state(self.random_state).randint(2**31)))
        number = saved.seed if saved and saved.seed is not None else number
        encode_seed, learn_seed, sample_seed, salt_seed, read_seed = np.random.SeedSequence(number).spawn(5)
        with opened(X, y, read_seed) as source:
            transformer, start = self._fit_transformer(source)
            guard = PrivacyRecord(transformer).fit(source.table, self.remember, salt_seed)
            windows = source.encode(transformer, np.random.default_rng(encode_seed))
            if saved:
                saved.start(number, windows.fingerprint())
            learned = learn(windows, settings, learn_seed, self.on_step, start, saved)
        self._adopt(transformer, learned, source.form, sample_seed, guard)
        return self

    def _fit_transformer(self, source: Source) -> tuple[TableTransformer, State | None]:
        """Learn the columns, or with `warm_start` go on with them and the networks that there are."""
        if self.warm_start and self.__sklearn_is_fitted__():
            return self._transformer, self._learned.state
        table = TableFacts(source.table)
        schema = Schema.infer(table, self.columns, numeric=self.numeric)
        if not isinstance(self.constraints, str):
            constraints = ConstraintSet(parse_constraints(self.constraints))
        elif source.is_whole:  # what holds in a sample need not hold in all rows
            constraints = discover_constraints(table, schema, self.columns or ())
        else:
            constraints = ConstraintSet()
        return TableTransformer(schema, constraints).fit(table), None

    def _adopt(
        self,
        transformer: TableTransformer,
        learned: Learned,
        form: Containers,
        sample_seed: np.random.SeedSequence,
        guard: PrivacyRecord,
    ) -> None:
        """Take over what was learned, all at once, so that a failed fit leaves no half-fitted model."""
        self._transformer, self._learned, self._form, self._stream = transformer, learned, form, sample_seed
        self._guard = guard
        self.schema_ = transformer.schema
        self.constraints_ = list(transformer.constraint_set_)
        history = pd.DataFrame(learned.history, columns=list(HISTORY_COLUMNS))
        self.history_ = history[list(self._HISTORY)].rename(columns=self._HISTORY)
        self.n_iter_ = learned.state.step
        self.stop_reason_ = learned.stop_reason
        self.n_features_in_ = len(form.features)
        if form.X_dtype is None and all(isinstance(name, str) for name in form.features):
            self.feature_names_in_ = np.array(form.features, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def sample(
        self,
        n_samples: int | None = None,
        *,
        given: Mapping[Hashable, Any] | pd.DataFrame | None = None,
        balance: Hashable | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        return_X_y: bool = False,
        random_state: Seed | np.random.SeedSequence = None,
    ) -> Any:
        """Draw new rows.

        Parameters
        ----------
        n_samples : int, optional
            How many rows, by default one; 0 gives an empty table. Left out if `given` is a frame.
        given : mapping or DataFrame, optional
            As a mapping, what each of some columns must hold: a cell, a list or set of cells, a slice or
            ``pandas.Interval`` for a range with both ends, None for a missing cell. All rows satisfy all of
            it, and the other columns follow their law under that condition. As a frame with some of the
            columns, rows to complete, one for one; its missing cells are filled in, too.
        balance : column name, optional
            A column of few levels of which each, but for missing cells, gets the same number of rows.
        missing : bool, default=True
            Whether rows may have missing cells, but for those that `given` asks for.
        exclude_copies : bool, default=False
            Whether to leave out rows that stand in the training table just so; the model must `remember`.
        min_distance : float, default=0.0
            Leave out rows that are nearer than this to a training row, on a scale from 0 to 1: the root of
            the mean over columns of squared differences, of numbers that in rank, of levels 0 or 1. The
            model must `remember` "rows".
        return_X_y : bool, default=False
            Whether to give the column that was `y` in `fit` apart.
        random_state : int, RandomState, SeedSequence or None, default=None
            None goes on with the model's own stream, so that two calls differ.

        Returns
        -------
        DataFrame of shape (n_samples, n_columns), or what `fit` was given
            An array if `fit` saw an array. With `return_X_y`, a pair (X, y).

        Raises
        ------
        ValueError
            If `n_samples` is negative, `return_X_y` is asked of a model fitted without `y`, a condition can
            never be satisfied, or the model does not `remember` what is needed.
        RuntimeError
            If a condition is so rare that two million rows hold less than two that satisfy it, or hardly any
            row obeys the constraints or is far enough from training rows; the message states the rate.

        Notes
        -----
        Common conditions are satisfied by rejection, rare ones by walks in latent space that start from rows
        found by rejection (:mod:`tabgan.adversarial.generator.latent_walk`). Rows to complete get the other
        cells of one of the nearest among many generated rows (:mod:`tabgan.sampling.completion`).
        """
        check_is_fitted(self)
        if return_X_y and self._form.target is None:
            raise ValueError("return_X_y needs a model that was fitted with y: fit(X, y)")
        n = number_of_rows(n_samples, given)
        table, sampler = self._transformer, self._learned.sampler
        accept = RowFilter(table, self._guard, exclude_copies, check_distance(min_distance))
        given = as_pandas(given)
        if isinstance(given, pd.DataFrame):
            if balance is not None or not missing:
                raise ValueError("balance and missing have no meaning where given is a frame, row by row")
            drawn = complete(table, sampler, given, self._next_seed(random_state), accept)
            return self._form.give_back(drawn, return_X_y)
        given = {**({} if missing else present(table, but=balance)), **(given or {})}
        if balance is not None:
            drawn = draw_balanced(table, sampler, n, balance, given, self._next_seed(random_state), accept)
        elif given:
            drawn = draw_given(table, sampler, n, given, self._next_seed(random_state), accept)
        else:
            drawn = draw(table, sampler, n, self._next_seed(random_state), accept)
        return self._form.give_back(drawn, return_X_y)

    def _next_seed(self, random_state: Seed | np.random.SeedSequence) -> np.random.SeedSequence:
        if isinstance(random_state, np.random.SeedSequence):
            return np.random.SeedSequence(random_state.entropy, spawn_key=random_state.spawn_key)
        if random_state is None:
            return self._stream.spawn(1)[0]
        return np.random.SeedSequence(check_random_state(random_state).randint(2**31))

    def score(self, X: Any, y: Any = None) -> float:
        """Fidelity of fresh samples to held-out rows, between 0 and 1; the same call gives the same score.

        It is one minus the mean total variation distance between the two-way tables of samples and of `X`
        (:class:`~tabgan.adversarial.training.fidelity.PairFidelity`). Few rows have noisy tables and score
        lower: compare scores only on the same rows. :func:`tabgan.evaluate` tells more.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,), optional
            If `fit` had one.
        """
        check_is_fitted(self)
        table, form = join(X, y, minimum=1)
        if form.X_dtype is not None and len(form.features) != self.n_features_in_:
            raise ValueError(
                f"X has {len(form.features)} features, but TabGAN is expecting {self.n_features_in_} "
                "features as input"
            )
        rng = np.random.default_rng(0)
        held_out = self._transformer.transform(table, random_state=rng, unseen="ignore")
        if not held_out.shape[1]:
            return 1.0
        fidelity = PairFidelity(held_out, tuple(self._transformer.layout_))
        return fidelity(self._learned.sampler.rows(fidelity.n_rows, np.random.SeedSequence(0)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model into one file: JSON and safetensors in a zip, and no pickle.

        It holds no training rows, unless the model was asked to `remember` them.

        Raises
        ------
        ValueError
            If the model holds an object of your own (a backbone, a column type) that no file could hold.
        """
        save_model(path, *self._content())

    def _content(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What a file of the model holds."""
        check_is_fitted(self)
        table, table_arrays = self._transformer.get_state()
        header = {
            "model": type(self).__name__,
            "parameters": pack_parameters(self.get_params(deep=False)),
            "table": table,
            "form": self._form.to_dict(),
            "learned": {
                "history": self._learned.history,
                "n_iter": self.n_iter_,
                "stop_reason": self.stop_reason_,
            },
            "stream": {
                "entropy": self._stream.entropy,
                "spawn_key": self._stream.spawn_key,
                "n_children_spawned": self._stream.n_children_spawned,
            },
        }
        arrays = {f"table.{key}": value for key, value in table_arrays.items()}
        arrays |= {f"guard.{key}": value for key, value in self._guard.get_state().items()}
        arrays |= {f"sampler.{key}": value for key, value in self._learned.sampler.get_state().items()}
        return header, arrays

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the generator as a program that runs where there is PyTorch but no tabgan.

        A file that ends in ``.pt2`` is for ``torch.export.load(path).module()``, one that ends in ``.pt`` for
        ``torch.jit.load(path)`` (TorchScript, which torch has deprecated). Either program turns standard
        normal points, a tensor of shape (n, k), into encoded rows, shape (n, width): the same points always
        into the same rows, which are what `sample` draws before `refine` leaves any out. In the file,
        "table.json" says what k is, and of each block of an encoded row its column, kind and width: a
        "scalar" is a number in [-1, 1], a "onehot" has a 1 in the place of a level.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        ValueError
            If the name ends otherwise, or all columns are constants or keys, so that nothing was learned.
        """
        check_is_fitted(self)
        write_program(path, self._learned.sampler, self._transformer.layout_.to_dict())

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, device: str = "auto") -> Self:
        """Read a model that `save` wrote, onto a device; runs no code from the file.

        Raises
        ------
        ValueError
            If the file is not a whole model of this class, of a version that is known here.
        """
        return cls._from_content(path, *load_model(path), device)

    @classmethod
    def _from_content(
        cls, path: object, header: dict[str, Any], arrays: dict[str, NDArray[Any]], device: str
    ) -> Self:
        if (name := header.get("model", "TabGAN")) != cls.__name__:
            raise ValueError(f"{path} holds a {name}; load it with {name}.load")
        try:
            return cls._restore(header, arrays, device)
        except (KeyError, IndexError, TypeError, AttributeError, RuntimeError) as error:
            raise ValueError(
                f"{path} is a model file, but not one that this version of tabgan reads ({error!r}); "
                "fit the model again and save it"
            ) from error

    @classmethod
    def _restore(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], device: str) -> Self:
        model = cls(**unpack_parameters(header["parameters"])).set_params(device=device)
        transformer = TableTransformer.from_state(header["table"], _under("table.", arrays))
        guard = PrivacyRecord(transformer).set_state(_under("guard.", arrays))
        learned = restore(
            tuple(transformer.layout_), model._settings(), _under("sampler.", arrays), **header["learned"]
        )
        stream = np.random.SeedSequence(**header["stream"])
        model._adopt(transformer, learned, Containers.from_dict(header["form"]), stream, guard)
        return model

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_learned")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = False
        return tags


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
