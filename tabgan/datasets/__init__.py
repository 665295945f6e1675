"""Two small real tables to try tabgan on, without a download."""

from importlib.resources import as_file, files

import pandas as pd

__all__ = ["load_adult", "load_iris"]


def load_adult() -> pd.DataFrame:
    """Load 5,000 people of the 1994 United States census, the UCI Adult table.

    A random sample of the 32,561 rows of the official training split, with the shares of the two incomes kept
    and the order of the rows kept. An unknown value is the string ``"?"``, as in the source.

    Returns
    -------
    pandas.DataFrame of shape (5000, 15)
        Six columns of whole numbers and nine of strings. ``income`` is the target.

    Notes
    -----
    Becker, B. and Kohavi, R. (1996). Adult. UCI Machine Learning Repository,
    https://doi.org/10.24432/C5XW20. Licensed under CC BY 4.0; ``ADULT.md`` beside the file says what was
    changed.

    Examples
    --------
    >>> from tabgan import load_adult
    >>> load_adult().shape
    (5000, 15)
    """
    with as_file(files(__package__) / "adult.parquet") as path:
        return pd.read_parquet(path)


def load_iris() -> pd.DataFrame:
    """Load the 150 irises of Anderson and Fisher (1936), from scikit-learn, with the species by name.

    Returns
    -------
    pandas.DataFrame of shape (150, 5)
        Four lengths and widths in centimetres and ``species``, a column of strings.

    Examples
    --------
    >>> from tabgan import load_iris
    >>> load_iris()["species"].nunique()
    3
    """
    from sklearn.datasets import load_iris as load_iris_of_sklearn

    bunch = load_iris_of_sklearn(as_frame=True)
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in bunch.feature_names]
    frame = bunch.data.set_axis(names, axis=1)
    frame["species"] = [str(bunch.target_names[code]) for code in bunch.target]
    return frame
