"""What each column of a table is: inferred from a frame or given, printed as a table, JSON there and back."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from tabgan.io.json_codec import pack, unpack
from tabgan.io.names import columns_like
from tabgan.table.columns import COLUMN_TYPES, Fake
from tabgan.table.columns.base import ColumnType, Scale
from tabgan.table.columns.categorical import Categorical
from tabgan.table.columns.categories import find_missing
from tabgan.table.columns.continuous import Datetime
from tabgan.table.columns.facts import ColumnFacts, TableFacts, rarely_repeats
from tabgan.table.columns.number_format import open_dtype
from tabgan.table.columns.numbers import family
from tabgan.table.columns.protection import Protection
from tabgan.table.columns.states import pack_column_type, unpack_column_type
from tabgan.table.inference import kind_of, possible_kinds

MAX_NAMED = 5  # columns that an error names
ANY = ("truth values", "others")  # families that may stand in for another


@dataclass(frozen=True)
class ColumnSchema:
    """What is known of one column before anything is fitted.

    Parameters
    ----------
    name : hashable
    kind : str
        One of the keys of `tabgan.table.columns.COLUMN_TYPES`, or the class name of a user's column type.
    dtype : dtype
        As pandas names it.
    reason : str
        Why it is of this kind.
    missing : float
        Share of missing values.
    column_type : ColumnType
        The unfitted transformer for it.
    """

    name: Hashable
    kind: str
    dtype: Any
    reason: str
    missing: float
    column_type: ColumnType = field(repr=False)

    @property
    def scale(self) -> Scale:
        """How metrics treat it: ``"numeric"`` or ``"nominal"``."""
        return self.column_type.scale

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-able data."""
        plain = {key: pack(value) for key, value in vars(self).items() if key != "column_type"}
        return {**plain, "column_type": pack_column_type(self.column_type)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ColumnSchema:
        """Undo `to_dict`."""
        plain = {each.name: unpack(data[each.name]) for each in fields(cls) if each.name != "column_type"}
        return cls(**plain, column_type=unpack_column_type(data["column_type"]))


class Schema(Mapping[Hashable, ColumnSchema]):
    """The columns of a table, by name and in order.

    Parameters
    ----------
    columns : list of ColumnSchema
    index : Index
        The frame's `columns`, which keeps their type and name.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.5, 2.25, 4.0], "color": ["red", "red", "blue"]})
    >>> schema = Schema.infer(frame, {"size": "continuous"})
    >>> schema["size"].kind, schema["color"].scale
    ('continuous', 'nominal')
    """

    def __init__(self, columns: list[ColumnSchema], index: pd.Index) -> None:
        self._columns = {column.name: column for column in columns}
        self.index = index

    @classmethod
    def infer(
        cls,
        frame: pd.DataFrame | TableFacts,
        overrides: Mapping[Hashable, str | ColumnType] | None = None,
        numeric: str = "rank",
    ) -> Schema:
        """Look at a frame and decide what each of its columns is.

        Parameters
        ----------
        frame : DataFrame of shape (n_rows, n_columns)
            At least two rows; or `TableFacts` of one, which keep what is read here.
        overrides : mapping from column name to str or ColumnType, optional
            The kind of a column, or a transformer for it, in place of the inferred one.
        numeric : {"rank", "minmax"}, default="rank"
            How numbers are scaled; see `Continuous`.

        Raises
        ------
        TypeError
            If `frame` is not a DataFrame.
        ValueError
            If the frame is empty, has one row or columns of the same name, if `overrides` names a column that
            is not there or an unknown kind, or if a column cannot be handled. The message names the column.
        """
        _check_frame(frame.frame if isinstance(frame, TableFacts) else frame)
        table = TableFacts.of(frame)
        if numeric not in ("rank", "minmax"):
            raise ValueError(f"numeric must be 'rank' or 'minmax', got {numeric!r}")
        if not isinstance(overrides, Mapping | None):
            raise TypeError(f"kinds are given as a mapping from column names, got {overrides!r}")
        overrides = overrides or {}
        if unknown := [name for name in overrides if name not in table.frame.columns]:
            raise ValueError(
                f"columns are given that the frame has not: {_name(unknown)}; "
                f"{columns_like(unknown[0], table.frame.columns)}"
            )
        columns = []
        for name, facts in table.items():
            override = overrides.get(name)
            if isinstance(override, Datetime):
                facts = table.put(name, override.read(facts))
            kind, reason, column_type = _choose(facts, override, numeric)
            missing = float(facts.missing.mean())
            protection = Protection(facts)
            reason = "; ".join(filter(None, [reason, protection.describe(kind)]))
            is_open = column_type.is_generated or column_type.is_continuous
            dtype = open_dtype(facts.column.dtype) if is_open else protection.dtype
            columns.append(ColumnSchema(name, kind, dtype, reason, missing, column_type))
        return cls(columns, table.frame.columns)

    def check(self, frame: pd.DataFrame) -> None:
        """Compare a frame with the schema; the order of its columns does not matter.

        Raises
        ------
        TypeError
            If `frame` is not a DataFrame, or a column's dtype is of another family (numbers, times, others).
        ValueError
            If columns are missing, unknown, or of the same name.
        """
        check_names(frame)
        if absent := [name for name in self if name not in frame.columns]:
            raise ValueError(f"the frame lacks columns: {_name(absent)}; the schema has {_name(list(self))}")
        if unknown := [name for name in frame.columns if name not in self]:
            raise ValueError(f"the frame has columns that the schema has not: {_name(unknown)}; drop them")
        for name, column in self.items():
            expected = family(column.dtype)
            if expected in ANY:
                continue
            got: str = family(frame[name])
            if got in ANY and is_object_dtype(frame[name].dtype) and not find_missing(frame[name]).all():
                got = "objects"
            if got != expected and got not in ANY:
                raise TypeError(
                    f"column {name!r} must hold {expected} (dtype {column.dtype}), got {got} "
                    f"(dtype {frame[name].dtype}); convert it first"
                )

    def to_dict(self) -> dict[str, Any]:
        """Give the schema as JSON-able data."""
        dtype = None if isinstance(self.index, pd.MultiIndex) else self.index.dtype
        index = [pack(tuple(self.index.names)), pack(dtype)]
        return {"columns": [column.to_dict() for column in self.values()], "index": index}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Schema:
        """Undo `to_dict`.

        Raises
        ------
        ValueError
            If a column has a type of the user's, whose class is not defined here.
        """
        columns = [ColumnSchema.from_dict(column) for column in data["columns"]]
        labels: list[Any] = [column.name for column in columns]
        names, dtype = map(unpack, data["index"])
        if dtype is None:
            return cls(columns, pd.MultiIndex.from_tuples(labels, names=names))
        return cls(columns, pd.Index(labels, dtype=dtype, name=names[0], tupleize_cols=False))

    def __getitem__(self, name: Hashable) -> ColumnSchema:
        return self._columns[name]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return self.to_frame().to_string(index=False, max_colwidth=80)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False)

    def to_frame(self) -> pd.DataFrame:
        """Give the schema as a table for people, a row a column."""
        rows = [(str(c.name), c.kind, str(c.dtype), f"{c.missing:.1%}", c.reason) for c in self.values()]
        return pd.DataFrame(rows, columns=["name", "kind", "dtype", "missing", "reason"])


