"""GANOverSampler: more rows of rare classes."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from numpy.random import RandomState
from sklearn.utils import Tags

from tabgan.augment.containers import New, Rows, Seed, class_of, need_two_classes
from tabgan.augment.resampler import Resampler, has_imbalanced_learn, imbalanced_learn
from tabgan.augment.source import fit_margin, fit_source, rows_of_classes, with_repeated_rows
from tabgan.estimators.gan import TabGAN

Strategy = str | float | Mapping[Any, int] | Callable[[Any], Mapping[Any, int]]


class GANOverSampler(Resampler):
    """Balance classes with rows that a TabGAN draws, by the conventions of imbalanced-learn.

    One TabGAN is fitted to all classes together, y as one more column of X, so that a rare class borrows from
    the frequent ones what they have in common. Columns may be of any kind and have missing values. It works
    in ``imblearn.pipeline.Pipeline``, before any encoder. Strategies other than "auto" need imbalanced-learn,
    which checks them: ``pip install 'tabgan-torch[augment]'``.

    Parameters
    ----------
    sampling_strategy : str, float, dict or callable, default="auto"
        - str: which classes are brought to the size of the largest one: "minority", "not minority",
          "not majority", "all", or "auto", which is "not majority";
        - float: for two classes, the size of the smaller over that of the larger afterwards;
        - dict: class -> number of rows afterwards;
        - callable: takes y, an array of shape (n_rows,), and gives such a dict.
    model : TabGAN, optional
        An unfitted model is cloned and fitted to X and y. A fitted one is used as it is: it must have been
        fitted with ``fit(X, y)`` on a table of these columns, and must not have seen rows of a test set. By
        default ``TabGAN(max_steps=800)``, of smaller networks where rows are many, which protects no rare
        values: the synthetic rows stay with the real ones.
    max_time : float, optional
        Seconds after which the training of an unfitted model stops; by default the model's own, which is
        none.
    reject : bool, default=True
        Whether rows are rejected whose class a random forest, fitted to the real rows, contradicts.
    min_class_size : int, default=6
        Classes of fewer rows are too small to be learned.
    small_classes : {"repeat", "error"}, default="repeat"
        What becomes of those: repeat real rows at random, with a warning, or raise.
    random_state : int, RandomState or None, default=None
        Seed of everything random; a `model` with a `random_state` keeps it.
    verbose : int, default=0
        1 shows the progress of fitting the default model; a given `model` keeps its `verbose`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows that were added.
    n_synthetic_ : dict
        Class -> how many of them are synthetic; the others are repeated real rows.
    model_ : TabGAN or None
        The fitted model; None if none was needed.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all are strings.

    Notes
    -----
    The conventions are those of Lemaitre et al. 2017, *Imbalanced-learn*, JMLR 18(17). Rows of all classes
    are drawn and those of the classes to grow are kept, with bounded effort.
    :func:`tabgan.augment.augmentation_report` tells whether it helped; often it does not.

    Examples
    --------
    >>> from tabgan import GANOverSampler, TabGAN, load_iris
    >>> flowers = load_iris().iloc[:70]  # 50 of one species, 20 of another
    >>> X, y = flowers.drop(columns="species"), flowers["species"]
    >>> sampler = GANOverSampler(model=TabGAN(max_steps=50, verbose=0), random_state=0)
    >>> X_more, y_more = sampler.fit_resample(X, y)
    >>> y_more.value_counts().to_dict()
    {'setosa': 50, 'versicolor': 50}
    """

    NOMINAL = True

    def __init__(
        self,
        *,
        sampling_strategy: Strategy = "auto",
        model: TabGAN | None = None,
        max_time: float | None = None,
        reject: bool = True,
        min_class_size: int = 6,
        small_classes: str = "repeat",
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.model = model
        self.max_time = max_time
        self.reject = reject
        self.min_class_size = min_class_size
        self.small_classes = small_classes
        self.random_state = random_state
        self.verbose = verbose

    def _check(self, X: Any, y: Any) -> Rows:
        rows = super()._check(X, y)
        need_two_classes(rows.target)
        self.sampling_strategy_ = self._added(rows.target)
        return rows

    def _added(self, target: pd.Series) -> dict[Any, int]:
        """Rows to add to each class, as the strategy wants it."""
        if has_imbalanced_learn() or self.sampling_strategy != "auto":
            check = imbalanced_learn("utils").check_sampling_strategy
            return dict(check(self.sampling_strategy, target.to_numpy(), "over-sampling"))
        counts = target.value_counts(sort=False)
        return {label: int(counts.max() - n) for label, n in counts.items() if label != counts.idxmax()}

    def _draw(self, rows: Rows, rng: RandomState) -> New:
        sizes = dict(Counter(rows.target))
        to_draw = {label: n for label, n in self.sampling_strategy_.items() if n}
        small = {label for label in to_draw if sizes[label] < self.min_class_size}
        if small and self.small_classes == "error":
            raise ValueError(
                f"{_say(small, sizes)} too small to learn from (min_class_size={self.min_class_size})"
            )
        to_draw = {label: n for label, n in to_draw.items() if label not in small}
        synthetic, self.model_ = {}, None
        if to_draw:
            source = fit_source(self.model, rows, rng, self.verbose, self.max_time)
            margin = fit_margin(rows.frame, rows.target, rng) if self.reject else None
            synthetic, self.model_ = rows_of_classes(source, to_draw, margin, rng), source.model
        self.n_synthetic_ = {label: len(synthetic.get(label, ())) for label in self.sampling_strategy_}
        missing = {label: n - self.n_synthetic_[label] for label, n in self.sampling_strategy_.items()}
        short = {label: n for label, n in missing.items() if n > 0}
        if short:
            warnings.warn(
                f"{_say(set(short), sizes)} too small to learn from; {sum(short.values())} real rows were "
                "repeated instead (small_classes='error' raises)",
                stacklevel=3,
            )
        return with_repeated_rows(synthetic, self.sampling_strategy_, rows, rng)

    def __sklearn_tags__(self) -> Tags:
        if not has_imbalanced_learn():
            return super().__sklearn_tags__()
        tags = imbalanced_learn("base").BaseSampler.__sklearn_tags__(self)
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        return tags


def _say(labels: set[Any], sizes: dict[Any, int]) -> str:
    """Name classes with their sizes: ``class 'a' (3 rows) is``."""
    named = ", ".join(class_of(label, sizes[label]) for label in sorted(labels, key=sizes.__getitem__))
    return f"class {named} is" if len(labels) == 1 else f"classes {named} are"
