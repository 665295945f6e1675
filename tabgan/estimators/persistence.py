"""A fitted estimator as the header and the arrays of a model file, and back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tabgan.estimators.parameters import pack_parameters, unpack_parameters
from tabgan.io.models import Content, load_model, save_model
from tabgan.sampling.model import FittedModel

HEADER = {"estimator": str, "parameters": dict, "training": dict, "fitted": dict}
TRAINING = {"history": dict, "n_iter": int, "stop_reason": str}


@dataclass(frozen=True)
class FittedState:
    """What a fit sets on an estimator, and a file gives back to a new one.

    Parameters
    ----------
    model : FittedModel
    history : DataFrame
        A row for each check of the validation set.
    n_iter : int
        Steps taken.
    stop_reason : str
        Why training ended.
    """

    model: FittedModel
    history: pd.DataFrame
    n_iter: int
    stop_reason: str

    def save(self, path: str | os.PathLike[str], estimator: str, parameters: Mapping[str, Any]) -> None:
        """Write it into a file, with the class name and the parameters of its estimator.

        Raises
        ------
        ValueError
            If an object of the user's is part of it that no file can hold.
        OSError
            If the file cannot be written.
        """
        fitted, arrays = self.model.to_content()
        header = {
            "estimator": estimator,
            "parameters": pack_parameters(parameters),
            "training": {
                "history": {
                    "columns": list(self.history),
                    "rows": self.history.astype(object).to_numpy().tolist(),
                },
                "n_iter": self.n_iter,
                "stop_reason": self.stop_reason,
            },
            "fitted": fitted,
        }
        save_model(path, header, arrays)

    @classmethod
    def from_content(cls, header: Content, arrays: Content, device: str) -> FittedState:
        """Take it from the content of a file, onto a device."""
        header.check(HEADER)
        training = header["training"]
        training.check(TRAINING)
        return cls(
            FittedModel.from_content(header["fitted"], arrays, device),
            pd.DataFrame(training["history"]["rows"], columns=training["history"]["columns"]),
            training["n_iter"],
            training["stop_reason"],
        )


def read_estimator(
    path: str | os.PathLike[str], estimator: str, names: set[str], device: str
) -> tuple[dict[str, Any], FittedState]:
    """Read the parameters and the fitted state of an estimator of one class.

    Parameters
    ----------
    path : str or path
    estimator : str
        Name of the class.
    names : set of str
        Names of its parameters.
    device : str
        Where the model is to be.

    Raises
    ------
    ValueError
        If the file is no whole model of that class.
    """
    header, arrays = load_model(path)
    header.check(HEADER)
    if header["estimator"] != estimator:
        raise ValueError(f"{path} holds a {header['estimator']}; load it with {header['estimator']}.load")
    if differ := names ^ set(header["parameters"]):
        header.refuse(f"has other parameters than {estimator}: they differ in {sorted(differ)}")
    parameters = unpack_parameters(header["parameters"])
    return {**parameters, "device": device}, FittedState.from_content(header, arrays, device)


def estimator_of(path: str | os.PathLike[str]) -> str:
    """Give the class name of the estimator in a file."""
    header, _ = load_model(path)
    header.check({"estimator": str})
    name: str = header["estimator"]
    return name
