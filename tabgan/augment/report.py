"""augmentation_report: whether synthetic rows helped an estimator, by cross-validation and a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone, is_regressor
from sklearn.metrics import get_scorer
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from sklearn.utils import _safe_indexing, check_random_state

from tabgan.augment.baselines import RareRepeater, Smote
from tabgan.augment.containers import Seed
from tabgan.augment.oversampling import GANOverSampler
from tabgan.augment.regression import GANRegressionSampler
from tabgan.augment.resampler import imbalanced_learn
from tabgan.augment.t_test import corrected_t_test
from tabgan.estimators.gan import TabGAN

Scoring = str | Callable[..., float]
REAL = "real rows only"
OURS = "tabgan"
KEYS = ["estimator", "metric"]


@dataclass(frozen=True)
class AugmentationReport:
    """Scores of an estimator with and without synthetic rows, and what follows from them.

    Attributes
    ----------
    scores : DataFrame
        One row a split, estimator, metric and method: ``estimator``, ``metric``, ``split``, ``method``,
        ``score``.
    table : DataFrame
        For each estimator, metric and method the mean ``score``, its mean ``difference`` to real rows only,
        the bounds ``low`` and ``high`` of a 95 % confidence interval for it, and the ``p_value``.
    n_splits : int
        Train and test splits.
    test_over_train : float
        Rows of a test part over rows of a training part.
    """

    scores: pd.DataFrame
    table: pd.DataFrame
    n_splits: int
    test_over_train: float

    @property
    def verdict(self) -> str:
        """One sentence for each estimator and metric: whether the rows of tabgan helped."""
        groups = self.table.groupby(KEYS, sort=False)
        return "\n".join(_sentence(keys, group, len(groups) > 1) for keys, group in groups)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data.

        Returns
        -------
        dict
            ``verdict``, ``n_splits``, ``table`` and ``scores``, the last two as lists of dicts.
        """
        return {
            "verdict": self.verdict,
            "n_splits": self.n_splits,
            "table": self.table.to_dict("records"),
            "scores": self.scores.to_dict("records"),
        }

    def plot(self, axes: Any = None) -> Any:
        """Draw the differences to real rows only with their 95 % intervals.

        Parameters
        ----------
        axes : matplotlib axes, optional
            By default those of a new figure.

        Returns
        -------
        matplotlib axes
        """
        import matplotlib.pyplot as plt

        others = self.table[self.table["method"] != REAL].iloc[::-1]
        if axes is None:
            axes = plt.subplots(figsize=(7, 1 + 0.35 * len(others)), layout="constrained")[1]
        several = self.table.groupby(KEYS).ngroups > 1
        names = [
            f"{row.estimator}, {row.metric}: {row.method}" if several else row.method
            for row in others.itertuples()
        ]
        reach = [others["difference"] - others["low"], others["high"] - others["difference"]]
        colors = ["tab:orange" if method.startswith(OURS) else "tab:blue" for method in others["method"]]
        axes.hlines(names, others["low"], others["high"], colors=colors)
        axes.scatter(others["difference"], names, c=colors, zorder=3)
        axes.axvline(0, color="gray", linewidth=1)
        score = "score" if several else self.table["metric"].iloc[0]
        axes.set(xlabel=f"difference of {score} to {REAL}", title="Did synthetic rows help?")
        axes.margins(x=0.1 if np.ptp(np.concatenate(reach)) else 0.5)
        return axes

    def __str__(self) -> str:
        table = self.table.drop(columns=[key for key in KEYS if len(self.table[key].unique()) == 1])
        return f"{self.verdict}\n\n{table.to_string(index=False, float_format='{:.3f}'.format)}"

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{sentence}</p>" for sentence in self.verdict.splitlines())
        return sentences + self.table.to_html(index=False, float_format="{:.3f}".format)


def augmentation_report(
    X: Any,
    y: Any,
    estimator: Any,
    *,
    scoring: Scoring | Sequence[Scoring] | None = None,
    model: TabGAN | None = None,
    methods: Mapping[str, Any] | None = None,
    n_splits: int = 5,
    n_repeats: int = 2,
    random_state: Seed = None,
    verbose: int = 1,
) -> AugmentationReport:
    """Tell whether synthetic rows help an estimator on a table.

    Repeated cross-validation; in each split the rows are made from the training part alone, the estimator is
    fitted to both, and the score is taken on the real test part.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_rows, n_columns)
    y : Series or array-like of shape (n_rows,)
        Classes, or numbers.
    estimator : estimator or mapping
        Sees X as it came: let it be a pipeline that encodes. Or several, by name.
    scoring : str, callable or sequence of them, optional
        Names or scorers of scikit-learn. By default "balanced_accuracy", or "r2" for numbers.
    model : TabGAN, optional
        The unfitted model of the method "tabgan"; by default as in :class:`GANOverSampler`.
    methods : mapping, optional
        Name -> object with ``fit_resample`` and a ``random_state``. By default, for classes, repeating real
        rows at random, SMOTE (SMOTENC where there are categories; only if the table has no missing values)
        and tabgan, all of which need imbalanced-learn (``pip install 'tabgan-torch[augment]'``); for numbers,
        repeating rows with rare values, and tabgan.
    n_splits : int, default=5
        Folds of the cross-validation, stratified for classes.
    n_repeats : int, default=2
        How often it is repeated.
    random_state : int, RandomState or None, default=None
        Seed of the splits and of all methods.
    verbose : int, default=1
        1 shows a progress bar.

    Returns
    -------
    AugmentationReport
        `print` it, or see its ``table``, ``verdict`` and ``plot()``.

    Raises
    ------
    ImportError
        If the default methods for classes are to be compared and imbalanced-learn is not installed.
    ValueError, TypeError
        If X and y cannot be used, or by an estimator or scorer.

    Notes
    -----
    Differences are tested by the corrected resampled t-test of Nadeau and Bengio 2003
    (:func:`tabgan.augment.t_test.corrected_t_test`). The p-values are not corrected for the number of
    methods.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tabgan import TabGAN, augmentation_report, load_iris
    >>> flowers = load_iris().iloc[:70]
    >>> report = augmentation_report(
    ...     flowers.drop(columns="species"), flowers["species"], LogisticRegression(),
    ...     model=TabGAN(max_steps=20, verbose=0), n_splits=2, random_state=0, verbose=0,
    ... )  # fmt: skip
    >>> print(report.verdict)
    tabgan did not help: balanced_accuracy is 1.000 with its rows and 1.000 with real rows only.
    """
    estimators = estimator if isinstance(estimator, Mapping) else {_name(estimator): estimator}
    nominal = not all(map(is_regressor, estimators.values()))
    scorers = _scorers(scoring or ("balanced_accuracy" if nominal else "r2"))
    rng = check_random_state(random_state)
    methods = default_methods(X, nominal, model) if methods is None else methods
    splitter = (RepeatedStratifiedKFold if nominal else RepeatedKFold)(
        n_splits=n_splits, n_repeats=n_repeats, random_state=rng.randint(2**31 - 1)
    )
    rows = []
    for split, method, more, test in _resampled(X, y, methods, splitter, rng, verbose):
        for name, unfitted in estimators.items():
            fitted = clone(unfitted).fit(*more)
            rows += [
                {"estimator": name, "metric": metric, "split": split, "method": method,
                 "score": float(scorer(fitted, *test))}
                for metric, scorer in scorers.items()
            ]  # fmt: skip
    test_over_train = 1 / (n_splits - 1)
    scores = pd.DataFrame(rows)
    return AugmentationReport(
        scores, differences(scores, test_over_train), n_splits * n_repeats, test_over_train
    )


