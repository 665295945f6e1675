"""A table learned with differential privacy: noisy tables of counts, and a generator that is fitted to them.

Only :mod:`tabgan.private.curator` sees rows. It answers questions with noisy counts, and each answer has its
line in a ledger. All other files work on what the user has declared and on these answers.
"""

from tabgan.private.bins import Bins
from tabgan.private.guarantee import Guarantee

__all__ = ["Bins", "Guarantee"]
