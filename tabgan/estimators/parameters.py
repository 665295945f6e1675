"""The parameters of the estimators as rules: what each may be, and how it is put into a model file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from tabgan.adversarial.networks import BACKBONES
from tabgan.adversarial.training.checkpoint import Checkpoint
from tabgan.adversarial.training.losses import OBJECTIVES, Objective
from tabgan.io.json_codec import pack, unpack
from tabgan.sampling.privacy import REMEMBER
from tabgan.table import ColumnType, parse_constraints
from tabgan.table.columns.states import pack_column_type, unpack_column_type
from tabgan.table.constraints.parse import constraint_from_dict

Requirement = tuple[Callable[[Any], bool], str]


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value)))


def _positive_whole(value: Any) -> bool:
    return _whole(value) and value >= 1


def _or_none(rule: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or rule(value)


def _widths(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(map(_positive_whole, value))


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, tuple | list) and len(value) == 2 and all(_number(v) and 0 <= v < 1 for v in value)
    )


PARAMETERS: dict[str, Requirement] = {
    "columns": (
        _or_none(lambda v: isinstance(v, Mapping)),
        "None or a mapping of column names to kinds or column types",
    ),
    "numeric": (lambda v: v in ("rank", "minmax"), "'rank' or 'minmax'"),
    "constraints": (
        _or_none(lambda v: v == "auto" if isinstance(v, str) else isinstance(v, Sequence)),
        "'auto', None or a list of rules, expressions and functions",
    ),
    "remember": (lambda v: isinstance(v, str) and v in REMEMBER, "'nothing', 'hashes' or 'rows'"),
    "backbone": (_or_none(lambda v: hasattr(v, "build")), "None or an object with a build method"),
    "objective": (
        lambda v: isinstance(v, Objective) or (isinstance(v, str) and v in OBJECTIVES),
        f"an Objective or one of {', '.join(map(repr, OBJECTIVES))}",
    ),
    "encoder": (_widths, "a sequence of positive whole numbers"),
    "decoder": (_widths, "a sequence of positive whole numbers"),
    "kl_weight": (lambda v: _number(v) and v >= 0, "a number that is not negative"),
    "latent_dim": (_positive_whole, "a positive whole number"),
    "batch_size": (_positive_whole, "a positive whole number"),
    "max_steps": (_or_none(_positive_whole), "None or a positive whole number"),
    "learning_rate": (lambda v: _number(v) and v > 0, "a positive number"),
    "critic_learning_rate": (lambda v: _number(v) and v > 0, "a positive number"),
    "betas": (_is_pair, "two numbers in [0, 1)"),
    "average": (lambda v: _number(v) and 0 <= v < 1, "a number in [0, 1)"),
    "validation_fraction": (lambda v: _number(v) and 0 <= v < 1, "a number in [0, 1)"),
    "patience": (_or_none(_positive_whole), "None or a positive whole number"),
    "max_time": (_or_none(lambda v: _number(v) and v > 0), "None or a positive number of seconds"),
    "refine": (lambda v: isinstance(v, bool | np.bool_), "True or False"),
    "warm_start": (lambda v: isinstance(v, bool | np.bool_), "True or False"),
    "device": (lambda v: isinstance(v, str), "'auto' or the name of a torch device"),
    "precision": (lambda v: v in ("auto", "float32", "bfloat16"), "'auto', 'float32' or 'bfloat16'"),
    "on_step": (_or_none(callable), "None or a callable"),
    "verbose": (lambda v: isinstance(v, bool) or (_whole(v) and v >= 0), "0 or 1"),
}


TUPLES: dict[str, type] = {"betas": float, "encoder": int, "decoder": int}


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError for the first parameter that is not what its rule wants."""
    for name, (fits, wanted) in PARAMETERS.items():
        if name not in parameters:
            continue
        value = parameters[name]
        try:
            good = fits(value)
        except TypeError:  # an array, say, compared with a string
            good = False
        if not good:
            kind = ValueError if isinstance(value, str | Real) and not isinstance(value, bool) else TypeError
            raise kind(f"{name} must be {wanted}, got {name}={value!r}")


