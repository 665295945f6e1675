"""Do synthetic rows help? tabgan, SMOTE, weights and others beside none on small and imbalanced real tables.

    python -m benchmarks.augmentation [FOLDER] [--only WORD ...] [--splits 3] [--repeats 1] [--seed 0,1,2]
    python -m benchmarks.augmentation [FOLDER] --auto
    python -m benchmarks.augmentation --show

The first compares the samplers and appends a line for each table to ``benchmarks/augmentation.jsonl``, the
second does so for ``AugmentedClassifier(amount="auto")``, which fits seven times as many models; the third
prints the table of what is there. Tables that are there already with the same seed are passed over: delete
their lines to repeat them. FOLDER holds a folder a table with ``train.parquet`` and ``meta.json`` (target,
categorical), of which samples are taken; without it only tables of scikit-learn and tabgan are used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wilcoxon
from sklearn import datasets
from sklearn.compose import make_column_selector as select
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, label_binarize

from benchmarks.folders import meta_of
from benchmarks.measuring import parse_seeds
from tabgan import AugmentedClassifier, TabGAN, __version__, augmentation_report, load_adult
from tabgan.augment.comparison import OURS, REAL, AugmentationReport, differences
from tabgan.augment.report import default_methods
from tabgan.augment.source import rarity, small_model

RESULTS = Path("benchmarks/augmentation.jsonl")
AUTO = "tabgan, amount='auto'"
Rows = tuple[pd.DataFrame, NDArray[Any]]
# Table of FOLDER, rows, share of the rarer class; None leaves the share as it is.
SAMPLES = [
    ("adult", 100, None), ("adult", 300, None), ("adult", 1000, 0.05),
    ("default", 300, None), ("default", 1000, 0.05),
    ("diabetes", 300, 0.1),
    ("magic", 100, None), ("magic", 300, 0.1),
    ("shoppers", 300, None), ("shoppers", 1000, 0.05),
]  # fmt: skip
NUMBERS = [  # table of FOLDER, rows, the number to predict
    ("beijing", 300, "pm2.5"), ("beijing", 1000, "pm2.5"),
    ("default", 500, "LIMIT_BAL"), ("magic", 300, "Length"),
]  # fmt: skip


def tables(folder: Path | None, seed: int) -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Names of the tables and how to make them; the rarer class is 1 where there are two."""

    def bundled(load: Any, rare: int, n: int, flip: bool = False) -> Rows:
        bunch = load(as_frame=True)
        target = bunch.target.to_numpy()
        return thin(bunch.data, 1 - target if flip else target, rare, n, np.random.default_rng(seed))

    yield "iris, 12 versicolor", lambda: bundled(datasets.load_iris, 1, 12)
    yield "wine, 12 of class 2", lambda: bundled(datasets.load_wine, 2, 12)
    yield "breast cancer, 40 malignant", lambda: bundled(datasets.load_breast_cancer, 1, 40, flip=True)
    yield "diabetes progression, top tenth", lambda: top_tenth(datasets.load_diabetes(as_frame=True))
    yield "diabetes progression, the number", lambda: datasets.load_diabetes(return_X_y=True, as_frame=True)
    if folder is None:
        census = load_adult()
        for n, share in ((100, None), (300, None), (1000, 0.05)):
            yield (
                f"adult, {n} rows{_say(share)}",
                lambda n=n, s=share: sample(census, "income", [], n, s, seed),
            )
        return
    for name, n, share in SAMPLES:
        train, meta = read(folder / name)
        yield (
            f"{name}, {n} rows{_say(share)}",
            lambda t=train, m=meta, n=n, s=share: sample(t(), m["target"], m["categorical"], n, s, seed),
        )
    for name, n, target in NUMBERS:
        train, meta = read(folder / name)
        yield (
            f"{name}, {n} rows, the number {target}",
            lambda t=train, m=meta, n=n, y=target: some(t().dropna(), y, m["categorical"], n, seed),
        )


def read(folder: Path) -> tuple[Callable[[], pd.DataFrame], dict[str, Any]]:
    """How to read the training rows of a table on disk, and what is known of it."""
    return lambda: pd.read_parquet(folder / "train.parquet"), meta_of(folder)


def _say(share: float | None) -> str:
    return "" if share is None else f", {share:.0%} rare"


def thin(X: pd.DataFrame, y: NDArray[Any], rare: int, n: int, rng: np.random.Generator) -> Rows:
    """Only `n` rows of one class."""
    kept = np.sort(
        np.concatenate([np.flatnonzero(y != rare), rng.permutation(np.flatnonzero(y == rare))[:n]])
    )
    return X.iloc[kept].reset_index(drop=True), y[kept]


