"""Which columns matter to a model: what it loses when one of them is shuffled, in bounded time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_SINGLY = 40  # columns that are all shuffled one by one; of more, groups first
N_FOLLOWED = 4  # groups whose columns are then shuffled one by one
MAX_VALUES = 400_000  # predicted at once: more do not fit into the cache, and trees go slower

Array = NDArray[Any]


def permutation_importance(
    predict: Callable[[Array], Array],
    score: Callable[[Array], float],
    X: NDArray[np.float64],
    rng: np.random.Generator,
    n_shuffles: int = 1,
) -> NDArray[np.float64]:
    """How much a score falls when a column is shuffled (Breiman 2001, *Random forests*, section 10).

    A wide table is searched in two steps, so that predictions are as many as the square root of its columns,
    times a factor: random groups of columns are shuffled together, and then the columns of those groups that
    cost most, one by one. The others get 0.

    Parameters
    ----------
    predict : callable
        ``predict(X)``: predictions of rows, along the first axis.
    score : callable
        ``score(predictions)`` of all rows of `X`; higher is better.
    X : ndarray of shape (n, n_columns)
    rng : Generator
    n_shuffles : int, default=1
        How often each column is shuffled; the mean counts.

    Returns
    -------
    ndarray of shape (n_columns,)
    """
    best, every = score(predict(X)), np.arange(X.shape[1])
    if len(every) > MAX_SINGLY:
        groups = np.array_split(rng.permutation(len(every)), int(np.sqrt(len(every))))
        falls = best - _scores(predict, score, X, groups, rng)
        followed = [groups[k] for k in np.argsort(-falls, kind="stable")[:N_FOLLOWED] if falls[k] > 0]
        every = np.sort(np.concatenate(followed)) if followed else every[:0]
    falls = np.zeros(X.shape[1])
    for _ in range(n_shuffles):
        falls[every] += (best - _scores(predict, score, X, every[:, None], rng)) / n_shuffles
    return falls


def _scores(
    predict: Callable[[Array], Array],
    score: Callable[[Array], float],
    X: NDArray[np.float64],
    groups: Sequence[Array] | Array,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The score with each group of columns shuffled, many at one prediction: it costs much to begin one."""
    scores: list[float] = []
    at_once = max(1, MAX_VALUES // max(X.size, 1))
    for start in range(0, len(groups), at_once):
        some = groups[start : start + at_once]
        stacked = np.tile(X, (len(some), 1))
        for k, columns in enumerate(some):
            block = stacked[k * len(X) : (k + 1) * len(X)]
            for column in columns:
                block[:, column] = rng.permutation(block[:, column])
        predictions = predict(stacked)
        scores.extend(score(predictions[k * len(X) : (k + 1) * len(X)]) for k in range(len(some)))
    return np.array(scores)
