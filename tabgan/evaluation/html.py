"""The report as one self-contained page."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tabgan.evaluation.summary import FAIR, GOOD

if TYPE_CHECKING:
    from tabgan.evaluation.report import Report

# Key -> the question, in short, and what its figures cannot see.
QUESTIONS = {
    "columns": (
        "Is each column right?", "Columns",
        "Says nothing about how columns go together: independent columns pass.",
    ),
    "pairs": (
        "Is each pair right?", "Pairs",
        "Numbers are cut into ten bins; what needs three columns to be seen is missed here.",
    ),
    "whole": (
        "Is the whole right?", "The whole",
        "Trees need rows to learn from: in small tables they miss what they would find in large ones.",
    ),
    "useful": (
        "Is it useful?", "Usefulness",
        "Only of use for this one target; a label drawn by a good model can flatter it.",
    ),
    "copied": (
        "Is anyone copied?", "Privacy",
        "Evidence about these rows, not a proof: it cannot tell what else an attacker knows.",
    ),
    "familiar": (
        "Familiar scores", "Familiar",
        "The scores of sdmetrics; they see neither copies nor non-linear dependence.",
    ),
}  # fmt: skip
MAX_PAIRS_SHOWN = 12
WIDTH, HEIGHT = 100.0, 70.0  # of curves and maps, in units of their drawing


def render(report: Report, embedded: bool = False) -> str:
    """The page, or with `embedded` only its body, for notebooks."""
    import jinja2

    folder = files("tabgan.evaluation").joinpath("page")
    loader = jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8"))
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=loader)
    environment.filters.update(number=number, curve=curve, dots=dots, mark=mark)
    worst = sorted(report.pairs, key=lambda pair: pair["ceiling"] - pair["distance"])[:MAX_PAIRS_SHOWN]
    return environment.get_template("report.html.jinja").render(
        report=report, questions=QUESTIONS, worst=worst, embedded=embedded, map=_map(report),
        distances=_distances(report), importances=_importances(report),
    )  # fmt: skip


def number(value: float | None) -> str:
    """A figure in few characters; nothing for none."""
    if value is None or value != value:
        return ""
    if isinstance(value, int | np.integer):
        return f"{value:d}"
    return f"{value:.3f}".replace("-", "\u2212") if abs(value) >= 0.001 or value == 0 else f"{value:.0e}"


def mark(value: float) -> str:
    """A mark in a word."""
    return "good" if value >= GOOD else "fair" if value >= FAIR else "poor"


def curve(points: Iterable[tuple[float, float]]) -> str:
    """Points in the unit square as the path of a line, the origin at the bottom left."""
    return "M" + "L".join(f"{WIDTH * x:.1f} {HEIGHT * (1 - y):.1f}" for x, y in points)


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Points in the unit square as the path of dots."""
    return "".join(f"M{WIDTH * x:.1f} {HEIGHT * (1 - y):.1f}h0" for x, y in points)


def _map(report: Report) -> dict[str, Any]:
    """The map of rows, brought to the unit square."""
    found = report.charts["map"]
    if not found:
        return {}
    every = np.vstack(list(found["points"].values()))
    low, high = every.min(0), every.max(0)
    span = np.where(high > low, high - low, 1.0)
    points = {name: 0.03 + 0.94 * (rows - low) / span for name, rows in found["points"].items()}
    return {"explained": found["explained"], "points": points}


def _distances(report: Report) -> dict[str, Any]:
    """Shares of rows up to each distance, as curves in the unit square, and the largest distance shown."""
    found = report.details["copied"]["distances"]
    most = max(float(quantiles[-3]) for quantiles in found.values()) or 1.0
    levels = np.linspace(0, 1, len(found["synthetic"]))
    curves = {
        name: [(min(1.0, float(d) / most), float(level)) for d, level in zip(quantiles, levels, strict=True)]
        for name, quantiles in found.items()
    }
    return {"curves": curves, "most": most}


def _importances(report: Report) -> list[tuple[str, float, float]]:
    """Columns with the importances in the two models as shares of the largest, the first six."""
    found = report.details["useful"]
    if found is None or not len(found["features"]):
        return []
    both = np.clip(np.stack([found["importances"], found["importances_real"]]), 0, None)
    both = both / np.maximum(both.max(1, keepdims=True), 1e-12)
    order = np.argsort(-both.max(0))[:8]
    return [(str(found["features"][i]), float(both[0, i]), float(both[1, i])) for i in order]


def write_page(text: str, path: str | os.PathLike[str]) -> None:
    """Write text under a temporary name and rename it, so that no half-written file is left."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
