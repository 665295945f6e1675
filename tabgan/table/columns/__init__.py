"""The shelf of column types: one file each, and the table of which kind of column is handled by which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tabgan.io.json_codec import pack, unpack
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.categorical import Categorical, Discrete
from tabgan.table.columns.constant import Constant
from tabgan.table.columns.continuous import Continuous
from tabgan.table.columns.datetime import Datetime
from tabgan.table.columns.identifier import Identifier
from tabgan.table.columns.text import Text

COLUMN_TYPES: dict[str, type[ColumnType]] = {
    kind: column_type
    for column_type in (Continuous, Discrete, Categorical, Datetime, Constant, Identifier, Text)
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
    "Identifier",
    "Text",
    "pack_column_type",
    "unpack_column_type",
]


def pack_column_type(column_type: ColumnType) -> dict[str, Any]:
    """Give class and parameters of a column type as JSON-able data.

    Raises
    ------
    ValueError
        If the class is the user's, and a file could not hold it so that it can be loaded again.
    """
    form, ours = type(column_type), {form.__name__ for form in COLUMN_TYPES.values()}
    if form not in COLUMN_TYPES.values():
        inherited = [
            name for name in ("get_state", "set_state") if getattr(form, name) is getattr(ColumnType, name)
        ]
        if inherited:
            raise ValueError(
                f"the column type {form.__name__} cannot be saved, as it has no `{inherited[0]}`; implement "
                "get_state and set_state, see tabgan.table.ColumnType"
            )
        if form.__name__ in ours:
            raise ValueError(
                f"the column type {form.__name__} has the name of one of tabgan's; rename the class"
            )
    try:
        return {"type": form.__name__, "params": {k: pack(v) for k, v in column_type.get_params().items()}}
    except TypeError as error:
        raise ValueError(
            f"a parameter of the column type {form.__name__} cannot be saved: {error}"
        ) from error


def unpack_column_type(data: dict[str, Any]) -> ColumnType:
    """Undo `pack_column_type`; a class of the user's is one of those that the program has defined."""
    forms = [form for form in _subclasses(ColumnType) if form.__name__ == data["type"]]
    if not forms:
        raise ValueError(
            f"the model has a column of the type {data['type']}, which is not one of tabgan's; define or "
            "import the class before the model is loaded"
        )
    return forms[-1](**{name: unpack(value) for name, value in data["params"].items()})


def _subclasses(form: type[ColumnType]) -> Iterator[type[ColumnType]]:
    for child in form.__subclasses__():
        yield child
        yield from _subclasses(child)
