"""How many rows each class shall get: imbalanced-learn's strategies, and shares of a given number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Strategy = str | float | Mapping[Any, int] | Callable[[Any], Mapping[Any, int]]

# Name -> which classes are brought to the size of the largest one, given the number of rows of each.
NAMED: dict[str, Callable[[NDArray[np.int64]], NDArray[np.bool_]]] = {
    "minority": lambda counts: np.arange(len(counts)) == counts.argmin(),
    "not minority": lambda counts: np.arange(len(counts)) != counts.argmin(),
    "not majority": lambda counts: np.arange(len(counts)) != counts.argmax(),
    "all": lambda counts: np.ones(len(counts), bool),
    "auto": lambda counts: np.arange(len(counts)) != counts.argmax(),
}


def rows_to_add(
    strategy: Strategy, classes: NDArray[Any], codes: NDArray[np.int64], y: Any
) -> dict[Any, int]:
    """Say how many rows a sampling strategy asks to add to each class.

    Parameters
    ----------
    strategy : str, float, mapping or callable
        As :class:`tabgan.augment.GANOverSampler` takes it.
    classes : ndarray of shape (n_classes,)
    codes : ndarray of shape (n_rows,)
        Position in `classes` of each row's class.
    y : Series or ndarray of shape (n_rows,)
        What a callable is given.

    Returns
    -------
    dict
        Class -> rows to add, for the classes that the strategy speaks of, in the order of `classes`.

    Raises
    ------
    ValueError, TypeError
        If there is one class only, or the strategy does not fit the classes.
    """
    if len(classes) < 2:
        raise ValueError(f"y needs at least two classes to balance, and it has only one class: {classes!r}")
    counts = np.bincount(codes, minlength=len(classes))
    if callable(strategy):
        strategy = strategy(y)
    if isinstance(strategy, str):
        if strategy not in NAMED:
            raise ValueError(
                f"sampling_strategy must be one of {', '.join(map(repr, NAMED))}, got {strategy!r}; "
                "rows are only added"
            )
        chosen = np.flatnonzero(NAMED[strategy](counts))
        return {classes[k]: int(counts.max() - counts[k]) for k in chosen}
    if isinstance(strategy, Mapping):
        return _to_reach(strategy, classes, counts)
    if isinstance(strategy, Real) and not isinstance(strategy, bool):
        return _to_ratio(float(strategy), classes, counts)
    raise TypeError(
        f"sampling_strategy must be a string, a number, a mapping or a callable, got {strategy!r}"
    )


def _to_reach(wanted: Mapping[Any, int], classes: NDArray[Any], counts: NDArray[np.int64]) -> dict[Any, int]:
    """Rows to add so that each class named has as many as wanted."""
    present = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    if unknown := [name for name in wanted if name not in present]:
        raise ValueError(f"sampling_strategy names classes that y has not: {unknown}; it has {list(present)}")
    if fewer := [name for name in wanted if wanted[name] < present[name]]:
        raise ValueError(
            "rows are only added, so sampling_strategy must ask for at least the rows that are there; "
            + ", ".join(f"class {name!r} has {present[name]} and {wanted[name]} are asked" for name in fewer)
        )
    return {name: int(wanted[name]) - present[name] for name in present if name in wanted}


def _to_ratio(ratio: float, classes: NDArray[Any], counts: NDArray[np.int64]) -> dict[Any, int]:
    """Rows to add to the smaller of two classes so that it is `ratio` times as large as the larger."""
    if len(classes) != 2:
        raise ValueError(
            f"a number as sampling_strategy is for two classes, and y has {len(classes)}; use a mapping"
        )
    if not 0 < ratio <= 1:
        raise ValueError(f"a number as sampling_strategy must be above 0 and at most 1, got {ratio}")
    small = int(counts.argmin())
    missing = int(ratio * counts.max()) - int(counts[small])
    if missing < 0:
        raise ValueError(
            f"sampling_strategy={ratio} would take rows away: class {classes[small]!r} has "
            f"{counts[small]} rows, {counts[small] / counts.max():.3g} of the larger class"
        )
    return {classes[small]: missing}


def in_proportion(counts: NDArray[np.int64], n_new: int) -> NDArray[np.int64]:
    """Split `n_new` rows over classes as their counts (n_classes,) are; the largest remainders round up.

    Examples
    --------
    >>> in_proportion(np.array([70, 20, 10]), 11)
    array([8, 2, 1])
    """
    exact = counts * (n_new / counts.sum())
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: n_new - whole.sum()]] += 1
    return whole
