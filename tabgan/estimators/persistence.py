"""Fitted estimators on disk: what of one goes into a model file, and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tabgan.adversarial.device import choose_device
from tabgan.estimators.parameters import pack_parameters, unpack_parameters
from tabgan.io.models import Content, reading, save_model
from tabgan.io.remote import Place
from tabgan.sampling.model import FittedModel

HEADER = {"parameters": dict, "training": dict, "fitted": dict}
TRAINING = {"history": dict, "n_iter": int, "stop_reason": str}


def save_estimator(estimator: Any, path: Place) -> None:
    """Write a fitted estimator into a file, see :meth:`tabgan.TabGAN.save`."""
    fitted, arrays = estimator.fitted_model_.to_content()
    history = estimator.history_
    header = {
        "estimator": type(estimator).__name__,
        "parameters": pack_parameters(estimator.get_params(deep=False)),
        "training": {
            "history": {"columns": list(history), "rows": history.astype(object).to_numpy().tolist()},
            "n_iter": estimator.n_iter_,
            "stop_reason": estimator.stop_reason_,
        },
        "fitted": fitted,
    }
    save_model(path, header, arrays)


def load_estimator(path: Place, classes: Mapping[str, type[Any]], device: str) -> Any:
    """Read a fitted estimator of one of these classes, which stand under their names, onto a device.

    Raises
    ------
    ValueError
        If the file is no whole model of one of the classes.
    """
    choose_device(device)  # complains of the device, and not of the file
    with reading(path) as (header, arrays):
        return _estimator_of(header, arrays, classes, device)


def _estimator_of(header: Content, arrays: Content, classes: Mapping[str, type[Any]], device: str) -> Any:
    """Give the estimator that the content of a file is of."""
    header.check({"estimator": str})
    name = header["estimator"]
    if name not in classes:
        expected = " or ".join(classes)
        raise ValueError(
            f"{header.path} holds a {name}, expected a {expected}; load it with {name}.load, and update "
            "tabgan if it has no such class"
        )
    header.check(HEADER)
    parameters, training = header["parameters"], header["training"]
    if differ := set(classes[name]._get_param_names()) ^ set(parameters):
        header.refuse(f"has other parameters than {name}: they differ in {sorted(differ)}")
    training.check(TRAINING)
    with header.blamed():
        estimator = classes[name](**{**unpack_parameters(parameters), "device": device})
        estimator._check()
        history = _history_of(training, list(estimator._HISTORY.values()))
        if training["n_iter"] < 0:
            training.refuse(f"has n_iter={training['n_iter']}")
    model = FittedModel.from_content(header["fitted"], arrays, device)
    estimator._take_over(model, history, training["n_iter"], training["stop_reason"])
    return estimator


def _history_of(training: Content, columns: list[str]) -> pd.DataFrame:
    """Give the record of a training; numbers under the names of `columns`."""
    history = training["history"]
    history.check({"columns": list, "rows": list})
    rows = history["rows"]
    is_right = all(isinstance(row, list) and len(row) == len(columns) for row in rows)
    if history["columns"] != columns or not is_right or {type(x) for row in rows for x in row} - {int, float}:
        history.refuse("has a record of its training that is none")
    return pd.DataFrame(rows, columns=columns)
