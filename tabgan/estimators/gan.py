"""TabGAN: a scikit-learn estimator that learns a table with a GAN and samples new rows of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from tabgan.adversarial.device import choose_device
from tabgan.adversarial.networks import BACKBONES, Backbone
from tabgan.adversarial.training.fit import Settings
from tabgan.adversarial.training.loop import adversarial_step
from tabgan.adversarial.training.losses import OBJECTIVES, Objective
from tabgan.estimators.base import Seed, Synthesizer
from tabgan.estimators.parameters import check_parameters

if TYPE_CHECKING:
    from tabgan.adversarial.training.state import Callback
    from tabgan.table import ColumnType, Constraint


class TabGAN(Synthesizer):
    """Learn a table of mixed columns with a generative adversarial network, and sample new rows of it.

    Parameters
    ----------
    columns : mapping, optional
        Column name -> kind ("continuous", "integer", "discrete", "categorical", "datetime", "timedelta",
        "constant", "missing", "identifier", "text") or column type object, where the inferred one is not
        wanted.
    numeric : {"rank", "minmax"}, default="rank"
        How numbers are scaled to [-1, 1]: by their rank in the training column, or linearly.
    constraints : list of Constraint, str or callable, or "auto" or None, default="auto"
        What is true of every row, and so of every sample: :class:`~tabgan.Inequality`,
        :class:`~tabgan.Range`, :class:`~tabgan.FixedCombinations`, :class:`~tabgan.Sum`,
        :class:`~tabgan.Unique`, :class:`~tabgan.OneHotGroup`, :class:`~tabgan.Predicate`, an expression such
        as ``"start <= end"``, or a function of a frame that tells which rows are right. With "auto", those
        rules that all training rows obey and that cost nothing to obey: columns that follow from others,
        sums, one-hot groups, orders of dates; tables of more than 200 columns, or larger than memory, have
        none. None allows everything.
    remember : {"nothing", "hashes", "rows"}, default="nothing"
        What the model and its file keep of the training rows, for `sample` to keep away from them. With
        "hashes": 64 bits of a salted hash of each row, for `exclude_copies`; the salt is in the file, so who
        guesses a whole row can find out whether it was there. With "rows": also the rows themselves, as codes
        from which most cells can be told, for `min_distance`; treat such a file like the training table.
    backbone : Backbone, optional
        The networks; by default :class:`~tabgan.adversarial.networks.MLP`.
    objective : str or Objective, default="relativistic"
        The game: "relativistic", "non-saturating", "minimax", "wasserstein", "hinge", or your own
        :class:`~tabgan.adversarial.training.losses.Objective`.
    latent_dim : int, default=64
        Dimension of the normal noise that the generator turns into rows.
    batch_size : int, default=512
        Rows a step; half as many in the first 40 % of the steps, and fewer if the table has fewer.
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
        Stop after so many checks (there are 25) without a better one, and once the critic tells the rows it
        is trained on from those held back
        (:class:`~tabgan.adversarial.training.membership.Membership`), as it soon
        does on small tables; None never stops.
    max_time : float, optional
        Seconds after which training stops and keeps what it has learned.
    refine : bool, default=True
        Whether, of 1,000 rows or more, boosted trees are trained after the networks to tell generated rows
        from real ones, and `sample` leaves out what they find
        (:class:`~tabgan.trees.discriminator.Discriminator`).
    warm_start : bool, default=False
        Whether a second `fit` goes on with the networks of the first, for tables of the same columns.
    device : str, default="auto"
        "auto" takes CUDA, then MPS, then the CPU; or a torch device name.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        "auto" takes bfloat16 where the hardware multiplies it fast.
    on_step : callable, optional
        ``on_step(state) -> stop``, called after each step with the training
        :class:`~tabgan.adversarial.training.loop.State`; a true value ends training, a string is the reason.
    random_state : int, RandomState or None, default=None
        Seed of everything random in `fit`, and of the stream that `sample` draws from.
    verbose : int, default=1
        0 is silent, 1 shows a progress bar.

    Attributes
    ----------
    schema_ : Schema
        What each column was taken for, and why.
    constraints_ : list of Constraint
        What all samples obey; each rule that was found says by what evidence.
    history_ : DataFrame
        Mean losses and the critic's accuracy during training, with the fidelity to held-out rows; where
        collapse would show, their coverage: the share of what they hold, by pairs of columns, that is made;
        and where memorisation would, the chance that the critic prefers a training row to a held-out one.
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
        constraints: Sequence[Constraint | str | Callable[..., Any]] | Literal["auto"] | None = "auto",
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
        on_step: Callback | None = None,
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

    def _settings(self) -> Settings:
        """The parameters, checked, in the form that training takes them."""
        check_parameters(self.get_params(deep=False))
        objective = OBJECTIVES[self.objective] if isinstance(self.objective, str) else self.objective
        return Settings(
            backbone=self.backbone if self.backbone is not None else BACKBONES["mlp"](),
            play=adversarial_step(objective),
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
