"""The shelf of column types: which one takes a column of which kind."""

from __future__ import annotations

from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.categorical import Categorical, Discrete
from tabgan.table.columns.constant import Constant
from tabgan.table.columns.continuous import Continuous
from tabgan.table.columns.identifier import Identifier

COLUMN_TYPES: dict[str, type[ColumnType]] = {
    "continuous": Continuous,
    "integer": Continuous,
    "discrete": Discrete,
    "categorical": Categorical,
    "datetime": Continuous,
    "timedelta": Continuous,
    "constant": Constant,
    "missing": Constant,
    "identifier": Identifier,
}

__all__ = ["COLUMN_TYPES", "Categorical", "ColumnType", "Constant", "Continuous", "Discrete", "Identifier"]
