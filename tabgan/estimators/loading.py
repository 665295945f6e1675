"""``tabgan.load``: a model from its file, whichever of the estimators it is."""

from __future__ import annotations

import os

from tabgan.estimators.gan import TabGAN
from tabgan.estimators.vae import TabVAE
from tabgan.io.models import load_model

FORMS: dict[str, type[TabGAN] | type[TabVAE]] = {form.__name__: form for form in (TabGAN, TabVAE)}


def load(path: str | os.PathLike[str], *, device: str = "auto") -> TabGAN | TabVAE:
    """Read a model that its `save` wrote, whichever it is; runs no code from the file.

    Parameters
    ----------
    path : str or path
    device : str, default="auto"
        Where the model is to be, as the parameter of :class:`TabGAN`.

    Returns
    -------
    TabGAN or TabVAE

    Raises
    ------
    ValueError
        If the file is not a whole model, or of a version that is not known here.

    Examples
    --------
    >>> import tabgan
    >>> tabgan.TabVAE(max_steps=10, verbose=0).fit(tabgan.load_iris()).save("iris.tabgan")  # doctest: +SKIP
    >>> tabgan.load("iris.tabgan").sample(100)  # doctest: +SKIP
    """
    header, arrays = load_model(path)
    name = header.get("model", "TabGAN")
    if name not in FORMS:
        raise ValueError(f"{path} holds a {name}, which this version of tabgan does not know; update tabgan")
    return FORMS[name]._from_content(path, header, arrays, device)
