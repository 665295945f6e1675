"""A table whose rows obey rules: the networks see it in a form in which many rules cannot be broken."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from tabgan.io.json_codec import pack
from tabgan.layout import BlockKind
from tabgan.table.constraints.base import Constraint, Mask
from tabgan.table.constraints.building import build_in
from tabgan.table.constraints.parse import constraint_from_dict
from tabgan.table.inference import GENERATED_KINDS
from tabgan.table.schema import ColumnSchema, Schema
from tabgan.table.transformer import Includes, RandomState, TableTransformer

SHOWN = 3  # cells of so many columns are shown of a row that breaks a rule, at least


class RuledTransformer(TableTransformer):
    """A `TableTransformer` of a table that obeys rules.

    Each rule that can be built in, and gives the training table exactly back, changes the frame before it is
    encoded and undoes the change after it is decoded; columns that it makes have no block in the encoded row.
    All other rules are for whoever samples to ask `obey`.

    Parameters
    ----------
    schema : Schema
    rules : sequence of Constraint
    spike_share : float, optional

    Attributes
    ----------
    constraints_ : list of Constraint
        With what they learned.
    built_in_ : list of Constraint
        Those that rows are built by, in the order in which they change the frame.
    """

    def __init__(
        self, schema: Schema, rules: Sequence[Constraint] = (), spike_share: float | None = None
    ) -> None:
        super().__init__(schema, spike_share)
        self.rules = rules

    def fit(self, frame: pd.DataFrame, y: object = None) -> RuledTransformer:
        """Learn rules and columns of a frame of shape (n, n_columns).

        Raises
        ------
        ValueError
            If a rule speaks of a column that is not there, or a row breaks it.
        """
        self.schema.check(frame)
        check_constraints(self.rules, frame)
        self._refuse_keys()
        self.constraints_ = [rule.learn(frame) for rule in self.rules]
        self.built_in_, inside = build_in(self.constraints_, frame)
        self._inner = TableTransformer(_inner_schema(self.schema, inside), self.spike_share).fit(inside)
        made = [name for name in self.schema if name not in self._inner.columns_]
        self._made = {name: clone(self.schema[name].column_type).fit(frame[name]) for name in made}
        self._gather()
        return self

    def _refuse_keys(self) -> None:
        """Keys are made anew for each sample, so that rules on their cells would be broken."""
        for rule in self.rules:
            for name in rule.columns if rule.row_by_row else ():
                if self.schema[name].kind in GENERATED_KINDS:
                    raise ValueError(
                        f"constraint {rule}: column {name!r} holds keys or text, made anew; leave the "
                        f'constraint out, or say columns={{{name!r}: "categorical"}}'
                    )

    def _gather(self) -> None:
        """What others read of a transformer, in the columns of the outer table."""
        self.columns_ = {name: self._inner.columns_.get(name, self._made.get(name)) for name in self.schema}  # type: ignore[misc]
        self.layout_, self._bounds = self._inner.layout_, self._inner._bounds
        self.repeats_ = {name: of for name, of in self._inner.repeats_.items() if name in self.schema}
        self.feature_names_in_ = self.schema.index.to_numpy(dtype=object)
        self.n_features_in_ = len(self.columns_)

    def transform(
        self,
        frame: pd.DataFrame,
        random_state: RandomState = None,
        *,
        unseen: Literal["error", "ignore"] = "error",
    ) -> NDArray[np.float32]:
        """Encode the rows of a frame, see `TableTransformer.transform`."""
        self.schema.check(frame)
        for rule in self.built_in_:
            frame = rule.forward(frame)
        return self._inner.transform(frame, random_state, unseen=unseen)

    def inverse_transform(self, matrix: NDArray[Any], random_state: RandomState = None) -> pd.DataFrame:
        """Decode encoded rows, see `TableTransformer.inverse_transform`."""
        frame = self._inner.inverse_transform(matrix, random_state)
        for rule in reversed(self.built_in_):
            frame = rule.backward(frame)
        return frame[list(self.schema)].set_axis(self.schema.index, axis=1)

    def encode(
        self,
        name: Hashable,
        column: pd.Series,
        rng: np.random.Generator,
        source: pd.Series | None = None,
    ) -> NDArray[np.float32]:
        """Encode one column; one that a rule makes, by a transformer of its own."""
        if name in self._made:
            return self._made[name].transform(column, rng)
        return self._inner.encode(name, column, rng, source)

    def decode(
        self, matrix: NDArray[np.float32], names: Sequence[Hashable], rng: np.random.Generator | None = None
    ) -> dict[Hashable, pd.Series]:
        """Decode some columns of encoded rows."""
        if any(name in self._made for name in names):
            whole = self.inverse_transform(matrix, rng if rng is not None else 0)
            return {name: whole[name] for name in names}
        return self._inner.decode(matrix, names, rng)

    def codes(self, rows: NDArray[np.float32], name: Hashable) -> NDArray[np.float32]:
        """The codes of one column in encoded rows: shape (n, width of its blocks)."""
        if name in self._made:
            return self._made[name].transform(self.decode(rows, [name])[name], np.random.default_rng(0))
        return self._inner.codes(rows, name)

    def spans(self, name: Hashable) -> list[tuple[BlockKind, int, int]]:
        """Which positions of `codes` are which block, see `TableTransformer.spans`."""
        return self._inner.spans(name) if name in self._inner.columns_ else super().spans(name)

    def tell(
        self, conditions: Mapping[Hashable, Includes]
    ) -> tuple[dict[Hashable, pd.Series], set[Hashable]]:
        """What conditions on fixed combinations come down to: cells of the column that is learned for all.

        Raises
        ------
        ValueError
            If there is no such combination.
        """
        told: dict[Hashable, pd.Series] = {}
        asked: set[Hashable] = set()
        for rule in self.built_in_:
            own = {name: conditions[name] for name in rule.columns if name in conditions}
            for name, cells in rule.tell(own).items() if own else ():
                if name not in self._inner.columns_:  # another rule makes it
                    continue
                if cells.empty:
                    names = ", ".join(map(repr, own))
                    raise ValueError(f"columns {names} never held such cells together in training: {rule}")
                told[name] = cells
                asked |= own.keys()
        return told, asked

    def settle(self, frame: pd.DataFrame, fixed: Collection[Hashable] = ()) -> pd.DataFrame:
        """Put right what rules can, where cells of the columns `fixed` were put in."""
        for rule in self.constraints_:
            frame = rule.settle(frame, fixed)
        return frame

    def obey(self, frame: pd.DataFrame) -> Mask:
        """Which rows obey all rules on single rows, shape (n,), with cells made by rules in their range."""
        good = np.ones(len(frame), dtype=bool)
        for rule in self.constraints_:
            if rule.row_by_row:
                good &= rule.check(frame)
        for name, column in self._made.items():
            if (bounds := column.bounds()) is not None:
                within = frame[name].between(*bounds) | frame[name].isna()
                good &= within.fillna(True).to_numpy(dtype=bool)
        return good

    def get_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all that was learned; the inner table's state under "inner"."""
        meta, arrays = self._inner.get_state()
        arrays = {f"inner.{key}": array for key, array in arrays.items()}
        made = []
        for place, (name, column) in enumerate(self._made.items()):
            data, own = column.get_state()
            made.append([pack(name), data])
            arrays |= {f"made.{place}.{key}": array for key, array in own.items()}
        rules = [rule.to_dict() for rule in self.constraints_]
        order = [self.constraints_.index(rule) for rule in self.built_in_]
        state = {"inner": meta, "schema": self.schema.to_dict(), "made": made, "rules": rules}
        return {**state, "built_in": order}, arrays

    @classmethod
    def from_state(
        cls,
        meta: dict[str, Any],
        arrays: Mapping[str, NDArray[Any]],
    ) -> RuledTransformer:
        """Undo `get_state`."""
        schema = Schema.from_dict(meta["schema"])
        rules = [constraint_from_dict(data) for data in meta["rules"]]
        table = cls(schema, rules, meta["inner"]["spike_share"])
        table.constraints_, table.built_in_ = rules, [rules[place] for place in meta["built_in"]]
        inner = {key.removeprefix("inner."): a for key, a in arrays.items() if key.startswith("inner.")}
        table._inner = TableTransformer.from_state(meta["inner"], inner)
        made = [name for name in schema if name not in table._inner.columns_]
        table._made = {}
        for place, (name, (_, data)) in enumerate(zip(made, meta["made"], strict=True)):
            prefix = f"made.{place}."
            own = {key.removeprefix(prefix): a for key, a in arrays.items() if key.startswith(prefix)}
            table._made[name] = clone(schema[name].column_type).set_state(data, own)
        table._gather()
        return table


