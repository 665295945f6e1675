"""Column types as plain data, for model files: their class, their parameters, and what they learned."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.io.json_codec import pack, unpack
from tabgan.table.columns.base import ColumnType

Arrays = dict[str, NDArray[np.generic]]


def pack_column_type(column_type: ColumnType) -> dict[str, Any]:
    """Give class and parameters of a column type as JSON-able data.

    Raises
    ------
    ValueError
        If the class is the user's, and a file could not hold it so that it can be loaded again.
    """
    form = type(column_type)
    if not _is_ours(form):
        inherited = [n for n in ("get_state", "set_state") if getattr(form, n) is getattr(ColumnType, n)]
        if inherited:
            raise ValueError(
                f"the column type {form.__name__} cannot be saved, as it has no `{inherited[0]}`; implement "
                "get_state and set_state, see tabgan.table.ColumnType"
            )
        if any(_is_ours(other) for other in _forms(form.__name__)):
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
    forms = _forms(data["type"])
    if not forms:
        raise ValueError(
            f"the model has a column of the type {data['type']}, which is not one of tabgan's; define or "
            "import the class before the model is loaded"
        )
    form = next(filter(_is_ours, forms), forms[-1])
    return form(**{name: unpack(value) for name, value in data["params"].items()})


def pack_columns(columns: Mapping[Hashable, ColumnType]) -> tuple[list[Any], Arrays]:
    """Give fitted columns as JSON-able data and named arrays."""
    content: list[Any] = []
    arrays: Arrays = {}
    for place, (name, column) in enumerate(columns.items()):
        column_type = pack_column_type(column)
        data, of_column = column.get_state()
        content.append([pack(name), column_type, data])
        arrays |= {f"{place}.{key}": array for key, array in of_column.items()}
    return content, arrays


def unpack_columns(content: list[Any], arrays: Mapping[str, NDArray[Any]]) -> dict[Hashable, ColumnType]:
    """Undo `pack_columns`."""
    of_column: list[Arrays] = [{} for _ in content]
    for name, array in arrays.items():
        place, _, key = name.partition(".")
        of_column[int(place)][key] = array
    return {
        unpack(name): unpack_column_type(column_type).set_state(data, of_column[place])
        for place, (name, column_type, data) in enumerate(content)
    }


def _forms(name: str) -> list[type[ColumnType]]:
    return [form for form in _subclasses(ColumnType) if form.__name__ == name]


def _subclasses(form: type[ColumnType]) -> Iterator[type[ColumnType]]:
    for child in form.__subclasses__():
        yield child
        yield from _subclasses(child)


def _is_ours(form: type[ColumnType]) -> bool:
    return form.__module__.startswith("tabgan.")
