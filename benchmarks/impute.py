"""How near to the truth holes are filled, and how often the truth lies among twenty fillings.

    python -m benchmarks.impute FOLDER ... [--rows N] [--seed S] [--set NAME=JSON]

Of N rows of each folder's training part, one value in five is removed: at random, or the more likely the
greater it is (by rank, from none of the least to two in five of the greatest). Each method learns the rest
and fills the holes. The error of a column is the root mean square error in standard deviations, or the share
of wrong categories; that of a table is the mean over its columns. What draws is asked for twenty imputations:
its error is that of their mean, or of the most frequent category. Its coverage is the share of the numbers
removed that lie between the least and the greatest of the twenty, equal ones in any order: 19/21 = 90.5 % if
the truth is one more draw. The methods of scikit-learn see standardised numbers and indicators of the eight
most frequent categories, but for MICE by forests, which sees a number for each category.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from benchmarks import measuring, results

SHARE = 0.2  # of the values that are removed
IMPUTATIONS = 20
ROUNDS, TREES = 3, 5  # of MICE by forests
CATEGORIES = 8  # that scikit-learn's methods see an indicator of
RESULTS = Path(__file__).with_name("impute.jsonl")
Mask = NDArray[np.bool_]
Impute = Callable[[pd.DataFrame, int], list[pd.DataFrame]]  # a table with holes and a seed -> imputations


def main() -> None:
    """Measure all methods on some tables, and print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impute", description="Holes filled.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rows", type=int, default=2000, help="rows of each table")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    parser.add_argument("--method", action="append", help="one of the methods; by default all")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where rows are appended")
    arguments = parser.parse_args()
    parameters, rows = measuring.parse_settings(arguments.set), []
    for folder in arguments.folders:
        table = pd.read_parquet(folder / "train.parquet")
        table = table.sample(min(arguments.rows, len(table)), random_state=arguments.seed, ignore_index=True)
        for removed in ("at random", "by value"):
            for name, impute in methods(parameters).items():
                if name not in (arguments.method or [name]):
                    continue
                row = measure(table, removed, impute, arguments.seed)
                row = {"benchmark": "impute", "table": folder.name, "removed": removed, "method": name, **row}
                rows.append({**row, "rows": len(table), "seed": arguments.seed, "parameters": parameters})
                results.append(arguments.results, {"version": measuring.tabgan_version(), **rows[-1]})
                print(row, flush=True)
    print(markdown(rows))


def holes(table: pd.DataFrame, removed: str, rng: np.random.Generator) -> Mask:
    """Choose values to remove: shape (n_rows, n_columns)."""
    chosen = np.zeros(table.shape, dtype=bool)
    for place, name in enumerate(table):
        probability: Any = SHARE
        if removed == "by value":
            values = table[name] if is_numeric_dtype(table[name]) else pd.factorize(table[name], sort=True)[0]
            probability = 2 * SHARE * pd.Series(values).rank(pct=True).fillna(0.5).to_numpy()
        chosen[:, place] = (rng.random(len(table)) < probability) & table[name].notna()
    return chosen


def measure(table: pd.DataFrame, removed: str, impute: Impute, seed: int) -> results.Row:
    """Remove, impute, and compare."""
    rng = np.random.default_rng(seed)
    gone = holes(table, removed, rng)
    start = time.process_time()
    imputations = impute(table.mask(gone), seed)
    seconds = time.process_time() - start
    errors, covered = [], []
    for place, name in enumerate(table):
        where, truth = gone[:, place], table[name]
        if not where.any():
            continue
        drawn = [frame[name][where] for frame in imputations]
        if is_number(truth):
            numbers = np.stack([values.to_numpy(dtype=float) for values in drawn])
            errors.append(rmse(numbers.mean(axis=0), truth[where].to_numpy(dtype=float)) / truth.std())
            covered.append(coverage(numbers, truth[where].to_numpy(dtype=float), rng))
        else:
            guess = pd.concat([values.astype(str) for values in drawn], axis=1).mode(axis=1)[0]
            errors.append(float((guess != truth[where].astype(str)).mean()))
    draws = len(imputations) > 1 and covered
    return {
        "error": round(float(np.mean(errors)), 4),
        "coverage": round(float(np.mean(covered)), 4) if draws else None,
        "cpu_seconds": round(seconds, 1),
    }


def is_number(column: pd.Series) -> bool:
    """Whether a column is compared by distances."""
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def rmse(guess: NDArray[Any], truth: NDArray[Any]) -> float:
    """Root mean square error."""
    return float(np.sqrt(np.mean((guess - truth) ** 2)))


def coverage(drawn: NDArray[Any], truth: NDArray[Any], rng: np.random.Generator) -> float:
    """Share of n numbers between the least and the greatest of k drawn, shape (k, n); ties in any order."""
    below, equal = (drawn < truth).sum(axis=0), (drawn == truth).sum(axis=0)
    rank = below + rng.integers(0, equal + 1)
    return float(((rank > 0) & (rank < len(drawn))).mean())