def _choose(
    facts: ColumnFacts, override: str | ColumnType | None, numeric: str
) -> tuple[str, str, ColumnType]:
    """Give kind, reason and transformer of a column."""
    column = facts.column
    if override == "categorical" or isinstance(override, Categorical):
        _warn_of_keys(facts)
    kind, reason = kind_of(facts) if override is None else ("", "given")
    possible = [kind] if override is None else possible_kinds(facts)
    if isinstance(override, str):
        kind = override
    elif override is not None:
        if not isinstance(override, ColumnType) or not hasattr(override, "scale"):
            raise TypeError(
                f"column {column.name!r}: {override!r} is no column type; give the name of a kind, or an "
                "instance of a class that is derived from tabgan.table.ColumnType and has a `scale`"
            )
        if type(override) not in COLUMN_TYPES.values():
            return type(override).__name__, reason, override
        if isinstance(override, Fake):
            return "fake", f"made up by Faker: {override.provider}", override
        kind = next((kind for kind in possible if kind in override.kinds), override.kinds[0])
    if kind not in COLUMN_TYPES:
        kinds = ", ".join(COLUMN_TYPES)
        raise ValueError(f"column {column.name!r}: the kind must be one of {kinds}, got {kind!r}")
    if kind not in possible:
        kind_of(facts)  # complains, with the remedy, of what nothing can be made of
        raise ValueError(
            f"column {column.name!r} (dtype {column.dtype}) cannot be {kind}, but {', '.join(possible)}; "
            "convert it first"
        )
    if isinstance(override, ColumnType):
        return kind, reason, override
    if COLUMN_TYPES[kind].is_continuous:
        return kind, reason, COLUMN_TYPES[kind](method=numeric)
    return kind, reason, COLUMN_TYPES[kind]()


def _warn_of_keys(facts: ColumnFacts) -> None:
    """Warn of a column that is declared categorical although hardly any of its values repeats."""
    possible_kinds(facts)  # complains of values that cannot be compared
    if rarely_repeats(facts):
        counts = np.bincount(facts.codes[~facts.missing])
        warnings.warn(
            f"column {facts.column.name!r} is declared categorical, but few of its {len(counts)} different "
            f"values repeat ({(counts == 1).sum()} occur once), as in columns of keys and names; leave the "
            "declaration out, and new ones are generated",
            UserWarning,
            stacklevel=4,
        )


def _check_frame(frame: pd.DataFrame) -> None:
    """Refuse what no schema can be inferred from."""
    check_names(frame)
    if not frame.shape[1]:
        raise ValueError("the frame has no columns; give at least one")
    if len(frame) < 2:
        raise ValueError(f"the frame has {len(frame)} row(s); at least 2 are needed to learn anything")


def check_names(frame: pd.DataFrame) -> None:
    """Refuse what is no frame, and columns of the same name."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"a pandas DataFrame is needed, got {type(frame).__name__}; use pd.DataFrame(...)")
    if not frame.columns.is_unique:
        repeated = list(frame.columns[frame.columns.duplicated()].unique())
        raise ValueError(f"columns of the same name: {_name(repeated)}; rename them")
    if odd := [place for place, name in enumerate(frame.columns) if _is_nan(name)]:
        raise ValueError(f"column number {odd[0]} has no name, but nan, NaT or NA; rename it")


def _name(columns: Sequence[Hashable]) -> str:
    """The first few names of a list."""
    more = f" and {len(columns) - MAX_NAMED} more" if len(columns) > MAX_NAMED else ""
    return ", ".join(repr(column) for column in columns[:MAX_NAMED]) + more


def _is_nan(name: Hashable) -> bool:
    """Tell whether a name is not equal to itself, so that no column could be found by it."""
    return name is pd.NaT or name is pd.NA or (isinstance(name, float) and name != name)
