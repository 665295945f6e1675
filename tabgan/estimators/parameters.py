"""The parameters of the estimators: what each may be, groups of them, and how a file holds them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from tabgan.adversarial.networks import Autoencoder
from tabgan.adversarial.networks.building import backbone_from_dict, backbone_to_dict, plain, tuples
from tabgan.adversarial.training.checkpoint import Checkpoint
from tabgan.adversarial.training.losses import OBJECTIVES, Objective
from tabgan.adversarial.training.settings import Adam, Validation
from tabgan.io.json_codec import pack, unpack
from tabgan.sampling.privacy import REMEMBER
from tabgan.table import parse_constraints
from tabgan.table.columns.states import pack_column_type, unpack_column_type
from tabgan.table.constraints.parse import constraint_from_dict

DECLARED = {"bounds", "categories", "dtypes"}  # of columns, by the user
CUSTOM = "custom"  # what a file says of an objective that it does not hold


@dataclass
class Privacy(BaseEstimator):
    """What a model and its file keep of the training rows, and which of their values it never learns.

    Parameters
    ----------
    remember : {"nothing", "hashes", "rows"}, default="nothing"
        With "hashes": 64 bits of a salted hash of each row, for `exclude_copies`; the salt is in the file, so
        who guesses a whole row can find out whether it was there. With "rows": also the rows themselves, as
        codes that most values can be read from, for `min_distance`; treat such a file like the training
        table.
    protect : int, "auto" or None, default="auto"
        So many records must hold a value for it to be learned. Categories of fewer are replaced by others
        before anything is trained, numbers by the nearest that is left; the outermost so many numbers of a
        column, at each end, are moved between the next ones. `schema_` says what it concerned, the model file
        holds none of it. "auto" is 3 for tables of 20 to 4,900 rows, grows with the root of the number of
        rows, and is 10 from 36,100 on. With None nothing is protected.

    Examples
    --------
    >>> from tabgan import Privacy, TabGAN
    >>> TabGAN(privacy=Privacy(remember="hashes")).privacy
    Privacy(remember='hashes')
    """

    remember: Literal["nothing", "hashes", "rows"] = "nothing"
    protect: int | Literal["auto"] | None = "auto"


Requirement = tuple[Callable[[Any], bool], str]


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(float(value)))


def one_of(*options: str) -> Requirement:
    """Require one of some strings."""
    return lambda v: isinstance(v, str) and v in options, f"one of {', '.join(map(repr, options))}"


def optional(requirement: Requirement) -> Requirement:
    """Allow None, too."""
    return lambda v: v is None or requirement[0](v), f"None or {requirement[1]}"


def instance_of(form: type) -> Requirement:
    """Require an object of a class, or None for the default one."""
    return lambda v: isinstance(v, form | None), f"None or {form.__name__}(...)"


COUNT: Requirement = (lambda v: _is_whole(v) and v >= 1, "a positive whole number")
POSITIVE: Requirement = (lambda v: _is_number(v) and v > 0, "a positive number")
NOT_NEGATIVE: Requirement = (lambda v: _is_number(v) and v >= 0, "a number that is not negative")
SHARE: Requirement = (lambda v: _is_number(v) and 0 <= v < 1, "a number in [0, 1)")
BOOLEAN: Requirement = (lambda v: isinstance(v, bool | np.bool_), "True or False")
SHARES: Requirement = (
    lambda v: isinstance(v, tuple | list) and len(v) == 2 and all(map(SHARE[0], v)),
    "two numbers in [0, 1)",
)
WIDTHS: Requirement = (
    lambda v: isinstance(v, tuple | list) and all(map(COUNT[0], v)), "a sequence of positive whole numbers",
)  # fmt: skip
BACKBONE: Requirement = (
    lambda v: v is None or (hasattr(v, "build") and COUNT[0](getattr(v, "latent_dim", None))),
    "None or an object with a build method and a positive whole number as latent_dim",
)
OBJECTIVE: Requirement = (
    lambda v: isinstance(v, Objective) or one_of(*OBJECTIVES, CUSTOM)[0](v),
    f"an Objective or {one_of(*OBJECTIVES)[1]}",
)

# The requirements on the parameters that all estimators have.
COMMON: dict[str, Requirement] = {
    "columns": (
        lambda v: isinstance(v, Mapping | None),
        "None or a mapping of column names to kinds or types",
    ),
    "constraints": (
        lambda v: v == "auto" if isinstance(v, str) else isinstance(v, Sequence | None),
        "'auto', None or a list of constraints, expressions and functions",
    ),
    "privacy": instance_of(Privacy),
    "optimizer": instance_of(Adam),
    "validation": instance_of(Validation),
    "batch_size": COUNT,
    "max_steps": optional((lambda v: _is_whole(v) and v >= 0, "a whole number that is not negative")),
    "max_time": optional((NOT_NEGATIVE[0], "a number of seconds that is not negative")),
    "refine": BOOLEAN,
    "warm_start": BOOLEAN,
    "device": (lambda v: isinstance(v, str), "'auto' or the name of a torch device"),
    "on_step": optional((callable, "a callable")),
    "verbose": (lambda v: isinstance(v, bool) or (_is_whole(v) and v >= 0), "0 or 1"),
}

# The same for the parameters within groups.
GROUPS: dict[type, dict[str, Requirement]] = {
    Adam: {
        "learning_rate": POSITIVE,
        "critic_learning_rate": POSITIVE,
        "betas": SHARES,
        "average": SHARE,
        "precision": one_of("auto", "float32", "bfloat16"),
    },
    Validation: {"fraction": SHARE, "patience": optional(COUNT)},
    Privacy: {
        "protect": (
            lambda v: v is None or v == "auto" if isinstance(v, str | None) else COUNT[0](v),
            "'auto', None or a positive whole number",
        ),
        "remember": one_of(*REMEMBER),
    },
    Autoencoder: {"encoder": WIDTHS, "decoder": WIDTHS, "latent_dim": COUNT},
}


def check_parameters(parameters: Mapping[str, Any], requirements: Mapping[str, Requirement]) -> None:
    """Compare parameters, also those within groups, with what is required of them.

    Raises
    ------
    TypeError, ValueError
        For the first that is not as required; the message names it.
    """
    for name, (fits, description) in requirements.items():
        value = parameters[name]
        try:
            is_valid = fits(value)
        except TypeError:  # an array, say, compared with a string
            is_valid = False
        if not is_valid:
            kind = ValueError if isinstance(value, str | Real) and not isinstance(value, bool) else TypeError
            raise kind(f"{name} must be {description}, got {name}={value!r}")
        if type(value) in GROUPS:
            check_parameters(value.get_params(deep=False), GROUPS[type(value)])


GROUP_NAMES: dict[str, type] = {group.__name__: group for group in (Adam, Validation, Privacy)}


def pack_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON-able data. Of callables only the fact that there was one is kept.

    Raises
    ------
    ValueError
        If sampling needs an object that a file without code cannot hold.
    """
    packed = dict(parameters)
    for name in DECLARED & parameters.keys():
        plain_value = pd.api.types.pandas_dtype if name == "dtypes" else list
        given = parameters[name] if parameters[name] is not None else {}
        packed[name] = pack({key: plain_value(value) for key, value in given.items()})
    if parameters.get("backbone") is not None:
        packed["backbone"] = backbone_to_dict(parameters["backbone"])
    if parameters.get("columns") is not None:
        columns = parameters["columns"].items()
        packed["columns"] = [[pack(k), v if isinstance(v, str) else pack_column_type(v)] for k, v in columns]
    if not isinstance(parameters["constraints"], str | None):
        packed["constraints"] = [each.to_dict() for each in parse_constraints(parameters["constraints"])]
    if not isinstance(parameters.get("objective", ""), str):
        packed["objective"] = CUSTOM
    if "on_step" in parameters:
        packed["on_step"] = None
    packed["random_state"] = int(v) if _is_whole(v := parameters["random_state"]) else None
    for name, value in packed.items():
        if type(value) in GROUP_NAMES.values():
            packed[name] = {"type": type(value).__name__, "params": plain(value.get_params(deep=False))}
    return plain(packed)


