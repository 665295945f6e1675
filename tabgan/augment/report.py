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

from tabgan.augment.baselines import (
    RareRepeater,
    RowRepeater,
    Smote,
    with_class_weights,
    with_moved_threshold,
    with_rare_weights,
)
from tabgan.augment.containers import Rows, Seed, class_of, need_two_classes
from tabgan.augment.oversampling import GANOverSampler
from tabgan.augment.regression import GANRegressionSampler
from tabgan.augment.resampler import has_imbalanced_learn
from tabgan.augment.t_test import corrected_t_test, holm
from tabgan.estimators.gan import TabGAN

Scoring = str | Callable[..., float]
REAL = "real rows only"
OURS = "tabgan"
WITHOUT_ROWS = ("class weights", "moved threshold", "rare rows weighted")
KEYS = ["estimator", "metric"]
LEVEL = 0.05  # of all tests of a report together


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
        the bounds ``low`` and ``high`` of a 95 % confidence interval for it, the ``p_value`` of this
        difference alone, and ``p_holm``, corrected for the number of differences in the table.
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
    def advice(self) -> str:
        """One line: the cheapest method that beats real rows only, and that none beats, beyond noise."""
        groups = list(self.table.groupby(KEYS, sort=False))
        chosen = [self._cheapest(keys, group) for keys, group in groups]
        if len(groups) == 1:
            return _advice(groups[0][0][1], groups[0][1].set_index("method"), chosen[0])
        counts = pd.Series(chosen).value_counts()
        return (
            f"Of {len(groups)} comparisons, take " + ", ".join(f"{k} in {n}" for k, n in counts.items()) + "."
        )

    def _cheapest(self, keys: Any, group: pd.DataFrame) -> str:
        """The method to take; the table has them in the order of their cost."""
        better = group[(group["difference"] > 0) & (group["p_holm"] < LEVEL)]
        if better.empty:
            return REAL
        of_group = (self.scores[KEYS] == list(keys)).all(axis=1)
        wide = self.scores[of_group].pivot(index="split", columns="method", values="score")  # noqa: PD010
        best = better.loc[better["score"].idxmax(), "method"]

        def is_beaten(method: str) -> bool:
            return corrected_t_test(wide[best] - wide[method], self.test_over_train).p_value < LEVEL

        return next(method for method in better["method"] if method == best or not is_beaten(method))

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
            ``advice``, ``verdict``, ``n_splits``, ``table`` and ``scores``, the last two as lists of dicts.
        """
        return {
            "advice": self.advice,
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
        return (
            f"{self.advice}\n{self.verdict}\n\n{table.to_string(index=False, float_format='{:.3f}'.format)}"
        )

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{each}</p>" for each in [self.advice, *self.verdict.splitlines()])
        return sentences + self.table.to_html(index=False, float_format="{:.3f}".format)


def augmentation_report(
    X: Any,
    y: Any,
    estimator: Any,
    *,
    scoring: Scoring | Sequence[Scoring] | None = None,
    model: TabGAN | None = None,
    max_time: float | None = None,
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
    max_time : float, optional
        Seconds after which the training of each of its models, one a split, stops.
    methods : mapping, optional
        Name -> object with ``fit_resample`` and a ``random_state``, or function that makes of an estimator
        another one (or None, where that is not possible); cheap ones first. By default, for classes: class
        weights, a moved threshold, repeating real rows at random, SMOTE (SMOTENC where there are categories;
        only if imbalanced-learn is installed and no value is missing) and tabgan; for numbers, weighing rows
        with rare values, repeating them, and tabgan.
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
    ValueError, TypeError
        If X and y cannot be used, a class has fewer rows than there are folds, or by an estimator or scorer.

    Notes
    -----
    Differences are tested by the corrected resampled t-test of Nadeau and Bengio 2003
    (:func:`tabgan.augment.t_test.corrected_t_test`), all of them together by Holm 1979
    (:func:`tabgan.augment.t_test.holm`).

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
    _check_folds(Rows.of(X, y, nominal), n_splits)
    rng = check_random_state(random_state)
    methods = default_methods(X, nominal, model, max_time) if methods is None else methods
    splitter = (RepeatedStratifiedKFold if nominal else RepeatedKFold)(
        n_splits=n_splits, n_repeats=n_repeats, random_state=rng.randint(2**31 - 1)
    )
    rows = []
    for split, method, remade, more, test in _treated(X, y, methods, splitter, rng, verbose):
        for name, unfitted in estimators.items():
            treated = remade(unfitted)
            if treated is None:
                continue
            fitted = clone(treated).fit(*more)
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


def _check_folds(rows: Rows, n_splits: int) -> None:
    """Refuse a class that would be missing in a fold."""
    if not rows.nominal:
        return
    need_two_classes(rows.target)
    counts = rows.target.value_counts()
    label, n = counts.index[-1], int(counts.iloc[-1])
    if n < n_splits:
        fewer = f", or take n_splits={n}" if n > 1 else ""
        raise ValueError(
            f"class {class_of(label, n)} is too small for {n_splits} folds: merge it with another class, "
            f"leave it out{fewer}"
        )


def default_methods(
    X: Any, nominal: bool, model: TabGAN | None, max_time: float | None = None
) -> dict[str, Any]:
    """The baselines, which need no choice of a parameter, and tabgan, by name, cheap ones first."""
    if not nominal:
        ours = GANRegressionSampler(model=model, max_time=max_time)
        return {"rare rows weighted": with_rare_weights, "rare rows repeated": RareRepeater(), OURS: ours}
    methods: dict[str, Any] = {
        "class weights": with_class_weights,
        "moved threshold": with_moved_threshold,
        "rows repeated": RowRepeater(),
    }
    if has_imbalanced_learn() and not pd.DataFrame(X).isna().to_numpy().any():
        methods["SMOTE"] = Smote()
    return {**methods, OURS: GANOverSampler(model=model, max_time=max_time)}


def _treated(
    X: Any, y: Any, methods: Mapping[str, Any], splitter: Any, rng: np.random.RandomState, verbose: int
) -> Iterator[tuple[int, str, Callable[[Any], Any], tuple[Any, Any], tuple[Any, Any]]]:
    """For each split and method: its number, the name, the estimator to take, training and test rows."""
    from tqdm.auto import tqdm

    folds = list(splitter.split(X, y))
    with tqdm(total=len(folds) * (1 + len(methods)), desc="splits", disable=not verbose) as bar:
        for split, (train, test) in enumerate(folds):
            real = _safe_indexing(X, train), _safe_indexing(y, train)
            unseen = _safe_indexing(X, test), _safe_indexing(y, test)
            yield split, REAL, _as_it_is, real, unseen
            bar.update()
            for name, method in methods.items():
                bar.set_postfix_str(name)
                if hasattr(method, "fit_resample"):
                    seeded = clone(method).set_params(random_state=rng.randint(2**31 - 1))
                    yield split, name, _as_it_is, seeded.fit_resample(*real), unseen
                else:
                    yield split, name, method, real, unseen
                bar.update()


def _as_it_is(estimator: Any) -> Any:
    return estimator


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
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p_value"])
    return table


def _advice(metric: str, by_method: pd.DataFrame, chosen: str) -> str:
    """Which method to take, in a line."""
    score = by_method.loc[chosen, "score"]
    if chosen == REAL:
        return f"Add nothing: no method beats {REAL} beyond noise ({metric} {score:.3f})."
    row = by_method.loc[chosen]
    line = f"Take {chosen}: {metric} {score:.3f}, {row.difference:+.3f} on {REAL} (p = {row.p_holm:.2g})"
    if chosen in WITHOUT_ROWS:
        line += ", without any new row"
    if chosen != OURS and OURS in by_method.index:
        line += f"; {OURS} ({by_method.loc[OURS, 'score']:.3f}) is no better beyond noise"
    return f"{line}."


def _sentence(keys: Any, group: pd.DataFrame, several: bool) -> str:
    """What became of tabgan, or of the last method where it is not among them."""
    estimator, metric = keys
    by_method = group.set_index("method")
    name = OURS if OURS in by_method.index else by_method.index[-1]
    ours, real = by_method.loc[name], by_method.loc[REAL]
    start = f"{estimator}: " if several else ""
    scores = f"{metric} is {ours.score:.3f} with its rows and {real.score:.3f} with {REAL}"
    interval = f"95 % interval {ours.low:+.3f} to {ours.high:+.3f}, p = {ours.p_holm:.2g} by Holm"
    reason = f" (difference {ours.difference:+.3f}, {interval})"
    if ours.low == ours.high == 0:
        outcome, reason = "did not help", ""
    elif ours.p_holm < LEVEL:
        outcome = "helped" if ours.difference > 0 else "did harm"
    else:
        outcome = "did not help beyond noise" if ours.high >= 0 else "did no harm beyond noise"
    return f"{start}{name} {outcome}: {scores}{reason}."
