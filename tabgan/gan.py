"""TabGAN: a scikit-learn estimator that learns a table and samples new rows of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from tabgan.adversarial.device import choose_device
from tabgan.adversarial.fidelity import PairFidelity
from tabgan.adversarial.fitting import Learned, Settings, learn, restore
from tabgan.adversarial.listeners import HISTORY_COLUMNS
from tabgan.adversarial.losses import OBJECTIVES, Objective
from tabgan.adversarial.networks import BACKBONES, Backbone
from tabgan.drawing import complete, draw, draw_balanced, draw_given, present
from tabgan.files import load_model, save_model
from tabgan.form import Form, join
from tabgan.parameters import check_parameters, pack_parameters, unpack_parameters
from tabgan.table import Acceptance, Guard, RuledTransformer, Schema, TableTransformer, read_rules

if TYPE_CHECKING:
    from tabgan.adversarial.training import Listener
    from tabgan.table import ColumnType, Rule

Seed = int | np.random.RandomState | None


class TabGAN(BaseEstimator):
    """Learn a table of mixed columns with a generative adversarial network, and sample new rows of it.

    Parameters
    ----------
    columns : mapping, optional
        Column name -> kind ("continuous", "integer", "discrete", "categorical", "datetime", "timedelta",
        "constant", "missing", "identifier") or column type object, where the inferred one is not wanted.
    numeric : {"rank", "minmax"}, default="rank"
        How numbers are scaled to [-1, 1]: by their rank in the training column, or linearly.
    constraints : list of Rule, str or callable, optional
        What is true of every row: :class:`~tabgan.Inequality`, :class:`~tabgan.Range`,
        :class:`~tabgan.FixedCombinations`, :class:`~tabgan.Sum`, :class:`~tabgan.Unique`,
        :class:`~tabgan.OneHotGroup`, :class:`~tabgan.Predicate`, an expression such as ``"start <= end"``, or
        a function of a frame that tells which rows are right. All samples obey.
    remember : {"nothing", "hashes", "rows"}, default="nothing"
        What the model and its file keep of the training rows, for `sample` to keep away from them.
        "hashes": 64 bits of a salted hash of each row, for `exclude_copies`; the salt is in the file, so
        who guesses a
        whole row can find out whether it was there. "rows": also the rows themselves, as codes from which
        most cells can be told, for `min_distance`; treat such a file like the training table.
    backbone : Backbone, optional
        The networks; by default :class:`~tabgan.adversarial.networks.MLP`.
    objective : str or Objective, default="relativistic"
        The game: "relativistic", "non-saturating", "minimax", "wasserstein", "hinge", or your own
        :class:`~tabgan.adversarial.losses.Objective`.
    latent_dim : int, default=64
        Dimension of the normal noise that the generator turns into rows.
    batch_size : int, default=512
        Rows a step; fewer if the table has fewer.
    max_steps : int, optional
        Steps of the generator; by default 40 times the square root of the number of rows, 5,500
        at most, and fewer for very wide tables.
    learning_rate : float, default=1e-3
        Of Adam for the generator at the start; it falls along a cosine.
    critic_learning_rate : float, default=2e-3
        The same for the critic, which should be ahead of the generator.
    betas : (float, float), default=(0.0, 0.99)
        Of Adam, for both networks.
    average : float, default=0.995
        Weight of the past in the running average of the generator, which is what samples.
    validation_fraction : float, default=0.1
        Share of the rows that are held back to tell how good samples are; 0 for none. They are 2,000 at
        most, and of small tables a fifth, 50 at most, is taken where the share would be less.
    patience : int or None, default=10
        Stop after so many checks (there are 25) without a better one; None never stops.
    max_time : float, optional
        Seconds after which training stops and keeps what it has learned.
    refine : bool, default=True
        Whether, of 1,000 rows or more, boosted trees are trained after the networks to tell generated rows
        from real ones, and `sample` leaves out what they find
        (:class:`~tabgan.adversarial.rejection.Rejection`).
    warm_start : bool, default=False
        Whether a second `fit` goes on with the networks of the first, for tables of the same columns.
    device : str, default="auto"
        "auto" takes CUDA, then MPS, then the CPU; or a torch device name.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        "auto" takes bfloat16 where the hardware multiplies it fast.
    on_step : callable, optional
        ``on_step(state) -> stop``, called after each step with the training
        :class:`~tabgan.adversarial.training.State`; a true value ends training, a string is the reason.
    random_state : int, RandomState or None, default=None
        Seed of everything random in `fit`, and of the stream that `sample` draws from.
    verbose : int, default=1
        0 is silent, 1 shows a progress bar.

    Attributes
    ----------
    schema_ : Schema
        What each column was taken for, and why.
    history_ : DataFrame
        Mean losses, the critic's accuracy and the fidelity to held-out rows during training.
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
    The default objective is the relativistic one with R1 and R2 penalties of Huang et al. 2024, *The GAN is
    dead; long live the GAN!* (R3GAN); why each default is what it is stands in the research log of the docs.

    Examples
    --------
    >>> from tabgan import TabGAN, load_iris
    >>> model = TabGAN(max_steps=20, random_state=0, verbose=0).fit(load_iris())
    >>> model.sample(3).shape
    (3, 5)
    """

    def __init__(
        self,
        *,
        columns: Mapping[Hashable, str | ColumnType] | None = None,
        numeric: str = "rank",
        constraints: Sequence[Rule | str | Callable[..., Any]] | None = None,
        remember: str = "nothing",
        backbone: Backbone | None = None,
        objective: str | Objective = "relativistic",
        latent_dim: int = 64,
        batch_size: int = 512,
        max_steps: int | None = None,
        learning_rate: float = 1e-3,
        critic_learning_rate: float = 2e-3,
        betas: tuple[float, float] = (0.0, 0.99),
        average: float = 0.995,
        validation_fraction: float = 0.1,
        patience: int | None = 10,
        max_time: float | None = None,
        refine: bool = True,
        warm_start: bool = False,
        device: str = "auto",
        precision: str = "auto",
        on_step: Listener | None = None,
        random_state: Seed = None,
        verbose: int = 1,
    ) -> None:
        self.columns = columns
        self.numeric = numeric
        self.constraints = constraints
        self.remember = remember
        self.backbone = backbone
        self.objective = objective
        self.latent_dim = latent_dim
        self.batch_size = batch_size
        self.max_steps = max_steps
        self.learning_rate = learning_rate
        self.critic_learning_rate = critic_learning_rate
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

    def fit(self, X: Any, y: Any = None) -> TabGAN:
        """Learn a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,), optional
            One more column, under its own name or "target".

        Returns
        -------
        TabGAN
            The same object, now fitted. Interrupted by Ctrl-C, it keeps what it has learned.

        Raises
        ------
        ValueError, TypeError
            If a parameter or a column cannot be used; it is named, with the remedy, before any training.
        RuntimeError
            If training diverged and nothing is worth keeping.
        """
        settings = self._settings()
        table, form = join(X, y)
        seed = np.random.SeedSequence(check_random_state(self.random_state).randint(2**31))
        encode_seed, learn_seed, sample_seed, salt_seed = seed.spawn(4)
        go_on = self.warm_start and self.__sklearn_is_fitted__()
        if go_on:
            transformer, start = self._transformer, self._learned.state
        else:
            schema = Schema.infer(table, self.columns, numeric=self.numeric)
            rules = read_rules(self.constraints)
            made = RuledTransformer(schema, rules) if rules else TableTransformer(schema)
            transformer, start = made.fit(table), None
        guard = Guard(transformer).fit(table, self.remember, salt_seed)
        rows = transformer.transform(table, random_state=np.random.default_rng(encode_seed))
        learned = learn(rows, tuple(transformer.layout_), settings, learn_seed, self.on_step, start)
        self._adopt(transformer, learned, form, sample_seed, guard)
        return self

    def _settings(self) -> Settings:
        """The parameters, checked, in the form that training takes them."""
        check_parameters(self.get_params(deep=False))
        objective = OBJECTIVES[self.objective] if isinstance(self.objective, str) else self.objective
        return Settings(
            backbone=self.backbone if self.backbone is not None else BACKBONES["mlp"](),
            objective=objective,
            latent_dim=self.latent_dim,
            batch_size=self.batch_size,
            max_steps=self.max_steps,
            learning_rate=self.learning_rate,
            critic_learning_rate=self.critic_learning_rate,
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

    def _adopt(
        self,
        transformer: TableTransformer,
        learned: Learned,
        form: Form,
        sample_seed: np.random.SeedSequence,
        guard: Guard,
    ) -> None:
        """Take over what was learned, all at once, so that a failed fit leaves no half-fitted model."""
        self._transformer, self._learned, self._form, self._stream = transformer, learned, form, sample_seed
        self._guard = guard
        self.schema_ = transformer.schema
        self.history_ = pd.DataFrame(learned.history, columns=list(HISTORY_COLUMNS))
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
        random_state: Seed = None,
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
        random_state : int, RandomState or None, default=None
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
        found by rejection (:mod:`tabgan.adversarial.conditional`). Rows to complete get the other cells of
        one of the nearest among many generated rows (:func:`tabgan.drawing.complete`).
        """
        check_is_fitted(self)
        if return_X_y and self._form.target is None:
            raise ValueError("return_X_y needs a model that was fitted with y: fit(X, y)")
        n = _number_of_rows(n_samples, given)
        table, sampler = self._transformer, self._learned.sampler
        accept = Acceptance(table, self._guard, exclude_copies, _distance(min_distance))
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

    def _next_seed(self, random_state: Seed) -> np.random.SeedSequence:
        if random_state is None:
            return self._stream.spawn(1)[0]
        return np.random.SeedSequence(check_random_state(random_state).randint(2**31))

    def score(self, X: Any, y: Any = None) -> float:
        """Fidelity of fresh samples to held-out rows, between 0 and 1; the same call gives the same score.

        It is one minus the mean total variation distance between the two-way tables of samples and of `X`
        (:class:`~tabgan.adversarial.fidelity.PairFidelity`). Few rows have noisy tables and score lower:
        compare scores only on the same rows. :func:`tabgan.evaluate` tells more.

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
        """Write the model into one file: JSON and safetensors in a zip, no pickle.

        It holds no training rows, unless the model was told to `remember` them.

        Raises
        ------
        ValueError
            If the model holds an object of your own (a backbone, a column type) that no file could hold.
        """
        check_is_fitted(self)
        table, table_arrays = self._transformer.get_state()
        header = {
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
        save_model(path, header, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, device: str = "auto") -> TabGAN:
        """Read a model that `save` wrote, onto a device; runs no code from the file.

        Raises
        ------
        ValueError
            If the file is not a whole model of a version that is known here.
        """
        header, arrays = load_model(path)
        model = cls(**unpack_parameters(header["parameters"])).set_params(device=device)
        form = RuledTransformer if "rules" in header["table"] else TableTransformer
        transformer = form.from_state(header["table"], _under("table.", arrays))
        guard = Guard(transformer).set_state(_under("guard.", arrays))
        learned = restore(
            tuple(transformer.layout_), model._settings(), _under("sampler.", arrays), **header["learned"]
        )
        stream = np.random.SeedSequence(**header["stream"])
        model._adopt(transformer, learned, Form.from_dict(header["form"]), stream, guard)
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


def _number_of_rows(n_samples: int | None, given: object) -> int:
    """Check `n_samples`, which has a default of its own where rows are given."""
    wanted = len(given) if isinstance(given, pd.DataFrame) else 1
    if n_samples is None:
        return wanted
    if isinstance(n_samples, bool) or not isinstance(n_samples, int | np.integer):
        raise TypeError(f"n_samples must be a whole number, got {n_samples!r}")
    if n_samples < 0:
        raise ValueError(f"n_samples must not be negative, got {n_samples}")
    if isinstance(given, pd.DataFrame) and n_samples != wanted:
        raise ValueError(f"n_samples is {n_samples}, but given has {wanted} rows to complete; leave it out")
    return int(n_samples)


def _distance(min_distance: float) -> float:
    if not 0 <= min_distance <= 1:
        raise ValueError(f"min_distance must lie between 0 and 1, got {min_distance!r}")
    return float(min_distance)


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