def check_constraints(rules: Iterable[Constraint], frame: pd.DataFrame) -> None:
    """Raise a ValueError for the first rule that a training row breaks, or that names an unknown column."""
    for rule in rules:
        if absent := [name for name in rule.columns if name not in frame.columns]:
            raise ValueError(
                f"constraint {rule}: there is no column {absent[0]!r}; the columns are {list(frame.columns)}"
            )
        try:
            broken = np.flatnonzero(~rule.check(frame))
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"constraint {rule} cannot be asked of columns of these dtypes: {error}; convert them first"
            ) from error
        if len(broken):
            columns = list(rule.columns) or list(frame.columns[:SHOWN])
            example = frame.iloc[broken[0]][columns].to_dict()
            raise ValueError(
                f"constraint {rule} is broken by {len(broken):,} of {len(frame):,} training rows, for "
                f"example row {broken[0]}: {example}; correct or drop these rows, or leave the constraint out"
            )


def _inner_schema(schema: Schema, frame: pd.DataFrame) -> Schema:
    """What the columns of the changed frame are: those of the outer one are what they were."""
    new = [name for name in frame.columns if name not in schema]
    inferred = Schema.infer(frame[new]) if new else {}
    columns: list[ColumnSchema] = [schema[name] if name in schema else inferred[name] for name in frame]
    return Schema(columns, pd.Index(list(frame.columns), dtype=object, tupleize_cols=False))