def pack_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON-able data. Of callables only the fact that there was one is kept.

    Raises
    ------
    ValueError
        If sampling needs an object that a file without code cannot hold.
    """
    packed = dict(parameters)
    backbone = parameters.get("backbone")
    if backbone is not None:
        name = next((name for name, form in BACKBONES.items() if type(backbone) is form), None)
        if name is None:
            raise ValueError(
                f"backbone {type(backbone).__name__} is not tabgan's own; a model file holds no code, "
                "so such a model cannot be saved (torch.export can save its generator)"
            )
        packed["backbone"] = {"name": name, "settings": asdict(backbone)}
    packed["columns"] = _pack_columns(parameters["columns"])
    if not isinstance(parameters["constraints"], str | None):
        packed["constraints"] = [rule.to_dict() for rule in parse_constraints(parameters["constraints"])]
    if not isinstance(parameters.get("objective", ""), str):
        packed["objective"] = "custom"
    packed["on_step"] = None
    packed["random_state"] = int(v) if _whole(v := parameters["random_state"]) else None
    for name in TUPLES.keys() & packed.keys():
        packed[name] = [TUPLES[name](value) for value in packed[name]]
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in packed.items()}


def unpack_parameters(packed: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `pack_parameters`; a custom objective is only a name now, and the default stands in."""
    parameters = dict(packed)
    if packed.get("backbone") is not None:
        parameters["backbone"] = BACKBONES[packed["backbone"]["name"]](**packed["backbone"]["settings"])
    if packed["columns"] is not None:
        parameters["columns"] = {unpack(name): _unpack_column(value) for name, value in packed["columns"]}
    if not isinstance(packed.get("constraints"), str | None):
        parameters["constraints"] = [constraint_from_dict(rule) for rule in packed["constraints"]]
    if packed.get("objective") == "custom":
        parameters["objective"] = "relativistic"
    for name in TUPLES.keys() & packed.keys():
        parameters[name] = tuple(packed[name])
    return parameters


IRRELEVANT = {"device", "max_time", "on_step", "verbose"}  # to where a run that goes on would end


def open_checkpoint(folder: str | os.PathLike[str] | None, model: BaseEstimator) -> Checkpoint | None:
    """Give the checkpoint in a folder, if one is wanted, which must be of a model of the same parameters."""
    if folder is None:
        return None
    parameters = model.get_params(deep=False)
    words = {name: _in_words(value) for name, value in parameters.items() if name not in IRRELEVANT}
    return Checkpoint(folder, {"model": type(model).__name__, **words})


def _in_words(value: Any) -> str:
    """What a parameter is; of code of the user's own, and of random streams, only the type."""
    if isinstance(value, np.random.RandomState):
        return "RandomState"
    if isinstance(value, Mapping):
        return ", ".join(f"{key!r}: {_in_words(own)}" for key, own in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_in_words, value))}]"
    found = repr(value)
    return type(value).__name__ if " at 0x" in found else found


def _pack_columns(columns: Mapping[Any, Any] | None) -> list[Any] | None:
    if columns is None:
        return None
    return [[pack(name), _pack_column(value)] for name, value in columns.items()]


def _pack_column(value: str | ColumnType) -> Any:
    return value if isinstance(value, str) else pack_column_type(value)


def _unpack_column(value: Any) -> Any:
    return value if isinstance(value, str) else unpack_column_type(value)


def number_of_rows(n_samples: int | None, given: object) -> int:
    """Check `n_samples`, which has a default of its own where rows are given."""
    wanted = len(given) if isinstance(given, pd.DataFrame) else 1
    if n_samples is None:
        return wanted
    if isinstance(n_samples, bool) or not isinstance(n_samples, int | np.integer):
        raise TypeError(f"n_samples must be a whole number, got {n_samples!r}")
    if n_samples < 0:
        raise ValueError(f"n_samples must not be negative, got {n_samples}")
    if isinstance(given, pd.DataFrame) and n_samples != wanted:
        raise ValueError(f"n_samples is {n_samples}, but given has {wanted} rows to complete; leave it out")
    return int(n_samples)


def check_distance(min_distance: float) -> float:
    """Refuse what is no distance."""
    if not 0 <= min_distance <= 1:
        raise ValueError(f"min_distance must lie between 0 and 1, got {min_distance!r}")
    return float(min_distance)
