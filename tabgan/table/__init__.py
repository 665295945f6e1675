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
    Text,
)
from tabgan.table.constraints import FixedCombinations, Inequality, OneHotGroup, Predicate, Range, Sum, Unique
from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.building import discover_constraints
from tabgan.table.constraints.discovery import suggest_constraints
from tabgan.table.constraints.parse import parse_constraints
from tabgan.table.constraints.transformer import RuledTransformer
from tabgan.table.inference import GENERATED_KINDS
from tabgan.table.schema import ColumnSchema, Schema
from tabgan.table.transformer import TableTransformer

__all__ = [
    "COLUMN_TYPES",
    "GENERATED_KINDS",
    "Categorical",
    "ColumnSchema",
    "ColumnType",
    "Constant",
    "Constraint",
    "Continuous",
    "Datetime",
    "Discrete",
    "FixedCombinations",
    "Identifier",
    "Inequality",
    "OneHotGroup",
    "Predicate",
    "Range",
    "RuledTransformer",
    "Schema",
    "Sum",
    "TableTransformer",
    "Text",
    "Unique",
    "discover_constraints",
    "parse_constraints",
    "suggest_constraints",
]