def unpack_parameters(packed: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `pack_parameters`; of an objective of the user's only the word "custom" is left."""
    parameters = dict(packed)
    for name in DECLARED & packed.keys():
        parameters[name] = unpack(packed[name])
    if packed.get("backbone") is not None:
        parameters["backbone"] = backbone_from_dict(packed["backbone"])
    for name, value in packed.items():
        if isinstance(value, Mapping) and value.get("type") in GROUP_NAMES:
            parameters[name] = GROUP_NAMES[value["type"]](**tuples(value["params"]))
    if packed.get("columns") is not None:
        parameters["columns"] = {
            unpack(k): v if isinstance(v, str) else unpack_column_type(v) for k, v in packed["columns"]
        }
    if not isinstance(packed["constraints"], str | None):
        parameters["constraints"] = [constraint_from_dict(each) for each in packed["constraints"]]
    return parameters


ADDRESS = re.compile(r" at 0x\w+")  # in what functions and random streams are called, another in each process
IRRELEVANT = {"device", "max_time", "on_step", "verbose"}  # to where a run that goes on would end


def open_checkpoint(folder: str | os.PathLike[str] | None, model: BaseEstimator) -> Checkpoint | None:
    """Give the checkpoint in a folder, if there is to be one: of a model of the same parameters."""
    if folder is None:
        return None
    parameters = model.get_params(deep=False).items()
    words = {name: ADDRESS.sub("", repr(value)) for name, value in parameters if name not in IRRELEVANT}
    return Checkpoint(folder, {"model": type(model).__name__, **words})
