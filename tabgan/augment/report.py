"""augmentation_report: whether synthetic rows helped an estimator, by cross-validation and a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from tabgan.augment.comparison import OURS, REAL, AugmentationReport, differences
from tabgan.augment.containers import Rows, Seed, class_of, need_two_classes
from tabgan.augment.oversampling import GANOverSampler
from tabgan.augment.regression import GANRegressionSampler
from tabgan.augment.resampler import has_imbalanced_learn
from tabgan.estimators.gan import TabGAN

Scoring = str | Callable[..., float]


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
        If X and y cannot be used, a class has fewer rows than there are folds, there is no method or one
        that is none, or by an estimator or scorer.

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
    _check_methods(methods)
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


def _check_methods(methods: Mapping[str, Any]) -> None:
    """Refuse what cannot stand beside the real rows, before anything is fitted."""
    if not methods:
        raise ValueError(
            f"methods is empty: name at least one to compare with {REAL}, or leave it out for the usual ones"
        )
    if REAL in methods:
        raise ValueError(f"no method can be called {REAL!r}, which is what all are compared with: rename it")
    for name, method in methods.items():
        if not (hasattr(method, "fit_resample") or callable(method)) or isinstance(method, type):
            raise TypeError(
                f"method {name!r} is {method!r}: give an object with fit_resample and a random_state, or a "
                "function that makes of an estimator another one"
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
