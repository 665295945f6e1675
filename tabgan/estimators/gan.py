"""TabGAN: a scikit-learn estimator that learns a table with a GAN and samples new rows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tabgan.adversarial.networks import MLP, Backbone
from tabgan.adversarial.training.loop import adversarial_step
from tabgan.adversarial.training.losses import OBJECTIVES, Objective
from tabgan.adversarial.training.settings import Adam, Validation
from tabgan.adversarial.training.state import TrainingStep
from tabgan.estimators.base import Synthesizer
from tabgan.estimators.parameters import BACKBONE, CUSTOM, OBJECTIVE, Privacy, Requirement

Game = Literal["relativistic", "non-saturating", "minimax", "wasserstein", "hinge", "unrolled"]


@dataclass(kw_only=True, eq=False, repr=False)
class TabGAN(Synthesizer):
    """Learn a table of mixed columns with a generative adversarial network, and sample new rows of it.

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
    backbone : Backbone, optional
        The networks; by default :class:`~tabgan.adversarial.networks.MLP`, and smaller ones, of two layers of
        128, where `refine` has forests teach.
    objective : str or Objective, default="relativistic"
        The game: "relativistic", "non-saturating", "minimax", "wasserstein", "hinge", "unrolled", or your own
        :class:`~tabgan.adversarial.training.losses.Objective`. A model file holds no code: of your own it
        keeps the word "custom", which samples but cannot be trained further.
    optimizer : Adam, optional
        Learning rates, running average and number format, see :class:`~tabgan.Adam`; each can be searched as
        ``optimizer__learning_rate``.
    validation : Validation, optional
        How many rows are in the validation set, and when training stops by it; by default a tenth, see
        :class:`~tabgan.Validation`.
    batch_size : int, default=512
        Rows a step; half as many in the first 40 % of the steps, fewer if the table has fewer, and 256 at
        most where `refine` has forests teach.
    max_steps : int, optional
        Steps of training; by default 800 where `refine` has forests teach (640 below 500 rows), and else 40
        times the square root of the number of rows, 1,500 at most (5,500 where `refine` adds no trees), and
        fewer for very wide tables. With 0, the networks learn nothing, and trees move random rows.
    max_time : float, optional
        Seconds after which training stops and keeps what it has learned.
    refine : bool, default=True
        Whether trees help. Trees are grown after the networks: `sample` moves each generated row to the
        conditional distributions that they learned (:class:`~tabgan.trees.transport.Transport`; of up to
        20,000 rows, those of one of several sets of trees), and leaves out rows that boosted trees tell from
        real ones (:class:`~tabgan.trees.discriminator.Discriminator`).
        Up to 1,500 rows, and with 100 steps or more, networks and trees see no real row: forests that learned
        the table teach them (:mod:`~tabgan.adversarial.training.teacher`).
    warm_start : bool, default=False
        Whether a second `fit` goes on with the networks of the first, for tables of the same columns.
    device : str, default="auto"
        "auto" takes CUDA, then MPS, then the CPU; or a torch device name.
    on_step : callable, optional
        ``on_step(state) -> stop``, called after each step with the training
        :class:`~tabgan.adversarial.training.state.State`; a true value ends training, a string is the
        reason.
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
        Mean losses and the critic's accuracy during training, with the fidelity to the validation set; where
        collapse would show, the coverage: the share of what the validation set holds, by pairs of columns,
        that is generated; and where memorisation would, the chance that the critic prefers a training row to
        one of the validation set.
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

    _DEFAULTS: ClassVar[Mapping[str, Callable[[], Any]]] = {
        "privacy": Privacy, "backbone": MLP, "optimizer": Adam, "validation": Validation,
    }  # fmt: skip

    _REQUIREMENTS: ClassVar[Mapping[str, Requirement]] = {"backbone": BACKBONE, "objective": OBJECTIVE}

    backbone: Backbone | None = None
    objective: Game | Objective = "relativistic"

    def _training_step(self) -> TrainingStep:
        objective: str | Objective = self.objective  # a file may say "custom"
        if objective == CUSTOM:
            raise ValueError(
                "the objective was an object of yours, which a model file does not hold; "
                "give it again before fitting: model.set_params(objective=...)"
            )
        return adversarial_step(OBJECTIVES[objective] if isinstance(objective, str) else objective)
