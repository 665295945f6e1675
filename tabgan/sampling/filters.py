"""Which drawn rows may be given out: those that obey the rules and are no copies of training rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tabgan.sampling.privacy import PrivacyRecord
from tabgan.table.constraints import Unique
from tabgan.table.constraints.base import Mask
from tabgan.table.transformer import TableTransformer


@dataclass
class RowFilter:
    """The judge of one call of `sample`; it remembers what it has let pass, for rules on rows together.

    Parameters
    ----------
    table : TableTransformer
        Its rules are those that count.
    guard : PrivacyRecord
    exclude_copies : bool
        Whether exact copies of training rows are refused.
    min_distance : float
        Rows nearer than this to a training row are refused.
    """

    table: TableTransformer
    guard: PrivacyRecord
    exclude_copies: bool = False
    min_distance: float = 0.0
    passed: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        none = self.table.inverse_transform(np.zeros((0, self.table.layout_.width), dtype=np.float32))
        if self.exclude_copies:
            self.guard.copies(none)
        if self.min_distance:
            self.guard.distances(none)
        self.rules = list(getattr(self.table, "constraints_", []))
        self.unique = [rule for rule in self.rules if isinstance(rule, Unique)]

    @property
    def all_pass(self) -> bool:
        """Whether there is nothing to judge."""
        return not (self.rules or self.exclude_copies or self.min_distance)

    def __str__(self) -> str:
        wanted = [f"the constraints {', '.join(map(str, self.rules))}"] if self.rules else []
        wanted += ["exclude_copies"] if self.exclude_copies else []
        wanted += [f"min_distance={self.min_distance}"] if self.min_distance else []
        return " and ".join(wanted)

    def __call__(self, frame: pd.DataFrame) -> Mask:
        """Which of n rows pass, shape (n,)."""
        good = self.table.obey(frame)
        if self.exclude_copies:
            good &= ~self.guard.copies(frame)
        if self.min_distance:
            good[good] = self.guard.distances(frame[good]) >= self.min_distance
        if self.unique:
            good[good] = self._first_of_their_kind(frame[good])
        return good

    def _first_of_their_kind(self, frame: pd.DataFrame) -> Mask:
        names = list(dict.fromkeys(name for rule in self.unique for name in rule.columns))
        before = sum(map(len, self.passed))
        together = pd.concat([*self.passed, frame[names]], ignore_index=True)
        good = np.ones(len(frame), dtype=bool)
        for rule in self.unique:
            good &= rule.check(together)[before:]
        self.passed.append(frame.loc[good, names])
        return good
