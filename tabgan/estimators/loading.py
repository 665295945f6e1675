"""``tabgan.load``: a model from its file, whichever of the estimators it is."""

from __future__ import annotations

from tabgan.estimators.gan import TabGAN
from tabgan.estimators.persistence import load_estimator
from tabgan.estimators.private import DPTabGAN
from tabgan.estimators.vae import TabVAE
from tabgan.io.remote import Place

Estimator = TabGAN | TabVAE | DPTabGAN
ESTIMATORS: dict[str, type[Estimator]] = {each.__name__: each for each in (TabGAN, TabVAE, DPTabGAN)}


def load(path: Place, *, device: str = "auto") -> Estimator:
    """Read a model that its `save` wrote, whichever it is; runs no code from the file.

    Parameters
    ----------
    path : str, path or open file
        Also a URL of fsspec, such as "s3://bucket/model.tabgan".
    device : str, default="auto"
        Where the model is to be, as the parameter of :class:`TabGAN`.

    Returns
    -------
    TabGAN, TabVAE or DPTabGAN

    Raises
    ------
    ValueError
        If the file is not a whole model, or of another version or device than there is here.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import tabgan
    >>> tabgan.TabVAE(max_steps=10, verbose=0).fit(tabgan.load_iris()).save("iris.tabgan")  # doctest: +SKIP
    >>> tabgan.load("iris.tabgan").sample(100)  # doctest: +SKIP
    """
    model: Estimator = load_estimator(path, ESTIMATORS, device)
    return model
