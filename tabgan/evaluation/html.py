"""The report as one self-contained page, drawn from its plain data and its charts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial
from importlib.resources import files
from typing import Any

import numpy as np

from tabgan.evaluation.summary import FAIR, GOOD
from tabgan.evaluation.uncertainty import SIGNIFICANT

# Key -> the question, in short, and what its metrics cannot see.
QUESTIONS = {
    "marginal": (
        "Is each column right?", "Columns",
        "Says nothing about how columns go together: independent columns pass.",
    ),
    "pairwise": (
        "Is each pair right?", "Pairs",
        "Numbers are cut into about ten bins; what needs three columns to be seen is missed here.",
    ),
    "joint": (
        "Is the whole right?", "Joint distribution",
        "Trees need rows to learn from: in small tables they miss what they would find in large ones.",
    ),
    "utility": (
        "Is it useful?", "Utility",
        "Only of use for this one target; a label drawn by a good model can flatter it.",
    ),
    "privacy": (
        "Do anyone's data come back?", "Privacy",
        "Evidence about these rows, not a proof: it cannot tell what else an attacker knows.",
    ),
    "sdmetrics": (
        "Scores of sdmetrics", "sdmetrics",
        "They see neither copies nor non-linear dependence.",
    ),
}  # fmt: skip
MAX_CHARTS = 24  # small charts of columns; all of them can be drawn large
MAX_PAIRS_SHOWN = 12
MAX_FEATURES_SHOWN = 8
WIDTH, HEIGHT = 100.0, 70.0  # of curves and maps, in units of their drawing


def render(report: dict[str, Any], charts: dict[str, Any], embedded: bool = False) -> str:
    """The page of `Report.to_dict` and `Report.charts`, or with `embedded` only its body, for notebooks."""
    import jinja2
    from markupsafe import Markup

    folder = files("tabgan.evaluation").joinpath("page")
    loader = jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8"))
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=loader)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters.update(number=partial(number, minus="\u2212"), curve=curve, dots=dots, mark=mark)
    worst = sorted(report["pairs"], key=lambda pair: pair["ceiling"] - pair["distance"])[:MAX_PAIRS_SHOWN]
    details = report["details"]
    return environment.get_template("report.html.jinja").render(
        report=report, charts=charts, questions=QUESTIONS, worst=worst, embedded=embedded,
        significant=SIGNIFICANT, most_charts=MAX_CHARTS,
        # Two reports in one notebook must not jump into each other.
        anchor=f"tabgan-{secrets.token_hex(4)}" if embedded else "tabgan",
        data={name: charts[name] for name in ("columns", "sample")},
        script=Markup(folder.joinpath("explore.js").read_text(encoding="utf-8")),
        distances=_distances(details["copies"]["distances"]), importances=_importances(details["utility"]),
    )  # fmt: skip


def number(value: float | None, minus: str = "-") -> str:
    """A value in few characters; nothing for none."""
    if value is None or value != value:
        return ""
    if isinstance(value, int | np.integer):
        return f"{value:d}"
    return f"{value:.3f}".replace("-", minus) if abs(value) >= 0.001 or value == 0 else f"{value:.0e}"


def mark(value: float) -> str:
    """A mark in a word."""
    return "good" if value >= GOOD else "fair" if value >= FAIR else "poor"


def curve(points: Iterable[tuple[float, float]]) -> str:
    """Points in the unit square as the path of a line, the origin at the bottom left."""
    return "M" + "L".join(f"{WIDTH * x:.1f} {HEIGHT * (1 - y):.1f}" for x, y in points)


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Points in the unit square as the path of dots."""
    return "".join(f"M{WIDTH * x:.1f} {HEIGHT * (1 - y):.1f}h0" for x, y in points)


def _distances(quantiles: dict[str, list[float]]) -> dict[str, Any]:
    """Shares of rows up to each distance, as curves in the unit square, and the largest distance shown."""
    largest = max(distances[-3] for distances in quantiles.values()) or 1.0
    shares = np.linspace(0, 1, len(quantiles["synthetic"]))
    curves = {
        name: list(zip(np.minimum(1, np.divide(distances, largest)), shares, strict=True))
        for name, distances in quantiles.items()
    }
    return {"curves": curves, "largest": largest}


def _importances(utility: dict[str, Any] | None) -> list[tuple[str, float, float]]:
    """Features with the importances in the two models as shares of the largest, the first few."""
    if utility is None or not utility["features"]:
        return []
    both = np.clip([utility["importances"], utility["importances_real"]], 0, None)
    both = both / np.maximum(both.max(1, keepdims=True), 1e-12)
    order = np.argsort(-both.max(0))[:MAX_FEATURES_SHOWN]
    return [(utility["features"][k], float(both[0, k]), float(both[1, k])) for k in order]
