"""A whole table <-> one float32 matrix: a column transformer for each column, side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, Literal, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from tabgan.io.json_codec import pack, unpack
from tabgan.layout import BlockKind, Layout
from tabgan.table.columns.base import ColumnType, onehot
from tabgan.table.repeats import find_repeats, own_cells, repeats
from tabgan.table.schema import Schema

RandomState = int | np.random.Generator | None
Includes = Callable[[pd.Series], NDArray[np.bool_]]  # of a column, which cells are wanted
OWN_OR_SAME: list[tuple[BlockKind, int]] = [("onehot", 2)]  # what a column that echoes has before its own


# no `set_output`: a matrix it is, whatever scikit-learn is told to make of other tables
class TableTransformer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Encode the rows of a table as scalar and onehot blocks, and decode such rows into a table.

    Parameters
    ----------
    schema : Schema
        What each column is.
    spike_share : float, optional
        Passed on to every `Continuous` column that has none of its own.

    Attributes
    ----------
    layout_ : Layout
        Which stretch of the encoded row belongs to which column.
    columns_ : dict from column name to ColumnType
        The fitted transformers.
    repeats_ : dict from column name to column name
        Numeric columns that often repeat the cell of another, and that other one. They have a onehot block
        before their own ones: the number is the column's own, or the same as there.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.5, 2.25, 4.0], "color": ["red", "red", "blue"]})
    >>> table = TableTransformer(Schema.infer(frame)).fit(frame)
    >>> matrix = table.transform(frame, random_state=0)
    >>> matrix.shape, table.inverse_transform(matrix).equals(frame)
    ((3, 3), True)
    """

    def __init__(self, schema: Schema, spike_share: float | None = None) -> None:
        self.schema = schema
        self.spike_share = spike_share

    def fit(self, frame: pd.DataFrame, y: object = None) -> TableTransformer:
        """Learn each column of `frame`, shape (n, n_columns), by itself."""
        self.schema.check(frame)
        self.columns_: dict[Hashable, ColumnType] = {}
        for name, column in self.schema.items():
            column_type = clone(column.column_type)
            if column_type.get_params().get("spike_share", 0) is None:
                column_type.set_params(spike_share=self.spike_share)
            self.columns_[name] = column_type
        numbers = [name for name, column in self.columns_.items() if column.is_continuous]
        self.repeats_ = find_repeats(frame, numbers)
        numbers_of = {name: frame[name].dropna() for name in self.repeats_}
        self._bounds = {name: (cells.min(), cells.max()) for name, cells in numbers_of.items()}
        for name, column_type in self.columns_.items():
            echo = name in self.repeats_
            column_type.fit(own_cells(frame[name], frame[self.repeats_[name]]) if echo else frame[name])
        self._lay_out()
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
            What becomes of levels, or of missing cells, where the training column had none. Ignored, they
            have a onehot block without a 1, or a scalar of 0.

        Returns
        -------
        ndarray of shape (n, layout_.width)

        Raises
        ------
        ValueError
            If there are columns, levels or missing cells that the training frame had not. The message names
            them.
        TypeError
            If a column holds something of another family: numbers, times, strings.
        """
        check_is_fitted(self, "layout_")
        self.schema.check(frame)
        rng = np.random.default_rng(random_state)
        parts = [
            self.encode(name, frame[name], rng, frame[self.repeats_[name]] if name in self.repeats_ else None)
            for name in self.columns_
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
            Draws rare levels and makes keys.

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
        decoded = self.decode(matrix, list(self.columns_), np.random.default_rng(random_state))
        table = pd.DataFrame(dict(enumerate(decoded.values())), index=pd.RangeIndex(len(matrix)))
        return table.set_axis(self.schema.index, axis=1)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column of n cells: shape (n, width of its blocks).

        Where it repeats `source`, its blocks hold what they hold in any other row.
        """
        part = self.columns_[name].transform(column, rng)
        if name not in self.repeats_:
            return part
        same = np.zeros(len(column), dtype=bool) if source is None else repeats(column, source)
        if not same.all():
            part[same] = part[rng.choice(np.flatnonzero(~same), same.sum())]
        else:  # the cells as they are, and if none was ever the column's own like that, anything
            part = np.nan_to_num(part)
        return np.column_stack([onehot(same.astype(np.intp), 2), part])

    def decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None = None
    ) -> dict[Hashable, pd.Series]:
        """Decode the columns `names` of encoded rows, an array of shape (n, width of the layout)."""
        sources = [self.repeats_[name] for name in names if name in self.repeats_]
        wanted = [name for name in self.columns_ if name in names or name in sources]
        parts = dict(zip(wanted, self.layout_.split(matrix, wanted), strict=True))
        decoded = {
            name: self.columns_[name].inverse_transform(part[:, 2 * (name in self.repeats_) :], rng)
            for name, part in parts.items()
        }
        for name in wanted:
            if name in self.repeats_:
                source = decoded[self.repeats_[name]]
                possible = source.between(*self._bounds[name]).fillna(False).to_numpy(dtype=bool)
                same = (parts[name][:, 1] > parts[name][:, 0]) & possible
                decoded[name] = decoded[name].where(~same, source.astype(decoded[name].dtype))
        return {name: decoded[name] for name in names}

    def codes(self, rows: NDArray[np.float32], name: Hashable) -> NDArray[np.float32]:
        """Give the codes of one column in encoded rows: shape (n, width of its blocks)."""
        return self.layout_.split(rows, [name])[0]

    def spans(self, name: Hashable) -> list[tuple[BlockKind, int, int]]:
        """Kind, start and stop of each block of one column's codes."""
        kinds = OWN_OR_SAME * (name in self.repeats_) + self.columns_[name].blocks()
        stops = np.cumsum([width for _, width in kinds]).tolist()
        return [(kind, stop - width, stop) for (kind, width), stop in zip(kinds, stops, strict=True)]

    def tell(
        self, conditions: Mapping[Hashable, Includes]
    ) -> tuple[dict[Hashable, pd.Series], set[Hashable]]:
        """What conditions on columns come down to: cells that others may hold, and which these are."""
        return {}, set()

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable] = ()) -> pd.DataFrame:
        """Put right what rules can, in rows where cells of `fixed` columns were put in: there are none."""
        return frame

    def obey(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Which rows obey all rules, shape (n,): without rules, all do."""
        return np.ones(len(frame), dtype=bool)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Name the positions of the encoded row: the column, and the place in its block of a onehot."""
        check_is_fitted(self, "layout_")
        names = [
            f"{block.column}" if block.kind == "scalar" else f"{block.column}_{position - first}"
            for column in self.columns_
            for first in [min((block.start for block in self.layout_.of(column)), default=0)]
            for block in self.layout_.of(column)
            for position in range(block.start, block.stop)
        ]
        return np.array(names, dtype=object)

    def get_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all that was learned, as JSON-able data and named arrays; no row of the table is in it."""
        check_is_fitted(self, "layout_")
        schema = self.schema.to_dict()  # refuses column types that a file could not hold
        states = [column.get_state() for column in self.columns_.values()]
        arrays = {f"{i}.{key}": array for i, (_, found) in enumerate(states) for key, array in found.items()}
        meta = {
            "schema": schema,
            "spike_share": self.spike_share,
            "columns": [data for data, _ in states],
            "echoes": [
                [pack(cell) for cell in (name, source, *self._bounds[name])]
                for name, source in self.repeats_.items()
            ],
        }
        return meta, arrays

    @classmethod
    def from_state(
        cls,
        meta: dict[str, Any],
        arrays: Mapping[str, NDArray[Any]],
    ) -> TableTransformer:
        """Undo `get_state`."""
        schema = Schema.from_dict(meta["schema"])
        table = cls(schema, meta["spike_share"])
        found: list[dict[str, NDArray[Any]]] = [{} for _ in schema]
        for name, array in arrays.items():
            place, _, key = name.partition(".")
            found[int(place)][key] = array
        table.columns_ = {
            name: clone(column.column_type).set_state(data, own)
            for (name, column), data, own in zip(schema.items(), meta["columns"], found, strict=True)
        }
        echoes = [[unpack(cell) for cell in echo] for echo in meta["echoes"]]
        table.repeats_ = {name: source for name, source, *_ in echoes}
        table._bounds = {name: (low, high) for name, _, low, high in echoes}
        table._lay_out()
        return table

    def _complain(self, frame: pd.DataFrame, strange: NDArray[np.bool_]) -> NoReturn:
        """Say which cells the training frame had none like."""
        name = next(block.column for block in self.layout_ if strange[:, block.start].any())
        rows = np.flatnonzero(self.layout_.split(strange, [name])[0].any(axis=1))
        cells = ", ".join(repr(cell) for cell in frame[name].take(rows).unique().tolist()[:5])
        raise ValueError(
            f"column {name!r} has {len(rows)} cell(s) unlike any in the training column: {cells}; "
            "replace them, drop these rows, or fit on a table that has such cells"
        )

    def _lay_out(self) -> None:
        self.layout_ = Layout.from_columns(
            (name, OWN_OR_SAME * (name in self.repeats_) + column.blocks())
            for name, column in self.columns_.items()
        )
        self.feature_names_in_ = self.schema.index.to_numpy(dtype=object)
        self.n_features_in_ = len(self.columns_)
