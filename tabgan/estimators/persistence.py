"""Fitted estimators on disk: what of one goes into a model file, and comes back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tabgan.estimators.parameters import pack_parameters, unpack_parameters
from tabgan.io.models import load_model, save_model
from tabgan.sampling.model import FittedModel

HEADER = {"parameters": dict, "training": dict, "fitted": dict}
TRAINING = {"history": dict, "n_iter": int, "stop_reason": str}


def save_estimator(estimator: Any, path: str | os.PathLike[str]) -> None:
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


def load_estimator(path: str | os.PathLike[str], classes: Mapping[str, type[Any]], device: str) -> Any:
    """Read a fitted estimator of one of these classes, which stand under their names, onto a device.

    Raises
    ------
    ValueError
        If the file is no whole model of one of the classes.
    """
    header, arrays = load_model(path)
    header.check({"estimator": str})
    name = header["estimator"]
    if name not in classes:
        expected = " or ".join(classes)
        raise ValueError(
            f"{path} holds a {name}, expected a {expected}; load it with {name}.load, and update tabgan if "
            "it has no such class"
        )
    header.check(HEADER)
    parameters, training = header["parameters"], header["training"]
    if differ := set(classes[name]._get_param_names()) ^ set(parameters):
        header.refuse(f"has other parameters than {name}: they differ in {sorted(differ)}")
    training.check(TRAINING)
    estimator = classes[name](**{**unpack_parameters(parameters), "device": device})
    model = FittedModel.from_content(header["fitted"], arrays, device)
    history = pd.DataFrame(training["history"]["rows"], columns=training["history"]["columns"])
    estimator._take_over(model, history, training["n_iter"], training["stop_reason"])
    return estimator
