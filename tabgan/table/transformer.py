"""A whole table <-> one array of codes: constraints, and a column transformer for each column."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from tabgan.io.json_codec import pack, unpack
from tabgan.table.columns.facts import TableFacts
from tabgan.table.columns.states import pack_columns, unpack_columns
from tabgan.table.constraints.constraint_set import ConstraintSet
from tabgan.table.row_encoder import RowEncoder
from tabgan.table.schema import Schema

RandomState = int | np.random.Generator | None
NO_CONSTRAINTS = ConstraintSet()


# no `set_output`: an array it is, whatever scikit-learn is set to make of other tables
class TableTransformer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Encode the rows of a table as codes, one number a block, and decode such rows into a table.

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
        The blocks of a row, and which column each belongs to.
    columns_ : dict from column name to ColumnType
        The fitted transformers.
    encoded_ : list of column names
        The columns that the networks see: those of the table, but for derived ones, and added ones.
    encoder_ : RowEncoder
        The way of the columns to codes and back, one by one.
    constraint_set_ : ConstraintSet
        The constraints, with what they learned.
    least_ : int
        So many records had to hold a value for it to be learned.
    repeats_ : dict from column name to column name
        Numeric columns that often repeat the value of another, and that other one. They have one onehot block
        more, before the others: the value is another one, or the same.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.5, 2.25, 4.0], "color": ["red", "red", "blue"]})
    >>> table = TableTransformer(Schema.infer(frame)).fit(frame)
    >>> codes = table.transform(frame, random_state=0)
    >>> codes[:, 1].tolist(), table.inverse_transform(codes).equals(frame)
    ([1.0, 1.0, 0.0], True)
    """

    def __init__(self, schema: Schema, constraints: ConstraintSet = NO_CONSTRAINTS) -> None:
        self.schema = schema
        self.constraints = constraints

    @classmethod
    def of(cls, schema: Schema, constraints: ConstraintSet, encoder: RowEncoder) -> TableTransformer:
        """Make one of fitted parts, without a look at a table."""
        return cls(schema, constraints)._adopt(constraints, encoder, least=1)

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
        inside = TableFacts(constraints.forward(table.frame), table, table.least)
        added = [name for name in inside if name not in self.schema]
        every = {**(Schema.infer(inside.frame[added]) if added else {}), **self.schema}
        columns = {name: clone(column.column_type) for name, column in every.items()}
        derived = {name: columns.pop(name).fit_facts(table[name]) for name in table if name not in inside}
        encoder = RowEncoder.fit(inside, {name: columns[name] for name in inside}, derived)
        return self._adopt(constraints, encoder, table.least)

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
            they are -1 in a onehot block, and a scalar of 0.

        Returns
        -------
        ndarray of float32, shape (n, n_blocks)
            A scalar block's number, or the number of a onehot block's category.

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
        frame = self.constraint_set_.forward(frame)
        codes = self.encoder_.transform(frame, np.random.default_rng(random_state))
        unlike = np.isnan(codes)
        if unseen == "error" and unlike.any():
            name = self.layout_[int(unlike.any(axis=0).argmax())].column
            rows = np.flatnonzero(unlike[:, self.layout_.places(name)].any(axis=1))
            values = ", ".join(map(repr, frame[name].take(rows).unique().tolist()[:5]))
            raise ValueError(
                f"column {name!r} has {len(rows)} value(s) unlike any in the training column: {values}; "
                "replace them, drop these rows, or fit on a table that has such values"
            )
        instead = [0 if block.kind == "scalar" else -1 for block in self.layout_]
        return np.where(unlike, np.array(instead, dtype=np.float32), codes)

    def inverse_transform(self, codes: NDArray[Any], random_state: RandomState = None) -> pd.DataFrame:
        """Decode rows.

        Parameters
        ----------
        codes : array of shape (n, n_blocks)
            Scalars are clipped to [-1, 1], numbers of categories to those that there are.
        random_state : int, Generator or None
            Draws rare categories and generates keys.

        Returns
        -------
        DataFrame of shape (n, n_columns)
            With the columns and dtypes of the training frame, and a RangeIndex.

        Raises
        ------
        ValueError
            If the codes are of another shape, or not finite.
        """
        check_is_fitted(self, "layout_")
        codes = np.asarray(codes, dtype=np.float32)
        if codes.ndim != 2 or codes.shape[1] != len(self.layout_):
            raise ValueError(f"codes must be of shape (n, {len(self.layout_)}), got {codes.shape}")
        if not np.isfinite(codes).all():
            raise ValueError("codes must be finite, got nan or infinity in them")
        least = [-1 if block.kind == "scalar" else 0 for block in self.layout_]
        greatest = [1 if block.kind == "scalar" else block.width - 1 for block in self.layout_]
        codes = np.clip(codes, least, greatest, dtype=np.float32)
        decoded = self.encoder_.decode(codes, self.encoded_, np.random.default_rng(random_state))
        frame = pd.DataFrame(dict(enumerate(decoded.values())), index=pd.RangeIndex(len(codes)))
        if self.constraint_set_.built_in:
            frame = frame.set_axis(pd.Index(self.encoded_, dtype=object, tupleize_cols=False), axis=1)
            frame = self.constraint_set_.backward(frame)[list(self.schema)]
        return frame.set_axis(self.schema.index, axis=1)

    def decode(self, codes: NDArray[np.float32], name: Hashable) -> pd.Series:
        """Decode one column of n rows, an array of shape (n, n_blocks)."""
        if name not in self.encoded_:  # it follows from others
            return self.inverse_transform(codes, 0)[name]
        return self.encoder_.decode(codes, [name], np.random.default_rng(0))[name]

    def codes(self, codes: NDArray[np.float32], name: Hashable) -> NDArray[np.float32]:
        """Give the codes of one column in n rows: shape (n, number of its blocks)."""
        if name not in self.encoded_:
            return self.columns_[name].transform(self.decode(codes, name), np.random.default_rng(0))
        return codes[:, self.layout_.places(name)]

    def obey(self, frame: pd.DataFrame, beyond: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Tell which of n rows obey the constraints on single rows, shape (n,).

        Columns that are derived, or that constraints settle, must be in range, too, but for rows that were
        given a number out of it, which `beyond` tells.
        """
        mask = self.constraint_set_.check(frame)
        settled = {name for each in self.constraint_set_ if each.settles for name in each.columns}
        for name, column in self.columns_.items():
            if (name in settled or name not in self.encoded_) and column.bounds() is not None:
                is_free = frame[name].isna().to_numpy(dtype=bool)
                mask &= column.possible(frame[name]) | (is_free if beyond is None else is_free | beyond)
        return mask

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Name the codes: the column, with a number if it has several blocks; shape (n_blocks,)."""
        check_is_fitted(self, "layout_")
        names = []
        for name in self.encoded_:
            n_blocks = len(self.layout_.of(name))
            names += [f"{name}"] if n_blocks == 1 else [f"{name}_{place}" for place in range(n_blocks)]
        return np.array(names, dtype=object)

    def get_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all that was learned, as JSON-able data and named arrays; no row of the table is in it.

        Raises
        ------
        ValueError
            If a column type or a constraint is of the user's code, which no file can hold.
        """
        check_is_fitted(self, "layout_")
        columns, arrays = pack_columns(self.encoder_.columns)
        repeats = self.encoder_.repeats.items()
        meta = {
            "schema": self.schema.to_dict(),
            "constraints": self.constraint_set_.to_dict(),
            "columns": columns,
            "n_encoded": len(self.encoded_),
            "least": self.least_,
            "repeats": [[pack(item) for item in (name, *repeat)] for name, repeat in repeats],
        }
        return meta, arrays

    @classmethod
    def from_state(cls, meta: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TableTransformer:
        """Undo `get_state`."""
        constraints = ConstraintSet.from_dict(meta["constraints"])
        columns = unpack_columns(meta["columns"], arrays)
        repeats = [[unpack(item) for item in items] for items in meta["repeats"]]
        encoder = RowEncoder(
            columns, list(columns)[: meta["n_encoded"]], {name: (of, *ends) for name, of, *ends in repeats}
        )
        schema = Schema.from_dict(meta["schema"])
        return cls(schema, constraints)._adopt(constraints, encoder, meta["least"])

    def _adopt(self, constraints: ConstraintSet, encoder: RowEncoder, least: int) -> TableTransformer:
        """Take over what was learned."""
        self.constraint_set_, self.encoder_, self.least_ = constraints, encoder, least
        self.encoded_, self.layout_ = encoder.encoded, encoder.layout
        self.repeats_ = {name: source for name, (source, *_) in encoder.repeats.items()}
        self.columns_ = {name: encoder.columns[name] for name in self.schema}
        self.feature_names_in_ = self.schema.index.to_numpy(dtype=object)
        self.n_features_in_ = len(self.columns_)
        return self