def top_tenth(bunch: Any) -> Rows:
    """A number as two classes: whether it is among its greatest tenth."""
    return bunch.data, (bunch.target > bunch.target.quantile(0.9)).to_numpy().astype(int)


def sample(
    table: pd.DataFrame, target: str, names: list[str], n: int, share: float | None, seed: int
) -> Rows:
    """`n` rows, of which `share` belong to the rarer class."""
    rng = np.random.default_rng(seed)
    X = table.astype(dict.fromkeys(names, str))
    y = X.pop(target).to_numpy()
    levels, counts = np.unique(y, return_counts=True)
    y = (y == levels[counts.argmin()]).astype(int)
    order = rng.permutation(len(X))
    if share is not None:
        rare, others = order[y[order] == 1], order[y[order] == 0]
        order = np.concatenate([rare[: round(n * share)], others[: n - round(n * share)]])
    return X.iloc[order[:n]].reset_index(drop=True), y[order[:n]]


def some(table: pd.DataFrame, target: str, names: list[str], n: int, seed: int) -> Rows:
    """`n` rows, of which a number is to be predicted."""
    X = table.sample(n, random_state=seed).reset_index(drop=True).astype(dict.fromkeys(names, str))
    return X, X.pop(target).to_numpy(dtype=float)


def estimators(nominal: bool = True) -> dict[str, Any]:
    """The two of the benchmark, on one-hot categories and standardised numbers."""

    def encoder() -> Any:
        return make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), select(dtype_exclude="number")),
            (StandardScaler(), select(dtype_include="number")),
        )

    if not nominal:
        trees = HistGradientBoostingRegressor(max_iter=50, max_leaf_nodes=15, random_state=0)
        return {
            "ridge regression": make_pipeline(encoder(), Ridge()),
            "gradient boosting": make_pipeline(encoder(), trees),
        }
    return {
        "logistic regression": make_pipeline(encoder(), LogisticRegression(max_iter=2000)),
        "gradient boosting": make_pipeline(
            encoder(), HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=15, random_state=0)
        ),
    }


def average_precision(estimator: Any, X: Any, y: Any) -> float:
    """Of the rarer class, or the mean over classes where there are more than two."""
    probabilities = estimator.predict_proba(X)
    if probabilities.shape[1] == 2:
        return float(average_precision_score(y, probabilities[:, 1]))
    return float(average_precision_score(label_binarize(y, classes=estimator.classes_), probabilities))


def rare_r2(estimator: Any, X: Any, y: Any) -> float:
    """R², rare numbers weighted more (see `rarity`)."""
    numbers = pd.Series(np.asarray(y))
    return float(r2_score(y, estimator.predict(X), sample_weight=rarity(numbers, numbers, 1.0)))


def row_hash(X: pd.DataFrame, y: Any) -> str:
    """The same for the same rows."""
    hashes = pd.util.hash_pandas_object(X.assign(y=np.asarray(y)), index=False).to_numpy().tobytes()
    return hashlib.sha256(hashes).hexdigest()


class OnceGAN(TabGAN):
    """A small TabGAN that fits the same rows only once, since many methods ask for the same fit."""

    memory: ClassVar[dict[str, TabGAN]] = {}

    def fit(self, X: Any, y: Any = None) -> TabGAN:
        key = row_hash(X, y)
        if key not in self.memory:
            given = {k: v for k, v in self.get_params(deep=False).items() if k in ("columns", "random_state")}
            self.memory[key] = small_model(len(X)).set_params(**given).fit(X, y)
        self.__dict__.update(vars(self.memory[key]))
        return self


class OnceDrawn(AugmentedClassifier):
    """Draws for the same rows only once, since two estimators and two metrics ask for the same."""

    memory: ClassVar[dict[Any, Any]] = {}

    def _draw(self, source: Any, rows: Any, amounts: Any, rng: Any) -> Any:
        key = row_hash(rows.frame, rows.target), tuple(amounts)
        if key not in self.memory:
            self.memory[key] = super()._draw(source, rows, amounts, rng)
        return self.memory[key]


