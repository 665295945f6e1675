"""Which drawn rows may be given out: those that obey the constraints and are no copies of training rows."""

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
    """The filter of one call of `sample`; it remembers the rows that passed, for `Unique`.

    Parameters
    ----------
    table : TableTransformer
        With the constraints.
    privacy_record : PrivacyRecord
    exclude_copies : bool
        Whether exact copies of training rows are refused.
    min_distance : float
        Rows nearer than this to a training row are refused.
    """

    table: TableTransformer
    privacy_record: PrivacyRecord
    exclude_copies: bool = False
    min_distance: float = 0.0
    passed: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        none = self.table.inverse_transform(np.zeros((0, len(self.table.layout_))))
        if self.exclude_copies:
            self.privacy_record.copies(none)
        if self.min_distance:
            self.privacy_record.distances(none)
        self.constraints = list(self.table.constraint_set_)
        self.unique = [constraint for constraint in self.constraints if isinstance(constraint, Unique)]

    @property
    def all_pass(self) -> bool:
        """Whether there is nothing to filter."""
        return not (self.constraints or self.exclude_copies or self.min_distance)

    def __str__(self) -> str:
        reasons = [f"the constraints {', '.join(map(str, self.constraints))}"] if self.constraints else []
        reasons += ["exclude_copies"] if self.exclude_copies else []
        reasons += [f"min_distance={self.min_distance}"] if self.min_distance else []
        return " and ".join(reasons)

    def __call__(self, frame: pd.DataFrame, beyond: Mask | None = None) -> Mask:
        """Tell which of n rows pass, shape (n,); `beyond` as in `TableTransformer.obey`."""
        mask = self.table.obey(frame, beyond)
        if self.exclude_copies:
            mask &= ~self.privacy_record.copies(frame)
        if self.min_distance:
            mask[mask] = self.privacy_record.distances(frame[mask]) >= self.min_distance
        if self.unique:
            mask[mask] = self._first_of_their_kind(frame[mask])
        return mask

    def _first_of_their_kind(self, frame: pd.DataFrame) -> Mask:
        names = list(dict.fromkeys(name for constraint in self.unique for name in constraint.columns))
        before = sum(map(len, self.passed))
        together = pd.concat([*self.passed, frame[names]], ignore_index=True)
        mask = np.ones(len(frame), dtype=bool)
        for constraint in self.unique:
            mask &= constraint.check(together)[before:]
        self.passed.append(frame.loc[mask, names])
        return mask
