"""Is a synthetic table faithful, useful and private?  Any two tables, compared."""

from __future__ import annotations

from tabgan.evaluation.report import Report, evaluate

__all__ = ["Report", "evaluate"]
