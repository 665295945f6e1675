"""The report as one self-contained page."""

from __future__ import annotations

import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tabgan.evaluation.report import Report

QUESTIONS = {
    "columns": ("Is each column right?", "Distances are 0 for equal distributions and 1 for disjoint ones."),
    "pairs": ("Is each pair right?", "The distance of two-way tables sees any form of dependence."),
    "whole": ("Is the whole right?", "Trees that cannot tell the rows apart have an AUC of 0.5."),
    "useful": ("Is it useful?", "A model trained on synthetic rows, tested on real ones."),
    "copied": ("Is anyone copied?", "Near means nearer to a real row than 95 % of fresh real rows."),
    "familiar": ("Familiar scores", "sdmetrics: blind to copies and to non-linear dependence."),
}
MAX_PAIRS_SHOWN = 12


def render(report: Report, embedded: bool = False) -> str:
    """The page, or with `embedded` only its body, for notebooks."""
    import jinja2

    source = files("tabgan.evaluation").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    worst = sorted(report.pairs, key=lambda pair: pair["ceiling"] - pair["distance"])[:MAX_PAIRS_SHOWN]
    return environment.from_string(source).render(
        report=report, questions=QUESTIONS, worst=worst, embedded=embedded
    )


def write_page(text: str, path: str | os.PathLike[str]) -> None:
    """Write text under a temporary name and rename it, so that no half-written file is left."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
