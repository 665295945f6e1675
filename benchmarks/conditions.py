"""How well and how fast rows come that satisfy a condition, beside rows drawn without one.

    python -m benchmarks.conditions FOLDER --column COLUMN --level LEVEL [--model FILE]
    python -m benchmarks.conditions FOLDER --random 30 [--model FILE]

``--column`` and ``--level`` may be given several times. A model is fitted on the folder's training part (or
loaded, with ``--model``; written there if the file is absent). For the condition that all the named columns
have the named levels, N rows are drawn and timed. Trees then try to tell as many real rows of that class
(train and test part) from drawn ones, by cross-validation; the AUC stands beside that of unconditional rows
against as many real rows of any class. The bracket is the standard error over repeats with other rows.

With ``--random``, so many conditions are chosen at random: a category, several, or a range of numbers, of
one or two columns, that at least 300 rows of the test part satisfy, and at most half of them. As many rows
are drawn as these are, and compared with them alone; so are as many rows of the training part, which tell how
much of a difference is chance.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import measuring, results

REPEATS = 5


def main() -> None:
    """Measure one condition and print a row of a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conditions", description="A rare condition.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--column", action="append", default=[])
    parser.add_argument("--level", action="append", default=[])
    parser.add_argument(
        "--random", type=int, default=0, metavar="N", help="so many random conditions instead"
    )
    parser.add_argument("--rows", type=int, default=10_000, help="rows to draw")
    parser.add_argument("--model", type=Path, help="a fitted model, or where to write one")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="where a row is appended")
    arguments = parser.parse_args()
    train, test = (pd.read_parquet(arguments.folder / f"{part}.parquet") for part in ("train", "test"))
    model = fitted(train, arguments.model, measuring.parse_settings(arguments.set))
    if arguments.random:
        print(random_conditions(model, train, test, arguments.random))
        return
    given = dict(zip(arguments.column, arguments.level, strict=True))
    row = measure(model, train, test, given, arguments.rows)
    results.append(arguments.results, {"table": arguments.folder.name, **row})
    print(markdown([row]))


def fitted(train: pd.DataFrame, path: Path | None, parameters: dict[str, Any]) -> Any:
    """A model of the training part, from a file if there is one."""
    from tabgan import TabGAN

    if path is not None and path.exists():
        return TabGAN.load(path)
    model = TabGAN(**{"random_state": 0, "verbose": 0, **parameters}).fit(train)
    if path is not None:
        model.save(path)
    return model


