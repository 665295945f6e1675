"""What every fitted estimator has: its attributes, its file, and scikit-learn's questions answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan.estimators.persistence import load_estimator, save_estimator
from tabgan.io.remote import Place
from tabgan.sampling.model import FittedModel

if TYPE_CHECKING:
    from typing_extensions import Self


class FittedMixin:
    """The methods of an estimator around its `fitted_model_`: take it over, save it, load it."""

    fitted_model_: FittedModel

    def _take_over(self, model: FittedModel, history: pd.DataFrame, n_iter: int, stop_reason: str) -> None:
        """Set all fitted attributes at once, so that a failed fit leaves no half-fitted model."""
        self.fitted_model_ = model
        self.history_, self.n_iter_, self.stop_reason_ = history, n_iter, stop_reason
        transformer, containers = model.transformer, model.containers
        self.schema_ = transformer.schema
        self.constraints_ = list(transformer.constraint_set_)
        self.n_features_in_ = len(containers.features)
        if containers.X_dtype is None and all(isinstance(name, str) for name in containers.features):
            self.feature_names_in_ = np.array(containers.features, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def save(self, path: Place) -> None:
        """Write the model into one file: JSON and safetensors in a zip, and no pickle.

        It holds no training rows, unless the model was asked to `remember` them.

        Parameters
        ----------
        path : str, path or open file
            A file that is there is replaced once the new one is complete. Also a URL of fsspec, such as
            "s3://bucket/model.tabgan", or a file that is open for bytes.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If the model holds an object of yours (a backbone, a column type) that no file could hold.
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        save_estimator(self, path)

    @classmethod
    def load(cls, path: Place, *, device: str = "auto") -> Self:
        """Read a model that `save` wrote, onto a device; runs no code from the file.

        Parameters
        ----------
        path : str, path or open file
        device : str, default="auto"
            Where the model is to be, as the parameter of :class:`~tabgan.TabGAN`.

        Returns
        -------
        TabGAN, TabVAE or DPTabGAN
            A fitted model of this class, with the parameters of the saved one but for `device`.

        Raises
        ------
        ValueError
            If the file is not a whole model of this class and of this version's format.
        OSError
            If the file cannot be read.
        """
        estimator: Self = load_estimator(path, {cls.__name__: cls}, device)
        return estimator

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "fitted_model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = False
        return tags
