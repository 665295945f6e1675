"""A whole table <-> one float32 matrix: a column transformer for each column, side by side."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from tabgan.io.json_codec import pack, unpack
from tabgan.layout import BlockKind
from tabgan.table.columns.base import ColumnType
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.states import pack_columns, unpack_columns
from tabgan.table.constraints.constraint_set import ConstraintSet
from tabgan.table.row_encoder import RowEncoder
from tabgan.table.schema import Schema

RandomState = int | np.random.Generator | None
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
    encoded_ : list of column names
        The columns that the networks see: those of the table, but for derived ones, and added ones.
    constraint_set_ : ConstraintSet
        The constraints, with what they learned.
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
        added = [name for name in inside if name not in self.schema]
        every = {**(Schema.infer(inside.frame[added]) if added else {}), **self.schema}
        encoder = RowEncoder.fit(inside, {name: clone(every[name].column_type) for name in inside})
        derived = {
            name: clone(column.column_type).fit_facts(table[name])
            for name, column in self.schema.items()
            if name not in inside
        }
        return self._adopt(constraints, encoder, derived)

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
        frame = self.constraint_set_.forward(frame)
        matrix = self._encoder.transform(frame, rng)
        if unseen == "error":
            for name, rows in self._encoder.unlike(matrix).items():
                values = ", ".join(map(repr, frame[name].take(rows).unique().tolist()[:5]))
                raise ValueError(
                    f"column {name!r} has {len(rows)} value(s) unlike any in the training column: {values}; "
                    "replace them, drop these rows, or fit on a table that has such values"
                )
        matrix[np.isnan(matrix)] = 0
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
        decoded = self._encoder.decode(matrix, self.encoded_, np.random.default_rng(random_state))
        frame = pd.DataFrame(dict(enumerate(decoded.values())), index=pd.RangeIndex(len(matrix)))
        if self.constraint_set_.built_in:
            frame = frame.set_axis(pd.Index(self.encoded_, dtype=object, tupleize_cols=False), axis=1)
            frame = self.constraint_set_.backward(frame)[list(self.schema)]
        return frame.set_axis(self.schema.index, axis=1)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column, which may repeat values of `source`: shape (n, width of its blocks)."""
        if name in self._derived:
            return self._derived[name].transform(column, rng)
        return self._encoder.encode(name, column, rng, source)

    def decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None = None
    ) -> dict[Hashable, pd.Series]:
        """Decode the columns `names` of encoded rows, an array of shape (n, width of the layout)."""
        if not any(name in self._derived for name in names):
            return self._encoder.decode(matrix, names, rng)
        whole = self.inverse_transform(matrix, rng if rng is not None else 0)
        return {name: whole[name] for name in names}

    def codes(self, rows: NDArray[np.float32], name: Hashable) -> NDArray[np.float32]:
        """Give the codes of one column in encoded rows: shape (n, width of its blocks)."""
        if name in self._derived:
            return self._derived[name].transform(self.decode(rows, [name])[name], np.random.default_rng(0))
        return self.layout_.split(rows, [name])[0]

    def spans(self, name: Hashable) -> list[tuple[BlockKind, int, int]]:
        """Give kind, start and stop of each block of one column's codes."""
        blocks = self._derived[name].blocks() if name in self._derived else self._encoder.blocks(name)
        stops = np.cumsum([width for _, width in blocks]).tolist()
        return [(kind, stop - width, stop) for (kind, width), stop in zip(blocks, stops, strict=True)]

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable] = ()) -> pd.DataFrame:
        """Correct decoded rows that break constraints, where that can be, but for the columns `fixed`."""
        return self.constraint_set_.settle(frame, fixed)

    def obey(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which of n rows obey the constraints on single rows, derived columns in range, shape (n,)."""
        mask = self.constraint_set_.check(frame)
        for name, column in self._derived.items():
            if (bounds := column.bounds()) is not None:
                within = frame[name].between(*bounds) | frame[name].isna()
                mask &= within.fillna(True).to_numpy(dtype=bool)
        return mask

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Name the positions of the encoded row: the column, and the place in its block of a onehot."""
        check_is_fitted(self, "layout_")
        return self._encoder.feature_names()

    def get_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all that was learned, as JSON-able data and named arrays; no row of the table is in it.

        Raises
        ------
        ValueError
            If a column type or a constraint is of the user's code, which no file can hold.
        """
        check_is_fitted(self, "layout_")
        content, arrays = pack_columns({**self._encoder.columns, **self._derived})
        repeats = [
            [pack(item) for item in (name, source, *self._encoder.bounds[name])]
            for name, source in self.repeats_.items()
        ]
        meta = {
            "schema": self.schema.to_dict(),
            "constraints": self.constraint_set_.to_dict(),
            "columns": content,
            "n_encoded": len(self._encoder.columns),
            "repeats": repeats,
        }
        return meta, arrays

    @classmethod
    def from_state(cls, meta: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TableTransformer:
        """Undo `get_state`."""
        constraints = ConstraintSet.from_dict(meta["constraints"])
        table = cls(Schema.from_dict(meta["schema"]), constraints)
        columns = list(unpack_columns(meta["columns"], arrays).items())
        encoded, derived = dict(columns[: meta["n_encoded"]]), dict(columns[meta["n_encoded"] :])
        repeats = [[unpack(item) for item in items] for items in meta["repeats"]]
        encoder = RowEncoder(encoded, {name: (of, low, high) for name, of, low, high in repeats})
        return table._adopt(constraints, encoder, derived)

    def _adopt(
        self, constraints: ConstraintSet, encoder: RowEncoder, derived: dict[Hashable, ColumnType]
    ) -> TableTransformer:
        """Take over what was learned: constraints, the columns that the networks see, and those derived."""
        self.constraint_set_, self._encoder, self._derived = constraints, encoder, derived
        self.encoded_ = list(encoder.columns)
        self.layout_, self.repeats_ = encoder.layout, encoder.repeats
        fitted = {**encoder.columns, **derived}
        self.columns_ = {name: fitted[name] for name in self.schema}
        self.feature_names_in_ = self.schema.index.to_numpy(dtype=object)
        self.n_features_in_ = len(self.columns_)
        return self
