"""How well a model of the whole table predicts one column, beside LightGBM that learned it from real rows.

    python -m benchmarks.predict FOLDER ... [--rows N] [--seed S] [--set NAME=JSON]

TabGAN and LightGBM learn the same N rows of each folder's training part. Both predict the target of the test
part from all other columns: the area under the ROC curve of the last class, or R squared of a number.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.metrics import r2_score, roc_auc_score

from benchmarks import measuring, results
from benchmarks.folders import meta_of

RESULTS = Path(__file__).with_name("predict.jsonl")


def main() -> None:
    """Measure some tables, and print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predict", description="A column predicted.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rows", type=int, default=5000, help="rows of each table to learn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where rows are appended")
    arguments = parser.parse_args()
    parameters, rows = measuring.parse_settings(arguments.set), []
    for folder in arguments.folders:
        train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
        train = train.sample(min(arguments.rows, len(train)), random_state=arguments.seed)
        meta = meta_of(folder)
        is_class = meta["task"] == "classification"
        row = {"benchmark": "predict", "table": meta["name"], "target": meta["target"], "rows": len(train)}
        row |= measure(train, test, meta["target"], is_class, arguments.seed, parameters)
        rows.append({**row, "seed": arguments.seed, "parameters": parameters})
        results.append(arguments.results, {"version": measuring.tabgan_version(), **rows[-1]})
        print(row, flush=True)
    print(markdown(rows))


def measure(
    train: pd.DataFrame,
    test: pd.DataFrame,
    target: str,
    is_class: bool,
    seed: int,
    parameters: dict[str, Any],
) -> results.Row:
    """Fit both and compare what they predict."""
    from tabgan import TabGAN

    last = sorted(train[target].unique())[-1] if is_class else None
    truth = (test[target] == last) if is_class else test[target]
    model = TabGAN(**{"random_state": seed, "verbose": 0, **parameters}).fit(train)
    start = time.process_time()
    if is_class:
        own = model.predict_proba(test, target)[last].to_numpy()
    else:
        own = model.predict(test, target).to_numpy()
    seconds = time.process_time() - start
    X, others = (with_categories(part.drop(columns=target), train) for part in (train, test))
    y = (train[target] == last) if is_class else train[target]
    learner = (LGBMClassifier if is_class else LGBMRegressor)(random_state=seed, n_jobs=1, verbose=-1)
    fitted = learner.fit(X, y)
    real = fitted.predict_proba(others)[:, 1] if is_class else fitted.predict(others)
    score = roc_auc_score if is_class else r2_score
    return {
        "score": "AUC" if is_class else "R2",
        "tabgan": round(float(score(truth, np.asarray(own, dtype=float))), 4),
        "lightgbm": round(float(score(truth, real)), 4),
        "cpu_seconds": round(seconds, 1),
    }


def with_categories(part: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    """Give strings as the categories of the training part."""
    objects = part.select_dtypes(object)
    levels = {name: sorted(train[name].dropna().unique()) for name in objects}
    return part.assign(**{name: pd.Categorical(part[name], levels[name]) for name in objects})


def markdown(rows: list[results.Row]) -> str:
    """Give a table."""
    lines = ["| table, target | score | `predict` | LightGBM, real rows |", "| --- | --- | --- | --- |"]
    for row in rows:
        name = f"{row['table']}, {row['target']}"
        lines.append(f"| {name} | {row['score']} | {row['tabgan']:.3f} | {row['lightgbm']:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
