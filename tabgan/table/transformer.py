"""A whole table <-> one float32 matrix: a column transformer for each column, side by side."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Literal, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from tabgan.io.json_codec import pack, unpack
from tabgan.layout import BlockKind, Layout
from tabgan.table.columns import pack_column_type, unpack_column_type
from tabgan.table.columns.base import ColumnType, onehot
from tabgan.table.columns.facts import TableFacts
from tabgan.table.constraints.base import Includes
from tabgan.table.constraints.constraint_set import ConstraintSet
from tabgan.table.repeats import find_repeats, repeats, without_repeats
from tabgan.table.schema import ColumnSchema, Schema

RandomState = int | np.random.Generator | None
OTHER_OR_SAME: list[tuple[BlockKind, int]] = [("onehot", 2)]  # before the blocks of a column that repeats
NO_CONSTRAINTS = ConstraintSet()


# no `set_output`: a matrix it is, whatever scikit-learn is told to make of other tables
class TableTransformer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Encode the rows of a table as scalar and onehot blocks, and decode such rows into a table.

    Parameters
    ----------
    schema : Schema
        What each column is.
    constraints : ConstraintSet, optional
        What all rows obey. Some constraints change the frame before it is encoded, so that columns that
        follow from others have no block.

    Attributes
    ----------
    layout_ : Layout
        Which stretch of the encoded row belongs to which column.
    columns_ : dict from column name to ColumnType
        The fitted transformers.
    constraints_, built_in_ : list of Constraint
        All constraints, with what they learned, and those that change the frame, in this order.
    repeats_ : dict from column name to column name
        Numeric columns that often repeat the value of another, and that other one. They have one onehot block
        more, before the others: the value is another one, or the same.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.5, 2.25, 4.0], "color": ["red", "red", "blue"]})
    >>> table = TableTransformer(Schema.infer(frame)).fit(frame)
    >>> matrix = table.transform(frame, random_state=0)
    >>> matrix.shape, table.inverse_transform(matrix).equals(frame)
    ((3, 3), True)
    """

    def __init__(self, schema: Schema, constraints: ConstraintSet = NO_CONSTRAINTS) -> None:
        self.schema = schema
        self.constraints = constraints

    def fit(self, frame: pd.DataFrame | TableFacts, y: object = None) -> TableTransformer:
        """Learn a table.

        Parameters
        ----------
        frame : DataFrame of shape (n, n_columns), or TableFacts of one
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a constraint speaks of a column that is not there, or a row breaks it.
        """
        table = TableFacts.of(frame)
        self.schema.check(table.frame)
        constraints = self.constraints.fit(table, self.schema)
        inside = TableFacts(constraints.forward(table.frame), table)
        added = inside.frame.columns.difference(self.schema.index, sort=False)
        kinds: Mapping[Hashable, ColumnSchema] = {**Schema.infer(inside.frame[added])} if len(added) else {}
        every = {**kinds, **self.schema}
        encoded = {name: clone(every[name].column_type) for name in inside}
        self.repeats_ = find_repeats(
            inside.frame, [n for n, column in encoded.items() if column.is_continuous]
        )
        present = {name: inside.frame[name].dropna() for name in self.repeats_}
        self._bounds = {name: (values.min(), values.max()) for name, values in present.items()}
        for name, column_type in encoded.items():
            if name in self.repeats_:
                column_type.fit(without_repeats(inside.frame[name], inside.frame[self.repeats_[name]]))
            else:
                column_type.fit_facts(inside[name])
        derived = [name for name in self.schema if name not in encoded]
        fitted = {name: clone(self.schema[name].column_type).fit_facts(table[name]) for name in derived}
        self._adopt(constraints, encoded, {**encoded, **fitted})
        return self

    def transform(
        self,
        frame: pd.DataFrame,
        random_state: RandomState = None,
        *,
        unseen: Literal["error", "ignore"] = "error",
    ) -> NDArray[np.float32]:
        """Encode the rows of a frame.

        Parameters
        ----------
        frame : DataFrame of shape (n, n_columns)
        random_state : int, Generator or None
            Spreads ties and fills scalars that have no value.
        unseen : {"error", "ignore"}, default="error"
            What becomes of categories, or of missing values, where the training column had none. Ignored,
            they have a onehot block without a 1, or a scalar of 0.

        Returns
        -------
        ndarray of shape (n, layout_.width)

        Raises
        ------
        ValueError
            If there are columns, categories or missing values that the training frame had not. The message
            names them.
        TypeError
            If a column holds something of another family: numbers, times, strings.
        """
        check_is_fitted(self, "layout_")
        self.schema.check(frame)
        rng = np.random.default_rng(random_state)
        frame = self._constraints.forward(frame)
        parts = [
            self.encode(name, frame[name], rng, frame[self.repeats_[name]] if name in self.repeats_ else None)
            for name in self._encoded
        ]
        matrix = np.concatenate(parts, axis=1, dtype=np.float32)
        strange = np.isnan(matrix)
        if unseen == "error" and strange.any():
            self._complain(frame, strange)
        matrix[strange] = 0
        return matrix

    def inverse_transform(self, matrix: NDArray[Any], random_state: RandomState = None) -> pd.DataFrame:
        """Decode encoded rows.

        Parameters
        ----------
        matrix : array of shape (n, layout_.width)
            Of a onehot block the greatest entry counts; scalars are clipped to [-1, 1].
        random_state : int, Generator or None
            Draws rare categories and generates keys.

        Returns
        -------
        DataFrame of shape (n, n_columns)
            With the columns and dtypes of the training frame, and a RangeIndex.
        """
        check_is_fitted(self, "layout_")
        matrix = np.asarray(matrix, dtype=np.float32)
        if matrix.ndim != 2 or matrix.shape[1] != self.layout_.width:
            raise ValueError(f"matrix must be of shape (n, {self.layout_.width}), got {matrix.shape}")
        if not np.isfinite(matrix).all():
            raise ValueError("matrix must be finite, got nan or infinity in it")
        decoded = self._decode(matrix, list(self._encoded), np.random.default_rng(random_state))
        frame = pd.DataFrame(dict(enumerate(decoded.values())), index=pd.RangeIndex(len(matrix)))
        if self.built_in_:
            names = pd.Index(list(decoded), dtype=object, tupleize_cols=False)
            frame = self._constraints.backward(frame.set_axis(names, axis=1))[list(self.schema)]
        return frame.set_axis(self.schema.index, axis=1)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column of n values: shape (n, width of its blocks).

        Where it repeats `source`, its blocks hold what they hold in any other row. A column that constraints
        derive is encoded as if there were none.
        """
        part = self._fitted[name].transform(column, rng)
        if name not in self.repeats_:
            return part
        same = np.zeros(len(column), dtype=bool) if source is None else repeats(column, source)
        if not same.all():
            part[same] = part[rng.choice(np.flatnonzero(~same), same.sum())]
        else:  # the values as they are, and those that were only ever repeated, as anything
            part = np.nan_to_num(part)
        return np.column_stack([onehot(same.astype(np.intp), 2), part])

    def decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None = None
    ) -> dict[Hashable, pd.Series]:
        """Decode the columns `names` of encoded rows, an array of shape (n, width of the layout)."""
        if all(name in self._encoded for name in names):
            return self._decode(matrix, names, rng)
        whole = self.inverse_transform(matrix, rng if rng is not None else 0)
        return {name: whole[name] for name in names}

    def _decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None
    ) -> dict[Hashable, pd.Series]:
        """Decode columns that have blocks."""
        sources = [self.repeats_[name] for name in names if name in self.repeats_]
        needed = [name for name in self._encoded if name in names or name in sources]
        parts = dict(zip(needed, self.layout_.split(matrix, needed), strict=True))
        decoded = {
            name: self._encoded[name].inverse_transform(part[:, 2 * (name in self.repeats_) :], rng)
            for name, part in parts.items()
        }
        for name in needed:
            if name in self.repeats_:
                source = decoded[self.repeats_[name]]
                possible = source.between(*self._bounds[name]).fillna(False).to_numpy(dtype=bool)
                same = (parts[name][:, 1] > parts[name][:, 0]) & possible
                decoded[name] = decoded[name].where(~same, source.astype(decoded[name].dtype))
        return {name: decoded[name] for name in names}

    def codes(self, rows: NDArray[np.float32], name: Hashable) -> NDArray[np.float32]:
        """Give the codes of one column in encoded rows: shape (n, width of its blocks)."""
        if name not in self._encoded:
            return self.columns_[name].transform(self.decode(rows, [name])[name], np.random.default_rng(0))
        return self.layout_.split(rows, [name])[0]

    def spans(self, name: Hashable) -> list[tuple[BlockKind, int, int]]:
        """Give kind, start and stop of each block of one column's codes."""
        kinds = OTHER_OR_SAME * (name in self.repeats_) + self._fitted[name].blocks()
        stops = np.cumsum([width for _, width in kinds]).tolist()
        return [(kind, stop - width, stop) for (kind, width), stop in zip(kinds, stops, strict=True)]

    def translate(
        self, conditions: Mapping[Hashable, Includes]
    ) -> tuple[dict[Hashable, pd.Series], set[Hashable]]:
        """Find what conditions come down to for encoded columns, see `ConstraintSet.translate`."""
        return self._constraints.translate(conditions, self._encoded)

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable] = ()) -> pd.DataFrame:
        """Correct decoded rows that break constraints, where that can be, but for the columns `fixed`."""
        return self._constraints.settle(frame, fixed)

    def obey(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which of n rows obey the constraints on single rows, derived columns in range, shape (n,)."""
        mask = self._constraints.check(frame)
        for name, column in self.columns_.items():
            if name not in self._encoded and (bounds := column.bounds()) is not None:
                within = frame[name].between(*bounds) | frame[name].isna()
                mask &= within.fillna(True).to_numpy(dtype=bool)
        return mask

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Name the positions of the encoded row: the column, and the place in its block of a onehot."""
        check_is_fitted(self, "layout_")
        names = [
            f"{block.column}" if block.kind == "scalar" else f"{block.column}_{position - first}"
            for column in self._encoded
            for first in [min((block.start for block in self.layout_.of(column)), default=0)]
            for block in self.layout_.of(column)
            for position in range(block.start, block.stop)
        ]
        return np.array(names, dtype=object)

    def get_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all that was learned, as JSON-able data and named arrays; no row of the table is in it.

        Raises
        ------
        ValueError
            If a column type or a constraint is of the user's code, which no file can hold.
        """
        check_is_fitted(self, "layout_")
        schema = self.schema.to_dict()  # refuses column types that a file could not hold
        states = {name: column.get_state() for name, column in self._fitted.items()}
        arrays = {
            f"{place}.{key}": array
            for place, (_, found) in enumerate(states.values())
            for key, array in found.items()
        }
        added = {
            name: pack_column_type(column) for name, column in self._fitted.items() if name not in self.schema
        }
        meta = {
            "schema": schema,
            "constraints": self._constraints.to_dict(),
            "encoded": [pack(name) for name in self._encoded],
            "added": [[pack(name), column_type] for name, column_type in added.items()],
            "columns": [[pack(name), data] for name, (data, _) in states.items()],
            "repeats": [[*map(pack, (n, of, *self._bounds[n]))] for n, of in self.repeats_.items()],
        }
        return meta, arrays

    @classmethod
    def from_state(cls, meta: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TableTransformer:
        """Undo `get_state`."""
        schema = Schema.from_dict(meta["schema"])
        constraints = ConstraintSet.from_dict(meta["constraints"])
        table = cls(schema, constraints)
        unfitted = {unpack(name): unpack_column_type(data) for name, data in meta["added"]}
        unfitted |= {name: column.column_type for name, column in schema.items()}
        of_column: list[dict[str, NDArray[Any]]] = [{} for _ in meta["columns"]]
        for name, array in arrays.items():
            place, _, key = name.partition(".")
            of_column[int(place)][key] = array
        fitted = {
            unpack(name): clone(unfitted[unpack(name)]).set_state(data, own)
            for (name, data), own in zip(meta["columns"], of_column, strict=True)
        }
        repeats = [[unpack(item) for item in items] for items in meta["repeats"]]
        table.repeats_ = {name: source for name, source, *_ in repeats}
        table._bounds = {name: (low, high) for name, _, low, high in repeats}
        encoded = [unpack(name) for name in meta["encoded"]]
        table._adopt(constraints, {name: fitted[name] for name in encoded}, fitted)
        return table

    def _complain(self, frame: pd.DataFrame, strange: NDArray[np.bool_]) -> NoReturn:
        """Say which values the training frame had none like."""
        name = next(block.column for block in self.layout_ if strange[:, block.start].any())
        rows = np.flatnonzero(self.layout_.split(strange, [name])[0].any(axis=1))
        values = ", ".join(map(repr, frame[name].take(rows).unique().tolist()[:5]))
        raise ValueError(
            f"column {name!r} has {len(rows)} value(s) unlike any in the training column: {values}; "
            "replace them, drop these rows, or fit on a table that has such values"
        )

    def _adopt(
        self,
        constraints: ConstraintSet,
        encoded: dict[Hashable, ColumnType],
        fitted: Mapping[Hashable, ColumnType],
    ) -> None:
        """Take over what was learned: the columns that the networks see, and these with derived ones."""
        self._constraints, self._encoded, self._fitted = constraints, encoded, fitted
        self.constraints_, self.built_in_ = list(constraints), list(constraints.built_in)
        self.columns_ = {name: fitted[name] for name in self.schema}
        self.layout_ = Layout.from_columns(
            (name, OTHER_OR_SAME * (name in self.repeats_) + column.blocks())
            for name, column in encoded.items()
        )
        self.feature_names_in_ = self.schema.index.to_numpy(dtype=object)
        self.n_features_in_ = len(self.columns_)
