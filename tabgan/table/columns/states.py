"""Column types as plain data, for model files: their class, their parameters, and what they learned."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack
from tabgan.io.models import RefusedFileError
from tabgan.table.columns import COLUMN_TYPES
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.grid import Grid
from tabgan.table.columns.key_filter import KeyFilter
from tabgan.table.columns.key_numbers import NumberRange
from tabgan.table.columns.number_format import NumberFormat
from tabgan.table.columns.number_pattern import NumberPattern
from tabgan.table.columns.quantiles import Quantiles
from tabgan.table.columns.templates import Template
from tabgan.table.columns.time_pattern import TimePattern
from tabgan.table.columns.words import Words

Arrays = dict[str, NDArray[Any]]
OURS = {column_type.__name__: column_type for column_type in COLUMN_TYPES.values()}
RECORDS: dict[str, Any] = {
    record.__name__: record
    for record in (
        *(Grid, NumberFormat, NumberPattern, Quantiles, TimePattern),
        *(KeyFilter, NumberRange, Template, Words),
    )
}


def pack_column_type(column_type: ColumnType) -> dict[str, Any]:
    """Give class and parameters of a column type as JSON-able data.

    Raises
    ------
    ValueError
        If the class is the user's, and a file could not hold it so that it can be loaded again.
    """
    name = type(column_type).__name__
    if OURS.get(name, type(column_type)) is not type(column_type):
        raise ValueError(f"the column type {name} has the name of one of tabgan's; rename the class")
    try:
        return {"type": name, "params": pack(column_type.get_params())}
    except TypeError as error:
        raise ValueError(f"a parameter of the column type {name} cannot be saved: {error}") from error


def unpack_column_type(data: dict[str, Any]) -> ColumnType:
    """Undo `pack_column_type`; a class of the user's is one of those that the program has defined."""
    name = data["type"]
    defined = [form for form in _subclasses(ColumnType) if form.__name__ == name]
    if not defined:
        raise RefusedFileError(  # not the file's fault, but said as it is
            f"the model has a column of the type {name!r:.80}, which is not one of tabgan's; define or "
            "import the class before the model is loaded"
        )
    return OURS.get(name, defined[-1])(**unpack(data["params"]))


def pack_columns(columns: Mapping[Hashable, ColumnType]) -> tuple[list[Any], Arrays]:
    """Give fitted columns as JSON-able data and named arrays.

    Raises
    ------
    ValueError
        If one has learned something that no file can hold.
    """
    content: list[Any] = []
    arrays: Arrays = {}
    for place, (name, column) in enumerate(columns.items()):
        parameters = column.get_params()
        try:
            learned = {
                key: _pack(value, f"{place}.{key}", arrays)
                for key, value in vars(column).items()
                if key not in parameters
            }
        except TypeError as error:
            raise ValueError(
                f"column {name!r} cannot be saved, for what its type {type(column).__name__} learned: {error}"
            ) from error
        content.append([pack(name), pack_column_type(column), list(learned), learned])
    return content, arrays


def unpack_columns(content: list[Any], arrays: Mapping[str, NDArray[Any]]) -> dict[Hashable, ColumnType]:
    """Undo `pack_columns`."""
    columns = {}
    for name, column_type, attributes, learned in content:
        column = unpack_column_type(column_type)
        column.__dict__.update({key: _unpack(learned[key], arrays) for key in attributes})
        columns[unpack(name)] = column
    if any(name is pd.NA or name is pd.NaT or name != name for name in columns):
        raise ValueError("a column has no name")
    return columns


def _pack(value: Any, name: str, arrays: Arrays) -> Any:
    """Give an attribute as data; arrays, also those inside, go to `arrays` under its name."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if type(value) in RECORDS.values():
        parts = {key: _pack(part, f"{name}{key}", arrays) for key, part in vars(value).items()}
        return {"record": type(value).__name__, "fields": parts}
    return pack(value)


def _unpack(data: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Undo `_pack`."""
    if not isinstance(data, dict):
        return unpack(data)
    if not {"record", "fields"} & set(data):
        return arrays[data["array"]]
    record = RECORDS[data["record"]]
    return record(**{each.name: _unpack(data["fields"][each.name], arrays) for each in fields(record)})


def _subclasses(form: type[ColumnType]) -> Iterator[type[ColumnType]]:
    for child in form.__subclasses__():
        yield child
        yield from _subclasses(child)
