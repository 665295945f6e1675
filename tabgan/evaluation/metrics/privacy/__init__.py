"""Do anyone's data come back?  Membership inference attacks, values of single records, copies of rows."""

from __future__ import annotations

from tabgan.evaluation.metrics.privacy.attacks import membership
from tabgan.evaluation.metrics.privacy.copies import copying
from tabgan.evaluation.metrics.privacy.values import shared_values

__all__ = ["copying", "membership", "shared_values"]