def measure(
    model: Any, train: pd.DataFrame, test: pd.DataFrame, given: dict[str, Any], n_rows: int
) -> results.Row:
    """Draw and judge: seconds, CPU seconds, and areas under the curve with their standard errors."""
    both = pd.concat([train, test], ignore_index=True)
    real = both[holds(both, given)]
    start, cpu = time.perf_counter(), time.process_time()
    drawn = model.sample(n_rows, given=given, random_state=0)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    assert len(drawn) == n_rows
    assert holds(drawn, given).all()
    others = model.sample(n_rows, random_state=0)
    size = min(len(real), n_rows)
    rng = np.random.default_rng(0)
    conditional = areas(real, drawn, size, rng)
    unconditional = areas(both, others, size, rng)
    return {
        "benchmark": "condition", "method": "tabgan", "version": measuring.tabgan_version(),
        "given": {str(name): str(level) for name, level in given.items()}, "rows": n_rows,
        "in_training": int(holds(train, given).sum()), "share": float(holds(train, given).mean()),
        "seconds": seconds, "cpu_seconds": cpu, "compared": size,
        "auc": float(conditional.mean()), "auc_error": _error(conditional),
        "auc_unconditional": float(unconditional.mean()), "auc_unconditional_error": _error(unconditional),
        "distinct": float(len(drawn.drop_duplicates()) / n_rows), "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def holds(table: pd.DataFrame, given: dict[str, Any]) -> NDArray[np.bool_]:
    """Which rows have all the levels, shape (n,)."""
    return np.all([table[name].astype(str).to_numpy() == str(level) for name, level in given.items()], axis=0)


def random_conditions(model: Any, train: pd.DataFrame, test: pd.DataFrame, n: int) -> str:
    """Draw and judge under random conditions; give a line for each, and how far all are from the aim."""
    rng = np.random.default_rng(0)
    others = model.sample(len(train), random_state=0)
    lines: list[str] = []
    excess: list[tuple[float, float]] = []
    while len(lines) < n:
        chosen = rng.choice(test.columns, size=rng.integers(1, 3), replace=False)
        given = {name: random_condition(test[name], rng) for name in chosen}
        real, of_training = test[satisfy(test, given)], train[satisfy(train, given)]
        if not 300 <= len(real) <= len(test) / 2:
            continue
        start = time.perf_counter()
        try:
            drawn = model.sample(len(real), given=given, random_state=0)
        except ValueError as error:  # a category that too few training rows hold
            print(f"left out: {error}", flush=True)
            continue
        seconds = time.perf_counter() - start
        assert satisfy(drawn, given).all()
        conditional, chance, unconditional, chance_of_any = (
            float(areas(first, second, min(len(first), len(second), len(real)), rng, 2).mean())
            for first, second in ((real, drawn), (real, of_training), (test, others), (test, train))
        )
        excess.append((conditional - unconditional, chance - chance_of_any))
        lines.append(
            f"| {given} | {len(real):,} | {seconds:.1f} | {conditional:.3f} | {unconditional:.3f} "
            f"| {excess[-1][0]:+.3f} | {excess[-1][1]:+.3f} |"
        )
        print(lines[-1], flush=True)
    of_model, of_chance = (
        f"{np.mean(part):+.3f} in the mean, {np.max(part):+.3f} at most, above +0.05 in "
        f"{int((np.array(part) > 0.05).sum())}"
        for part in zip(*excess, strict=True)
    )
    return f"{n} conditions: AUC less the unconditional one {of_model}; of training rows {of_chance}"


def random_condition(column: pd.Series, rng: np.random.Generator) -> Any:
    """Choose a category or several of a column, or a range of its numbers."""
    values = column.dropna()
    if pd.api.types.is_numeric_dtype(values.dtype) and values.nunique() > 10:
        low, high = np.sort(rng.choice(values.to_numpy(), 2, replace=False)).tolist()
        return slice(low, high)
    categories = values.unique()
    return rng.choice(categories, size=rng.integers(1, min(3, len(categories)) + 1), replace=False).tolist()


def satisfy(table: pd.DataFrame, given: dict[str, Any]) -> NDArray[np.bool_]:
    """Tell by pandas alone which rows satisfy random conditions, shape (n,)."""
    return np.all(
        [
            table[name].between(asked.start, asked.stop)
            if isinstance(asked, slice)
            else table[name].isin(asked)
            for name, asked in given.items()
        ],
        axis=0,
    )


def areas(
    real: pd.DataFrame, made: pd.DataFrame, size: int, rng: np.random.Generator, repeats: int = REPEATS
) -> NDArray[np.float64]:
    """Areas under the curve of trees that tell `size` real rows from as many made ones, a repeat each."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    found = []
    for _ in range(repeats):
        parts = [part.sample(size, random_state=rng) for part in (real, made)]
        X = pd.concat(parts, ignore_index=True).rename(columns=str)
        numeric = X.select_dtypes("number").columns
        others = {name: pd.factorize(X[name])[0] for name in X.columns.difference(numeric, sort=False)}
        codes = pd.DataFrame(others, index=X.index)
        X = pd.concat([X[numeric], codes.clip(upper=254)], axis=1)
        y = np.repeat([1, 0], size)
        trees = HistGradientBoostingClassifier(
            max_iter=100, min_samples_leaf=min(20, max(2, size // 20)),
            categorical_features=[name in codes for name in X], random_state=0,
        )  # fmt: skip
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        found.append(roc_auc_score(y, cross_val_predict(trees, X, y, cv=folds, method="predict_proba")[:, 1]))
    return np.array(found)


def markdown(rows: list[results.Row]) -> str:
    """Print rows as a table."""
    lines = [
        "| condition | training rows | drawn | seconds | CPU s | AUC, given | AUC, all rows | compared |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        said = ", ".join(f"{name} = {level}" for name, level in row["given"].items())
        lines.append(
            f"| {said} | {row['in_training']} ({row['share']:.2%}) | {row['rows']:,} "
            f"| {row['seconds']:.1f} | "
            f"{row['cpu_seconds']:.1f} | {row['auc']:.3f} ({row['auc_error']:.3f}) | "
            f"{row['auc_unconditional']:.3f} ({row['auc_unconditional_error']:.3f}) | {row['compared']} |"
        )
    return "\n".join(lines)


def _error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / len(values) ** 0.5)


if __name__ == "__main__":
    main()
