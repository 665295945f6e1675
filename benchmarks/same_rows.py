"""Whether a change of the code changes drawn rows: hashes of samples from ten tables, written and compared.

    python -m benchmarks.same_rows reference.json           # before the change
    python -m benchmarks.same_rows reference.json --check   # after it: the exit code is 1 if a row differs

The hashes hold for one machine and one set of versions: floating-point sums differ between others.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_wine

import tabgan
from tabgan import GANOverSampler, Inequality, Privacy, TabGAN, TabVAE, load_adult, load_iris

QUICK = {"max_steps": 60, "verbose": 0, "random_state": 0}
Draws = Iterator[tuple[str, Any]]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def adult() -> Draws:
    """Spikes, categories, a discovered constraint, boosted trees; conditions, batches, a file."""
    model = TabGAN(**QUICK).fit(load_adult())
    yield "rows", model.sample(500)
    yield "given", model.sample(200, given={"sex": "Female", "age": slice(30, 50)}, random_state=1)
    yield "rare", model.sample(50, given={"education": "Doctorate"}, random_state=1)
    yield "balanced", model.sample(100, balance="income", random_state=1)
    yield "completed", model.sample(given=load_adult()[["age", "sex"]].head(40), random_state=1)
    yield "batches", pd.concat(model.sample_batches(500, batch_rows=200, random_state=1))
    with tempfile.TemporaryDirectory() as folder:
        model.save(path := Path(folder) / "adult.tabgan")
        yield "loaded", tabgan.load(path, device="cpu").sample(300, random_state=1)
    yield "score", [model.score(load_adult().head(1000))]


def iris() -> Draws:
    frame = load_iris()
    yield "y", TabGAN(**QUICK).fit(frame.drop(columns="species"), frame["species"]).sample(90)
    yield "array", TabGAN(**QUICK).fit(frame.drop(columns="species").to_numpy()).sample(90)


def wine() -> Draws:
    """A variational autoencoder: rows, latent points, and back."""
    frame = load_wine(as_frame=True).frame
    model = TabVAE(**QUICK).fit(frame)
    yield "rows", model.sample(90)
    yield "encoded", model.encode(frame.head(20))
    yield "decoded", model.decode(np.zeros((5, 32)), random_state=1)


def diabetes() -> Draws:
    """Another objective, linear scales, rows remembered and kept away from."""
    model = TabGAN(**QUICK, objective="wasserstein", columns={"*": "minmax"}, privacy=Privacy("rows"))
    model.fit(load_diabetes(as_frame=True).frame)
    yield "rows", model.sample(90, min_distance=0.02, exclude_copies=True)


def dtypes() -> Draws:
    """Every family of dtype, with missing values."""
    n, draw = 400, rng()
    day = pd.Timestamp("2024-01-01")
    frame = pd.DataFrame(
        {
            "id": np.arange(5000, 5000 + n),
            "key": [f"K-{k:05d}" for k in draw.permutation(n)],
            "float": draw.normal(size=n).round(3),
            "nullable": pd.array(draw.integers(0, 50, n), dtype="Int64"),
            "flag": draw.random(n) < 0.3,
            "city": draw.choice(["Bonn", "Lyon", "Rome"], n),
            "size": pd.Categorical(draw.choice(["S", "M", "L"], n), ["S", "M", "L"], ordered=True),
            "day": day + pd.to_timedelta(draw.integers(0, 900, n), "D"),
            "moment": (day + pd.to_timedelta(draw.integers(0, 10**7, n), "s")).tz_localize("Europe/Berlin"),
            "length": pd.to_timedelta(draw.integers(0, 10**6, n), "s"),
            "constant": 7,
            "note": ["".join(draw.choice(list("abcdefgh"), 12)) + " text" for _ in range(n)],
        }
    )
    for name in ("float", "nullable", "city", "day"):
        frame.loc[draw.random(n) < 0.1, name] = None
    model = TabGAN(**QUICK).fit(frame)
    yield "rows", model.sample(300)
    yield "present", model.sample(100, missing=False, random_state=1)


def constrained() -> Draws:
    """Constraints that are given, and some that are found."""
    n, draw = 600, rng()
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, n), "D")
    frame = pd.DataFrame(
        {"start": start, "end": start + pd.to_timedelta(draw.integers(0, 30, n), "D")}
        | {"a": draw.integers(0, 20, n), "b": draw.integers(0, 9, n), "low": draw.random(n)}
        | {"city": draw.choice(["Bonn", "Lyon", "Rome", "Nice"], n)}
    )
    frame["high"] = frame["low"] + draw.random(n)
    frame["total"] = frame["a"] + frame["b"]
    frame["country"] = frame["city"].map({"Bonn": "DE", "Lyon": "FR", "Nice": "FR", "Rome": "IT"})
    found = TabGAN(**QUICK).fit(frame)
    yield "constraints", [str(constraint) for constraint in found.constraints_]
    yield "found", found.sample(200)
    yield "given", found.sample(60, given={"country": "FR"}, random_state=1)
    yield (
        "built",
        TabGAN(**QUICK, constraints=[Inequality("low", "high"), "a + b < 28"]).fit(frame).sample(99),
    )


def repeated() -> Draws:
    """Numbers that often repeat those of another column, spikes and heavy tails."""
    n, draw = 1200, rng()
    frame = pd.DataFrame({"bill": draw.lognormal(5, 1.5, n).round(2), "class": draw.integers(0, 3, n)})
    frame["paid"] = frame["bill"].where(draw.random(n) < 0.5, 0.0)
    yield "rows", TabGAN(**QUICK).fit(frame).sample(300)


def parts() -> Draws:
    """A table that is read in parts, and a sample that is written in parts."""
    frames = [load_adult().iloc[k : k + 900] for k in range(0, 3600, 900)]
    model = TabGAN(**QUICK).fit(frames)
    yield "rows", model.sample(200)
    with tempfile.TemporaryDirectory() as folder:
        model.sample_to(Path(folder) / "out", 500, rows_per_part=200, verbose=0, random_state=1)
        yield "folder", pd.read_parquet(Path(folder) / "out")


def wide() -> Draws:
    """Sixty columns and fewer rows than that, whole networks of another kind."""
    draw = rng()
    frame = pd.DataFrame(draw.normal(size=(50, 60)), columns=[f"c{k}" for k in range(60)])
    yield "rows", TabGAN(**QUICK, objective="hinge").fit(frame).sample(40)


def oversampled() -> Draws:
    """Augmentation."""
    frame = load_adult().head(800)
    X, y = GANOverSampler(random_state=0).fit_resample(frame.drop(columns="income"), frame["income"])
    yield "resampled", X.assign(income=y)


TABLES: tuple[Callable[[], Draws], ...] = (
    adult, iris, wine, diabetes, dtypes, constrained, repeated, parts, wide, oversampled,
)  # fmt: skip


def hashed(drawn: Any) -> int:
    frame = drawn if isinstance(drawn, pd.DataFrame) else pd.DataFrame(drawn)
    words = f"{[str(dtype) for dtype in frame.dtypes]}{list(frame.columns)}"
    values = pd.util.hash_pandas_object(frame.astype(object).map(repr), index=False).to_numpy()
    return int(values.dot(np.arange(1, 2 * len(values), 2, dtype=np.uint64))) ^ hash_of(words)


def hash_of(words: str) -> int:
    return int(pd.util.hash_array(np.array([words], dtype=object))[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    options = parser.parse_args()
    found = {f"{t.__name__}: {name}": str(hashed(drawn)) for t in TABLES for name, drawn in t()}
    if not options.check:
        options.file.write_text(json.dumps(found, indent=1))
        return 0
    wanted = json.loads(options.file.read_text())
    differ = [name for name in wanted | found if wanted.get(name) != found.get(name)]
    print(f"{len(found)} samples, other rows than before: {', '.join(differ) or 'none'}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