def measure(
    X: pd.DataFrame, y: NDArray[Any], splits: int, repeats: int, seed: int, auto: bool
) -> AugmentationReport:
    """The report on the samplers, or on `amount="auto"` for each estimator and metric, on the same splits."""
    OnceGAN.memory.clear()
    OnceDrawn.memory.clear()
    model = OnceGAN(random_state=seed, verbose=0)
    settings = {"n_splits": splits, "n_repeats": repeats, "random_state": seed, "verbose": 0}
    nominal = not np.issubdtype(y.dtype, np.floating)
    metrics = ["balanced_accuracy", average_precision] if nominal else ["r2", rare_r2]
    if not auto:
        methods = default_methods(X, nominal, model)
        return augmentation_report(X, y, estimators(nominal), scoring=metrics, methods=methods, **settings)
    scores = []
    for metric in metrics:

        def chosen(estimator: Any, metric: Any = metric) -> OnceDrawn:
            return OnceDrawn(estimator, model=model, scoring=metric, cv=3, random_state=seed)

        one = augmentation_report(X, y, estimators(), scoring=metric, methods={AUTO: chosen}, **settings)
        scores.append(one.scores)
    both = pd.concat(scores, ignore_index=True)
    return AugmentationReport(both, differences(both, 1 / (splits - 1)), splits * repeats, 1 / (splits - 1))


def show(results: list[dict[str, Any]]) -> None:
    """Print mean ranks and differences over all tables, and the scores of each.

    Methods are compared over tables by Wilcoxon's signed-rank test, on the mean of both estimators: Demsar
    2006, *Statistical comparisons of classifiers over multiple data sets*, section 3.1.3.
    """
    scores = pd.concat(
        [pd.DataFrame(row["table"]).assign(data=row["data"], seed=row["seed"]) for row in results]
    )
    every = scores.pivot_table("score", ["metric", "data", "estimator", "seed"], "method")
    print(f"means over seeds {', '.join(map(str, sorted(scores['seed'].unique())))}")
    for metric, of_metric in every.groupby("metric", sort=False):
        seeds = of_metric.dropna(axis=1, how="all")
        gain = seeds.sub(seeds[REAL], axis=0).groupby(["data", "estimator"]).mean()
        group = seeds.groupby(["data", "estimator"]).mean()
        tables = seeds.groupby(["data", "seed"]).mean()
        ranks = group.drop(columns=AUTO, errors="ignore").rank(axis=1, ascending=False)
        summary = pd.DataFrame({"rank": ranks.mean(), "score": group.mean()})
        summary["gain"], summary["worst"] = gain.mean(), gain.min()
        summary["better"], summary["worse"] = (gain > 0.01).sum(), (gain < -0.01).sum()
        for method in (m for m in (OURS, AUTO) if m in tables):
            for rival in (m for m in tables if m not in (OURS, AUTO)):
                pairs = (tables[method] - tables[rival]).dropna().groupby("data").mean()
                if pairs.any():
                    summary.loc[rival, f"p, beside {method}"] = wilcoxon(pairs).pvalue
        print(f"\n{metric}: {len(group) // 2} tables, {len(group)} pairs of table and estimator")
        print(summary.sort_values("rank").to_string(float_format="{:.3f}".format, na_rep=""))
        print(f"\n{group.to_string(float_format='{:.3f}'.format, na_rep='')}")


def has_auto(row: dict[str, Any]) -> bool:
    """Whether a line of the results is of `amount="auto"`."""
    return any(cell["method"] == AUTO for cell in row["table"])


def main() -> None:
    """Run the benchmark, or show what is there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--only", nargs="*", help="words of which the name of a table has one")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seed", type=parse_seeds, default=[0], metavar="N,N")
    parser.add_argument("--auto", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    if arguments.show:
        show([json.loads(line) for line in arguments.results.read_text().splitlines()])
        return
    warnings.filterwarnings("ignore", message=".*too small to learn from.*")
    lines = arguments.results.read_text().splitlines() if arguments.results.exists() else []
    done = {(row["data"], row["seed"], has_auto(row)) for row in map(json.loads, lines)}
    asked = ((seed, *table) for seed in arguments.seed for table in tables(arguments.folder, seed))
    for seed, name, load in asked:
        if arguments.only and not any(word in name for word in arguments.only):
            continue
        if (name, seed, arguments.auto) in done or (arguments.auto and "the number" in name):
            continue
        X, y = load()
        start = time.process_time()
        report = measure(X, np.asarray(y), arguments.splits, arguments.repeats, seed, arguments.auto)
        classes = [] if np.issubdtype(np.asarray(y).dtype, np.floating) else np.bincount(y).tolist()
        row = {
            "data": name, "rows": len(y), "columns": X.shape[1], "classes": classes,
            "splits": report.n_splits, "seed": seed, "cpu_s": round(time.process_time() - start, 1),
            "tabgan": __version__, "date": time.strftime("%Y-%m-%d"),
            "table": report.table.round(5).to_dict("records"),
        }  # fmt: skip
        with arguments.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{name}, seed {seed} ({row['cpu_s']} s)\n{report.verdict}\n", flush=True)


if __name__ == "__main__":
    main()
