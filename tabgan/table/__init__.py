"""What a table is: its schema, and the way from a DataFrame to an encoded matrix and back."""

from tabgan.table.acceptance import Acceptance
from tabgan.table.building import find_rules
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
from tabgan.table.conditions import Conditions
from tabgan.table.foreign import as_pandas, in_package, package_of
from tabgan.table.guard import Guard
from tabgan.table.kinds import MADE_ANEW
from tabgan.table.layout import Block, Layout
from tabgan.table.rule import Rule
from tabgan.table.ruled import RuledTransformer
from tabgan.table.rules import (
    FixedCombinations,
    Inequality,
    OneHotGroup,
    Predicate,
    Range,
    Sum,
    Unique,
    read_rules,
)
from tabgan.table.schema import ColumnSchema, Schema
from tabgan.table.suggestions import suggest_constraints
from tabgan.table.transformer import TableTransformer

__all__ = [
    "COLUMN_TYPES",
    "MADE_ANEW",
    "Acceptance",
    "Block",
    "Categorical",
    "ColumnSchema",
    "ColumnType",
    "Conditions",
    "Constant",
    "Continuous",
    "Datetime",
    "Discrete",
    "FixedCombinations",
    "Guard",
    "Identifier",
    "Inequality",
    "Layout",
    "OneHotGroup",
    "Predicate",
    "Range",
    "Rule",
    "RuledTransformer",
    "Schema",
    "Sum",
    "TableTransformer",
    "Text",
    "Unique",
    "as_pandas",
    "find_rules",
    "in_package",
    "package_of",
    "read_rules",
    "suggest_constraints",
]