def default_methods(X: Any, nominal: bool, model: TabGAN | None) -> dict[str, Any]:
    """The baselines, which need no choice of a parameter, and tabgan, by name."""
    if not nominal:
        return {"rare rows repeated": RareRepeater(), OURS: GANRegressionSampler(model=model)}
    methods: dict[str, Any] = {"rows repeated": imbalanced_learn("over_sampling").RandomOverSampler()}
    if not pd.DataFrame(X).isna().to_numpy().any():
        methods["SMOTE"] = Smote()
    return {**methods, OURS: GANOverSampler(model=model)}


def _resampled(
    X: Any, y: Any, methods: Mapping[str, Any], splitter: Any, rng: np.random.RandomState, verbose: int
) -> Iterator[tuple[int, str, tuple[Any, Any], tuple[Any, Any]]]:
    """For each split and method: its number, the name, the training rows with new ones, the test rows."""
    from tqdm.auto import tqdm

    folds = list(splitter.split(X, y))
    with tqdm(total=len(folds) * (1 + len(methods)), desc="splits", disable=not verbose) as bar:
        for split, (train, test) in enumerate(folds):
            real = _safe_indexing(X, train), _safe_indexing(y, train)
            unseen = _safe_indexing(X, test), _safe_indexing(y, test)
            for name, sampler in {REAL: None, **methods}.items():
                bar.set_postfix_str(name)
                more = real
                if sampler is not None:
                    seeded = clone(sampler).set_params(random_state=rng.randint(2**31 - 1))
                    more = seeded.fit_resample(*real)
                yield split, name, more, unseen
                bar.update()


def _name(estimator: Any) -> str:
    """What it is called in the table: its class; of a pipeline, that of its last step."""
    steps = getattr(estimator, "steps", None)
    return _name(steps[-1][1]) if steps else type(estimator).__name__


def _scorers(scoring: Scoring | Sequence[Scoring]) -> dict[str, Callable[..., float]]:
    several = [scoring] if isinstance(scoring, str) or callable(scoring) else list(scoring)
    return {str(s) if isinstance(s, str) else getattr(s, "__name__", repr(s)): get_scorer(s) for s in several}


def differences(scores: pd.DataFrame, test_over_train: float) -> pd.DataFrame:
    """The table of a report from its scores."""
    rows = []
    for keys, group in scores.groupby(KEYS, sort=False):
        wide = group.set_index(["split", "method"])["score"].unstack("method")  # noqa: PD010 - nothing to sum
        for method in group["method"].unique():
            test = corrected_t_test(wide[method] - wide[REAL], test_over_train)
            row = {**dict(zip(KEYS, keys, strict=True)), "method": method, "score": wide[method].mean()}
            if method != REAL:
                row |= dict(difference=test.mean, low=test.low, high=test.high, p_value=test.p_value)  # noqa: C408
            rows.append(row)
    return pd.DataFrame(rows)


def _sentence(keys: Any, group: pd.DataFrame, several: bool) -> str:
    """What a reader wants to know first."""
    estimator, metric = keys
    by_method = group.set_index("method")
    name = OURS if OURS in by_method.index else by_method.index[-1]
    ours, real = by_method.loc[name], by_method.loc[REAL]
    start = f"{estimator}: " if several else ""
    scores = f"{metric} is {ours.score:.3f} with its rows and {real.score:.3f} with {REAL}"
    if ours.low == ours.high == 0:
        return f"{start}{name} did not help: {scores}."
    interval = f"95 % interval {ours.low:+.3f} to {ours.high:+.3f}, p = {ours.p_value:.2g}"
    result = f"{scores} (difference {ours.difference:+.3f}, {interval})"
    if ours.low > 0:
        return f"{start}{name} helped: {result}."
    if ours.high < 0:
        return f"{start}{name} did harm: {result}."
    return f"{start}{name} did not help beyond noise: {result}."
