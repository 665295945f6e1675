"""What a table is: its schema, and the way from a DataFrame to an encoded matrix and back."""

from tabgan.table.columns import (
    COLUMN_TYPES,
    Categorical,
    ColumnType,
    Constant,
    Continuous,
    Datetime,
    Discrete,
    Identifier,
)
from tabgan.table.conditions import Conditions
from tabgan.table.layout import Block, Layout
from tabgan.table.schema import ColumnSchema, Schema
from tabgan.table.transformer import TableTransformer

__all__ = [
    "COLUMN_TYPES",
    "Block",
    "Categorical",
    "ColumnSchema",
    "ColumnType",
    "Conditions",
    "Constant",
    "Continuous",
    "Datetime",
    "Discrete",
    "Identifier",
    "Layout",
    "Schema",
    "TableTransformer",
]
