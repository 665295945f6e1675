"""What a table is: its schema, and the way from a DataFrame to an encoded matrix and back."""

from tabgan.table.columns import (
    COLUMN_TYPES,
    Categorical,
    ColumnType,
    Constant,
    Continuous,
    Datetime,
    Discrete,
    Fake,
    Identifier,
    Text,
)
from tabgan.table.constraints import (
    ConstantSum,
    FixedCombinations,
    Inequality,
    MissingTogether,
    OneHotGroup,
    Predicate,
    Range,
    Sum,
    Unique,
)
from tabgan.table.constraints.base import Constraint
from tabgan.table.constraints.constraint_set import ConstraintSet
from tabgan.table.constraints.discovery import discover_constraints, suggest_constraints
from tabgan.table.constraints.parse import parse_constraints
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
    "ConstantSum",
    "Constraint",
    "ConstraintSet",
    "Continuous",
    "Datetime",
    "Discrete",
    "Fake",
    "FixedCombinations",
    "Identifier",
    "Inequality",
    "MissingTogether",
    "OneHotGroup",
    "Predicate",
    "Range",
    "Schema",
    "Sum",
    "TableTransformer",
    "Text",
    "Unique",
    "discover_constraints",
    "parse_constraints",
    "suggest_constraints",
]
