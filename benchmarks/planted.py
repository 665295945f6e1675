"""Twelve structures planted in one generated table, and what a model fitted on it makes of them.

    python -m benchmarks.planted [--rows 10000] [--seed 0] [--set NAME=JSON]

The table is generated from known laws, a model is fitted once with its defaults, and as many rows are drawn
as it was fitted on. For each structure the same figure is taken from the real and from the synthetic rows,
each with its bootstrap standard error; z is their difference over the error of the difference, so that about
95 % of perfect figures lie within 2. A figure that is the same in every real row has no error, and then no
z. The rules that were found are printed first; ``--set constraints=null`` does without them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks import measuring

REPEATS = 100
CITIES = 221
DISTINCT = ("221 categories, tail", "near-unique string")  # counts that resampling would lower
Figure = Callable[[pd.DataFrame], float]


def main() -> None:
    """Generate, fit, draw, and print the figures side by side."""
    from tabgan import TabGAN

    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted", description="Planted structures.")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=JSON", help="a parameter of TabGAN"
    )
    arguments = parser.parse_args()
    real = generated(arguments.rows, arguments.seed)
    parameters = {"random_state": arguments.seed, "verbose": 0, **measuring.parse_settings(arguments.set)}
    model = TabGAN(**parameters).fit(real)
    print(*model.constraints_, "", sep="\n")
    print(markdown(real, model.sample(len(real), random_state=arguments.seed)))


def generated(n: int, seed: int = 0) -> pd.DataFrame:
    """A table of n orders that holds all twelve structures."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    age = rng.normal(45, 12, n).clip(18, 90).round().astype(int)
    city = rng.choice(CITIES, n, p=(weights := 1 / np.arange(1, CITIES + 1)) / weights.sum())
    spike = rng.random(n) < np.where(group == "a", 0.8, 0.1)
    start = pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 2000, n), unit="D")
    part = rng.lognormal(3, 0.7, n).round(2)
    other = (part * rng.uniform(0, 1.5, n)).round(2)
    gone, unknown = rng.random(n) < 0.15, rng.random(n) < 1 / (1 + np.exp(-(age - 60) / 5))
    return pd.DataFrame({
        "group": group,
        "gain": np.where(spike, 0.0, rng.lognormal(6, 1, n).round(1)),
        "age": age,
        "height": np.where(gone, np.nan, rng.normal(170, 10, n).round(1)),
        "weight": np.where(gone, np.nan, rng.normal(70, 12, n).round(1)),
        "income": np.where(unknown, np.nan, rng.normal(3000, 500, n).round()),
        "start": start,
        "end": start + pd.to_timedelta(rng.geometric(0.02, n), unit="D"),
        "part": part,
        "other": other,
        "total": (part + other).round(2),
        "city": [f"city {k}" for k in city],
        "region": [f"region {k % 7}" for k in city],
        "key": [f"K-{k:06d}" for k in rng.permutation(10 * n)[:n]],
        "pack": 6 * rng.poisson(9, n),
        "claim": rng.pareto(1.5, n),
        "share": rng.beta(0.5, 0.8, n),
        "fraud": np.where(rng.random(n) < 0.005, "yes", "no"),
    })  # fmt: skip


def figures(real: pd.DataFrame) -> dict[str, tuple[str, Figure]]:
    """Structure -> what is counted, and how."""
    q99, cut = real["claim"].quantile(0.99), real["share"].quantile([0.1, 0.9]).tolist()
    head = set(real["city"].value_counts().index[:10])
    region = real.drop_duplicates("city").set_index("city")["region"]
    days = (real["end"] - real["start"]).dt.days.median()
    return {
        "conditional spike": (
            "P(gain = 0, group a) - P(gain = 0, others)",
            lambda t: t["gain"].eq(0)[t["group"] == "a"].mean() - t["gain"].eq(0)[t["group"] != "a"].mean(),
        ),
        "missing together": (
            "of rows without height, those without weight",
            lambda t: t["weight"].isna()[t["height"].isna()].mean(),
        ),
        "missing not at random": (
            "mean age without income - with it",
            lambda t: t["age"][t["income"].isna()].mean() - t["age"][t["income"].notna()].mean(),
        ),
        "order between dates": ("end after start", lambda t: (t["end"] > t["start"]).mean()),
        "length between dates": (
            f"end - start over {days:.0f} days",
            lambda t: ((t["end"] - t["start"]).dt.days > days).mean(),
        ),
        "sum of parts": (
            "part + other within 5 % of total",
            lambda t: ((t["part"] + t["other"] - t["total"]).abs() < 0.05 * t["total"]).mean(),
        ),
        "functional dependency": (
            "the city determines the region",
            lambda t: (t["region"] == t["city"].map(region)).mean(),
        ),
        "221 categories": ("share of the ten greatest cities", lambda t: t["city"].isin(head).mean()),
        "221 categories, tail": ("cities that occur", lambda t: float(t["city"].nunique())),
        "near-unique string": ("keys that are distinct", lambda t: t["key"].nunique() / len(t)),
        "integer grid": ("packs of six", lambda t: (t["pack"] % 6 == 0).mean()),
        "heavy tail": ("claims over the real 99 % quantile", lambda t: (t["claim"] > q99).mean()),
        "bounded share": ("within [0, 1]", lambda t: t["share"].between(0, 1).mean()),
        "bounded share, ends": (
            "beyond the real 10 % and 90 % quantiles",
            lambda t: (~t["share"].between(*cut)).mean(),
        ),
        "rare class": ("fraud", lambda t: (t["fraud"] == "yes").mean()),
    }


def markdown(real: pd.DataFrame, made: pd.DataFrame) -> str:
    """Print the figures side by side."""
    rng = np.random.default_rng(0)
    lines = ["| structure | figure | real | synthetic | z |", "| --- | --- | --- | --- | --- |"]
    for name, (said, figure) in figures(real).items():
        (a, a_error), (b, b_error) = (
            _with_error(figure, table, 0 if name in DISTINCT else REPEATS, rng) for table in (real, made)
        )
        error = float(np.hypot(a_error, b_error))
        z = f"{(b - a) / error:+.1f}" if a_error > 0 else ""
        shown = [f"{value:.4g} ({own:.2g})" for value, own in ((a, a_error), (b, b_error))]
        lines.append(f"| {name} | {said} | {shown[0]} | {shown[1]} | {z} |")
    return "\n".join(lines)


def _with_error(
    figure: Figure, table: pd.DataFrame, repeats: int, rng: np.random.Generator
) -> tuple[float, float]:
    """A figure and its bootstrap error, 0 without repeats."""
    drawn = [figure(table.iloc[rng.integers(len(table), size=len(table))]) for _ in range(repeats)]
    return float(figure(table)), float(np.nanstd(drawn, ddof=1)) if drawn else 0.0


if __name__ == "__main__":
    main()