class DrawingForest(RegressorMixin, BaseEstimator):
    """A forest that predicts the value of a random training row in the leaf of a random tree (Doove 2014)."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> DrawingForest:
        """Grow the trees."""
        self.rng_ = np.random.default_rng([self.seed, int(1e6 * np.abs(y).sum()) % 2**32])  # each time others
        self.forest_ = RandomForestRegressor(
            TREES, min_samples_leaf=5, max_features=1 / 3, random_state=int(self.rng_.integers(2**31))
        ).fit(X, y)
        self.leaves_, self.y_ = self.forest_.apply(X), y
        return self

    def predict(self, X: NDArray[Any]) -> NDArray[Any]:
        """Draw."""
        leaves, tree = self.forest_.apply(X), self.rng_.integers(TREES, size=len(X))
        drawn = np.empty(len(X))
        for k in range(TREES):
            order = np.argsort(self.leaves_[:, k], kind="stable")
            rows = np.flatnonzero(tree == k)
            low, high = (
                np.searchsorted(self.leaves_[order, k], leaves[rows, k], side=side)
                for side in ("left", "right")
            )
            drawn[rows] = self.y_[order[self.rng_.integers(low, high)]]
        return drawn


def methods(parameters: dict[str, Any]) -> dict[str, Impute]:
    """Give all methods by name."""
    from tabgan import TabGAN

    def tabgan(table: pd.DataFrame, seed: int) -> list[pd.DataFrame]:
        model = TabGAN(**{"random_state": seed, "verbose": 0, **parameters}).fit(table)
        imputed: list[pd.DataFrame] = model.impute(table, n_imputations=IMPUTATIONS)
        return imputed

    return {
        "tabgan": tabgan,
        "mean, most frequent": lambda table, seed: [by_matrix(table, SimpleImputer())],
        "5 nearest neighbours": lambda table, seed: [by_matrix(table, KNNImputer())],
        "IterativeImputer": lambda table, seed: [by_matrix(table, IterativeImputer(random_state=seed))],
        "IterativeImputer, drawn": lambda table, seed: [
            by_matrix(table, IterativeImputer(random_state=20 * seed + k, sample_posterior=True))
            for k in range(IMPUTATIONS)
        ],
        "MICE by forests": lambda table, seed: [
            by_numbers(table, IterativeImputer(DrawingForest(20 * seed + k), max_iter=ROUNDS))
            for k in range(IMPUTATIONS)
        ],
    }


def by_matrix(table: pd.DataFrame, imputer: Any) -> pd.DataFrame:
    """Impute standardised numbers, and indicators of categories, of which the greatest counts."""
    parts: list[NDArray[Any]] = []
    for name in table:
        column = table[name]
        if is_number(column):
            parts.append(((column - column.mean()) / (column.std() or 1)).to_numpy(dtype=float)[:, None])
        else:
            frequent = column.value_counts().index[:CATEGORIES]
            indicators = np.array([(column == each).to_numpy(dtype=float) for each in frequent]).T
            parts.append(np.where(column.isna().to_numpy()[:, None], np.nan, indicators))
    stops = np.cumsum([part.shape[1] for part in parts])[:-1]
    filled = quietly(imputer, np.concatenate(parts, axis=1))
    imputed = {}
    for name, part in zip(table, np.split(filled, stops, axis=1), strict=True):
        column = table[name]
        if is_number(column):
            imputed[name] = pd.Series(part[:, 0] * (column.std() or 1) + column.mean())
        else:
            imputed[name] = pd.Series(column.value_counts().index[part.argmax(axis=1)])
    return pd.DataFrame(imputed)


def by_numbers(table: pd.DataFrame, imputer: Any) -> pd.DataFrame:
    """Impute numbers, and numbers of categories, the most frequent first."""
    levels = {name: table[name].value_counts().index for name in table if not is_number(table[name])}
    numbers = pd.DataFrame(
        {
            name: table[name].map({level: k for k, level in enumerate(levels[name])})
            if name in levels
            else table[name]
            for name in table
        }
    )
    filled = pd.DataFrame(quietly(imputer, numbers.to_numpy(dtype=float)), columns=list(table))
    for name, of_column in levels.items():
        filled[name] = of_column[filled[name].to_numpy(dtype=int)]
    return filled


def quietly(imputer: Any, values: NDArray[Any]) -> NDArray[Any]:
    """Impute without the warning that ten rounds were not enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filled: NDArray[Any] = imputer.fit_transform(values)
    return filled


def markdown(rows: list[results.Row]) -> str:
    """Give a table: the mean rank by error of each method, and its coverage on each table."""
    frame = pd.DataFrame(rows)
    frame["case"] = frame["table"] + ", " + frame["removed"]
    error = frame.pivot_table(index="case", columns="method", values="error")
    covered = frame.pivot_table(index="case", columns="method", values="coverage").reindex_like(error)
    lines = ["| method | mean rank | " + " | ".join(error.index) + " |", "| --- " * (len(error) + 2) + "|"]
    for method, rank in error.rank(axis=1).mean().sort_values().items():
        texts = []
        for case in error.index:
            share = covered.loc[case, method]
            texts.append(f"{error.loc[case, method]:.3f}" + ("" if pd.isna(share) else f" ({share:.0%})"))
        lines.append(f"| {method} | {rank:.1f} | " + " | ".join(texts) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
