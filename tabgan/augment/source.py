"""A TabGAN that learned X and y together as a source of rows: of given classes, or of given rarity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import gaussian_kde
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import RandomForestClassifier

from tabgan.adversarial.networks import MLP
from tabgan.adversarial.training.settings import Adam, Validation
from tabgan.adversarial.training.teacher import MOST_ROWS, STEPS
from tabgan.augment.containers import New, Rows
from tabgan.estimators.gan import TabGAN
from tabgan.estimators.parameters import (
    BOOLEAN,
    COMMON,
    COUNT,
    Privacy,
    Requirement,
    check_parameters,
    one_of,
)
from tabgan.table import Schema, TableTransformer

AT_LEAST, DRAWN, CHECKED, AT_MOST = 5_000, 200, 20, 200_000  # effort of rejection for a row to add
ROWS_A_TIME = 8192
N_TREES = 100
CANDIDATES = 20  # rows drawn for a row to add where rare numbers are chosen
LEAST_WEIGHT = 1e-3

REQUIREMENTS: dict[str, Requirement] = {  # on the parameters of all that draws from a TabGAN
    "model": (
        lambda v: v is None or (hasattr(v, "sample") and not isinstance(v, type)),
        "None or an estimator, such as TabGAN()",
    ),
    "max_time": COMMON["max_time"],
    "verbose": COMMON["verbose"],
    "reject": BOOLEAN,
    "min_class_size": COUNT,
    "small_classes": one_of("repeat", "error"),
}
Margin = Callable[[pd.DataFrame, NDArray[Any]], NDArray[np.float64]]


@dataclass(frozen=True)
class Source:
    """A fitted TabGAN that draws rows of X, a frame of columns of these names, with their y."""

    model: TabGAN
    names: list[Hashable]

    def draw(self, n: int, rng: np.random.RandomState) -> New:
        """X of shape (n, n_columns) and y of shape (n,)."""
        X, y = self.model.sample(n, return_X_y=True, random_state=rng)
        frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X, columns=self.names).infer_objects()
        return frame, pd.Series(y)


def small_model(n_rows: int, max_time: float | None = None, verbose: int = 0) -> TabGAN:
    """Make a TabGAN for rows that are added to real ones; the research log of the docs says why.

    Of few rows it is one that forests teach in a whole lesson; of more, one of small networks and few steps.
    """
    privacy = Privacy(protect=None)  # the rows stay with those that they are added to
    if n_rows <= MOST_ROWS:
        return TabGAN(max_steps=STEPS, max_time=max_time, privacy=privacy, verbose=verbose)
    return TabGAN(
        backbone=MLP(generator=(128, 128), critic=(128, 128)),
        batch_size=128,
        max_steps=max(300, round(10 * n_rows**0.5)),
        max_time=max_time,
        optimizer=Adam(average=0.98),
        validation=Validation(patience=None),
        privacy=privacy,
        verbose=verbose,
    )


def check_settings(estimator: BaseEstimator) -> None:
    """Refuse parameters that cannot be used, before anything is fitted.

    Raises
    ------
    TypeError, ValueError
        For the first one; the message names it.
    """
    given = {name: value for name, value in estimator.get_params(deep=False).items() if name in REQUIREMENTS}
    check_parameters(given, {name: REQUIREMENTS[name] for name in given})


def fit_source(
    model: TabGAN | None,
    rows: Rows,
    rng: np.random.RandomState,
    verbose: int = 0,
    max_time: float | None = None,
) -> Source:
    """Fit a clone of `model` to X and y together, or take it as it is if it is fitted already.

    Without a model, `verbose` and `max_time` are those of the default one; of a model that is given,
    `max_time` replaces its own.

    Raises
    ------
    ValueError
        If a fitted model was fitted to other columns or without y.
    """
    names: list[Hashable] = list(rows.frame.columns)
    if model is not None and model.__sklearn_is_fitted__():
        if model.n_features_in_ != len(names):
            raise ValueError(
                f"the fitted model knows {model.n_features_in_} columns of X, and X has {len(names)}; "
                "fit it with fit(X, y) on this table, or give an unfitted one"
            )
        return Source(model, names)
    model = small_model(len(rows.frame), max_time, verbose) if model is None else clone(model)
    if max_time is not None:
        model.set_params(max_time=max_time)
    if model.random_state is None:
        model.set_params(random_state=int(rng.randint(2**31 - 1)))
    name = "target" if rows.target.name is None else rows.target.name
    while name in names:
        name = f"{name}_"
    if rows.nominal:
        model.set_params(columns={**(model.columns or {}), name: "categorical"})
    labels = rows.target.copy(deep=False)
    labels.name = name
    return Source(model.fit(rows.frame, labels), names)


def rows_of_classes(
    source: Source, n_rows: dict[Any, int], margin: Margin | None, rng: np.random.RandomState
) -> dict[Any, pd.DataFrame]:
    """Rows of given classes, by drawing rows of all classes and keeping those of the right ones.

    Rows of a margin (as :func:`fit_margin` gives it; None takes all) of 0 or more come first; where they are
    too few within the effort allowed, those of the largest margins follow. A class the model hardly ever
    draws has fewer rows than `n_rows`, possibly none.
    """
    # A model that draws under a condition would need neither the loop nor the limit.
    drawn = [(*source.draw(0, rng), np.empty(0)) for _ in n_rows]
    total = sum(n_rows.values())
    to_draw, to_check = (min(max(AT_LEAST, each * total), AT_MOST) for each in (DRAWN, CHECKED))
    missing = Counter(n_rows)
    while +missing and to_draw > 0 and to_check > 0:
        X, y = source.draw(min(max(4 * total, 512), ROWS_A_TIME, to_draw), rng)
        of_class = y.isin(list(+missing)).to_numpy()
        to_draw, to_check = to_draw - len(X), to_check - int(of_class.sum())
        X, y = X[of_class], y[of_class]
        margins = margin(X, y.to_numpy()) if margin is not None and len(X) else np.zeros(len(X))
        drawn.append((X, y, margins))
        missing.subtract(y[margins >= 0])
    X, y = (pd.concat(part, ignore_index=True) for part in list(zip(*drawn, strict=True))[:2])
    best = np.argsort(-np.minimum(np.concatenate([margins for *_, margins in drawn]), 0), kind="stable")
    X, y = X.iloc[best], y.iloc[best]
    return {label: X[(y == label).to_numpy()].head(n).reset_index(drop=True) for label, n in n_rows.items()}


def with_repeated_rows(
    synthetic: dict[Any, pd.DataFrame], n_rows: dict[Any, int], rows: Rows, rng: np.random.RandomState
) -> New:
    """`n_rows` rows of each class and their labels: synthetic ones, and where they are too few, real ones."""
    parts: list[pd.DataFrame] = []
    for label, n in n_rows.items():
        new = synthetic[label].head(n) if label in synthetic else rows.frame.iloc[:0]
        of_class = np.flatnonzero((rows.target == label).to_numpy())
        parts += [part for part in (new, rows.frame.iloc[rng.choice(of_class, n - len(new))]) if len(part)]
    labels = [label for label, n in n_rows.items() for _ in range(n)]
    new = pd.concat(parts, ignore_index=True) if parts else rows.frame.iloc[:0]
    return new, pd.Series(labels, dtype=object)


def fit_margin(X: pd.DataFrame, y: pd.Series, rng: np.random.RandomState) -> Margin:
    """The margin function of a random forest that is fitted to the real rows (Breiman 2001, section 2).

    The margin of a row is the share of votes for its class beyond that for the strongest other one: 0 or more
    if the forest agrees. Classes weigh the same, whatever their size: otherwise hardly any row of a class of
    5 % would have a margin above 0.
    """
    table = TableTransformer(Schema.infer(X)).fit(X)
    if not table.layout_.width:  # constants alone, which contradict no class
        return lambda rows, labels: np.zeros(len(rows))
    codes, classes = pd.factorize(
        y.astype(object), sort=False
    )  # whatever labels are, classifiers know numbers
    classes = pd.Index(classes, dtype=object)
    seed = int(rng.randint(2**31 - 1))
    forest = RandomForestClassifier(
        N_TREES, min_samples_leaf=2, class_weight="balanced", random_state=seed, n_jobs=1
    ).fit(table.transform(X, seed), codes)

    def margin(rows: pd.DataFrame, labels: NDArray[Any]) -> NDArray[np.float64]:
        shares = forest.predict_proba(table.transform(rows, seed, unseen="ignore"))
        of_label = np.arange(len(classes)) == classes.get_indexer(pd.Index(labels))[:, None]
        return np.asarray(shares[of_label] - np.where(of_label, -1.0, shares).max(axis=1))

    return margin


def rarity(known: pd.Series, values: pd.Series, alpha: float) -> NDArray[np.float64]:
    """Weights of values by how rare they are among the known ones: between 0.001 and 1.

    ``max(1 - alpha * d, 0.001)`` with the kernel density d at the value, scaled so that it runs from 0 to 1
    over the known values: DenseWeight, section 3 of Steininger et al. 2021, *Density-based weighting for
    imbalanced regression*, without the last step that makes the mean weight 1.
    """
    numbers = known.to_numpy(dtype=float)
    if np.ptp(numbers) == 0:
        return np.ones(len(values))
    density = gaussian_kde(numbers)
    at_known, at_values = density(numbers), density(values.to_numpy(dtype=float))
    scaled = (at_values - at_known.min()) / max(np.ptp(at_known), np.finfo(float).tiny)
    return np.maximum(1 - alpha * np.clip(scaled, 0, 1), LEAST_WEIGHT)


def rare_rows(source: Source, n: int, known: pd.Series, alpha: float, rng: np.random.RandomState) -> New:
    """Draw `n` rows of X and y, from many those whose y is rare among the known ones with higher weight."""
    if alpha == 0:
        return source.draw(n, rng)
    X, y = source.draw(min(CANDIDATES * n, AT_MOST), rng)
    weights = rarity(known, y, alpha)
    chosen = rng.choice(len(X), n, replace=False, p=weights / weights.sum())
    return X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)
