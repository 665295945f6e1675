"""The shelf of column types: one file each, and the table of which kind of column is handled by which."""

from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.categorical import Categorical, Constant, Discrete
from tabgan.table.columns.continuous import Continuous, Datetime
from tabgan.table.columns.fake import Fake
from tabgan.table.columns.identifier import Identifier
from tabgan.table.columns.text import Text

COLUMN_TYPES: dict[str, type[ColumnType]] = {
    kind: column_type
    for column_type in (Continuous, Discrete, Categorical, Datetime, Constant, Identifier, Text, Fake)
    for kind in column_type.kinds
}

__all__ = [
    "COLUMN_TYPES",
    "Categorical",
    "ColumnType",
    "Constant",
    "Continuous",
    "Datetime",
    "Discrete",
    "Fake",
    "Identifier",
    "Text",
]
